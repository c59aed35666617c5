create or replace function public.save_entry (
  manufacturing_type_id uuid,
  name text,
  selections jsonb,
  customer_id uuid default null::uuid
)
  returns public.configurations
  language sql
  set search_path to ''
  AS $function$
  select private.save_entry(manufacturing_type_id, name, selections, customer_id);
$function$;

comment on function public.save_entry(uuid, text, jsonb, uuid) is 'Saves values as a configuration of status saved, all of it or nothing (every member for a customer that they act for; sales.assigned for customers that are assigned to the caller; sales.write for any). Takes an active type; a name; an object of values by code, as for entry_preview; and whose it is: null for the caller''s own customer (get_or_create_customer makes one), or the id of a customer. Returns the configuration with its price. Raises PT400 values_invalid with what is wrong by code in details.fields, name_invalid, price_out_of_range; PT401 not_authenticated; PT403 organization_required, email_not_verified, customer_authorization; PT404 manufacturing_type_not_found, customer_not_found; PT409 manufacturing_type_inactive.';

revoke all on function public.save_entry(uuid, text, jsonb, uuid) from public;

grant execute on function public.save_entry(uuid, text, jsonb, uuid) to authenticated, service_role;
