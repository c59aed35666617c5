-- Two demo organizations for a local database: a window maker and a training company. `rowhouse seed` runs this file,
-- then those of supabase/seeds, which fill them; so does the Supabase CLI. Everybody's password is rowhouse-demo, which
-- is no secret: it is for a machine that nobody else reaches. A database that has other users is left as it is; so is
-- one without Rowhouse.

do $seed$
declare
  demo_password constant text := '$2b$10$e0Ezw1a4E1AXSp7yc79/2OFJ2lM7q9YfdhmayHDIauiYqpZYoTLee';
  demo_address constant text := '@(moser|northside|aigner)\.example$';
begin
  if to_regclass('public.organizations') is null then
    raise notice 'Rowhouse is not installed here yet: run "rowhouse migrate", then "rowhouse seed".';
    return;
  elsif exists (select from public.organizations as organization where organization.id in ('DEMO0001', 'DEMO0002')) then
    raise notice 'The demo organizations are here already.';
    return;
  elsif exists (select from auth.users as account where account.email is null or account.email !~ demo_address) then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = 'This database has users of its own, and anybody can sign in to the demo accounts.',
      hint = 'Seed an empty database for development.';
  end if;

  -- As the auth server writes it: its tokens are empty texts, not nulls.
  insert into auth.users (
    instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, confirmation_token, recovery_token,
    email_change, email_change_token_new, raw_app_meta_data, raw_user_meta_data, created_at, updated_at
  )
  select
    '00000000-0000-0000-0000-000000000000',
    gen_random_uuid(),
    'authenticated',
    'authenticated',
    person.email,
    demo_password,
    now(),
    '',
    '',
    '',
    '',
    '{"provider": "email", "providers": ["email"]}',
    jsonb_build_object('full_name', person.name),
    now(),
    now()
  from (
    values
      ('anna@moser.example', 'Anna Moser'),
      ('bernd@moser.example', 'Bernd Huber'),
      ('clara@moser.example', 'Clara Egger'),
      ('david@moser.example', 'David Öztürk'),
      ('eva@moser.example', 'Eva Novak'),
      ('felix@moser.example', 'Felix Gruber'),
      ('gerda@moser.example', 'Gerda Wimmer'),
      ('karl@aigner.example', 'Karl Aigner'),
      ('lisa@aigner.example', 'Lisa Aigner'),
      ('olivia@northside.example', 'Olivia Tremblay'),
      ('paul@northside.example', 'Paul Singh'),
      ('ines@northside.example', 'Inès Côté'),
      ('rosa@northside.example', 'Rosa Martínez'),
      ('sam@northside.example', 'Sam O''Neill'),
      ('tess@northside.example', 'Tess Nguyen')
  ) as person (email, name)
  -- They stay when Rowhouse is reset.
  on conflict do nothing;

  insert into auth.identities (
    id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at
  )
  select
    gen_random_uuid(),
    'email',
    account.id::text,
    account.id,
    jsonb_build_object('sub', account.id, 'email', account.email, 'email_verified', true, 'phone_verified', false),
    now(),
    now(),
    now()
  from auth.users as account
  where not exists (select from auth.identities as identity where identity.user_id = account.id);

  perform private.insert_profiles(array(select account.id from auth.users as account));

  perform public.create_organization(
    organization.name,
    organization.slug,
    owner_id => account.id,
    id => organization.id,
    tier => organization.tier,
    timezone => organization.timezone,
    max_users => organization.max_users
  )
  from (
    values
      ('DEMO0001', 'Moser Fensterbau', 'moser', 'anna@moser.example', 'professional', 'Europe/Vienna', 25),
      ('DEMO0002', 'Northside Training', 'northside', 'olivia@northside.example', 'basic', 'America/Toronto', 10)
  ) as organization (id, name, slug, owner, tier, timezone, max_users)
    join auth.users as account on account.email = organization.owner;

  update public.organizations as organization
  set industry = detail.industry,
    contact_name = detail.contact_name,
    contact_email = detail.contact_email,
    billing_email = detail.contact_email,
    address = detail.address::jsonb,
    allow_self_registration = detail.is_open
  from (
    values
      (
        'DEMO0001', 'Windows and doors', 'Anna Moser', 'anna@moser.example',
        '{"street": "Industriezeile 1", "postal_code": "4020", "city": "Linz", "country": "AT"}', false
      ),
      (
        'DEMO0002', 'Vocational training', 'Olivia Tremblay', 'olivia@northside.example',
        '{"street": "100 Front Street", "postal_code": "M5J 1E3", "city": "Toronto", "country": "CA"}', true
      )
  ) as detail (id, industry, contact_name, contact_email, address, is_open)
  where organization.id = detail.id;

  insert into public.members (organization_id, user_id, status, joined_at, suspended_at)
  select
    member.organization_id,
    account.id,
    member.status,
    case when member.status <> 'pending' then now() end,
    case when member.status = 'suspended' then now() end
  from (
    values
      ('DEMO0001', 'bernd@moser.example', 'active'),
      ('DEMO0001', 'clara@moser.example', 'active'),
      ('DEMO0001', 'david@moser.example', 'active'),
      ('DEMO0001', 'eva@moser.example', 'active'),
      ('DEMO0001', 'felix@moser.example', 'active'),
      ('DEMO0001', 'gerda@moser.example', 'pending'),
      -- They buy from it.
      ('DEMO0001', 'karl@aigner.example', 'active'),
      ('DEMO0001', 'lisa@aigner.example', 'active'),
      ('DEMO0002', 'paul@northside.example', 'active'),
      ('DEMO0002', 'ines@northside.example', 'active'),
      ('DEMO0002', 'rosa@northside.example', 'active'),
      ('DEMO0002', 'sam@northside.example', 'pending'),
      ('DEMO0002', 'tess@northside.example', 'suspended'),
      -- She teaches at one, and looks in at the other.
      ('DEMO0001', 'ines@northside.example', 'active')
  ) as member (organization_id, email, status)
    join auth.users as account using (email);

  insert into public.plants (organization_id, code, name, type, manager_id, timezone)
  select plant.organization_id, plant.code, plant.name, plant.type, account.id, plant.timezone
  from (
    values
      ('DEMO0001', 'LNZ', 'Linz works', 'plant', 'bernd@moser.example', null),
      ('DEMO0001', 'GRZ', 'Graz works', 'plant', 'clara@moser.example', null),
      ('DEMO0002', 'TOR', 'Toronto campus', 'campus', 'paul@northside.example', null),
      ('DEMO0002', 'VAN', 'Vancouver campus', 'campus', null, 'America/Vancouver')
  ) as plant (organization_id, code, name, type, manager, timezone)
    left join auth.users as account on account.email = plant.manager;

  insert into public.user_plant_access (organization_id, user_id, plant_id, access_level)
  select plant.organization_id, account.id, plant.id, access.access_level
  from (
    values
      ('GRZ', 'clara@moser.example', 'admin'),
      ('LNZ', 'david@moser.example', 'write'),
      ('LNZ', 'felix@moser.example', 'read'),
      ('GRZ', 'felix@moser.example', 'read')
  ) as access (code, email, access_level)
    join auth.users as account using (email)
    join public.plants as plant on plant.organization_id = 'DEMO0001' and plant.code = access.code;

  insert into public.user_roles (organization_id, user_id, role_code, plant_id, department)
  select held.organization_id, account.id, held.role_code, plant.id, held.department
  from (
    values
      ('DEMO0001', 'bernd@moser.example', 'manager', null, null),
      ('DEMO0001', 'clara@moser.example', 'operator', null, null),
      ('DEMO0001', 'clara@moser.example', 'plant_manager', 'GRZ', null),
      ('DEMO0001', 'david@moser.example', 'operator', 'LNZ', 'Glazing'),
      ('DEMO0001', 'eva@moser.example', 'salesman', null, null),
      ('DEMO0001', 'felix@moser.example', 'qc_inspector', null, null),
      ('DEMO0001', 'ines@northside.example', 'viewer', null, null),
      ('DEMO0002', 'paul@northside.example', 'admin', null, null),
      ('DEMO0002', 'ines@northside.example', 'instructor', null, null),
      ('DEMO0002', 'tess@northside.example', 'instructor', null, null)
      -- Rosa, Karl and Lisa have none, and so are customers.
  ) as held (organization_id, email, role_code, plant_code, department)
    join auth.users as account using (email)
    left join public.plants as plant on plant.organization_id = held.organization_id and plant.code = held.plant_code;

  -- Hanna has no account yet. The link of her mail would end in ?token= and these 43 characters.
  insert into public.invitations (organization_id, id, email, role_codes, token_hash, invited_by)
  select
    'DEMO0001',
    gen_random_uuid(),
    'hanna@moser.example',
    array['salesman'],
    encode(sha256('the-demo-invitation-of-hanna-at-moser-00001'), 'hex'),
    account.id
  from auth.users as account
  where account.email = 'anna@moser.example';
end;
$seed$;
