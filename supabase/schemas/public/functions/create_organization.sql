create or replace function public.create_organization (
  name text,
  slug text,
  owner_id uuid default null::uuid,
  id text default null::text,
  tier text default null::text,
  timezone text default null::text,
  max_users integer default null::integer
)
  returns public.organizations
  language sql
  set search_path to ''
  AS $function$
  select private.create_organization(name, slug, owner_id, id, tier, timezone, max_users);
$function$;

comment on function public.create_organization(text, text, uuid, text, text, text, integer) is
  'Creates an organization with its system roles and its owner, in one transaction (superadmins; signed-up users for themselves where the platform allows it, with name, slug and timezone). Takes the name; the slug for links, lower case letters, digits and hyphens; the user who owns it, null for the caller; a reserved id, null for a generated one; the tier (free, basic, professional, enterprise; null for basic); an IANA time zone, null for UTC; how many active members it may have, null for 10. Returns the organization. Raises PT400 owner_required, name_invalid, slug_invalid, timezone_invalid, tier_invalid, limits_invalid, organization_id_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 user_not_found; PT409 organization_exists.';

revoke all on function public.create_organization(text, text, uuid, text, text, text, integer) from public;

grant execute
  on function public.create_organization(text, text, uuid, text, text, text, integer)
  to authenticated, service_role;
