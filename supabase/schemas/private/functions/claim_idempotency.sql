create or replace function private.claim_idempotency (
  organization_id text,
  operation text,
  key text,
  request jsonb
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  request_hash bytea;
  claimed record;
begin
  if key is null then
    return null;
  elsif length(key) not between 1 and 255 then
    perform private.refuse(400, 'idempotency_key_invalid', 'An idempotency key has 1 to 255 characters.');
  end if;
  -- Who asks belongs to what is asked: nobody gets the answer that another got.
  request_hash := sha256(convert_to(jsonb_build_object('caller', auth.uid(), 'request', request)::text, 'UTF8'));
  loop
    -- Waits for whoever has the same key at this moment.
    insert into private.idempotency_keys (organization_id, operation, key, request_hash)
    values (
      claim_idempotency.organization_id,
      claim_idempotency.operation,
      claim_idempotency.key,
      request_hash
    )
    on conflict on constraint idempotency_keys_pkey do nothing;
    if found then
      return null;
    end if;
    select known.request_hash, known.response into claimed
    from private.idempotency_keys as known
    where known.organization_id = claim_idempotency.organization_id
      and known.operation = claim_idempotency.operation
      and known.key = claim_idempotency.key;
    -- Otherwise it was purged in between.
    exit when found;
  end loop;
  if claimed.request_hash <> request_hash then
    perform private.refuse(
      422,
      'idempotency_mismatch',
      'This idempotency key was used for another request.',
      'Use a new key for each request, and the same only to repeat it unchanged.'
    );
  end if;
  return claimed.response;
end;
$function$;

comment on function private.claim_idempotency(text, text, text, jsonb) is 'Begins what is done once for a key, however often it is asked for: returns null to who is the first, who then calls private.store_response in the same transaction, and what was answered to everybody after that. Waits while another transaction works on the same key. Takes the organization, the function, the key (null: it is not repeatable, and nothing is kept) and all that was asked for; the same key in another organization, or for another function, is another. For functions that have checked who calls. Raises PT400 idempotency_key_invalid; PT422 idempotency_mismatch when the key came with another request, or from somebody else.';

revoke all on function private.claim_idempotency(text, text, text, jsonb) from public;
