create or replace function private.get_or_create_customer()
  returns public.customers
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  current_id text := claims ->> 'organization_id';
  caller constant uuid := (claims ->> 'sub')::uuid;
  email text;
  own public.customers;
begin
  for attempt in 1 .. 2 loop
    -- All that a known user costs: three look-ups by key, and no lock. That the member is open says all that
    -- current_organization_id would.
    select customer.* into own
    from public.customers as customer
    where customer.organization_id = current_id
      and customer.id = (
        select mapping.customer_id
        from public.members as member
          join public.customer_users as mapping
            on mapping.organization_id = member.organization_id and mapping.user_id = member.user_id
        where member.organization_id = current_id and member.user_id = caller and member.is_open
        order by mapping.created_at, mapping.customer_id
        fetch first row only
      );
    if found then
      return own;
    end if;
    -- Who waited for the lock looks again: the first of many calls at once has made what the others return.
    exit when attempt = 2;
    current_id := private.require_organization();
    if not exists (
      select
      from public.members as member
      where member.organization_id = current_id and member.user_id = caller and member.is_open
    ) then
      perform private.record_denial('customer_authorization');
      perform private.refuse(
        403, 'customer_authorization', 'You are no member of this organization, so you are no customer of it.'
      );
    end if;
    perform pg_advisory_xact_lock(hashtextextended(format('get_or_create_customer %s %s', current_id, caller), 0));
  end loop;

  email := private.verified_email(caller);
  -- The same whether the address belongs to a customer or not: whoever signs up with it must not learn that.
  if email is null and exists (
    select
    from auth.users as account
    where account.id = caller and (account.is_anonymous or btrim(account.email) <> '')
  ) then
    perform private.refuse(
      403,
      'email_not_verified',
      'Verify your e-mail address first.',
      'The link is in the mail that came when you signed up.'
    );
  end if;

  insert into public.customer_users (organization_id, customer_id, user_id)
  select current_id, made.customer_id, caller
  from public.user_profiles as profile,
    private.find_or_insert_customer(current_id, email, profile.display_name, null, null) as made
  where profile.user_id = caller
  on conflict do nothing;
  select customer.* into own
  from public.customer_users as mapping
    join public.customers as customer
      on customer.organization_id = mapping.organization_id and customer.id = mapping.customer_id
  where mapping.organization_id = current_id and mapping.user_id = caller
  order by mapping.created_at, mapping.customer_id
  fetch first row only;
  return own;
end;
$function$;

comment on function private.get_or_create_customer() is 'Returns the caller''s customer: public.get_or_create_customer with the rights that this takes.';

revoke all on function private.get_or_create_customer() from public;

grant execute on function private.get_or_create_customer() to authenticated, service_role;
