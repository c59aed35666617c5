create or replace function public.backfill_booking_customers (
  batch_size integer default 1000,
  dry_run boolean default false
)
  returns public.booking_backfill
  language sql
  set search_path to ''
  AS $function$
  select private.backfill_booking_customers(batch_size, dry_run);
$function$;

comment on function public.backfill_booking_customers(integer, boolean) is 'Finds the customers of older bookings, which have contact_details and no customer (bookings.manage): links one batch of them to the customers that have the e-mail addresses, made where there are none; an existing customer is not changed, nor are contact_details. Call it until remaining is 0: it may be interrupted, repeated, and called by several at once. Takes the size of the batch, from 1 to 100,000, and whether only to look: a dry run counts what all batches would do. Returns the counts, and each booking that no customer can be found for, with the reason. Raises PT400 batch_size_invalid; PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke all on function public.backfill_booking_customers(integer, boolean) from public;

grant execute
  on function public.backfill_booking_customers(integer, boolean)
  to authenticated, service_role;
