create or replace function public.payment_events (
  outcome text default null::text,
  page integer default 1,
  per_page integer default 50
)
  returns public.payment_event_page
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.payment_events(outcome, page, per_page);
$function$;

comment on function public.payment_events(text, integer, integer) is 'Returns one page of the events that payment providers have sent, newest first, and the total (service role only). Takes an outcome (applied, ignored, failed) or null for all, the page from 1 and its size, up to 100. Raises PT400 per_page_invalid, page_invalid, outcome_invalid.';

revoke all on function public.payment_events(text, integer, integer) from public;

grant execute on function public.payment_events(text, integer, integer) to service_role;
