create or replace function private.find_or_create_customer (
  email text,
  name text,
  phone text,
  company text
)
  returns public.customers
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  is_assigned_only constant boolean :=
    not private.has_permission('customers.write') and private.has_permission('customers.assigned');
  current_id text;
  address constant text := lower(private.clean_line(email));
  person constant text := private.clean_line(name);
  number constant text := private.clean_line(phone);
  firm constant text := private.clean_line(company);
  found_id uuid;
  is_new boolean;
  result public.customers;
begin
  current_id := private.require_permission(
    case when is_assigned_only then 'customers.assigned' else 'customers.write' end
  );
  if (private.is_email(address) and length(address) <= 320) is not true then
    perform private.refuse(400, 'email_invalid', 'This is no e-mail address.');
  elsif length(person) > 200 then
    perform private.refuse(400, 'name_invalid', 'A name has at most 200 characters.');
  elsif length(number) > 50 then
    perform private.refuse(400, 'phone_invalid', 'A phone number has at most 50 characters.');
  elsif length(firm) > 200 then
    perform private.refuse(400, 'company_invalid', 'The name of a company has at most 200 characters.');
  end if;

  select made.customer_id, made.is_new
  into found_id, is_new
  from private.find_or_insert_customer(current_id, address, person, number, firm) as made;
  if is_assigned_only and is_new then
    insert into public.customer_assignments (organization_id, customer_id, user_id)
    values (current_id, found_id, auth.uid());
  elsif is_assigned_only and not found_id = any (private.assigned_customer_ids()) then
    perform private.record_denial('customer_authorization', jsonb_build_object('customer_id', found_id));
    perform private.refuse(
      403,
      'customer_authorization',
      'Somebody else looks after the customer with this address.',
      'Ask someone who manages customers to assign it to you.'
    );
  end if;

  update public.customers as customer
  set contact_person = coalesce(customer.contact_person, person),
    phone = coalesce(customer.phone, number),
    company_name = coalesce(customer.company_name, firm)
  where customer.organization_id = current_id
    and customer.id = found_id
    and (
      customer.contact_person is null and person is not null
      or customer.phone is null and number is not null
      or customer.company_name is null and firm is not null
    )
  returning * into result;
  if not found then
    select * into result
    from public.customers as customer
    where customer.organization_id = current_id and customer.id = found_id;
  end if;
  return result;
end;
$function$;

comment on function private.find_or_create_customer(text, text, text, text) is 'Finds or creates a customer: public.find_or_create_customer with the rights that this takes.';

revoke all on function private.find_or_create_customer(text, text, text, text) from public;

grant execute
  on function private.find_or_create_customer(text, text, text, text)
  to authenticated, service_role;
