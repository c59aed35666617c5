create or replace function private.change_member (
  user_id uuid,
  from_status text,
  to_status text
)
  returns public.members
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('members.manage');
begin
  perform private.require_member(change_member.user_id);
  if change_member.user_id = auth.uid() then
    perform private.refuse(409, 'own_membership', 'This is your own membership.', 'Ask another member who manages members.');
  end if;
  perform private.require_not_above(change_member.user_id);
  return private.set_member_status(current_id, change_member.user_id, from_status, to_status);
end;
$function$;

comment on function private.change_member(uuid, text, text) is 'Takes a member of the current organization from one status to another (members.manage). Takes the user and the two statuses. Returns the member. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found; PT409 own_membership, member_status_conflict, limit_reached, last_owner.';

revoke all on function private.change_member(uuid, text, text) from public;

grant execute on function private.change_member(uuid, text, text) to authenticated, service_role;
