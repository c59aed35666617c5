create or replace function private.store_response (
  organization_id text,
  operation text,
  key text,
  response jsonb
)
  returns void
  language sql
  security definer
  set search_path to ''
  AS $function$
  update private.idempotency_keys as known
  set response = store_response.response
  where known.organization_id = store_response.organization_id
    and known.operation = store_response.operation
    and known.key = store_response.key;
$function$;

comment on function private.store_response(text, text, text, jsonb) is 'Keeps what is answered, for who asks again with the same key. Takes the organization, the function, the key that private.claim_idempotency has claimed in this transaction (null: nothing is kept), and the answer.';

revoke all on function private.store_response(text, text, text, jsonb) from public;
