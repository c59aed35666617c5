create or replace function public.list_users (
  search text default null::text,
  status text default null::text,
  role text default null::text,
  page integer default 1,
  per_page integer default 50
)
  returns public.user_page
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.list_users(search, status, role, page, per_page);
$function$;

comment on function public.list_users(text, text, text, integer, integer) is 'Returns one page of users, newest first, with the total count (superadmins and the service role). Takes a text to find in e-mail, phone and display name; a status (active, inactive, missing: without a profile); a role (user, superadmin); the page from 1 and its size, up to 100. A user without a profile is listed with the default shape and profile_status missing. Raises PT400 per_page_invalid, page_invalid, status_invalid, role_invalid, search_invalid; PT401 not_authenticated; PT403 superadmin_required.';

revoke all on function public.list_users(text, text, text, integer, integer) from public;

grant execute
  on function public.list_users(text, text, text, integer, integer)
  to authenticated, service_role;
