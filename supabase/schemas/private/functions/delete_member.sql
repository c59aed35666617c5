create or replace function private.delete_member (
  organization_id text,
  user_id uuid,
  only_pending boolean
)
  returns public.members
  language plpgsql
  set search_path to ''
  AS $function$
declare
  deleted public.members;
begin
  -- The lock comes first, as for everybody who changes members.
  perform private.lock_organization(delete_member.organization_id);
  select * into deleted
  from public.members as member
  where member.organization_id = delete_member.organization_id and member.user_id = delete_member.user_id
  for update;
  if not found then
    perform private.refuse(404, 'member_not_found', 'The organization has no such member.');
  elsif only_pending and deleted.status <> 'pending' then
    perform private.refuse(
      409, 'member_status_conflict', format('The member is %s; only pending ones are rejected.', deleted.status)
    );
  end if;
  delete from public.members as member
  where member.organization_id = delete_member.organization_id and member.user_id = delete_member.user_id;
  return deleted;
end;
$function$;

comment on function private.delete_member(text, uuid, boolean) is 'Deletes a member of an organization with their roles. Takes the organization, the user, and whether only somebody who still waits for approval may be meant; who asks is checked by who calls. Returns the member as they were. Raises PT404 organization_not_found, member_not_found; PT409 member_status_conflict, last_owner.';

revoke all on function private.delete_member(text, uuid, boolean) from public;
