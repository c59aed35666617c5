create or replace function public.check_permission (
  code text,
  plant_id uuid default null::uuid
)
  returns boolean
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.check_permission(code, plant_id);
$function$;

comment on function public.check_permission(text, uuid) is 'Returns whether the caller may do something in the current organization. Takes the code of a permission, and a plant: with one, a role that is bound to it counts as well; without, only roles for the whole organization. False for what does not exist, and without an organization.';

revoke all on function public.check_permission(text, uuid) from public;

grant execute on function public.check_permission(text, uuid) to authenticated, service_role;
