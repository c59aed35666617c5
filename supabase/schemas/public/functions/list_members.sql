create or replace function public.list_members (
  search text default null::text,
  status text default null::text,
  page integer default 1,
  per_page integer default 50
)
  returns public.member_page
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.list_members(search, status, page, per_page);
$function$;

comment on function public.list_members(text, text, integer, integer) is 'Returns one page of the members of the current organization, by name, with their roles and the total (members.read). Takes a text to find in name and e-mail; a status (pending, active, suspended); the page from 1 and its size, up to 100. Raises PT400 per_page_invalid, page_invalid, status_invalid, search_invalid; PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke all on function public.list_members(text, text, integer, integer) from public;

grant execute
  on function public.list_members(text, text, integer, integer)
  to authenticated, service_role;
