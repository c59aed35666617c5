create or replace function public.approve_member (
  user_id uuid
)
  returns public.members
  language sql
  set search_path to ''
  AS $function$
  select private.change_member(user_id, 'pending', 'active');
$function$;

comment on function public.approve_member(uuid) is 'Lets in who asked to join the current organization (members.manage). Takes the user. Returns the member. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found; PT409 own_membership, member_status_conflict, limit_reached.';

revoke all on function public.approve_member(uuid) from public;

grant execute on function public.approve_member(uuid) to authenticated, service_role;
