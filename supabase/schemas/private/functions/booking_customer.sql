create or replace function private.booking_customer (
  contact jsonb
)
  returns uuid
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  stated constant jsonb := coalesce(nullif(contact, 'null'), '{}');
  current_id constant text := private.require_organization();
  is_for_others constant boolean :=
    private.has_permission('bookings.book') or private.has_permission('bookings.write');
  stated_email text;
  problems jsonb;
  own public.customers;
  found_id uuid;
begin
  if jsonb_typeof(stated) <> 'object' then
    problems := '[{"field": "contact", "message": "It is an object with email, name, phone, company."}]';
  else
    select jsonb_agg(jsonb_build_object('field', wrong.field, 'message', wrong.message))
    into problems
    from (
      select left(given.key, 100) as field, checked.message
      from jsonb_each(stated) as given,
        lateral (
          select case
            when given.key not in ('email', 'name', 'phone', 'company') then 'A contact has no such field.'
            else
              coalesce(
                private.line_problem(
                  given.value, case given.key when 'email' then 320 when 'phone' then 50 else 200 end
                ),
                case
                  when given.key = 'email'
                    and private.is_email(lower(private.clean_line(given.value #>> '{}'))) is false
                    then 'It is no e-mail address.'
                end
              )
          end as message
        ) as checked
      where checked.message is not null
      order by 1
      fetch first 20 rows only
    ) as wrong;
    stated_email := case when problems is null then lower(private.clean_line(stated ->> 'email')) end;
  end if;
  if problems is null and is_for_others and stated_email is null then
    problems := '[{"field": "email", "message": "It is required."}]';
  end if;
  if problems is not null then
    perform private.refuse(
      422,
      'invalid_contact',
      format(
        'The contact cannot be used. %s: %s',
        problems -> 0 ->> 'field',
        problems -> 0 ->> 'message'
      ),
      'details.fields says what is wrong with each field.',
      jsonb_build_object('fields', problems)
    );
  end if;

  if is_for_others then
    -- Locked against being merged away until the transaction ends. One that is known costs no more than this.
    select customer.id into found_id
    from public.customers as customer
    where customer.organization_id = current_id and customer.email = stated_email
    for key share;
    if not found then
      select made.customer_id into found_id
      from private.find_or_insert_customer(
        current_id,
        stated_email,
        private.clean_line(stated ->> 'name'),
        private.clean_line(stated ->> 'phone'),
        private.clean_line(stated ->> 'company')
      ) as made;
    end if;
    return found_id;
  end if;

  -- Merged away between the look and the lock: then there is another to be found.
  while found_id is null loop
    own := private.get_or_create_customer();
    select customer.id into found_id
    from public.customers as customer
    where customer.organization_id = current_id and customer.id = own.id
    for key share;
  end loop;
  if stated_email <> own.email or own.email is null and stated_email is not null then
    perform private.record_denial('customer_authorization');
    perform private.refuse(
      403,
      'customer_authorization',
      'You book for yourself, and this is not your e-mail address.',
      'Leave it out, or ask the organization to book for somebody else.'
    );
  end if;
  return found_id;
end;
$function$;

comment on function private.booking_customer(jsonb) is 'Returns the customer that a booking or a wait is for, locked against being merged or deleted until the transaction ends. With bookings.write or bookings.book it is the one with the e-mail address of the contact, made where there is none; otherwise that of the caller. Takes the contact: an object of email, name, phone, company, or null. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization, email_not_verified; PT422 invalid_contact with fields, customer_creation_failed.';

revoke all on function private.booking_customer(jsonb) from public;
