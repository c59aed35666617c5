create or replace function private.find_or_insert_customer (
  organization_id text,
  email text,
  contact_person text,
  phone text,
  company_name text,
  OUT customer_id uuid,
  OUT is_new boolean
)
  returns record
  language plpgsql
  set search_path to ''
  AS $function$
declare
  violated text;
  reason text;
begin
  for attempt in 1 .. 10 loop
    is_new := false;
    -- Locked against being deleted or merged away until the transaction ends.
    select customer.id into customer_id
    from public.customers as customer
    where customer.organization_id = find_or_insert_customer.organization_id
      and customer.email = find_or_insert_customer.email
    for key share;
    exit when found;

    is_new := true;
    insert into public.customers (organization_id, email, contact_person, phone, company_name, customer_type)
    values (
      find_or_insert_customer.organization_id,
      find_or_insert_customer.email,
      find_or_insert_customer.contact_person,
      find_or_insert_customer.phone,
      find_or_insert_customer.company_name,
      case when find_or_insert_customer.company_name is null then 'residential' else 'corporate' end
    )
    on conflict on constraint customers_email_key do nothing
    returning id into customer_id;
    -- Otherwise another transaction was faster, and has committed: then it is found, unless it is gone again.
    exit when found;
  end loop;
  if customer_id is null then
    raise exception using
      errcode = 'integrity_constraint_violation',
      message = 'The address is taken by a customer that is not found by it.';
  end if;
exception
  when integrity_constraint_violation or data_exception then
    get stacked diagnostics violated = constraint_name, reason = message_text;
    raise log 'rowhouse: customer not created: %', reason;
    perform private.refuse(
      422,
      'customer_creation_failed',
      'The customer could not be created.',
      'The organization can enter it by hand, with an address and a name that it can have.',
      details => jsonb_build_object('constraint', nullif(violated, ''))
    );
end;
$function$;

comment on function private.find_or_insert_customer(text, text, text, text, text) is
  'Returns the customer of an organization that has an e-mail address, and makes one where there is none; however many ask at once, there is one. Takes the organization, the address in lower case (null: always a new one), the name, the phone number and the company of a new one; who asks is checked by who calls. Raises PT422 customer_creation_failed, with the constraint, when the values are such as no customer can have.';

revoke all on function private.find_or_insert_customer(text, text, text, text, text) from public;
