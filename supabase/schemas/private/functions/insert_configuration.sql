create or replace function private.insert_configuration (
  organization_id text,
  manufacturing_type_id uuid,
  customer_id uuid,
  name text,
  template_id uuid default null::uuid
)
  returns uuid
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  clean_name constant text := private.clean_display_name(insert_configuration.name);
  created_id uuid;
begin
  if clean_name is null then
    perform private.refuse(400, 'name_invalid', 'A name is one line of 1 to 200 characters.');
  end if;
  -- It may have been deleted, or merged into another, since the caller looked.
  perform
  from public.customers as customer
  where customer.organization_id = insert_configuration.organization_id
    and customer.id = insert_configuration.customer_id
  for key share;
  if not found then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;
  insert into public.configurations (
    organization_id, manufacturing_type_id, customer_id, template_id, name, reference_code
  )
  values (
    insert_configuration.organization_id,
    insert_configuration.manufacturing_type_id,
    insert_configuration.customer_id,
    insert_configuration.template_id,
    clean_name,
    private.next_number('C', insert_configuration.organization_id)
  )
  returning id into created_id;
  return created_id;
end;
$function$;

comment on function private.insert_configuration(text, uuid, uuid, text, uuid) is
  'Makes a draft without values and returns its id. Takes the organization, the type, the customer and the template (or null), which the caller has checked, and a name. Raises PT400 name_invalid.';

revoke all on function private.insert_configuration(text, uuid, uuid, text, uuid) from public;
