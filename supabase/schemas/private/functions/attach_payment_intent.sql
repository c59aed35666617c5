create or replace function private.attach_payment_intent (
  organization_id text,
  payment_id uuid,
  provider_intent_id text
)
  returns public.payments
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  attached public.payments;
begin
  if (length(provider_intent_id) between 1 and 255) is not true then
    perform private.refuse(400, 'intent_invalid', 'The id of an intent has 1 to 255 characters.');
  end if;
  -- An event of it that comes at this moment waits, and finds whose it is.
  perform private.lock_payment_intent('stripe', provider_intent_id);
  select * into attached
  from public.payments as payment
  where payment.organization_id = attach_payment_intent.organization_id
    and payment.id = attach_payment_intent.payment_id
    and payment.provider = 'stripe';
  if not found then
    perform private.refuse(404, 'payment_not_found', 'There is no such payment by Stripe.');
  end if;
  perform private.lock_booking(attached.organization_id, attached.booking_id);
  select * into attached
  from public.payments as payment
  where payment.organization_id = attach_payment_intent.organization_id
    and payment.id = attach_payment_intent.payment_id
  for no key update;
  if
    attached.provider_intent_id <> attach_payment_intent.provider_intent_id
    or exists (
      select
      from private.payment_intents as intent
      where intent.provider = 'stripe'
        and intent.intent_id = attach_payment_intent.provider_intent_id
        and (intent.organization_id, intent.payment_id) <> (attached.organization_id, attached.id)
    )
  then
    perform private.refuse(409, 'intent_taken', 'An intent is of one payment, and a payment has one intent.');
  end if;
  insert into private.payment_intents (provider, intent_id, organization_id, payment_id)
  values ('stripe', attach_payment_intent.provider_intent_id, attached.organization_id, attached.id)
  on conflict on constraint payment_intents_pkey do nothing;
  update public.payments as payment
  set provider_intent_id = attach_payment_intent.provider_intent_id
  where payment.organization_id = attached.organization_id
    and payment.id = attached.id
    and payment.provider_intent_id is null;
  -- What was told of it before anybody knew whose it is.
  perform private.apply_intent_events('stripe', attach_payment_intent.provider_intent_id);
  select * into attached
  from public.payments as payment
  where payment.organization_id = attach_payment_intent.organization_id
    and payment.id = attach_payment_intent.payment_id;
  return attached;
end;
$function$;

comment on function private.attach_payment_intent(text, uuid, text) is 'Attaches an intent of a provider: public.attach_payment_intent with the rights that this takes.';

revoke all on function private.attach_payment_intent(text, uuid, text) from public;

grant execute on function private.attach_payment_intent(text, uuid, text) to service_role;
