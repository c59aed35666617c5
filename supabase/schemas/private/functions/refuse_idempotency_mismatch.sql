create or replace function private.refuse_idempotency_mismatch()
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform private.refuse(
    422,
    'idempotency_mismatch',
    'This idempotency key was used for another request.',
    'Choose a new key for each request, and keep it only to send the same request again.'
  );
end;
$function$;

comment on function private.refuse_idempotency_mismatch() is 'Refuses a payment whose idempotency key was used for another. Never returns: raises PT422 idempotency_mismatch.';

revoke all on function private.refuse_idempotency_mismatch() from public;
