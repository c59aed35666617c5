create or replace function private.backfill_booking_customers_of (
  organization_id text,
  batch_size integer,
  dry_run boolean
)
  returns public.booking_backfill
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  report public.booking_backfill;
begin
  if dry_run then
    select
      count(*),
      count(*),
      count(distinct booking.contact_email) filter (where customer.id is null)
    into report.examined, report.linked, report.created
    from public.bookings as booking
      left join public.customers as customer
        on customer.organization_id = booking.organization_id and customer.email = booking.contact_email
    where booking.organization_id = backfill_booking_customers_of.organization_id
      and booking.customer_id is null
      and booking.contact_problem is null;
  else
    select batch.examined, batch.linked, batch.created
    into report.examined, report.linked, report.created
    from private.backfill_booking_batch(organization_id, batch_size) as batch;
  end if;
  report.remaining := (
    select count(*)
    from public.bookings as booking
    where booking.organization_id = backfill_booking_customers_of.organization_id
      and booking.customer_id is null
      and booking.contact_problem is null
  );
  report.unusable := to_jsonb(array(
    select row(booking.id, booking.reference, booking.contact_problem)::public.unusable_booking
    from public.bookings as booking
    where booking.organization_id = backfill_booking_customers_of.organization_id
      and booking.customer_id is null
      and booking.contact_problem is not null
    order by booking.id
  ));
  return report;
end;
$function$;

comment on function private.backfill_booking_customers_of(text, integer, boolean) is
  'Does one batch of the backfill of an organization, or in a dry run none, and reports: public.backfill_booking_customers for an organization that the operator names. Takes the organization, how many bookings at most, and whether only to look.';

revoke all on function private.backfill_booking_customers_of(text, integer, boolean) from public;
