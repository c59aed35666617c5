create or replace function private.tg_members__mirror()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  select organization.status into new.organization_status
  from public.organizations as organization
  where organization.id = new.organization_id;
  select profile.is_active into new.user_is_active
  from public.user_profiles as profile
  where profile.user_id = new.user_id;
  -- Where there is none, the foreign keys say so.
  new.organization_status := coalesce(new.organization_status, 'active');
  new.user_is_active := coalesce(new.user_is_active, true);
  return new;
end;
$function$;

comment on function private.tg_members__mirror() is 'Trigger function of members: a new row copies the status of the organization and of the user. From then on the foreign keys keep the copies equal.';

revoke all on function private.tg_members__mirror() from public;
