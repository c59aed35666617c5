create or replace function public.grant_role (
  user_id uuid,
  role_code text,
  plant_id uuid default null::uuid,
  department text default null::text,
  expires_at timestamp with time zone default null::timestamp with time zone
)
  returns public.user_roles
  language sql
  set search_path to ''
  AS $function$
  select private.grant_role(user_id, role_code, plant_id, department, expires_at);
$function$;

comment on function public.grant_role(uuid, text, uuid, text, timestamp
  with time zone) is 'Gives a member of the current organization a role (members.manage, and every permission of the role); granting it again changes the expiry. Takes the user; the code of the role; a plant, at which alone it then counts (the member gets access to it), null for the whole organization; a department, as a note; until when it counts, null for good. Returns the grant. Raises PT400 expiry_invalid, department_invalid, owner_unbounded; PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found, role_not_found, plant_not_found.';

revoke all on function public.grant_role(uuid, text, uuid, text, timestamp with time zone) from public;

grant execute
  on function public.grant_role(uuid, text, uuid, text, timestamp with time zone)
  to authenticated, service_role;
