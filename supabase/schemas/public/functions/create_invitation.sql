create or replace function public.create_invitation (
  id uuid,
  email text,
  token_hash text,
  role_codes text[] default '{}'::text[],
  plant_id uuid default null::uuid
)
  returns public.open_invitation
  language sql
  set search_path to ''
  AS $function$
  select private.create_invitation(id, email, token_hash, role_codes, plant_id);
$function$;

comment on function public.create_invitation(uuid, text, text, text[], uuid) is 'Invites somebody into the current organization for 7 days and queues the mail (members.manage, and every permission of the roles). Call the edge function invite-member, which makes the token; another token than its own is one that no mail will carry. Takes a new id; the address; the SHA-256 of the token, hexadecimal; the roles; a plant where they count, null for the whole organization. An open invitation of the same address is revoked. Returns the invitation. Raises PT400 email_invalid, token_hash_invalid, roles_invalid, owner_unbounded; PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 role_not_found, plant_not_found; PT409 already_member, invitation_exists; PT429 rate_limited: 30 an hour by one member, 100 by an organization.';

revoke all on function public.create_invitation(uuid, text, text, text[], uuid) from public;

grant execute
  on function public.create_invitation(uuid, text, text, text[], uuid)
  to authenticated, service_role;
