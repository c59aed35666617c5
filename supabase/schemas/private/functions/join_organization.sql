create or replace function private.join_organization (
  slug text
)
  returns public.organization_membership
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  caller constant uuid := private.require_signed_in();
  target public.organizations;
  joined public.organization_membership;
begin
  select * into target
  from public.organizations as organization
  where organization.slug = join_organization.slug
    and organization.status = 'active'
    and organization.allow_self_registration
  for no key update;
  if not found then
    perform private.refuse(
      404, 'organization_not_found', 'No organization can be joined by this link.', 'Ask it for an invitation.'
    );
  end if;
  insert into public.members (organization_id, user_id, status, joined_at)
  values (
    target.id,
    caller,
    case when target.requires_approval then 'pending' else 'active' end,
    case when not target.requires_approval then now() end
  )
  on conflict (organization_id, user_id) do nothing;
  if not found then
    perform private.refuse(409, 'already_member', 'You belong to this organization, or have asked to.');
  end if;
  update public.user_profiles as profile
  set current_organization_id = target.id
  where profile.user_id = caller and profile.current_organization_id is null and not target.requires_approval;
  select * into joined from private.memberships(caller, target.id);
  return joined;
end;
$function$;

comment on function private.join_organization(text) is 'Asks to join an organization: public.join_organization with the rights that this takes.';

revoke all on function private.join_organization(text) from public;

grant execute on function private.join_organization(text) to authenticated, service_role;
