create or replace function private.set_member_status (
  organization_id text,
  user_id uuid,
  from_status text,
  to_status text
)
  returns public.members
  language plpgsql
  set search_path to ''
  AS $function$
declare
  changed public.members;
begin
  -- The lock comes first, as for everybody who changes members.
  perform private.lock_organization(set_member_status.organization_id);
  select * into changed
  from public.members as member
  where member.organization_id = set_member_status.organization_id and member.user_id = set_member_status.user_id
  for update;
  if not found then
    perform private.refuse(404, 'member_not_found', 'The organization has no such member.');
  elsif changed.status <> from_status then
    perform private.refuse(
      409, 'member_status_conflict', format('The member is %s; only %s ones become %s.', changed.status, from_status, to_status)
    );
  end if;
  update public.members as member
  set status = to_status,
    joined_at = coalesce(member.joined_at, case when to_status = 'active' then now() end),
    approved_by = case when from_status = 'pending' then auth.uid() else member.approved_by end,
    suspended_at = case when to_status = 'suspended' then now() end
  where member.organization_id = set_member_status.organization_id and member.user_id = set_member_status.user_id
  returning * into changed;
  return changed;
end;
$function$;

comment on function private.set_member_status(text, uuid, text, text) is 'Takes a member of an organization from one status to another. Takes the organization, the user and the two statuses; who asks is checked by who calls. Returns the member. Raises PT404 organization_not_found, member_not_found; PT409 member_status_conflict, limit_reached, last_owner.';

revoke all on function private.set_member_status(text, uuid, text, text) from public;
