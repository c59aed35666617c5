create or replace function public.is_organization_id (
  candidate text
)
  returns boolean
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select coalesce(candidate ~ '^[A-Z0-9]{8,9}$' and candidate <> 'PLATFORM', false);
$function$;

comment on function public.is_organization_id(text) is 'Returns whether a text has the form of an organization id: nine characters of ABCDEFGHJKMNPQRSTUVWXYZ23456789, or a reserved id of eight or nine letters A–Z and digits such as LEGACY001. Says nothing about whether there is such an organization. Takes the text; null is none.';

revoke all on function public.is_organization_id(text) from public;

grant execute on function public.is_organization_id(text) to authenticated, service_role;
