create or replace function private.invitation_to_send (
  organization_id text,
  invitation_id uuid
)
  returns SETOF public.invitation_mail
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select
    invitation.id,
    invitation.email,
    organization.name,
    (select profile.display_name from public.user_profiles as profile where profile.user_id = invitation.invited_by),
    array(
      select role.name
      from public.roles as role
      where role.organization_id = invitation.organization_id and role.code = any (invitation.role_codes)
      order by role.name
    ),
    invitation.expires_at
  from public.invitations as invitation
    join public.organizations as organization on organization.id = invitation.organization_id
  where invitation.organization_id = invitation_to_send.organization_id
    and invitation.id = invitation_to_send.invitation_id
    and invitation.accepted_at is null
    and invitation.revoked_at is null
    and invitation.expires_at > now()
    and organization.status = 'active'
    and private.is_inviter(invitation.organization_id, invitation.invited_by);
$function$;

comment on function private.invitation_to_send(text, uuid) is 'Returns what the mail of an invitation says: public.invitation_to_send with the rights that this takes.';

revoke all on function private.invitation_to_send(text, uuid) from public;

grant execute on function private.invitation_to_send(text, uuid) to service_role;
