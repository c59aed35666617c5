create or replace function public.reject_member (
  user_id uuid
)
  returns public.members
  language sql
  set search_path to ''
  AS $function$
  select private.remove_member(user_id, true);
$function$;

comment on function public.reject_member(uuid) is 'Turns away who asked to join the current organization (members.manage). Takes the user. Returns the member as they were. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 member_not_found; PT409 member_status_conflict.';

revoke all on function public.reject_member(uuid) from public;

grant execute on function public.reject_member(uuid) to authenticated, service_role;
