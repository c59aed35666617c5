create or replace function public.entry_preview (
  manufacturing_type_id uuid,
  selections jsonb
)
  returns public.entry_preview
  language sql
  stable
  set search_path to ''
  AS $function$
  select private.entry_preview(manufacturing_type_id, selections);
$function$;

comment on function public.entry_preview(uuid, jsonb) is 'Returns what some values come to, and writes nothing: what is shown, what is wrong, price and weight with a line for each impact. Takes the type, an active one (any for staff), and an object of values by code: texts, numbers, booleans, for a selection the code of the option; null and "" are no value. Wrong values give messages, never an error. Raises PT400 values_invalid for what is no object, or over 100,000 bytes; PT401 not_authenticated; PT403 organization_required; PT404 manufacturing_type_not_found.';

revoke all on function public.entry_preview(uuid, jsonb) from public;

grant execute on function public.entry_preview(uuid, jsonb) to authenticated, service_role;
