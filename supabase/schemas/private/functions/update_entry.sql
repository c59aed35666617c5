create or replace function private.update_entry (
  configuration_id uuid,
  given jsonb,
  name text
)
  returns public.configurations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  draft constant public.configurations := private.require_draft(configuration_id);
  clean_name constant text := private.clean_display_name(update_entry.name);
  changed public.configurations;
begin
  if update_entry.name is not null and clean_name is null then
    perform private.refuse(400, 'name_invalid', 'A name is one line of 1 to 200 characters.');
  end if;
  perform private.write_selections(draft.organization_id, draft.id, given, false);
  update public.configurations as configuration
  set name = coalesce(clean_name, configuration.name)
  where configuration.organization_id = draft.organization_id and configuration.id = draft.id
  returning * into changed;
  return changed;
end;
$function$;

comment on function private.update_entry(uuid, jsonb, text) is 'Replaces the values of a draft: public.update_entry with the rights that this takes.';

revoke all on function private.update_entry(uuid, jsonb, text) from public;

grant execute on function private.update_entry(uuid, jsonb, text) to authenticated, service_role;
