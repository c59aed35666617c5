create or replace function private.backfill_booking_customers (
  batch_size integer,
  dry_run boolean
)
  returns public.booking_backfill
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('bookings.manage');
begin
  if (batch_size between 1 and 100000) is not true then
    perform private.refuse(400, 'batch_size_invalid', 'batch_size is a number from 1 to 100,000.');
  end if;
  return private.backfill_booking_customers_of(current_id, batch_size, coalesce(dry_run, false));
end;
$function$;

comment on function private.backfill_booking_customers(integer, boolean) is 'Does one batch of the backfill: public.backfill_booking_customers with the rights that this takes.';

revoke all on function private.backfill_booking_customers(integer, boolean) from public;

grant execute
  on function private.backfill_booking_customers(integer, boolean)
  to authenticated, service_role;
