create or replace function private.backfill_booking_batch (
  organization_id text,
  batch_size integer,
  OUT examined integer,
  OUT linked integer,
  OUT created integer
)
  returns record
  language plpgsql
  security definer
  set search_path to ''
  set plan_cache_mode to 'force_custom_plan'
  AS $function$
declare
  -- What is left of a text by private.contact_text, which costs more.
  legible constant text := '[^[:space:][:cntrl:]\u0080-\u00A0\u2007\u2028-\u202F\u2066-\u2069]';
  waiting uuid[];
  addresses text[];
begin
  -- One batch of an organization at a time: two would want the same bookings, and the same customers.
  perform pg_advisory_xact_lock(hashtextextended('rowhouse.backfill_booking_batch ' || organization_id, 0));
  -- What somebody is changing is for a later batch. Customers are locked before bookings, as everybody does it: so
  -- these locks only find out what is free, and are let go.
  begin
    select
      coalesce(array_agg(chosen.id), '{}'),
      coalesce(array_agg(distinct chosen.contact_email), '{}')
    into waiting, addresses
    from (
      select booking.id, booking.contact_email
      from public.bookings as booking
      where booking.organization_id = backfill_booking_batch.organization_id
        and booking.customer_id is null
        and booking.contact_problem is null
      order by booking.contact_email, booking.id
      limit batch_size
      for no key update skip locked
    ) as chosen;
    raise exception using errcode = 'RH001', message = 'The locks are let go.';
  exception
    when sqlstate 'RH001' then
      null;
  end;
  examined := 0;
  linked := 0;
  created := 0;
  if cardinality(waiting) = 0 then
    return;
  end if;

  -- A customer is made of all older bookings that have its address, the latest first, not only of those in this batch:
  -- whatever the batches, and however many run at once, the same comes of it. In the order of the addresses, in which
  -- who needs the same customers had better ask for them.
  insert into public.customers (
    organization_id, email, contact_person, phone, company_name, customer_type, customer_since
  )
  select
    organization.id,
    stated.email,
    private.contact_text(stated.name, 200),
    private.contact_text(stated.phone, 50),
    private.contact_text(stated.company, 200),
    case when private.contact_text(stated.company, 200) is null then 'residential' else 'corporate' end,
    coalesce((stated.since at time zone organization.timezone)::date, private.today(organization.id))
  from (
    select
      booking.contact_email as email,
      (
        array_agg(booking.contact_details -> 'name' order by booking.created_at desc, booking.id desc)
          filter (
            where jsonb_typeof(booking.contact_details -> 'name') in ('string', 'number')
              and booking.contact_details ->> 'name' ~ legible
          )
      )[1] as name,
      (
        array_agg(booking.contact_details -> 'phone' order by booking.created_at desc, booking.id desc)
          filter (
            where jsonb_typeof(booking.contact_details -> 'phone') in ('string', 'number')
              and booking.contact_details ->> 'phone' ~ legible
          )
      )[1] as phone,
      (
        array_agg(booking.contact_details -> 'company' order by booking.created_at desc, booking.id desc)
          filter (
            where jsonb_typeof(booking.contact_details -> 'company') in ('string', 'number')
              and booking.contact_details ->> 'company' ~ legible
          )
      )[1] as company,
      min(booking.created_at) filter (where isfinite(booking.created_at)) as since
    from public.bookings as booking
    where booking.organization_id = backfill_booking_batch.organization_id
      and booking.customer_id is null
      and booking.contact_problem is null
      and booking.contact_email = any (addresses)
      and not exists (
        select
        from public.customers as known
        where known.organization_id = booking.organization_id and known.email = booking.contact_email
      )
    group by booking.contact_email
  ) as stated
    join public.organizations as organization on organization.id = backfill_booking_batch.organization_id
  order by stated.email
  on conflict on constraint customers_email_key do nothing;
  get diagnostics created = row_count;

  -- In the order in which a merge takes them.
  perform
  from public.customers as customer
  where customer.organization_id = backfill_booking_batch.organization_id and customer.email = any (addresses)
  order by customer.id
  for key share;
  -- What was taken meanwhile, or has another address, is for the next batch, as is a customer that was deleted.
  waiting := array(
    select booking.id
    from public.bookings as booking
    where booking.organization_id = backfill_booking_batch.organization_id
      and booking.id = any (waiting)
      and booking.customer_id is null
      and booking.contact_email = any (addresses)
    for no key update skip locked
  );
  examined := cardinality(waiting);
  update public.bookings as booking
  set customer_id = customer.id
  from public.customers as customer
  where booking.organization_id = backfill_booking_batch.organization_id
    and booking.id = any (waiting)
    and customer.organization_id = booking.organization_id
    and customer.email = booking.contact_email;
  get diagnostics linked = row_count;
end;
$function$;

comment on function private.backfill_booking_batch(text, integer) is 'Does one batch of the backfill of an organization; the command line calls it, each batch in a transaction of its own. Takes the organization and how many bookings at most. Returns how many it took, linked, and how many customers it made; takes none when nothing is left that nobody else is at work on. Never changes contact_details.';

revoke all on function private.backfill_booking_batch(text, integer) from public;
