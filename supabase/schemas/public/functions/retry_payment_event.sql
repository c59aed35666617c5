create or replace function public.retry_payment_event (
  provider text,
  event_id text
)
  returns public.payment_event_outcome
  language sql
  set search_path to ''
  AS $function$
  select private.retry_payment_event(provider, event_id);
$function$;

comment on function public.retry_payment_event(text, text) is 'Applies an event of a payment provider again, such as one that has failed (service role only). Takes the provider and the id of the event. Returns the outcome and the error, as record_payment_event does. Raises PT404 payment_event_not_found.';

revoke all on function public.retry_payment_event(text, text) from public;

grant execute on function public.retry_payment_event(text, text) to service_role;
