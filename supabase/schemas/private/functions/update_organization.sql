create or replace function private.update_organization (
  id text,
  name text,
  slug text,
  tier text,
  timezone text,
  max_users integer,
  max_properties integer,
  features jsonb
)
  returns public.organizations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  changed public.organizations;
begin
  perform private.require_superadmin();
  perform private.require_organization_values(name, slug, timezone);
  if features is not null and not private.are_features(features) then
    perform private.refuse(
      400,
      'features_invalid',
      'features is an object of booleans: ai, jobber, n8n, payments, portal, quickbooks, sms, weather.'
    );
  elsif tier not in ('free', 'basic', 'professional', 'enterprise') then
    perform private.refuse(400, 'tier_invalid', 'tier is free, basic, professional or enterprise.');
  elsif max_users < 1 or max_properties < 0 then
    perform private.refuse(400, 'limits_invalid', 'max_users is 1 or more, max_properties 0 or more.');
  elsif exists (
    select from public.organizations as organization
    where organization.slug = update_organization.slug and organization.id <> update_organization.id
  ) then
    perform private.refuse(409, 'organization_exists', 'There is an organization with this slug.', 'Choose another.');
  end if;
  perform private.lock_organization(update_organization.id);
  update public.organizations as organization
  set name = coalesce(private.clean_display_name(update_organization.name), organization.name),
    slug = coalesce(update_organization.slug, organization.slug),
    tier = coalesce(update_organization.tier, organization.tier),
    timezone = coalesce(update_organization.timezone, organization.timezone),
    max_users = coalesce(update_organization.max_users, organization.max_users),
    max_properties = coalesce(update_organization.max_properties, organization.max_properties),
    features = coalesce(update_organization.features, organization.features)
  where organization.id = update_organization.id
  returning * into changed;
  return changed;
end;
$function$;

comment on function private.update_organization(text, text, text, text, text, integer, integer, jsonb) is
  'Changes an organization: public.update_organization with the rights that this takes.';

revoke all
  on function private.update_organization(text, text, text, text, text, integer, integer, jsonb)
  from public;

grant execute
  on function private.update_organization(text, text, text, text, text, integer, integer, jsonb)
  to authenticated, service_role;
