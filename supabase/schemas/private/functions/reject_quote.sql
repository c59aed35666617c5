create or replace function private.reject_quote (
  id uuid,
  reason text
)
  returns public.quotes
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  rejected public.quotes := private.require_quote(reject_quote.id, is_answer => true);
begin
  perform private.require_transition('quotes', rejected.status, 'rejected');
  if length(btrim(reason)) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  update public.quotes as quote
  set status = 'rejected',
    rejection_reason = nullif(btrim(reason), '')
  where quote.organization_id = rejected.organization_id and quote.id = rejected.id
  returning * into rejected;
  return rejected;
end;
$function$;

comment on function private.reject_quote(uuid, text) is 'Rejects a quote: public.reject_quote with the rights that this takes.';

revoke all on function private.reject_quote(uuid, text) from public;

grant execute on function private.reject_quote(uuid, text) to authenticated, service_role;
