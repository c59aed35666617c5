create or replace function private.lock_payment_intent (
  provider text,
  intent_id text
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select pg_advisory_xact_lock(hashtextextended(format('payment intent %s %s', provider, intent_id), 0));
$function$;

comment on function private.lock_payment_intent(text, text) is 'Lets one transaction at a time find that nobody knows an intent, or say whose it is. Takes the provider and the id of the intent. Call it before any row is locked.';

revoke all on function private.lock_payment_intent(text, text) from public;
