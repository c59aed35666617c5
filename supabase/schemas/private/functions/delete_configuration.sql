create or replace function private.delete_configuration (
  id uuid
)
  returns public.configurations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  draft constant public.configurations := private.require_draft(id);
begin
  if exists (
    select
    from public.configuration_snapshots as taken
    where taken.organization_id = draft.organization_id and taken.configuration_id = draft.id
  ) then
    perform private.refuse(
      409,
      'configuration_snapshotted',
      'This configuration was saved once: what it was then is kept, and so is it.'
    );
  end if;
  delete from public.configurations as configuration
  where configuration.organization_id = draft.organization_id and configuration.id = draft.id;
  return draft;
end;
$function$;

comment on function private.delete_configuration(uuid) is 'Deletes a draft: public.delete_configuration with the rights that this takes.';

revoke all on function private.delete_configuration(uuid) from public;

grant execute on function private.delete_configuration(uuid) to authenticated, service_role;
