create or replace function private.require_member (
  user_id uuid
)
  returns public.members
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  found_member public.members;
begin
  perform private.lock_organization(private.require_organization());
  select * into found_member
  from public.members as member
  where member.organization_id = private.current_organization_id() and member.user_id = require_member.user_id
  for update;
  if not found then
    perform private.refuse(404, 'member_not_found', 'The organization has no such member.');
  end if;
  return found_member;
end;
$function$;

comment on function private.require_member(uuid) is 'Returns a member of the current organization, and locks first the organization, then the row. Takes the user. Raises PT401 not_authenticated; PT403 organization_required; PT404 member_not_found, the same for users of other organizations.';

revoke all on function private.require_member(uuid) from public;
