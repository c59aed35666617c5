create or replace function private.is_inviter (
  organization_id text,
  user_id uuid
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return exists (
    select
    from public.user_profiles as inviter
      left join public.members as member
        on member.organization_id = is_inviter.organization_id and member.user_id = inviter.user_id
    where inviter.user_id = is_inviter.user_id
      and inviter.is_active
      and (member.status = 'active' or inviter.platform_role = 'superadmin')
  );
end;
$function$;

comment on function private.is_inviter(text, uuid) is 'Returns whether an invitation of this user still counts: an active member of the organization, or a superadmin. Takes the organization and who sent it.';

revoke all on function private.is_inviter(text, uuid) from public;
