create or replace function public.entry_schema (
  manufacturing_type_id uuid
)
  returns SETOF public.entry_field
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.entry_schema(manufacturing_type_id);
$function$;

comment on function public.entry_schema(uuid) is 'Lists what the form of a type asks for, in the order of the tree: parents before what is under them. Takes the type, an active one (any for staff). Which nodes are shown depends on the values; is_visible says it of an empty form, entry_preview of a filled one. Raises PT401 not_authenticated; PT403 organization_required; PT404 manufacturing_type_not_found.';

revoke all on function public.entry_schema(uuid) from public;

grant execute on function public.entry_schema(uuid) to authenticated, service_role;
