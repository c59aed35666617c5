create or replace function public.finish_refund (
  organization_id text,
  refund_id uuid,
  results jsonb
)
  returns public.refunds
  language sql
  set search_path to ''
  AS $function$
  select private.finish_refund(organization_id, refund_id, results);
$function$;

comment on function public.finish_refund(text, uuid, jsonb) is 'Takes down what a provider has done about a refund that is being processed (service role only, for the worker). Takes the organization, the refund, and a list of {"payment_id", "status": "succeeded, failed or pending", "provider_refund_id", "failure"}: succeeded without a status, failed with a failure; what is pending waits for an event. Returns the refund: processed when all of it is given back, failed when one part was not; it can then be asked for again. Repeating it changes nothing. Raises PT400 results_invalid; PT404 refund_not_found; PT409 transition_not_allowed (from, to).';

revoke all on function public.finish_refund(text, uuid, jsonb) from public;

grant execute on function public.finish_refund(text, uuid, jsonb) to service_role;
