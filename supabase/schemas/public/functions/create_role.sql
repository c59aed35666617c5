create or replace function public.create_role (
  code text,
  name text,
  description text default null::text,
  permissions text[] default '{}'::text[]
)
  returns public.roles
  language sql
  set search_path to ''
  AS $function$
  select private.create_role(code, name, description, permissions);
$function$;

comment on function public.create_role(text, text, text, text[]) is 'Adds a role to the current organization (members.manage, and every permission that goes into it). Takes its code, 1 to 50 lower case letters, digits and underscores; its name; who has it; and its permissions, codes of the catalog or module.*. Returns the role. Raises PT400 code_invalid, name_invalid, description_invalid, permissions_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT409 role_exists.';

revoke all on function public.create_role(text, text, text, text[]) from public;

grant execute on function public.create_role(text, text, text, text[]) to authenticated, service_role;
