create or replace function private.save_configuration (
  id uuid
)
  returns public.configurations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  draft constant public.configurations := private.require_draft(id);
  saved public.configurations;
begin
  -- Writes the values again as they are: complete, without those that are no longer shown, priced by today's tree.
  perform private.write_selections(
    draft.organization_id, draft.id, private.configuration_values(draft.organization_id, draft.id), true
  );
  update public.configurations as configuration
  set status = 'saved'
  where configuration.organization_id = draft.organization_id and configuration.id = draft.id
  returning * into saved;
  return saved;
end;
$function$;

comment on function private.save_configuration(uuid) is 'Saves a draft: public.save_configuration with the rights that this takes.';

revoke all on function private.save_configuration(uuid) from public;

grant execute on function private.save_configuration(uuid) to authenticated, service_role;
