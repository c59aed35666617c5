create or replace function private.sees_money (
  organization_id text,
  booking_id uuid
)
  returns boolean
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.has_permission('bookings.payments')
    or private.has_permission('bookings.read')
    or exists (
      select
      from public.bookings as booking
      where booking.organization_id = sees_money.organization_id
        and booking.id = sees_money.booking_id
        and booking.customer_id = any ((select private.current_customer_ids())::uuid[])
    );
$function$;

comment on function private.sees_money(text, uuid) is 'Returns whether the caller sees what was paid for a booking, as the policies of payments, refunds and invoices say. Takes the current organization and the booking.';

revoke all on function private.sees_money(text, uuid) from public;
