create or replace function private.accept_invitation (
  token text
)
  returns public.organization_membership
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  caller constant uuid := private.require_signed_in();
  verified_email constant text := (
    select lower(account.email)
    from auth.users as account
    where account.id = caller and account.email_confirmed_at is not null
  );
  invitation public.invitations;
  joined public.organization_membership;
begin
  if verified_email is null then
    perform private.refuse(
      403, 'email_not_verified', 'Verify your e-mail address first.', 'The link is in the mail that came when you signed up.'
    );
  end if;
  select * into invitation
  from public.invitations as sent
  where sent.token_hash = encode(sha256(convert_to(accept_invitation.token, 'UTF8')), 'hex')
    and sent.email = verified_email;
  if found then
    perform
    from public.organizations as organization
    where organization.id = invitation.organization_id
    for no key update;
    select * into invitation
    from public.invitations as sent
    where sent.organization_id = invitation.organization_id and sent.id = invitation.id
    for update;
  end if;
  if not found then
    perform private.record_denial('invitation_not_found', '{}');
    perform private.refuse(
      404, 'invitation_not_found', 'There is no such invitation for your address.', 'Sign in with the address that it was sent to.'
    );
  elsif invitation.accepted_at is not null then
    perform private.refuse(409, 'invitation_used', 'This invitation was used already.');
  elsif invitation.revoked_at is not null
    or invitation.expires_at <= now()
    -- It lasts no longer than the membership of who sent it.
    or not private.is_inviter(invitation.organization_id, invitation.invited_by)
    or not exists (
      select from public.organizations as organization
      where organization.id = invitation.organization_id and organization.status = 'active'
    )
  then
    perform private.refuse(410, 'invitation_expired', 'This invitation is no longer open.', 'Ask for a new one.');
  end if;

  -- Profiles before members, as everybody who locks both.
  update public.user_profiles as profile
  set current_organization_id = invitation.organization_id
  where profile.user_id = caller;
  insert into public.members as member (organization_id, user_id, status, joined_at)
  values (invitation.organization_id, caller, 'active', now())
  on conflict on constraint members_pkey do update
  set status = 'active',
    joined_at = now()
  where member.status = 'pending';
  if not found then
    perform private.refuse(409, 'already_member', 'You belong to this organization already.');
  end if;
  insert into public.user_plant_access (organization_id, user_id, plant_id, access_level, granted_by)
  select invitation.organization_id, caller, invitation.plant_id, 'read', invitation.invited_by
  where invitation.plant_id is not null
  on conflict do nothing;
  -- A role that was deleted meanwhile is not granted.
  insert into public.user_roles (organization_id, user_id, role_code, plant_id, granted_by)
  select invitation.organization_id, caller, role.code, invitation.plant_id, invitation.invited_by
  from public.roles as role
  where role.organization_id = invitation.organization_id and role.code = any (invitation.role_codes)
  on conflict do nothing;
  update public.invitations as sent
  set accepted_at = now(),
    accepted_by = caller
  where sent.organization_id = invitation.organization_id and sent.id = invitation.id;
  select * into joined from private.memberships(caller, invitation.organization_id);
  return joined;
end;
$function$;

comment on function private.accept_invitation(text) is 'Accepts an invitation: public.accept_invitation with the rights that this takes.';

revoke all on function private.accept_invitation(text) from public;

grant execute on function private.accept_invitation(text) to authenticated, service_role;
