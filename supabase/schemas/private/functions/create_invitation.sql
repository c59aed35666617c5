create or replace function private.create_invitation (
  id uuid,
  email text,
  token_hash text,
  role_codes text[],
  plant_id uuid
)
  returns public.open_invitation
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('members.manage');
  address constant text := lower(btrim(create_invitation.email));
  codes constant text[] := array(select distinct code from unnest(create_invitation.role_codes) as code order by code);
  wanted text;
  opened public.open_invitation;
begin
  -- Under this lock requests of one organization come one after the other: limits hold.
  perform private.lock_organization(current_id);
  if create_invitation.id is null or private.is_email(address) is not true then
    perform private.refuse(400, 'email_invalid', 'An invitation goes to an e-mail address.');
  elsif (token_hash ~ '^[0-9a-f]{64}$') is not true then
    perform private.refuse(400, 'token_hash_invalid', 'token_hash is the SHA-256 of the token in hexadecimal.');
  elsif cardinality(codes) > 20 then
    perform private.refuse(400, 'roles_invalid', 'An invitation carries at most 20 roles.');
  elsif 'owner' = any (codes) and create_invitation.plant_id is not null then
    perform private.refuse(400, 'owner_unbounded', 'An owner owns the whole organization, for good.');
  end if;
  foreach wanted in array codes loop
    perform private.require_grantable((private.require_role(wanted)).permissions, 'infinity');
  end loop;
  if create_invitation.plant_id is not null then
    perform private.require_plant(create_invitation.plant_id);
    perform private.require_plant_access(create_invitation.plant_id, 'read');
  end if;
  if exists (
    select
    from public.members as member
      join auth.users as account on account.id = member.user_id
    where member.organization_id = current_id and lower(account.email) = address
  ) then
    perform private.refuse(409, 'already_member', 'Somebody with this address belongs to the organization already.');
  elsif (
    select count(*) >= 100 or count(*) filter (where sent.invited_by = auth.uid()) >= 30
    from public.invitations as sent
    where sent.organization_id = current_id and sent.created_at > now() - interval '1 hour'
  ) then
    perform private.refuse(
      429, 'rate_limited', 'Too many invitations in the last hour.', 'A member may send 30 in an hour, an organization 100.'
    );
  end if;

  -- The latest link is the one that counts.
  update public.invitations as previous
  set revoked_at = now()
  where previous.organization_id = current_id
    and previous.email = address
    and previous.accepted_at is null
    and previous.revoked_at is null;
  insert into public.invitations as invitation (
    organization_id, id, email, role_codes, plant_id, token_hash, invited_by
  )
  values (
    current_id,
    create_invitation.id,
    address,
    codes,
    create_invitation.plant_id,
    create_invitation.token_hash,
    auth.uid()
  )
  on conflict on constraint invitations_pkey do nothing
  returning invitation.id, invitation.email, invitation.role_codes, invitation.plant_id, invitation.expires_at
  into opened;
  if not found then
    perform private.refuse(409, 'invitation_exists', 'There is an invitation with this id.', 'Make a new id.');
  end if;
  perform private.enqueue(
    'notifications',
    'tenancy.invitation',
    jsonb_build_object('organization_id', current_id, 'invitation_id', opened.invitation_id)
  );
  return opened;
end;
$function$;

comment on function private.create_invitation(uuid, text, text, text[], uuid) is 'Invites somebody: public.create_invitation with the rights that this takes.';

revoke all on function private.create_invitation(uuid, text, text, text[], uuid) from public;

grant execute
  on function private.create_invitation(uuid, text, text, text[], uuid)
  to authenticated, service_role;
