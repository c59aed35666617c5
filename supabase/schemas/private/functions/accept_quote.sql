create or replace function private.accept_quote (
  id uuid
)
  returns public.quotes
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  accepted public.quotes := private.require_quote(accept_quote.id, is_answer => true);
begin
  perform private.require_transition('quotes', accepted.status, 'accepted');
  if accepted.valid_until < private.today(accepted.organization_id) then
    perform private.refuse(
      409, 'quote_expired', format('The quote was valid until %s.', accepted.valid_until), 'Ask for a new one.'
    );
  end if;
  update public.quotes as quote
  set status = 'accepted'
  where quote.organization_id = accepted.organization_id and quote.id = accepted.id
  returning * into accepted;
  return accepted;
end;
$function$;

comment on function private.accept_quote(uuid) is 'Accepts a quote: public.accept_quote with the rights that this takes.';

revoke all on function private.accept_quote(uuid) from public;

grant execute on function private.accept_quote(uuid) to authenticated, service_role;
