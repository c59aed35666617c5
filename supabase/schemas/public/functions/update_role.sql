create or replace function public.update_role (
  code text,
  name text default null::text,
  description text default null::text,
  permissions text[] default null::text[]
)
  returns public.roles
  language sql
  set search_path to ''
  AS $function$
  select private.update_role(code, name, description, permissions);
$function$;

comment on function public.update_role(text, text, text, text[]) is 'Changes a role of the current organization for everybody who has it (members.manage, and every permission that is in it before and after). Takes the code, and what is to change; null leaves a value as it is. System roles keep their names, the owner its permissions. Returns the role. Raises PT400 name_invalid, description_invalid, permissions_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 role_not_found; PT409 system_role.';

revoke all on function public.update_role(text, text, text, text[]) from public;

grant execute on function public.update_role(text, text, text, text[]) to authenticated, service_role;
