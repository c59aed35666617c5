create or replace function private.token_claims (
  user_id uuid
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  role text;
  wanted text;
  chosen text;
begin
  update public.user_profiles as profile
  set last_seen_at = now()
  where profile.user_id = token_claims.user_id
  returning profile.platform_role, profile.current_organization_id into role, wanted;
  if not found then
    return null;
  end if;
  -- The one that the user chose, while the door is open; otherwise the one that they have belonged to for longest.
  chosen := (
    select member.organization_id
    from public.members as member
    where member.user_id = token_claims.user_id
      and member.is_open
    order by member.organization_id = wanted desc, member.joined_at, member.organization_id
    fetch first row only
  );
  if role = 'superadmin' and wanted is not null then
    chosen := coalesce(
      (select organization.id from public.organizations as organization where organization.id = wanted),
      chosen
    );
  end if;
  return jsonb_build_object(
    'platform_role', role,
    'organization_id', chosen,
    'organization_role', (
      select coalesce(
        (
          select held.role_code
          from public.user_roles as held
            left join private.system_roles as system on system.code = held.role_code
          where held.organization_id = member.organization_id
            and held.user_id = member.user_id
            and held.plant_id is null
            and (held.expires_at is null or held.expires_at > now())
          order by system.position, held.role_code
          fetch first row only
        ),
        'customer'
      )
      from public.members as member
      where member.organization_id = chosen and member.user_id = token_claims.user_id
    )
  );
end;
$function$;

comment on function private.token_claims(uuid) is 'Returns what Rowhouse adds to the access token of a user, null without a profile, and notes that the user was seen. Takes the user id. organization_id is the organization that the user works in, null without one; organization_role the most powerful role there, for front ends: policies ask the tables.';

revoke all on function private.token_claims(uuid) from public;

grant execute on function private.token_claims(uuid) to supabase_auth_admin;
