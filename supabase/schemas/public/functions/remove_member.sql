create or replace function public.remove_member (
  user_id uuid
)
  returns public.members
  language sql
  set search_path to ''
  AS $function$
  select private.remove_member(user_id, false);
$function$;

comment on function public.remove_member(uuid) is 'Removes a member with their roles from the current organization, at once, whatever token they hold (members.manage; everybody may leave). Takes the user. Returns the member as they were. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found; PT409 last_owner.';

revoke all on function public.remove_member(uuid) from public;

grant execute on function public.remove_member(uuid) to authenticated, service_role;
