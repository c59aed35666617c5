create or replace function private.switch_organization (
  id text
)
  returns public.organization_membership
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  caller constant uuid := private.require_signed_in();
  target public.organization_membership;
begin
  select * into target from private.memberships(caller, switch_organization.id);
  if target.organization_id is null
    or not private.is_superadmin() and (target.member_status, target.organization_status) is distinct from ('active', 'active')
  then
    perform private.refuse(
      404, 'organization_not_found', 'There is no such organization for you.', 'my_organizations lists yours.'
    );
  end if;
  update public.user_profiles as profile
  set current_organization_id = target.organization_id
  where profile.user_id = caller;
  perform private.record_event(
    event => 'organization.switched',
    action => 'login',
    severity => case when target.member_status is null then 'warning' else 'info' end,
    organization_id => target.organization_id,
    details => jsonb_build_object('as', case when target.member_status is null then 'superadmin' else 'member' end)
  );
  target.is_current := true;
  return target;
end;
$function$;

comment on function private.switch_organization(text) is 'Chooses the caller''s organization: public.switch_organization with the rights that this takes.';

revoke all on function private.switch_organization(text) from public;

grant execute on function private.switch_organization(text) to authenticated, service_role;
