create or replace function public.list_organizations (
  search text default null::text,
  status text default null::text,
  page integer default 1,
  per_page integer default 50
)
  returns public.organization_page
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.list_organizations(search, status, page, per_page);
$function$;

comment on function public.list_organizations(text, text, integer, integer) is 'Returns one page of organizations, newest first, with counts of members and plants and the total (superadmins). Takes a text to find in name, slug, id and contact e-mail; a status (active, suspended, cancelled); the page from 1 and its size, up to 100. Raises PT400 per_page_invalid, page_invalid, status_invalid, search_invalid; PT401 not_authenticated; PT403 superadmin_required.';

revoke all on function public.list_organizations(text, text, integer, integer) from public;

grant execute
  on function public.list_organizations(text, text, integer, integer)
  to authenticated, service_role;
