create or replace function private.remove_member (
  user_id uuid,
  only_pending boolean
)
  returns public.members
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  is_self constant boolean := remove_member.user_id = auth.uid() and not only_pending;
  current_id constant text :=
    case when is_self then private.require_organization() else private.require_permission('members.manage') end;
begin
  if not is_self then
    perform private.require_member(remove_member.user_id);
    perform private.require_not_above(remove_member.user_id);
  end if;
  return private.delete_member(current_id, remove_member.user_id, only_pending);
end;
$function$;

comment on function private.remove_member(uuid, boolean) is 'Removes a member of the current organization: public.remove_member and public.reject_member with the rights that this takes.';

revoke all on function private.remove_member(uuid, boolean) from public;

grant execute on function private.remove_member(uuid, boolean) to authenticated, service_role;
