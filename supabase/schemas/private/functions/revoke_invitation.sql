create or replace function private.revoke_invitation (
  id uuid
)
  returns public.open_invitation
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('members.manage');
  revoked public.open_invitation;
begin
  update public.invitations as invitation
  set revoked_at = now()
  where invitation.organization_id = current_id
    and invitation.id = revoke_invitation.id
    and invitation.accepted_at is null
    and invitation.revoked_at is null
  returning invitation.id, invitation.email, invitation.role_codes, invitation.plant_id, invitation.expires_at
  into revoked;
  if not found then
    perform private.refuse(404, 'invitation_not_found', 'The organization has no such open invitation.');
  end if;
  return revoked;
end;
$function$;

comment on function private.revoke_invitation(uuid) is 'Takes an invitation back: public.revoke_invitation with the rights that this takes.';

revoke all on function private.revoke_invitation(uuid) from public;

grant execute on function private.revoke_invitation(uuid) to authenticated, service_role;
