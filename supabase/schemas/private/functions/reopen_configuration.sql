create or replace function private.reopen_configuration (
  id uuid
)
  returns public.configurations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  closed constant public.configurations := private.require_configuration(id, true);
  reopened public.configurations;
begin
  -- What may be reopened is in private.state_transitions; a draft already is open.
  if closed.status = 'draft' then
    return closed;
  end if;
  update public.configurations as configuration
  set status = 'draft'
  where configuration.organization_id = closed.organization_id and configuration.id = closed.id
  returning * into reopened;
  return reopened;
end;
$function$;

comment on function private.reopen_configuration(uuid) is 'Makes a saved configuration a draft again: public.reopen_configuration with the rights that this takes.';

revoke all on function private.reopen_configuration(uuid) from public;

grant execute on function private.reopen_configuration(uuid) to authenticated, service_role;
