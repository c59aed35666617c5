create or replace function private.expire_quotes()
  returns bigint
  language sql
  set search_path to ''
  AS $function$
  with overdue as (
    select quote.organization_id, quote.id
    from public.quotes as quote
      join public.organizations as organization on organization.id = quote.organization_id
    where quote.status = 'sent'
      -- Nowhere is it later than the day after that of UTC: what quotes_expiring_idx is asked for.
      and quote.valid_until <= (now() at time zone 'UTC')::date
      and quote.valid_until < (now() at time zone organization.timezone)::date
    -- What is being answered at this moment is looked at again the next time.
    for no key update of quote skip locked
  ),
  expired as (
    update public.quotes as quote
    set status = 'expired'
    from overdue
    where quote.organization_id = overdue.organization_id and quote.id = overdue.id
    returning quote.id
  )
  select count(*) from expired;
$function$;

comment on function private.expire_quotes() is 'Lets the quotes of all organizations expire that were sent and not answered until the end of their last day, in the time zone of each organization. Run by pg_cron each hour. Returns how many.';

revoke all on function private.expire_quotes() from public;
