create or replace function private.require_draft (
  id uuid
)
  returns public.configurations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  draft constant public.configurations := private.require_configuration(id, true);
begin
  if draft.status <> 'draft' then
    perform private.refuse(
      409,
      'configuration_not_draft',
      format('This configuration is %s.', draft.status),
      case draft.status
        when 'saved' then 'Reopen it first.'
        else 'What was quoted stays as it was: make another configuration.'
      end
    );
  end if;
  return draft;
end;
$function$;

comment on function private.require_draft(uuid) is 'Returns and locks a configuration that is a draft and that the caller may change. Takes its id. Raises what private.require_configuration raises, and PT409 configuration_not_draft.';

revoke all on function private.require_draft(uuid) from public;
