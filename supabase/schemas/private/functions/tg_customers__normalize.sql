create or replace function private.tg_customers__normalize()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  new.company_name := private.clean_line(new.company_name);
  new.contact_person := private.clean_line(new.contact_person);
  new.email := lower(private.clean_line(new.email));
  new.phone := private.clean_line(new.phone);
  new.tax_id := private.clean_line(new.tax_id);
  new.payment_terms := private.clean_line(new.payment_terms);
  new.emergency_contact_name := private.clean_line(new.emergency_contact_name);
  new.emergency_contact_phone := private.clean_line(new.emergency_contact_phone);
  new.notes := nullif(btrim(new.notes, E' \t\r\n'), '');
  -- Who verifies the address of a customer acts for it: that is not for who merely looks after it.
  if tg_op = 'UPDATE'
    and new.email is distinct from old.email
    and private.has_permission('customers.assigned')
    and not private.has_permission('customers.write')
  then
    perform private.refuse(
      403,
      'permission_required',
      'This takes the permission customers.write.',
      'The address says who acts for the customer: ask someone who may change it.'
    );
  end if;
  return new;
end;
$function$;

comment on function private.tg_customers__normalize() is 'Trigger function: makes what is written comparable. Texts lose the blanks around them, and those of one line all but one between words; the e-mail address is lower case; what is empty becomes null. Raises PT403 permission_required when somebody who only looks after a customer (customers.assigned) changes its e-mail address.';

revoke all on function private.tg_customers__normalize() from public;
