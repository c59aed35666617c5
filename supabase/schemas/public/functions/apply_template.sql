create or replace function public.apply_template (
  template_id uuid,
  name text,
  customer_id uuid default null::uuid,
  is_quick_quote boolean default false
)
  returns public.configurations
  language sql
  set search_path to ''
  AS $function$
  select private.apply_template(template_id, name, customer_id, is_quick_quote);
$function$;

comment on function public.apply_template(uuid, text, uuid, boolean) is 'Begins a configuration with a template (every member for a customer that they act for; sales.assigned for customers that are assigned to the caller; sales.write for any): a draft with its values, priced by the tree of this moment; the use is recorded. Takes the template, an active one (a public one, unless the caller is staff) of an active type; a name; whose it is, as save_entry does; and whether staff is about to quote it at once, which the record of the use then says. Returns the draft. Raises PT400 name_invalid, price_out_of_range; PT401 not_authenticated; PT403 organization_required, email_not_verified, customer_authorization; PT404 template_not_found, manufacturing_type_not_found, customer_not_found; PT409 manufacturing_type_inactive.';

revoke all on function public.apply_template(uuid, text, uuid, boolean) from public;

grant execute
  on function public.apply_template(uuid, text, uuid, boolean)
  to authenticated, service_role;
