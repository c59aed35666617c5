create or replace function public.update_organization (
  id text,
  name text default null::text,
  slug text default null::text,
  tier text default null::text,
  timezone text default null::text,
  max_users integer default null::integer,
  max_properties integer default null::integer,
  features jsonb default null::jsonb
)
  returns public.organizations
  language sql
  set search_path to ''
  AS $function$
  select private.update_organization(id, name, slug, tier, timezone, max_users, max_properties, features);
$function$;

comment on function public.update_organization(text, text, text, text, text, integer, integer, jsonb) is
  'Changes any organization and its plan (superadmins; its own members change its particulars in the table, with organization.manage). Takes the id and what is to change; null leaves a value as it is. max_users and max_properties are limits of the plan; fewer than there are stops more from being added. Returns the organization. Raises PT400 name_invalid, slug_invalid, timezone_invalid, features_invalid, tier_invalid, limits_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_exists.';

revoke all
  on function public.update_organization(text, text, text, text, text, integer, integer, jsonb)
  from public;

grant execute
  on function public.update_organization(text, text, text, text, text, integer, integer, jsonb)
  to authenticated, service_role;
