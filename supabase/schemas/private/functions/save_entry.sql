create or replace function private.save_entry (
  manufacturing_type_id uuid,
  name text,
  given jsonb,
  customer_id uuid
)
  returns public.configurations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  kind constant public.manufacturing_types := private.require_manufacturing_type(manufacturing_type_id, true);
  buyer_id uuid;
  created_id uuid;
  saved public.configurations;
begin
  buyer_id := case
    when save_entry.customer_id is null then (private.get_or_create_customer()).id
    else private.require_sales_customer(save_entry.customer_id)
  end;
  created_id := private.insert_configuration(kind.organization_id, kind.id, buyer_id, name);
  perform private.write_selections(kind.organization_id, created_id, given, true);
  update public.configurations as configuration
  set status = 'saved'
  where configuration.organization_id = kind.organization_id and configuration.id = created_id
  returning * into saved;
  return saved;
end;
$function$;

comment on function private.save_entry(uuid, text, jsonb, uuid) is 'Saves an entry: public.save_entry with the rights that this takes.';

revoke all on function private.save_entry(uuid, text, jsonb, uuid) from public;

grant execute on function private.save_entry(uuid, text, jsonb, uuid) to authenticated, service_role;
