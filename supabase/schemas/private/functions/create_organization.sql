create or replace function private.create_organization (
  name text,
  slug text,
  owner_id uuid,
  id text,
  tier text,
  timezone text,
  max_users integer
)
  returns public.organizations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  founder uuid := owner_id;
  created public.organizations;
begin
  if not (private.is_operator() or private.is_superadmin()) then
    -- Somebody for themself: with nothing but a name, where the platform allows it.
    founder := private.require_signed_in();
    if not exists (select from private.platform_settings as setting where setting.allow_organization_sign_up) then
      perform private.refuse(
        403, 'superadmin_required', 'Only a superadmin creates organizations here.', 'Ask a superadmin of the platform.'
      );
    elsif owner_id <> founder
      or coalesce(create_organization.id, create_organization.tier) is not null
      or create_organization.max_users is not null
    then
      perform private.refuse(
        403, 'superadmin_required', 'Only a superadmin chooses the owner, the id, the plan and its limits.'
      );
    end if;
  end if;
  founder := coalesce(founder, private.current_user_id());
  if founder is null then
    perform private.refuse(400, 'owner_required', 'An organization has an owner: name a user.');
  end if;
  perform private.require_user(founder);
  perform private.require_organization_values(
    create_organization.name, create_organization.slug, create_organization.timezone
  );
  if create_organization.name is null then
    perform private.refuse(400, 'name_invalid', 'The name of an organization is one line of 1 to 200 characters.');
  elsif create_organization.slug is null then
    perform private.refuse(400, 'slug_invalid', 'An organization has a slug: its name in links.');
  elsif create_organization.tier not in ('free', 'basic', 'professional', 'enterprise') then
    perform private.refuse(400, 'tier_invalid', 'tier is free, basic, professional or enterprise.');
  elsif create_organization.max_users < 1 then
    perform private.refuse(400, 'limits_invalid', 'max_users is 1 or more.');
  elsif create_organization.id is not null and not public.is_organization_id(create_organization.id) then
    perform private.refuse(400, 'organization_id_invalid', 'An organization id is 8 or 9 letters A–Z and digits.');
  elsif exists (
    select from public.organizations as organization
    where organization.slug = create_organization.slug or organization.id = create_organization.id
  ) then
    perform private.refuse(409, 'organization_exists', 'There is an organization with this slug or id.', 'Choose another.');
  end if;

  insert into public.organizations (id, name, slug, tier, timezone, max_users, created_by)
  values (
    coalesce(create_organization.id, private.generate_organization_id()),
    private.clean_display_name(create_organization.name),
    create_organization.slug,
    coalesce(create_organization.tier, 'basic'),
    coalesce(create_organization.timezone, 'UTC'),
    coalesce(create_organization.max_users, 10),
    auth.uid()
  )
  returning * into created;
  perform private.insert_profiles(array[founder]);
  insert into public.members (organization_id, user_id, status, joined_at)
  values (created.id, founder, 'active', now());
  insert into public.user_roles (organization_id, user_id, role_code, granted_by)
  values (created.id, founder, 'owner', private.current_user_id());
  update public.user_profiles as profile
  set current_organization_id = created.id
  where profile.user_id = founder and profile.current_organization_id is null;
  return created;
end;
$function$;

comment on function private.create_organization(text, text, uuid, text, text, text, integer) is
  'Creates an organization: public.create_organization with the rights that this takes.';

revoke all
  on function private.create_organization(text, text, uuid, text, text, text, integer)
  from public;

grant execute
  on function private.create_organization(text, text, uuid, text, text, text, integer)
  to authenticated, service_role;
