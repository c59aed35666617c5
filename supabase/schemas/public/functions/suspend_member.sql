create or replace function public.suspend_member (
  user_id uuid
)
  returns public.members
  language sql
  set search_path to ''
  AS $function$
  select private.change_member(user_id, 'active', 'suspended');
$function$;

comment on function public.suspend_member(uuid) is 'Shuts a member out of the current organization, at once, whatever token they hold (members.manage). Their roles stay for when they return. Takes the user. Returns the member. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found; PT409 own_membership, member_status_conflict, last_owner.';

revoke all on function public.suspend_member(uuid) from public;

grant execute on function public.suspend_member(uuid) to authenticated, service_role;
