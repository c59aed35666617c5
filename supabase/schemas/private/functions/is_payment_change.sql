create or replace function private.is_payment_change (
  change jsonb
)
  returns boolean
  language sql
  immutable
  set search_path to ''
  AS $function$
  select coalesce(
    jsonb_typeof(change) = 'object'
    and jsonb_typeof(change -> 'intent_id') = 'string'
    and length(change ->> 'intent_id') between 1 and 255
    and (
      jsonb_typeof(change -> 'amount') = 'number'
      or jsonb_typeof(change -> 'amount') = 'string' and change ->> 'amount' ~ '^[0-9]{1,12}([.][0-9]{1,4})?$'
    )
    and jsonb_typeof(change -> 'currency') = 'string'
    and coalesce(jsonb_typeof(change -> 'organization_id'), 'null') in ('string', 'null')
    and coalesce(jsonb_typeof(change -> 'failure'), 'null') in ('string', 'null')
    and case change ->> 'kind'
      when 'payment' then change ->> 'status' in ('processing', 'succeeded', 'failed', 'cancelled')
      when 'refund' then change ->> 'status' in ('succeeded', 'failed', 'pending')
        and coalesce(jsonb_typeof(change -> 'refund_id'), 'null') in ('string', 'null')
        and jsonb_typeof(change -> 'provider_refund_id') = 'string'
        and length(change ->> 'provider_refund_id') between 1 and 255
    end,
    false
  );
$function$;

comment on function private.is_payment_change(jsonb) is 'Returns whether this says what has become of a payment or a refund, as record_payment_event takes it: kind, status, intent_id, amount (a number, or a decimal as text), currency, and for a refund provider_refund_id. Takes the change.';

revoke all on function private.is_payment_change(jsonb) from public;
