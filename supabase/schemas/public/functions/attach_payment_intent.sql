create or replace function public.attach_payment_intent (
  organization_id text,
  payment_id uuid,
  provider_intent_id text
)
  returns public.payments
  language sql
  set search_path to ''
  AS $function$
  select private.attach_payment_intent(organization_id, payment_id, provider_intent_id);
$function$;

comment on function public.attach_payment_intent(text, uuid, text) is 'Says which intent of Stripe a payment is, so that events of it are matched; what came of it before is applied (service role only). Takes the organization, the payment, and the id of the intent; repeating it does nothing. Returns the payment. Raises PT400 intent_invalid; PT404 payment_not_found; PT409 intent_taken.';

revoke all on function public.attach_payment_intent(text, uuid, text) from public;

grant execute on function public.attach_payment_intent(text, uuid, text) to service_role;
