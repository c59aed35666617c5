--! Previous: sha1:78a1b4de909f9f3833e5a54dcdd4b4abe869e9f9
--! Hash: sha1:4182cf17d4286ce32b6c9777af99a749bf6fd7d8
--! Message: tenancy

-- Many organizations, each behind its own door. Three modules come in one step, because none stands without the others: an
-- organization is born with its roles, and what is done in it is logged.
--
-- tenancy: organizations, their plants, members and invitations, and the one question that every policy asks: which
-- organization is this request in? The token says so, and the row of the member must agree.

--! Included tenancy/public/is_organization_id.sql
create or replace function public.is_organization_id (
  candidate text
)
  returns boolean
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  select coalesce(candidate ~ '^[A-Z0-9]{8,9}$' and candidate <> 'PLATFORM', false);
$$;

comment on function public.is_organization_id(text) is
  'Returns whether a text has the form of an organization id: nine characters of ABCDEFGHJKMNPQRSTUVWXYZ23456789, or a reserved id of eight or nine letters A–Z and digits such as LEGACY001. Says nothing about whether there is such an organization. Takes the text; null is none.';

revoke execute on function public.is_organization_id(text) from public;
grant execute on function public.is_organization_id(text) to authenticated, service_role;
--! EndIncluded tenancy/public/is_organization_id.sql
--! Included tenancy/private/is_timezone.sql
create or replace function private.is_timezone (
  candidate text
)
  returns boolean
  language plpgsql
  stable
  set search_path = ''
  as $$
begin
  if candidate is null then
    return null;
  elsif candidate !~ '^[A-Z][A-Za-z]*([/_+-][A-Za-z0-9]+)*$' or length(candidate) > 100 then
    return false;
  end if;
  -- Cheaper than the view of all zones, which reads a file for each.
  perform timezone(candidate, timestamptz 'epoch');
  return true;
exception
  when invalid_parameter_value then
    return false;
end;
$$;

comment on function private.is_timezone(text) is
  'Returns whether PostgreSQL knows a time zone by this name, such as Europe/Vienna or UTC; null for null.';

revoke execute on function private.is_timezone(text) from public;
grant execute on function private.is_timezone(text) to authenticated, service_role;
--! EndIncluded tenancy/private/is_timezone.sql
--! Included tenancy/private/are_features.sql
create or replace function private.are_features (
  candidate jsonb
)
  returns boolean
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  select case
    when jsonb_typeof(candidate) is distinct from 'object' then false
    else not exists (
      select
      from jsonb_each(candidate) as feature (name, state)
      where jsonb_typeof(feature.state) <> 'boolean'
        or feature.name not in ('ai', 'jobber', 'n8n', 'payments', 'portal', 'quickbooks', 'sms', 'weather')
    )
  end;
$$;

comment on function private.are_features(jsonb) is
  'Returns whether a value is an object of booleans with no other keys than the features that Rowhouse knows.';

revoke execute on function private.are_features(jsonb) from public;
grant execute on function private.are_features(jsonb) to authenticated, service_role;
--! EndIncluded tenancy/private/are_features.sql
--! Included tenancy/private/is_email.sql
create or replace function private.is_email (
  candidate text
)
  returns boolean
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  select candidate ~ '^[^][:space:][:cntrl:]@<>",;:\\()[]{1,64}@[^][:space:][:cntrl:]@<>",;:\\()[]{1,255}$';
$$;

comment on function private.is_email(text) is
  'Returns whether a text can be an e-mail address: one @, and nothing that could end a mail header. Null for null. Whether mail arrives is for a verification to show.';

revoke execute on function private.is_email(text) from public;
grant execute on function private.is_email(text) to authenticated, service_role;
--! EndIncluded tenancy/private/is_email.sql

create table private.platform_settings (
  is_only_row boolean not null default true,
  allow_organization_sign_up boolean not null default false,
  updated_at timestamptz not null default now(),
  constraint platform_settings_pkey primary key (is_only_row),
  constraint platform_settings_one_row check (is_only_row)
);

insert into private.platform_settings default values;

comment on table private.platform_settings is 'What superadmins decide for the whole platform: one row.';
comment on column private.platform_settings.is_only_row is 'Always true, so that there is one row.';
comment on column private.platform_settings.allow_organization_sign_up is 'Whether a signed-up user may create an organization of their own.';
comment on column private.platform_settings.updated_at is 'When it was last changed.';

create table public.organizations (
  id text not null
    constraint organizations_id_wellformed check (id ~ '^[A-Z0-9]{8,9}$' and id <> 'PLATFORM'),
  name text not null
    constraint organizations_name_clean check (name is not distinct from private.clean_display_name(name)),
  slug text not null
    constraint organizations_slug_wellformed check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  contact_name text constraint organizations_contact_name_length check (length(contact_name) between 1 and 200),
  contact_email text constraint organizations_contact_email_wellformed check (private.is_email(contact_email)),
  contact_phone text constraint organizations_contact_phone_length check (length(contact_phone) between 1 and 50),
  address jsonb not null default '{}'
    constraint organizations_address_object check (jsonb_typeof(address) = 'object' and length(address::text) <= 5000),
  industry text constraint organizations_industry_length check (length(industry) between 1 and 100),
  size text constraint organizations_size_length check (length(size) between 1 and 50),
  timezone text not null default 'UTC'
    constraint organizations_timezone_known check (private.is_timezone(timezone)),
  billing_email text constraint organizations_billing_email_wellformed check (private.is_email(billing_email)),
  status text not null default 'active'
    constraint organizations_status_known check (status in ('active', 'suspended', 'cancelled')),
  status_reason text constraint organizations_status_reason_length check (length(status_reason) between 1 and 1000),
  suspended_at timestamptz,
  cancelled_at timestamptz,
  tier text not null default 'basic'
    constraint organizations_tier_known check (tier in ('free', 'basic', 'professional', 'enterprise')),
  max_users integer not null default 10 constraint organizations_max_users_positive check (max_users > 0),
  max_properties integer not null default 100 constraint organizations_max_properties_not_negative check (max_properties >= 0),
  features jsonb not null default '{}'
    constraint organizations_features_known check (private.are_features(features)),
  allow_self_registration boolean not null default false,
  requires_approval boolean not null default true,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint organizations_pkey primary key (id),
  constraint organizations_slug_key unique (slug),
  -- What members mirrors, through its foreign key.
  constraint organizations_id_status_key unique (id, status),
  constraint organizations_dates_fit_status check (
    (status = 'suspended') = (suspended_at is not null)
    and (status = 'cancelled') = (cancelled_at is not null)
    and (status = 'active') = (status_reason is null)
  )
);

create index organizations_created_at_idx on public.organizations (created_at, id);

comment on table public.organizations is 'The tenants: each row is a company that runs on Rowhouse, and a wall around everything that carries its id.';
comment on column public.organizations.id is 'Nine characters without O, 0, I, 1 and L, which people can read out over a phone; or a reserved id such as LEGACY001.';
comment on column public.organizations.name is 'The name of the company: one line of 1 to 200 characters.';
comment on column public.organizations.slug is 'Its name in links and subdomains: lower case letters, digits and hyphens. Unique on the platform.';
comment on column public.organizations.contact_name is 'Who to talk to.';
comment on column public.organizations.contact_email is 'Their e-mail address.';
comment on column public.organizations.contact_phone is 'Their phone number.';
comment on column public.organizations.address is 'The postal address, an object: street, postal_code, city, country, …';
comment on column public.organizations.industry is 'What the company does.';
comment on column public.organizations.size is 'How large it is, in its own words.';
comment on column public.organizations.timezone is 'An IANA time zone such as Europe/Vienna: what "today" means there.';
comment on column public.organizations.billing_email is 'Where bills go.';
comment on column public.organizations.status is 'active; suspended: its members read and write nothing; cancelled: the same, and it may be purged.';
comment on column public.organizations.status_reason is 'Why it was suspended or cancelled; null while active.';
comment on column public.organizations.suspended_at is 'When it was suspended; null otherwise.';
comment on column public.organizations.cancelled_at is 'When it was cancelled; null otherwise.';
comment on column public.organizations.tier is 'The plan: free, basic, professional, enterprise.';
comment on column public.organizations.max_users is 'How many active members it may have.';
comment on column public.organizations.max_properties is 'How many properties it may have.';
comment on column public.organizations.features is 'What is switched on: an object of booleans (ai, jobber, n8n, payments, portal, quickbooks, sms, weather).';
comment on column public.organizations.allow_self_registration is 'Whether people may join by its sign-up link.';
comment on column public.organizations.requires_approval is 'Whether who joins by the link waits for approval.';
comment on column public.organizations.created_by is 'Who created it; null for the operator. Outlives the user. @survives';
comment on column public.organizations.created_at is 'When it was created.';
comment on column public.organizations.updated_at is 'When it was last changed. @unlogged';

alter table public.organizations
  enable row level security;

grant select on public.organizations to authenticated, service_role;
-- The plan, its limits and the status are the platform's.
grant update (
  name, slug, contact_name, contact_email, contact_phone, address, industry, size, timezone, billing_email,
  allow_self_registration, requires_approval
)
  on public.organizations
  to authenticated;

--! Included tenancy/private/generate_organization_id.sql
create or replace function private.generate_organization_id()
  returns text
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  alphabet constant text := 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
  random bytea;
  code text;
begin
  for attempt in 1 .. 100 loop
    code := '';
    while length(code) < 9 loop
      -- Of the 122 random bits, 14 bytes are all random. A byte from 248 on would favour the first letters.
      random := uuid_send(gen_random_uuid());
      for place in 0 .. 15 loop
        continue when place in (6, 8) or get_byte(random, place) >= 248;
        code := code || substr(alphabet, get_byte(random, place) % 31 + 1, 1);
        exit when length(code) = 9;
      end loop;
    end loop;
    if not exists (select from public.organizations as organization where organization.id = code) then
      return code;
    end if;
  end loop;
  raise exception using
    errcode = 'unique_violation',
    message = 'No free organization id was found in 100 attempts.',
    hint = 'There are 2.6e13 ids: look at what is in public.organizations.';
end;
$$;

comment on function private.generate_organization_id() is
  'Returns an organization id that is free: nine characters of ABCDEFGHJKMNPQRSTUVWXYZ23456789 (no O, 0, I, 1, L), each drawn evenly from PostgreSQL''s strong random source. Raises 23505 after 100 collisions.';

revoke execute on function private.generate_organization_id() from public;
--! EndIncluded tenancy/private/generate_organization_id.sql
alter table public.organizations
  alter column id set default private.generate_organization_id();

-- The mirror of a user's activity that members keeps. A constraint, so that it can be referred to.
alter table public.user_profiles
  add constraint user_profiles_user_id_is_active_key unique (user_id, is_active);

create table public.members (
  organization_id text not null,
  user_id uuid not null,
  status text not null default 'pending'
    constraint members_status_known check (status in ('pending', 'active', 'suspended')),
  -- Copies that their foreign keys keep equal: one look at this row says whether the door is open.
  organization_status text not null default 'active'
    constraint members_organization_status_known check (organization_status in ('active', 'suspended', 'cancelled')),
  user_is_active boolean not null default true,
  is_open boolean not null
    generated always as (status = 'active' and organization_status = 'active' and user_is_active) stored,
  joined_at timestamptz,
  approved_by uuid,
  suspended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint members_pkey primary key (organization_id, user_id),
  -- What user_roles mirrors, through its foreign key.
  constraint members_is_open_key unique (organization_id, user_id, is_open),
  constraint members_organization_id_fkey foreign key (organization_id, organization_status)
    references public.organizations (id, status) on update cascade on delete cascade,
  constraint members_user_id_fkey foreign key (user_id, user_is_active)
    references public.user_profiles (user_id, is_active) on update cascade on delete cascade,
  constraint members_approved_by_fkey foreign key (approved_by) references auth.users (id) on delete set null,
  constraint members_dates_fit_status check (
    (status = 'pending') = (joined_at is null)
    and (status = 'suspended') = (suspended_at is not null)
  )
);

create index members_organization_id_idx on public.members (organization_id, organization_status);
create index members_user_id_idx on public.members (user_id, user_is_active);
create index members_approved_by_idx on public.members (approved_by)
  where approved_by is not null;
create index members_active_idx on public.members (organization_id)
  where status = 'active';

--! Included tenancy/private/current_organization_id.sql
create or replace function private.current_organization_id()
  returns text
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  found_id constant text := (
    select member.organization_id
    from public.members as member
    where member.organization_id = claims ->> 'organization_id'
      and member.user_id = (claims ->> 'sub')::uuid
      and member.is_open
  );
begin
  if found_id is not null or claims ->> 'organization_id' is null then
    return found_id;
  end if;
  -- Not an active member: a superadmin works in every organization, also in one that is suspended.
  return (
    select organization.id
    from public.organizations as organization
      join public.user_profiles as profile on profile.user_id = (claims ->> 'sub')::uuid
    where organization.id = claims ->> 'organization_id'
      and profile.is_active
      and profile.platform_role = 'superadmin'
  );
end;
$$;

comment on function private.current_organization_id() is
  'Returns the organization that the request works in: the one that the verified token names, if at this moment the caller is an active member of it and both are active, or a superadmin. Null otherwise. Every policy compares with this; write it as (select private.current_organization_id()) so that it runs once per statement.';

revoke execute on function private.current_organization_id() from public;
grant execute on function private.current_organization_id() to authenticated, service_role;
--! EndIncluded tenancy/private/current_organization_id.sql
alter table public.members
  alter column organization_id set default private.current_organization_id();

comment on table public.members is 'Who belongs to which organization. What they may do there is in user_roles.';
comment on column public.members.organization_id is 'The organization.';
comment on column public.members.user_id is 'The user.';
comment on column public.members.status is 'pending: waits for approval; active; suspended: shut out, and may be let in again.';
comment on column public.members.organization_status is 'The status of the organization: a copy that a foreign key keeps equal. @unlogged';
comment on column public.members.user_is_active is 'Whether the user is active on the platform: a copy that a foreign key keeps equal. @unlogged';
comment on column public.members.is_open is 'Whether the member may come in: member, organization and user are all active. @unlogged';
comment on column public.members.joined_at is 'When the member first became active; null while pending.';
comment on column public.members.approved_by is 'Who let the member in; null for those who came by an invitation or founded the organization.';
comment on column public.members.suspended_at is 'When the member was suspended; null otherwise.';
comment on column public.members.created_at is 'When the member asked to join, or was added.';
comment on column public.members.updated_at is 'When the row was last changed. @unlogged';

create table public.plants (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  code text not null constraint plants_code_wellformed check (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,29}$'),
  name text not null constraint plants_name_clean check (name is
    not distinct from private.clean_display_name(name)),
  type text not null default 'site' constraint plants_type_length check (length(type) between 1 and 50),
  manager_id uuid,
  timezone text constraint plants_timezone_known check (private.is_timezone(timezone)),
  address jsonb not null default '{}'
    constraint plants_address_object
      check (jsonb_typeof(address) = 'object' and length(address::text) <= 5000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint plants_pkey primary key (organization_id, id),
  constraint plants_organization_id_fkey foreign key (organization_id) references public.organizations (id)
    on delete cascade,
  constraint plants_manager_id_fkey foreign key (organization_id, manager_id)
    references public.members (organization_id, user_id) on delete set null (manager_id),
  constraint plants_code_key unique (organization_id, code)
);

comment on table public.plants is 'The sites of an organization.';
comment on column public.plants.organization_id is 'The organization.';
comment on column public.plants.id is 'Time-ordered id.';
comment on column public.plants.code is 'What people call it by: up to 30 letters, digits, dots, hyphens and underscores. Unique in the organization.';
comment on column public.plants.name is 'Its name: one line of 1 to 200 characters.';
comment on column public.plants.type is 'What kind of site: plant, warehouse, office, …';
comment on column public.plants.manager_id is 'The member who runs it.';
comment on column public.plants.timezone is 'An IANA time zone; null means that of the organization.';
comment on column public.plants.address is 'The postal address, an object.';
comment on column public.plants.created_at is 'When it was created.';
comment on column public.plants.updated_at is 'When it was last changed. @unlogged';

create table public.invitations (
  organization_id text not null default private.current_organization_id(),
  id uuid not null,
  email text not null
    constraint invitations_email_wellformed check (private.is_email(email) and email = lower(email)),
  role_codes text[] not null default '{}'
    constraint invitations_role_codes_few
      check (cardinality(role_codes) <= 20 and array_position(role_codes, null) is null),
  plant_id uuid,
  token_hash text not null constraint invitations_token_hash_sha256 check (token_hash ~ '^[0-9a-f]{64}$'),
  expires_at timestamptz not null default now() + interval '7 days',
  accepted_at timestamptz,
  accepted_by uuid,
  revoked_at timestamptz,
  invited_by uuid,
  created_at timestamptz not null default now(),
  constraint invitations_pkey primary key (organization_id, id),
  constraint invitations_organization_id_fkey foreign key (organization_id)
    references public.organizations (id) on delete cascade,
  constraint invitations_plant_id_fkey foreign key (organization_id, plant_id)
    references public.plants (organization_id, id) on delete cascade,
  constraint invitations_accepted_by_fkey foreign key (accepted_by) references auth.users (id) on delete
    set null,
  constraint invitations_invited_by_fkey foreign key (invited_by) references auth.users (id) on delete
    set null,
  constraint invitations_one_end check (accepted_at is null or revoked_at is null),
  constraint invitations_accepted_by_someone check (accepted_by is null or accepted_at is not null),
  constraint invitations_expires_later check (expires_at > created_at)
);

create index invitations_plant_id_idx on public.invitations (organization_id, plant_id);
create index invitations_created_at_idx on public.invitations (organization_id, created_at);
create index invitations_token_hash_idx on public.invitations (token_hash);
create index invitations_accepted_by_idx on public.invitations (accepted_by)
  where accepted_by is not null;
create index invitations_invited_by_idx on public.invitations (invited_by)
  where invited_by is not null;
create unique index invitations_open_email_idx on public.invitations (organization_id, email)
  where accepted_at is null and revoked_at is null;

comment on table public.invitations is 'Who was asked to join. The link in the mail carries a token, of which only the hash is here.';
comment on column public.invitations.organization_id is 'The organization.';
comment on column public.invitations.id is 'The id, from whoever made the token.';
comment on column public.invitations.email is 'The address, in lower case. Only who has verified it can accept.';
comment on column public.invitations.role_codes is 'The roles that the member will have.';
comment on column public.invitations.plant_id is 'Where they will have them; null for the whole organization.';
comment on column public.invitations.token_hash is 'SHA-256 of the token, hexadecimal. @secret';
comment on column public.invitations.expires_at is 'Until when it can be accepted: 7 days.';
comment on column public.invitations.accepted_at is 'When it was accepted; null while open.';
comment on column public.invitations.accepted_by is 'Who accepted it.';
comment on column public.invitations.revoked_at is 'When it was revoked; null otherwise.';
comment on column public.invitations.invited_by is 'The member who asked.';
comment on column public.invitations.created_at is 'When it was made.';

-- access: what members may do. Permissions are the platform's; roles are bundles of them, which each organization makes its own.

create table public.permissions (
  code text not null constraint permissions_code_wellformed check (code ~ '^[a-z][a-z_]*\.[a-z][a-z_]*$'),
  module text not null generated always as (split_part(code, '.', 1)) stored,
  description text not null constraint permissions_description_given check (btrim(description) <> ''),
  constraint permissions_pkey primary key (code)
);

create index permissions_module_idx on public.permissions (module);

comment on table public.permissions is 'Everything that can be permitted, the same for all organizations. Each module adds its own.';
comment on column public.permissions.code is 'module.action, such as plants.manage.';
comment on column public.permissions.module is 'The module: what is before the dot.';
comment on column public.permissions.description is 'What it allows, as a sentence.';

alter table public.permissions
  enable row level security;
grant select on public.permissions to authenticated, service_role;

create table private.system_roles (
  code text not null constraint system_roles_code_wellformed check (code ~ '^[a-z][a-z_]{0,49}$'),
  name text not null,
  description text not null,
  position integer not null,
  permissions text[] not null default '{}',
  constraint system_roles_pkey primary key (code),
  constraint system_roles_position_key unique (position)
);

comment on table private.system_roles is 'The roles that every organization is born with.';
comment on column private.system_roles.code is 'The code of the role.';
comment on column private.system_roles.name is 'Its name.';
comment on column private.system_roles.description is 'Who has it, as a sentence.';
comment on column private.system_roles.position is 'The order in which roles are shown, and in which the token picks one: the most powerful first.';
comment on column private.system_roles.permissions is 'What it holds at birth: codes, or module.* for all of a module.';

create table public.roles (
  organization_id text not null default private.current_organization_id(),
  code text not null constraint roles_code_wellformed check (code ~ '^[a-z][a-z0-9_]{0,49}$'),
  name text not null constraint roles_name_clean check (name is
    not distinct from private.clean_display_name(name)),
  description text constraint roles_description_length check (length(description) between 1 and 1000),
  is_system boolean not null default false,
  permissions text[] not null default '{}'
    constraint roles_permissions_few
      check (cardinality(permissions) <= 500 and array_position(permissions, null) is null),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint roles_pkey primary key (organization_id, code),
  constraint roles_organization_id_fkey foreign key (organization_id) references public.organizations (id)
    on delete cascade
);

comment on table public.roles is 'The roles of an organization: bundles of permissions. System roles are born with it; it adds its own.';
comment on column public.roles.organization_id is 'The organization.';
comment on column public.roles.code is 'What it is referred to by: lower case letters, digits and underscores. Never changes.';
comment on column public.roles.name is 'Its name: one line of 1 to 200 characters.';
comment on column public.roles.description is 'Who has it.';
comment on column public.roles.is_system is 'Whether it was born with the organization: then it can be neither deleted nor renamed.';
comment on column public.roles.permissions is 'What it holds: codes of the catalog, or module.* for all of a module, also what is added to it later.';
comment on column public.roles.created_at is 'When it was created.';
comment on column public.roles.updated_at is 'When it was last changed. @unlogged';

create table private.role_permissions (
  organization_id text not null,
  role_code text not null,
  permission text not null,
  -- The permission first: policies ask who in the organization has one, and find the few roles that do.
  constraint role_permissions_pkey primary key (organization_id, permission, role_code),
  constraint role_permissions_role_code_fkey foreign key (organization_id, role_code)
    references public.roles (organization_id, code) on delete cascade,
  constraint role_permissions_permission_fkey foreign key (permission) references public.permissions (code) on delete cascade
);

create index role_permissions_role_code_idx on private.role_permissions (organization_id, role_code);
create index role_permissions_permission_idx on private.role_permissions (permission);

comment on table private.role_permissions is 'roles.permissions, one row each with module.* expanded: what policies look up. Triggers keep it.';
comment on column private.role_permissions.organization_id is 'The organization.';
comment on column private.role_permissions.role_code is 'The role.';
comment on column private.role_permissions.permission is 'A permission that it holds.';

create table public.user_plant_access (
  organization_id text not null default private.current_organization_id(),
  user_id uuid not null,
  plant_id uuid not null,
  access_level text not null default 'read'
    constraint user_plant_access_level_known check (access_level in ('read', 'write', 'admin')),
  granted_by uuid,
  granted_at timestamptz not null default now(),
  constraint user_plant_access_pkey primary key (organization_id, user_id, plant_id),
  constraint user_plant_access_user_id_fkey foreign key (organization_id, user_id)
    references public.members (organization_id, user_id) on delete cascade,
  constraint user_plant_access_plant_id_fkey foreign key (organization_id, plant_id)
    references public.plants (organization_id, id) on delete cascade,
  constraint user_plant_access_granted_by_fkey foreign key (granted_by) references auth.users (id) on delete
    set null
);

create index user_plant_access_plant_id_idx on public.user_plant_access (organization_id, plant_id);
create index user_plant_access_granted_by_idx on public.user_plant_access (granted_by)
  where granted_by is not null;

comment on table public.user_plant_access is 'At which plants a member works, and how far that goes.';
comment on column public.user_plant_access.organization_id is 'The organization.';
comment on column public.user_plant_access.user_id is 'The member.';
comment on column public.user_plant_access.plant_id is 'The plant.';
comment on column public.user_plant_access.access_level is 'read, write (and read), admin (and both).';
comment on column public.user_plant_access.granted_by is 'Who granted it.';
comment on column public.user_plant_access.granted_at is 'When.';

create table public.user_roles (
  organization_id text not null default private.current_organization_id(),
  id uuid not null default private.uuid_v7(),
  user_id uuid not null,
  role_code text not null,
  plant_id uuid,
  department text constraint user_roles_department_length check (length(department) between 1 and 100),
  -- A copy that the foreign key keeps equal: policies ask this table and no other.
  member_is_open boolean not null default true,
  expires_at timestamptz,
  granted_by uuid,
  granted_at timestamptz not null default now(),
  constraint user_roles_pkey primary key (organization_id, id),
  constraint user_roles_user_id_fkey foreign key (organization_id, user_id, member_is_open)
    references public.members (organization_id, user_id, is_open) on update cascade on delete cascade,
  constraint user_roles_role_code_fkey foreign key (organization_id, role_code)
    references public.roles (organization_id, code) on delete cascade,
  -- Who loses a plant loses the roles there.
  constraint user_roles_plant_id_fkey foreign key (organization_id, user_id, plant_id)
    references public.user_plant_access (organization_id, user_id, plant_id) on delete cascade,
  constraint user_roles_granted_by_fkey foreign key (granted_by) references auth.users (id) on delete set null,
  constraint user_roles_key unique nulls not distinct (organization_id, user_id, role_code, plant_id, department),
  constraint user_roles_owner_unbounded check (
    role_code <> 'owner' or (plant_id is null and department is null and expires_at is null)
  )
);

create index user_roles_user_id_idx on public.user_roles (organization_id, user_id, member_is_open);
create index user_roles_plant_id_idx on public.user_roles (organization_id, user_id, plant_id);
create index user_roles_role_code_idx on public.user_roles (organization_id, role_code);
create index user_roles_granted_by_idx on public.user_roles (granted_by)
  where granted_by is not null;

comment on table public.user_roles is 'Which member has which role, where and until when.';
comment on column public.user_roles.organization_id is 'The organization.';
comment on column public.user_roles.id is 'Time-ordered id.';
comment on column public.user_roles.user_id is 'The member.';
comment on column public.user_roles.role_code is 'The role.';
comment on column public.user_roles.plant_id is 'Where it counts: at this plant alone, or, when null, in the whole organization.';
comment on column public.user_roles.department is 'For which department, in the words of the organization; it narrows no permission.';
comment on column public.user_roles.member_is_open is 'Whether the member may come in: a copy that a foreign key keeps equal. @unlogged';
comment on column public.user_roles.expires_at is 'Until when it counts; null for good.';
comment on column public.user_roles.granted_by is 'Who granted it.';
comment on column public.user_roles.granted_at is 'When.';

-- audit: what was done, and by whom. It comes before the rules, because the rules write to it.

-- What was done, by whom: one row for each row that was written, and one for each event that has a name. Kept by month,
-- for seven years, and changed by nobody: what is written here stays until its month is dropped.

create table public.audit_logs (
  organization_id text not null,
  id bigint not null generated always as identity,
  at timestamptz not null default now(),
  actor_id uuid,
  actor_role text not null,
  action text not null
    constraint audit_logs_action_known check (
      action in (
        'create',
          'read', 'update', 'delete', 'login', 'logout', 'approve', 'reject', 'export', 'import', 'system'
      )
    ),
  event text,
  table_name text,
  row_key jsonb,
  before jsonb,
  after jsonb,
  severity text not null default 'info'
    constraint audit_logs_severity_known check (severity in ('info', 'notice', 'warning', 'critical')),
  request_id text,
  ip inet,
  constraint audit_logs_pkey primary key (organization_id, at, id)
) partition by range (at);

-- A row's history. Its key is all that is looked for, and a hash index takes it whole, whatever it is made of.
create index audit_logs_row_key_idx on public.audit_logs using hash (row_key);

comment on table public.audit_logs is
  'What was done in an organization: changes of rows, and events by name. Append-only for everyone; a month goes as a whole, after seven years.';
comment on column public.audit_logs.organization_id is 'Where it was done. No foreign key, so that it outlives a purge; PLATFORM where it was in no organization.';
comment on column public.audit_logs.id is 'Orders what was done at the same moment.';
comment on column public.audit_logs.at is 'When the transaction that did it began.';
comment on column public.audit_logs.actor_id is 'The user whose token it was done with; null for none. Outlives the user. @survives';
comment on column public.audit_logs.actor_role is 'The database role that did it: authenticated, service_role, postgres, …';
comment on column public.audit_logs.action is 'What kind of act it was.';
comment on column public.audit_logs.event is 'Its name, such as organization.switched; null for a change that a trigger noted.';
comment on column public.audit_logs.table_name is 'The table, without its schema where that is public; null for an event that is about none.';
comment on column public.audit_logs.row_key is 'The primary key of the row as an object, without the organization.';
comment on column public.audit_logs.before is 'What an update replaced, column by column; all of what was deleted.';
comment on column public.audit_logs.after is 'What an update wrote, column by column; all of what was created; what an event has to tell.';
comment on column public.audit_logs.severity is 'info for everyday changes, notice, warning, critical.';
comment on column public.audit_logs.request_id is 'The x-request-id of the request, where it had a plain one.';
comment on column public.audit_logs.ip is 'The first address of x-forwarded-for: what the client''s side says of itself unless the proxy in front overwrites it.';

alter table public.audit_logs
  enable row level security;

grant select on public.audit_logs to authenticated, service_role;

--! Included audit/private/tg_audit_logs__append_only.sql
create or replace function private.tg_audit_logs__append_only()
  returns trigger
  language plpgsql
  set search_path = ''
  as $$
begin
  perform private.refuse(
    403,
    'audit_append_only',
    'What the audit log holds is not changed.',
    'Record another event that puts it right. Months leave by private.drop_expired_audit_partitions.'
  );
  return null;
end;
$$;

comment on function private.tg_audit_logs__append_only() is
  'Trigger function of public.audit_logs and its partitions: raises PT403 audit_append_only, whoever asks.';

revoke execute on function private.tg_audit_logs__append_only() from public;
--! EndIncluded audit/private/tg_audit_logs__append_only.sql
--! Included audit/triggers/audit_logs.sql
-- Row triggers of a partitioned table are those of its partitions, present and future.
create or replace trigger _000_append_only
  before update or delete
  on public.audit_logs
  for each row
  execute function private.tg_audit_logs__append_only();

-- Statement triggers are not: private.create_audit_partition makes this one on each partition.
create or replace trigger _000_append_only_truncate
  before truncate
  on public.audit_logs
  for each statement
  execute function private.tg_audit_logs__append_only();

-- A session that pretends to be a replica must not get around them.
alter table public.audit_logs
  enable always trigger _000_append_only,
  enable always trigger _000_append_only_truncate;
--! EndIncluded audit/triggers/audit_logs.sql
--! Included audit/private/request_context.sql
create or replace function private.request_context (
  out actor_id uuid,
  out actor_role text,
  out request_id text,
  out ip inet
)
  language plpgsql
  stable
  set search_path = ''
  as $$
declare
  headers jsonb;
begin
  actor_role := private.caller_role();
  -- A token whose sub is no user, and headers, which are the words of the client, must not stop what is recorded. What
  -- was found before the first malformed value stays.
  begin
    actor_id := auth.uid();
    headers := nullif(current_setting('request.headers', true), '')::jsonb;
    request_id := headers ->> 'x-request-id';
    if length(request_id) not between 1 and 200 or request_id ~ '[^!-~]' then
      request_id := null;
    end if;
    ip := nullif(btrim(split_part(left(headers ->> 'x-forwarded-for', 1000), ',', 1)), '')::inet;
  exception
    when others then
      null;
  end;
end;
$$;

comment on function private.request_context() is
  'Returns who makes the request and from where: the user of the token, the database role, x-request-id (1 to 200 printable characters of ASCII) and the first address of x-forwarded-for. What is missing or malformed is null; it never fails.';

revoke execute on function private.request_context() from public;
--! EndIncluded audit/private/request_context.sql
--! Included audit/private/audit_key.sql
create or replace function private.audit_key (
  document jsonb,
  key_columns text[]
)
  returns jsonb
  language plpgsql
  immutable
  parallel safe
  set search_path = ''
  as $$
begin
  return (select jsonb_object_agg(name, document -> name) from unnest(key_columns) as name);
end;
$$;

comment on function private.audit_key(jsonb, text[]) is
  'Returns the part of a row that is its key, as an object. Takes the row and the columns of the key.';

revoke execute on function private.audit_key(jsonb, text[]) from public;
--! EndIncluded audit/private/audit_key.sql
--! Included audit/private/audit_document.sql
create or replace function private.audit_document (
  document jsonb,
  secret_columns text[],
  nested_columns text[]
)
  returns jsonb
  language plpgsql
  immutable
  parallel safe
  set search_path = ''
  as $$
begin
  -- jsonb_strip_nulls reaches into JSON values, where a null is what somebody wrote.
  return jsonb_strip_nulls(document - nested_columns)
    || coalesce(
      (
        select jsonb_object_agg(name, document -> name)
        from unnest(nested_columns) as name
        where document -> name <> 'null'
      ),
      '{}'
    )
    || coalesce(
      (
        select jsonb_object_agg(name, '[redacted]'::text)
        from unnest(secret_columns) as name
        where document -> name <> 'null'
      ),
      '{}'
    );
end;
$$;

comment on function private.audit_document(jsonb, text[], text[]) is
  'Returns a row as the audit log keeps it: without columns that are null, and with [redacted] for secrets. Takes the row, the columns that are secret, and those that hold JSON or rows.';

revoke execute on function private.audit_document(jsonb, text[], text[]) from public;
--! EndIncluded audit/private/audit_document.sql
--! Included audit/private/tg__audit.sql
create or replace function private.tg__audit()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  -- A key that holds a time is written in one way.
  set timezone = 'UTC'
  as $$
declare
  -- The arguments, from private.audit_arguments: 0 the table, 1 the column of the organization, 2 the columns that are
  -- left out, 3 the key where it is one column, 4 the key's columns, 5 the secret and 6 the nested ones.
  left_out constant text[] := tg_argv[2]::text[];
  is_plain constant boolean := tg_argv[3] <> '' and tg_argv[5] = '{}' and tg_argv[6] = '{}';
  caller_role constant text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
  caller_id uuid;
  headers jsonb;
  sent_id text;
  sent_ip inet;
begin
  -- Every audited statement comes through here. So this is what private.request_context does, of which the call alone
  -- would cost more; what is used once is not copied to a variable; and what most tables need has a branch of its own,
  -- because functions cost even where they are not called.
  begin
    caller_id := auth.uid();
    headers := nullif(current_setting('request.headers', true), '')::jsonb;
    if headers is not null then
      sent_id := headers ->> 'x-request-id';
      if length(sent_id) not between 1 and 200 or sent_id ~ '[^!-~]' then
        sent_id := null;
      end if;
      sent_ip := nullif(btrim(split_part(left(headers ->> 'x-forwarded-for', 1000), ',', 1)), '')::inet;
    end if;
  exception
    when others then
      null;
  end;

  -- No dynamic SQL: each trigger has its own compilation of this function, whose statements are planned once.
  -- `offset 0` keeps the planner from turning a row into JSON once per use.
  if tg_op = 'INSERT' and is_plain then
    insert into public.audit_logs (
      organization_id, actor_id, actor_role, action, table_name, row_key, after, request_id, ip
    )
    select
      coalesce(created.row ->> tg_argv[1], 'PLATFORM'),
      caller_id,
      caller_role,
      'create',
      tg_argv[0],
      jsonb_build_object(tg_argv[3], created.row -> tg_argv[3]),
      jsonb_strip_nulls(created.row - left_out),
      sent_id,
      sent_ip
    from (select to_jsonb(new_row) as row from new_rows as new_row offset 0) as created;

  elsif tg_op = 'INSERT' then
    insert into public.audit_logs (
      organization_id, actor_id, actor_role, action, table_name, row_key, after, request_id, ip
    )
    select
      coalesce(created.row ->> tg_argv[1], 'PLATFORM'),
      caller_id,
      caller_role,
      'create',
      tg_argv[0],
      private.audit_key(created.row, tg_argv[4]::text[]),
      private.audit_document(created.row - left_out, tg_argv[5]::text[], tg_argv[6]::text[]),
      sent_id,
      sent_ip
    from (select to_jsonb(new_row) as row from new_rows as new_row offset 0) as created;

  elsif tg_op = 'UPDATE' then
    -- A full join: a row whose key or organization has changed is one that went and one that came, and no plan that
    -- was made for one row compares each of many with each.
    insert into public.audit_logs (
      organization_id, actor_id, actor_role, action, table_name, row_key, before, after, request_id, ip
    )
    select
      coalesce(coalesce(new_one.row, old_one.row) ->> tg_argv[1], 'PLATFORM'),
      caller_id,
      caller_role,
      case
        when old_one.row is null then 'create'
        when new_one.row is null then 'delete'
        else 'update'
      end,
      tg_argv[0],
      coalesce(new_one.key, old_one.key),
      case
        when new_one.row is null then
          private.audit_document(old_one.row - left_out, tg_argv[5]::text[], tg_argv[6]::text[])
        else changed.before
      end,
      case
        when old_one.row is null then
          private.audit_document(new_one.row - left_out, tg_argv[5]::text[], tg_argv[6]::text[])
        else changed.after
      end,
      sent_id,
      sent_ip
    from (
      select
        made.row,
        case
          when tg_argv[3] = '' then private.audit_key(made.row, tg_argv[4]::text[])
          else jsonb_build_object(tg_argv[3], made.row -> tg_argv[3])
        end as key
      from (select to_jsonb(old_row) as row from old_rows as old_row offset 0) as made
      offset 0
    ) as old_one
    full join (
      select
        made.row,
        case
          when tg_argv[3] = '' then private.audit_key(made.row, tg_argv[4]::text[])
          else jsonb_build_object(tg_argv[3], made.row -> tg_argv[3])
        end as key
      from (select to_jsonb(new_row) as row from new_rows as new_row offset 0) as made
      offset 0
    ) as new_one
      on new_one.key = old_one.key
      and coalesce(new_one.row ->> tg_argv[1], '') = coalesce(old_one.row ->> tg_argv[1], '')
    left join lateral (
      select
        jsonb_object_agg(
          field.key,
          case
            when tg_argv[5] <> '{}' and field.key = any (tg_argv[5]::text[]) and old_one.row -> field.key <> 'null'
              then '"[redacted]"'
            else old_one.row -> field.key
          end
        ) as before,
        jsonb_object_agg(
          field.key,
          case
            when tg_argv[5] <> '{}' and field.key = any (tg_argv[5]::text[]) and field.value <> 'null'
              then '"[redacted]"'
            else field.value
          end
        ) as after
      from jsonb_each(new_one.row - left_out) as field
      where field.value <> old_one.row -> field.key
    ) as changed on old_one.row <> new_one.row
    where old_one.row is null or new_one.row is null or changed.after is not null;

  else
    insert into public.audit_logs (
      organization_id, actor_id, actor_role, action, table_name, row_key, before, request_id, ip
    )
    select
      coalesce(deleted.row ->> tg_argv[1], 'PLATFORM'),
      caller_id,
      caller_role,
      'delete',
      tg_argv[0],
      private.audit_key(deleted.row, tg_argv[4]::text[]),
      private.audit_document(deleted.row - left_out, tg_argv[5]::text[], tg_argv[6]::text[]),
      sent_id,
      sent_ip
    from (select to_jsonb(old_row) as row from old_rows as old_row offset 0) as deleted
    -- What goes with its organization is in the event of the purge, as a number: a copy of each row would keep what is
    -- to be gone.
    where tg_argv[1] <> 'organization_id'
      or exists (select from public.organizations as organization where organization.id = deleted.row ->> tg_argv[1]);
  end if;
  return null;
end;
$$;

comment on function private.tg__audit() is
  'Trigger function: writes what a statement did to public.audit_logs, one row for each row that it created, changed or deleted. private.audit_table attaches it. Rows that are deleted with their organization are left out.';

revoke execute on function private.tg__audit() from public;
--! EndIncluded audit/private/tg__audit.sql
--! Included audit/private/audit_arguments.sql
create or replace function private.audit_arguments (
  target regclass
)
  returns text[]
  language sql
  stable
  set search_path = ''
  as $$
  with columns as (
    select
      att.attname::text as name,
      coalesce(position_in_key.place, 0) as place_in_key,
      coalesce(col_description(att.attrelid, att.attnum), '') ~ '@secret\M' as is_secret,
      coalesce(col_description(att.attrelid, att.attnum), '') ~ '@unlogged\M' as is_unlogged,
      -- Values with fields of their own, alone or in arrays.
      coalesce(element.typtype, typ.typtype) = 'c'
        or coalesce(element.oid, typ.oid) in ('json'::regtype, 'jsonb'::regtype) as is_nested
    from pg_catalog.pg_attribute as att
      join pg_catalog.pg_type as typ on typ.oid = att.atttypid
      left join pg_catalog.pg_type as element on element.oid = typ.typelem and typ.typcategory = 'A'
      left join pg_catalog.pg_index as idx on idx.indrelid = att.attrelid and idx.indisprimary
      left join unnest(idx.indkey::int2[]) with ordinality as position_in_key (attnum, place)
        on position_in_key.attnum = att.attnum
    where att.attrelid = target and att.attnum > 0 and not att.attisdropped
  ),
  sets as (
    select
      coalesce(
        array_agg(name order by place_in_key) filter (where place_in_key > 0 and name <> 'organization_id'),
        array_agg(name order by place_in_key) filter (where place_in_key > 0)
      ) as keys,
      -- updated_at says what `at` says, and would make every update a change.
      coalesce(
        array_agg(name order by name) filter (where name in ('organization_id', 'updated_at') or is_unlogged), '{}'
      ) as left_out,
      coalesce(array_agg(name order by name) filter (where is_secret and not is_unlogged), '{}') as secrets,
      coalesce(
        array_agg(name order by name) filter (where is_nested and not is_secret and not is_unlogged), '{}'
      ) as nested,
      coalesce(bool_or(name = 'organization_id'), false) as has_organization
    from columns
  )
  select array[
    case when nsp.nspname = 'public' then '' else nsp.nspname || '.' end || rel.relname,
    case
      when target = to_regclass('public.organizations') then 'id'
      when sets.has_organization then 'organization_id'
      else ''
    end,
    sets.left_out::text,
    case when cardinality(sets.keys) = 1 then sets.keys[1] else '' end,
    sets.keys::text,
    sets.secrets::text,
    sets.nested::text
  ]
  from sets, pg_catalog.pg_class as rel
    join pg_catalog.pg_namespace as nsp on nsp.oid = rel.relnamespace
  where rel.oid = target;
$$;

comment on function private.audit_arguments(regclass) is
  'Returns the arguments of a table''s audit triggers, as its catalog entries and comments are: its name; the column of the organization or nothing; the columns that are left out (the organization, updated_at, @unlogged); the primary key without the organization where that is one column, or nothing; the columns of that key, null without a primary key; the columns whose values are redacted (@secret); those that hold JSON or rows.';

revoke execute on function private.audit_arguments(regclass) from public;
--! EndIncluded audit/private/audit_arguments.sql
--! Included audit/private/audit_table.sql
create or replace function private.audit_table (
  target regclass
)
  returns void
  language plpgsql
  set search_path = ''
  as $$
declare
  arguments constant text[] := private.audit_arguments(target);
  written_arguments text;
  hidden_key text;
begin
  if arguments[5] is null then
    raise exception using
      errcode = 'feature_not_supported',
      message = format('%s has no primary key, and the audit log names rows by theirs.', target);
  end if;
  select name into hidden_key
  from unnest(arguments[5]::text[]) as name
  where name = any (arguments[6]::text[])
    or (name = any (arguments[3]::text[]) and name not in ('organization_id', 'updated_at'));
  if hidden_key is not null then
    raise exception using
      errcode = 'feature_not_supported',
      message = format('%s.%I is part of the primary key, and cannot be @secret or @unlogged.', target, hidden_key);
  end if;
  select string_agg(quote_literal(argument), ', ' order by place) into written_arguments
  from unnest(arguments) with ordinality as listed (argument, place);

  -- Three triggers, because one for several events cannot have transition tables.
  execute format(
    'create or replace trigger _500_audit_insert after insert on %s referencing new table as new_rows '
      'for each statement execute function private.tg__audit(%s)',
    target, written_arguments
  );
  execute format(
    'create or replace trigger _500_audit_update after update on %s referencing old table as old_rows new table as new_rows '
      'for each statement execute function private.tg__audit(%s)',
    target, written_arguments
  );
  execute format(
    'create or replace trigger _500_audit_delete after delete on %s referencing old table as old_rows '
      'for each statement execute function private.tg__audit(%s)',
    target, written_arguments
  );
end;
$$;

comment on function private.audit_table(regclass) is
  'Has every change of a table noted in public.audit_logs. Takes the table, which needs a primary key. Call it again when the key, or a tag @secret or @unlogged in the comment of a column, has changed; calling it twice changes nothing.';

revoke execute on function private.audit_table(regclass) from public;
--! EndIncluded audit/private/audit_table.sql
--! Included audit/private/record_event.sql
create or replace function private.record_event (
  event text,
  action text,
  severity text default 'notice',
  organization_id text default null,
  table_name text default null,
  row_key jsonb default null,
  details jsonb default null,
  actor_id uuid default null
)
  returns void
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  caller constant record := private.request_context();
begin
  -- Here and not in a check constraint, which every audited row of every table would pay for.
  if length(event) not between 1 and 100 or coalesce(event !~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$', true) then
    raise exception using
      errcode = 'check_violation',
      message = format('%L is no name of an event: module.what_happened.', event);
  end if;
  insert into public.audit_logs (
    organization_id, actor_id, actor_role, action, event, table_name, row_key, after, severity, request_id, ip
  )
  values (
    coalesce(record_event.organization_id, private.current_organization_id(), 'PLATFORM'),
    coalesce(record_event.actor_id, caller.actor_id),
    caller.actor_role,
    record_event.action,
    record_event.event,
    record_event.table_name,
    record_event.row_key,
    record_event.details,
    record_event.severity,
    caller.request_id,
    caller.ip
  );
end;
$$;

comment on function private.record_event(text, text, text, text, text, jsonb, jsonb, uuid) is
  'Writes an event to public.audit_logs. Takes its name (module.what_happened), the action, the severity, the organization (the caller''s when null, PLATFORM without one), the table and the key of the row that it is about, what there is to tell, and the user when it is not the caller''s token that says who. For functions that have checked who calls: it believes what it is told.';

revoke execute on function private.record_event(text, text, text, text, text, jsonb, jsonb, uuid) from public;
--! EndIncluded audit/private/record_event.sql
--! Included audit/private/record_denial.sql
create or replace function private.record_denial (
  code text,
  details jsonb default null
)
  returns void
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  caller constant record := private.request_context();
begin
  raise log 'rowhouse: security event %', jsonb_strip_nulls(
    jsonb_build_object(
      'event', 'access.denied',
      'code', code,
      'at', now(),
      'organization_id', private.current_organization_id(),
      'actor_id', caller.actor_id,
      'actor_role', caller.actor_role,
      'request_id', caller.request_id,
      'ip', caller.ip,
      'details', details
    )
  );
end;
$$;

comment on function private.record_denial(text, jsonb) is
  'Writes to the server''s log, as one line of JSON behind "rowhouse: security event", that the caller is refused. Takes the code of the refusal and what there is to tell. Call it before private.refuse: that undoes the transaction, and no row of a table would be left.';

revoke execute on function private.record_denial(text, jsonb) from public;
--! EndIncluded audit/private/record_denial.sql
--! Included audit/private/record_security_event.sql
create or replace function private.record_security_event (
  event text,
  severity text,
  actor_id uuid,
  organization_id text,
  details jsonb
)
  returns void
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
begin
  if coalesce(record_security_event.severity, '') not in ('info', 'notice', 'warning', 'critical')
    or coalesce(length(record_security_event.event), 0) not between 1 and 100
    or record_security_event.event !~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$'
    or record_security_event.organization_id !~ '^[A-Z0-9]{8,9}$'
    or length(record_security_event.details::text) > 20000
  then
    perform private.refuse(
      400,
      'event_invalid',
      'This is not an event that can be recorded.',
      'An event is called module.what_happened, its severity is info, notice, warning or critical, the organization is an id or null, and the details have at most 20,000 characters.'
    );
  end if;
  perform private.record_event(
    record_security_event.event,
    'system',
    severity => record_security_event.severity,
    organization_id => coalesce(record_security_event.organization_id, 'PLATFORM'),
    details => record_security_event.details,
    actor_id => record_security_event.actor_id
  );
end;
$$;

comment on function private.record_security_event(text, text, uuid, text, jsonb) is
  'Writes an event that a server saw to public.audit_logs; public.record_security_event says more.';

revoke execute on function private.record_security_event(text, text, uuid, text, jsonb) from public;
grant execute on function private.record_security_event(text, text, uuid, text, jsonb) to service_role;
--! EndIncluded audit/private/record_security_event.sql
--! Included audit/public/record_security_event.sql
create or replace function public.record_security_event (
  event text,
  severity text default 'warning',
  actor_id uuid default null,
  organization_id text default null,
  details jsonb default null
)
  returns void
  language sql
  volatile
  set search_path = ''
  as $$
  select private.record_security_event(event, severity, actor_id, organization_id, details);
$$;

comment on function public.record_security_event(text, text, uuid, text, jsonb) is
  'Writes an event that an edge function saw, such as a refusal, to the audit log (service role only). Takes its name (module.what_happened), the severity (info, notice, warning, critical), the user and the organization that the function has verified, or null, and what there is to tell (up to 20,000 characters). Raises PT400 event_invalid.';

revoke execute on function public.record_security_event(text, text, uuid, text, jsonb) from public;
grant execute on function public.record_security_event(text, text, uuid, text, jsonb) to service_role;
--! EndIncluded audit/public/record_security_event.sql
--! Included audit/private/record_sign_in.sql
create or replace function private.record_sign_in (
  event jsonb,
  organization_id text
)
  returns void
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
begin
  -- A token that is renewed is no sign-in: there would be a row per user and hour.
  if coalesce(event ->> 'authentication_method', 'token_refresh') = 'token_refresh' then
    return;
  end if;
  perform private.record_event(
    'user.signed_in',
    'login',
    severity => 'info',
    organization_id => coalesce(record_sign_in.organization_id, 'PLATFORM'),
    details => jsonb_strip_nulls(
      jsonb_build_object('method', event -> 'authentication_method', 'session_id', event -> 'claims' -> 'session_id')
    ),
    actor_id => (event ->> 'user_id')::uuid
  );
exception
  when others then
    raise warning 'rowhouse: the sign-in of user % is not in the audit log: %', event ->> 'user_id', sqlerrm;
end;
$$;

comment on function private.record_sign_in(jsonb, text) is
  'Writes user.signed_in to the audit log, unless a token is only renewed. Takes the event of the auth server''s hook and the organization that the token names, null for none. Never raises: a sign-in must not fail because of it.';

revoke execute on function private.record_sign_in(jsonb, text) from public;
grant execute on function private.record_sign_in(jsonb, text) to supabase_auth_admin;
--! EndIncluded audit/private/record_sign_in.sql
--! Included audit/private/create_audit_partition.sql
create or replace function private.create_audit_partition (
  month date default null
)
  returns void
  language plpgsql
  set search_path = ''
  as $$
declare
  name constant text := 'audit_logs_' || coalesce(to_char(month, 'YYYY_MM'), 'default');
begin
  -- Attaching, unlike creating in place, lets others write to the log meanwhile.
  execute format('create table private.%I (like public.audit_logs including comments including constraints including defaults)', name);
  execute format(
    'comment on table private.%I is %L',
    name,
    case
      when month is null then 'The part of public.audit_logs that takes what no month has room for. Maintenance empties it.'
      else format('The part of public.audit_logs of %s, UTC.', to_char(month, 'YYYY-MM'))
    end
  );
  execute format(
    'create trigger _000_append_only_truncate before truncate on private.%I '
      'for each statement execute function private.tg_audit_logs__append_only()',
    name
  );
  execute format('alter table private.%I enable always trigger _000_append_only_truncate', name);
  execute format(
    'alter table public.audit_logs attach partition private.%I %s',
    name,
    case
      when month is null then 'default'
      else format(
        'for values from (%L) to (%L)',
        month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC'
      )
    end
  );
end;
$$;

comment on function private.create_audit_partition(date) is
  'Makes the part of public.audit_logs that a month goes to. Takes the first day of the month; null for the part that takes everything else.';

revoke execute on function private.create_audit_partition(date) from public;
--! EndIncluded audit/private/create_audit_partition.sql
--! Included audit/private/create_audit_partitions.sql
create or replace function private.create_audit_partitions()
  returns integer
  language plpgsql
  set search_path = ''
  -- Rather tomorrow than having everyone's writes wait behind this one.
  set lock_timeout = '5s'
  as $$
declare
  this_month constant timestamp := date_trunc('month', now() at time zone 'UTC');
  months date[] := array(
    select (this_month + make_interval(months => ahead))::date from generate_series(0, 3) as ahead
  );
  is_astray boolean := false;
  month date;
  created integer := 0;
begin
  lock table public.audit_logs in share update exclusive mode;
  if to_regclass('private.audit_logs_default') is null then
    perform private.create_audit_partition();
  elsif exists (select from private.audit_logs_default) then
    -- Rows are not taken out of the log, not even to be put elsewhere in it: the table leaves it as a whole.
    is_astray := true;
    alter table public.audit_logs detach partition private.audit_logs_default;
    alter table private.audit_logs_default rename to audit_logs_astray;
    months := months || array(
      select distinct date_trunc('month', astray.at at time zone 'UTC')::date from private.audit_logs_astray as astray
    );
  end if;

  for month in select distinct wanted from unnest(months) as wanted order by wanted loop
    if to_regclass('private.audit_logs_' || to_char(month, 'YYYY_MM')) is null then
      perform private.create_audit_partition(month);
      created := created + 1;
    end if;
  end loop;

  if is_astray then
    insert into public.audit_logs overriding system value select * from private.audit_logs_astray;
    drop table private.audit_logs_astray;
    perform private.create_audit_partition();
  end if;
  return created;
end;
$$;

comment on function private.create_audit_partitions() is
  'Makes the parts of public.audit_logs for this month and the next three, and for whatever went to the default part, which is empty afterwards. Returns how many it made; running it again makes none. pg_cron calls it daily. Fails when others hold the table for 5 seconds; the next run makes up for it.';

revoke execute on function private.create_audit_partitions() from public;
--! EndIncluded audit/private/create_audit_partitions.sql
--! Included audit/private/drop_expired_audit_partitions.sql
create or replace function private.drop_expired_audit_partitions (
  retention interval default '7 years'
)
  returns integer
  language plpgsql
  set search_path = ''
  set lock_timeout = '5s'
  as $$
declare
  expired record;
  dropped integer := 0;
begin
  if retention is null or now() - retention > now() - interval '1 month' then
    perform private.refuse(400, 'retention_invalid', 'The audit log is kept for a month at least.');
  end if;
  for expired in
    select part.relname as name, to_date(right(part.relname, -11), 'YYYY_MM') as month
    from pg_catalog.pg_inherits as inh
      join pg_catalog.pg_class as part on part.oid = inh.inhrelid
    where inh.inhparent = 'public.audit_logs'::regclass
      and part.relnamespace = 'private'::regnamespace
      and part.relname ~ '^audit_logs_[0-9]{4,}_[0-9]{2}$'
    order by month
  loop
    continue when (expired.month + interval '1 month') at time zone 'UTC' > now() - retention;
    execute format('drop table private.%I', expired.name);
    dropped := dropped + 1;
    perform private.record_event(
      'audit.expired',
      'system',
      organization_id => 'PLATFORM',
      table_name => 'audit_logs',
      details => jsonb_build_object('month', to_char(expired.month, 'YYYY-MM'), 'retention', retention)
    );
  end loop;
  return dropped;
end;
$$;

comment on function private.drop_expired_audit_partitions(interval) is
  'Drops the months of public.audit_logs that are over for longer than they are kept, and notes each there. Takes how long that is, seven years unless told otherwise, a month at least. Returns how many went. pg_cron calls it daily. Raises PT400 retention_invalid.';

revoke execute on function private.drop_expired_audit_partitions(interval) from public;
--! EndIncluded audit/private/drop_expired_audit_partitions.sql

select private.create_audit_partitions();
select cron.schedule(
  'rowhouse-audit-partitions',
  '41 2 * * *',
  'select private.create_audit_partitions(), private.drop_expired_audit_partitions()'
);

-- What the functions of the API return.

create type public.organization_membership as (
  organization_id text,
  organization_name text,
  slug text,
  organization_status text,
  member_status text,
  role_codes text[],
  is_current boolean
);

comment on type public.organization_membership is 'An organization as one of its members sees it from outside, as my_organizations() returns it.';
comment on column public.organization_membership.organization_id is 'The organization. @notNull';
comment on column public.organization_membership.organization_name is 'Its name. @notNull';
comment on column public.organization_membership.slug is 'Its name in links. @notNull';
comment on column public.organization_membership.organization_status is 'Its status. @notNull @values organizations.status';
comment on column public.organization_membership.member_status is 'The status of the member; null for a superadmin who is none. @values members.status';
comment on column public.organization_membership.role_codes is 'The roles of the member there. @notNull';
comment on column public.organization_membership.is_current is 'Whether the next access token will name it. @notNull';

create type public.organization_summary as (
  id text,
  name text,
  slug text,
  status text,
  tier text,
  max_users integer,
  active_members bigint,
  pending_members bigint,
  plants bigint,
  created_at timestamptz
);

comment on type public.organization_summary is 'An organization in a list, with counts.';
comment on column public.organization_summary.id is 'The id. @notNull';
comment on column public.organization_summary.name is 'The name. @notNull';
comment on column public.organization_summary.slug is 'The name in links. @notNull';
comment on column public.organization_summary.status is 'The status. @notNull @values organizations.status';
comment on column public.organization_summary.tier is 'The plan. @notNull @values organizations.tier';
comment on column public.organization_summary.max_users is 'How many active members it may have. @notNull';
comment on column public.organization_summary.active_members is 'How many it has. @notNull';
comment on column public.organization_summary.pending_members is 'How many wait for approval. @notNull';
comment on column public.organization_summary.plants is 'How many plants it has. @notNull';
comment on column public.organization_summary.created_at is 'When it was created. @notNull';

create type public.organization_page as (
  organizations jsonb,
  total bigint,
  page integer,
  per_page integer
);

comment on type public.organization_page is 'One page of organizations, as list_organizations() returns it.';
comment on column public.organization_page.organizations is 'The organizations of this page, newest first, as a JSON list. @notNull @list organization_summary';
comment on column public.organization_page.total is 'How many match on all pages. @notNull';
comment on column public.organization_page.page is 'The number of this page, from 1. @notNull';
comment on column public.organization_page.per_page is 'How many a page holds. @notNull';

create type public.member_summary as (
  user_id uuid,
  display_name text,
  email text,
  status text,
  user_is_active boolean,
  role_codes text[],
  joined_at timestamptz,
  last_seen_at timestamptz,
  created_at timestamptz
);

comment on type public.member_summary is 'A member in a list.';
comment on column public.member_summary.user_id is 'The user. @notNull';
comment on column public.member_summary.display_name is 'The display name. @notNull';
comment on column public.member_summary.email is 'The e-mail address, from the auth server.';
comment on column public.member_summary.status is 'The status. @notNull @values members.status';
comment on column public.member_summary.user_is_active is 'Whether the user is active on the platform. @notNull';
comment on column public.member_summary.role_codes is 'The roles that have not expired, in order. @notNull';
comment on column public.member_summary.joined_at is 'When the member first became active.';
comment on column public.member_summary.last_seen_at is 'When an access token was last issued.';
comment on column public.member_summary.created_at is 'When the member asked to join, or was added. @notNull';

create type public.member_page as (
  members jsonb,
  total bigint,
  page integer,
  per_page integer
);

comment on type public.member_page is 'One page of members, as list_members() returns it.';
comment on column public.member_page.members is 'The members of this page, by name, as a JSON list. @notNull @list member_summary';
comment on column public.member_page.total is 'How many match on all pages. @notNull';
comment on column public.member_page.page is 'The number of this page, from 1. @notNull';
comment on column public.member_page.per_page is 'How many a page holds. @notNull';

create type public.organization_use as (
  resource text,
  used bigint,
  allowed bigint
);

comment on type public.organization_use is 'How much an organization has of something, as organization_usage() returns it.';
comment on column public.organization_use.resource is 'active_members, or the name of a table. @notNull';
comment on column public.organization_use.used is 'How many there are. @notNull';
comment on column public.organization_use.allowed is 'How many the plan allows; null where it sets no limit.';

create type public.open_invitation as (
  invitation_id uuid,
  email text,
  role_codes text[],
  plant_id uuid,
  expires_at timestamptz
);

comment on type public.open_invitation is 'An invitation as create_invitation() returns it.';
comment on column public.open_invitation.invitation_id is 'The id. @notNull';
comment on column public.open_invitation.email is 'The address, in lower case. @notNull';
comment on column public.open_invitation.role_codes is 'The roles that the member will have. @notNull';
comment on column public.open_invitation.plant_id is 'Where; null for the whole organization.';
comment on column public.open_invitation.expires_at is 'Until when it can be accepted. @notNull';

create type public.invitation_mail as (
  invitation_id uuid,
  email text,
  organization_name text,
  inviter_name text,
  role_names text[],
  expires_at timestamptz
);

comment on type public.invitation_mail is 'What the mail of an invitation says, as invitation_to_send() returns it.';
comment on column public.invitation_mail.invitation_id is 'The id, of which the token is made. @notNull';
comment on column public.invitation_mail.email is 'Where it goes. @notNull';
comment on column public.invitation_mail.organization_name is 'Who invites. @notNull';
comment on column public.invitation_mail.inviter_name is 'The member who asked; null when they are gone.';
comment on column public.invitation_mail.role_names is 'The names of the roles. @notNull';
comment on column public.invitation_mail.expires_at is 'Until when it can be accepted. @notNull';

create type public.held_permission as (
  permission text,
  plant_id uuid
);

comment on type public.held_permission is 'A permission that the caller has, as my_permissions() returns it.';
comment on column public.held_permission.permission is 'Its code. @notNull';
comment on column public.held_permission.plant_id is 'The plant at which it counts; null for the whole organization.';

-- The rules.

--! Included tenancy/private/require_organization.sql
create or replace function private.require_organization()
  returns text
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  organization_id constant text := private.current_organization_id();
begin
  if organization_id is not null then
    return organization_id;
  elsif auth.uid() is null then
    perform private.refuse(401, 'not_authenticated', 'Sign in first.');
  end if;
  perform private.refuse(
    403,
    'organization_required',
    'This takes an organization, and the request is in none.',
    'Choose one with switch_organization, and refresh the session.'
  );
  return null;
end;
$$;

comment on function private.require_organization() is
  'Returns the organization that the request works in. Raises PT401 not_authenticated; PT403 organization_required when the token names none, or one that the caller is not an active member of.';

revoke execute on function private.require_organization() from public;
--! EndIncluded tenancy/private/require_organization.sql
--! Included tenancy/private/lock_organization.sql
create or replace function private.lock_organization (
  id text
)
  returns public.organizations
  language plpgsql
  volatile
  security definer
  set search_path = ''
  as $$
declare
  locked public.organizations;
begin
  select * into locked
  from public.organizations as organization
  where organization.id = lock_organization.id
  for no key update;
  if not found then
    perform private.refuse(404, 'organization_not_found', 'There is no such organization.');
  end if;
  return locked;
end;
$$;

comment on function private.lock_organization(text) is
  'Returns an organization and locks its row until the transaction ends: limits and the last owner are counted under this lock, so that two requests at once count one after the other. Whoever changes members takes it first. Takes the id. Raises PT404 organization_not_found.';

revoke execute on function private.lock_organization(text) from public;
--! EndIncluded tenancy/private/lock_organization.sql
--! Included tenancy/private/require_within_limit.sql
create or replace function private.require_within_limit (
  used bigint,
  allowed integer,
  what text
)
  returns void
  language plpgsql
  immutable
  set search_path = ''
  as $$
begin
  if used > allowed then
    perform private.refuse(
      409,
      'limit_reached',
      format('The organization has all the %s that its plan allows: %s.', what, allowed),
      'Remove some, or ask for a larger plan.'
    );
  end if;
end;
$$;

comment on function private.require_within_limit(bigint, integer, text) is
  'Refuses more than a plan allows. Takes how many there would be, how many are allowed, and of what (in the plural); count under private.lock_organization. Raises PT409 limit_reached.';

revoke execute on function private.require_within_limit(bigint, integer, text) from public;
--! EndIncluded tenancy/private/require_within_limit.sql
--! Included tenancy/private/tg_members__mirror.sql
create or replace function private.tg_members__mirror()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  select organization.status into new.organization_status
  from public.organizations as organization
  where organization.id = new.organization_id;
  select profile.is_active into new.user_is_active
  from public.user_profiles as profile
  where profile.user_id = new.user_id;
  -- Where there is none, the foreign keys say so.
  new.organization_status := coalesce(new.organization_status, 'active');
  new.user_is_active := coalesce(new.user_is_active, true);
  return new;
end;
$$;

comment on function private.tg_members__mirror() is
  'Trigger function of members: a new row copies the status of the organization and of the user. From then on the foreign keys keep the copies equal.';

revoke execute on function private.tg_members__mirror() from public;
--! EndIncluded tenancy/private/tg_members__mirror.sql
--! Included tenancy/private/tg_members__limit.sql
create or replace function private.tg_members__limit()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  joined text[];
  joined_id text;
begin
  if tg_op = 'INSERT' then
    joined := array(select distinct member.organization_id from new_rows as member where member.status = 'active' order by 1);
  else
    joined := array(
      select distinct member.organization_id
      from new_rows as member
        left join old_rows as previous using (organization_id, user_id)
      where member.status = 'active' and previous.status is distinct from 'active'
      order by 1
    );
  end if;
  foreach joined_id in array joined loop
    perform private.require_within_limit(
      used => (
        select count(*) from public.members as member where member.organization_id = joined_id and member.status = 'active'
      ),
      allowed => locked.max_users,
      what => 'members'
    )
    -- The lock comes first: what is counted after it, nobody else is adding to.
    from private.lock_organization(joined_id) as locked;
  end loop;
  return null;
end;
$$;

comment on function private.tg_members__limit() is
  'Trigger function of members: no organization has more active members than max_users, however many are let in at once. Raises PT409 limit_reached.';

revoke execute on function private.tg_members__limit() from public;
--! EndIncluded tenancy/private/tg_members__limit.sql
--! Included tenancy/private/require_owner.sql
create or replace function private.require_owner (
  organization_ids text[]
)
  returns void
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  changed_id text;
begin
  foreach changed_id in array organization_ids loop
    -- A purge takes the organization first; then there is nothing to own.
    perform from public.organizations as organization where organization.id = changed_id for no key update;
    continue when not found;
    if not exists (
      select
      from public.user_roles as held
        join public.members as member using (organization_id, user_id)
      where held.organization_id = changed_id and held.role_code = 'owner' and member.status = 'active'
    ) then
      perform private.refuse(
        409,
        'last_owner',
        'This is the last active owner of the organization.',
        'Make another member an owner first.'
      );
    end if;
  end loop;
end;
$$;

comment on function private.require_owner(text[]) is
  'Refuses what has left an organization without an active owner, also when two requests each took one: the organization is locked first. Takes the organizations that lost an owner, in order. Raises PT409 last_owner.';

revoke execute on function private.require_owner(text[]) from public;
--! EndIncluded tenancy/private/require_owner.sql
--! Included tenancy/private/tg_members__keep_owner.sql
create or replace function private.tg_members__keep_owner()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.require_owner(array(
    select distinct member.organization_id
    from old_rows as member
      join new_rows as changed using (organization_id, user_id)
      join public.user_roles as held using (organization_id, user_id)
    where member.status = 'active' and changed.status <> 'active' and held.role_code = 'owner'
    order by member.organization_id
  ));
  return null;
end;
$$;

comment on function private.tg_members__keep_owner() is
  'Trigger function of members: the last active owner of an organization cannot be suspended. Removing one takes the role away, which private.tg_user_roles__keep_owner sees. Raises PT409 last_owner.';

revoke execute on function private.tg_members__keep_owner() from public;
--! EndIncluded tenancy/private/tg_members__keep_owner.sql
--! Included access/private/tg_user_roles__keep_owner.sql
create or replace function private.tg_user_roles__keep_owner()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  if tg_op = 'DELETE' then
    perform private.require_owner(array(
      select distinct held.organization_id from old_rows as held where held.role_code = 'owner' order by held.organization_id
    ));
  else
    -- Only what is somebody else's now, or another role: the copies of a member's state must not lock the organization.
    perform private.require_owner(array(
      select distinct held.organization_id
      from old_rows as held
        left join new_rows as changed using (organization_id, id)
      where held.role_code = 'owner' and (changed.role_code, changed.user_id) is distinct from ('owner', held.user_id)
      order by held.organization_id
    ));
  end if;
  return null;
end;
$$;

comment on function private.tg_user_roles__keep_owner() is
  'Trigger function of user_roles: the last active owner of an organization keeps the role, and with it the membership. Raises PT409 last_owner.';

revoke execute on function private.tg_user_roles__keep_owner() from public;
--! EndIncluded access/private/tg_user_roles__keep_owner.sql
--! Included access/private/tg_user_roles__mirror.sql
create or replace function private.tg_user_roles__mirror()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  -- A member who is being let in or shut out at this moment is waited for.
  select member.is_open into new.member_is_open
  from public.members as member
  where member.organization_id = new.organization_id and member.user_id = new.user_id
  for share;
  -- Where there is none, the foreign key says so.
  new.member_is_open := coalesce(new.member_is_open, true);
  return new;
end;
$$;

comment on function private.tg_user_roles__mirror() is
  'Trigger function of user_roles: a new row copies whether its member may come in. From then on the foreign key keeps the copy equal.';

revoke execute on function private.tg_user_roles__mirror() from public;
--! EndIncluded access/private/tg_user_roles__mirror.sql
--! Included access/private/organization_with.sql
create or replace function private.organization_with (
  code text
)
  returns text
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  claimed_id constant text := claims ->> 'organization_id';
  found_id text;
begin
  select held.organization_id into found_id
  from public.user_roles as held
    join private.role_permissions as granted
      on granted.organization_id = held.organization_id
      and granted.role_code = held.role_code
      and granted.permission = organization_with.code
  where held.organization_id = claimed_id
    and held.user_id = (claims ->> 'sub')::uuid
    and held.member_is_open
    and held.plant_id is null
    and (held.expires_at is null or held.expires_at > now());
  if found or claimed_id is null then
    return found_id;
  end if;

  -- A member without any role has what the role customer has.
  select member.organization_id into found_id
  from public.members as member
    join private.role_permissions as granted
      on granted.organization_id = member.organization_id
      and granted.role_code = 'customer'
      and granted.permission = organization_with.code
  where member.organization_id = claimed_id
    and member.user_id = (claims ->> 'sub')::uuid
    and member.is_open
    and not exists (
      select
      from public.user_roles as held
      where held.organization_id = member.organization_id
        and held.user_id = member.user_id
        and (held.expires_at is null or held.expires_at > now())
    );
  if found then
    return found_id;
  end if;

  -- A superadmin may do everything in every organization, also in one that is suspended.
  return (
    select organization.id
    from public.user_profiles as profile
      join public.organizations as organization on organization.id = claimed_id
      join public.permissions as permission on permission.code = organization_with.code
    where profile.user_id = (claims ->> 'sub')::uuid
      and profile.is_active
      and profile.platform_role = 'superadmin'
  );
end;
$$;

comment on function private.organization_with(text) is
  'Returns the current organization if the caller has a permission in the whole of it, otherwise null: an active user, an active organization, an active member, a role that has not expired and is bound to no plant, and the permission in it; or a superadmin; or a member without any role, whom the role customer gives it. Takes the code of the permission. Policies write organization_id = (select private.organization_with(''module.action'')): one look per statement, and the planner keeps its ordered index scan.';

revoke execute on function private.organization_with(text) from public;
grant execute on function private.organization_with(text) to authenticated, service_role;
--! EndIncluded access/private/organization_with.sql
--! Included access/private/has_permission.sql
create or replace function private.has_permission (
  code text
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
begin
  return private.organization_with(code) is not null;
end;
$$;

comment on function private.has_permission(text) is
  'Returns whether the caller may do something in the whole of the current organization, as private.organization_with finds. Takes the code of the permission.';

revoke execute on function private.has_permission(text) from public;
grant execute on function private.has_permission(text) to authenticated, service_role;
--! EndIncluded access/private/has_permission.sql
--! Included access/private/unassigned_permissions.sql
create or replace function private.unassigned_permissions()
  returns text[]
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.current_organization_id();
begin
  if current_id is null then
    return array[]::text[];
  elsif private.is_superadmin() then
    return array(select permission.code from public.permissions as permission order by permission.code);
  elsif exists (
    select
    from public.user_roles as held
    where held.organization_id = current_id
      and held.user_id = auth.uid()
      and (held.expires_at is null or held.expires_at > now())
  ) then
    return array[]::text[];
  end if;
  return array(
    select granted.permission
    from private.role_permissions as granted
    where granted.organization_id = current_id and granted.role_code = 'customer'
    order by granted.permission
  );
end;
$$;

comment on function private.unassigned_permissions() is
  'Returns the permissions that the caller has in the current organization without a role of their own: a superadmin, all; a member without any role, those of the role customer; everybody else, none.';

revoke execute on function private.unassigned_permissions() from public;
--! EndIncluded access/private/unassigned_permissions.sql
--! Included access/private/current_permissions.sql
create or replace function private.current_permissions()
  returns text[]
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select array(
    select granted.permission
    from public.user_roles as held
      join private.role_permissions as granted using (organization_id, role_code)
    where held.organization_id = (select private.current_organization_id())
      and held.user_id = (select auth.uid())
      and held.plant_id is null
      and (held.expires_at is null or held.expires_at > now())
    union
    select unnest(private.unassigned_permissions())
    order by 1
  );
$$;

comment on function private.current_permissions() is
  'Returns the codes of what the caller may do in the whole of the current organization, in order; an empty array without one. For one permission, ask private.has_permission: it is faster, and in a policy leaves the planner its ordered index scan.';

revoke execute on function private.current_permissions() from public;
grant execute on function private.current_permissions() to authenticated, service_role;
--! EndIncluded access/private/current_permissions.sql
--! Included access/private/current_grants.sql
create or replace function private.current_grants (
  until timestamptz default null
)
  returns text[]
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  with held as (
    select role.code, role.organization_id, role.permissions
    from public.user_roles as mine
      join public.roles as role on role.organization_id = mine.organization_id and role.code = mine.role_code
    where mine.organization_id = (select private.current_organization_id())
      and mine.user_id = (select auth.uid())
      and mine.plant_id is null
      and (
        mine.expires_at is null
        or mine.expires_at > now() and mine.expires_at >= coalesce(current_grants.until, now())
      )
  )
  select array(
    select granted.permission
    from held
      join private.role_permissions as granted
        on granted.organization_id = held.organization_id and granted.role_code = held.code
    union
    select unnest(held.permissions) from held
    union
    select unnest(private.unassigned_permissions())
    union
    select permission.module || '.*'
    from public.permissions as permission
    where (select private.current_organization_id()) is not null and (select private.is_superadmin())
  );
$$;

comment on function private.current_grants(timestamptz) is
  'Returns what the caller may put into a role or hand on with one: the permissions that they hold in the whole of the current organization, and module.* where they hold that itself. Takes until when they must hold it: what lasts longer than a role of theirs does not come from it; null for this moment.';

revoke execute on function private.current_grants(timestamptz) from public;
--! EndIncluded access/private/current_grants.sql
--! Included access/private/require_permission.sql
create or replace function private.require_permission (
  code text
)
  returns text
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  organization_id constant text := private.require_organization();
begin
  if not private.has_permission(code) then
    perform private.record_denial('permission_required', jsonb_build_object('permission', code));
    perform private.refuse(
      403,
      'permission_required',
      format('This takes the permission %s.', code),
      'Ask someone who manages the members of the organization.'
    );
  end if;
  return organization_id;
end;
$$;

comment on function private.require_permission(text) is
  'Returns the current organization if the caller has a permission in the whole of it. Takes the code. Raises PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke execute on function private.require_permission(text) from public;
--! EndIncluded access/private/require_permission.sql
--! Included access/private/require_grantable.sql
create or replace function private.require_grantable (
  permissions text[],
  until timestamptz default null
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  missing constant text[] := array(
    select wanted from unnest(permissions) as wanted
    where wanted <> all (private.current_grants(until))
    order by wanted
  );
begin
  if missing <> '{}' then
    perform private.record_denial('grant_exceeds_own', jsonb_build_object('permissions', to_jsonb(missing)));
    perform private.refuse(
      403,
      'grant_exceeds_own',
      format('Nobody grants, changes or takes what they do not have: %s.', array_to_string(missing, ', ')),
      'Ask someone who holds all of it in the whole organization.'
    );
  end if;
end;
$$;

comment on function private.require_grantable(text[], timestamptz) is
  'Refuses what the caller does not hold themself. Takes codes and module.*, and until when they must hold it: infinity for what stays, null for this moment. Raises PT403 grant_exceeds_own.';

revoke execute on function private.require_grantable(text[], timestamptz) from public;
--! EndIncluded access/private/require_grantable.sql
--! Included access/private/current_plant_ids.sql
create or replace function private.current_plant_ids (
  access_level text default 'read'
)
  returns uuid[]
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select case
    when (select private.has_permission('plants.manage')) then array(
      select plant.id
      from public.plants as plant
      where plant.organization_id = (select private.current_organization_id())
    )
    else array(
      select access.plant_id
      from public.user_plant_access as access
      where access.organization_id = (select private.current_organization_id())
        and access.user_id = (select auth.uid())
        and case current_plant_ids.access_level
          when 'read' then true
          when 'write' then access.access_level in ('write', 'admin')
          when 'admin' then access.access_level = 'admin'
          else false
        end
    )
  end;
$$;

comment on function private.current_plant_ids(text) is
  'Returns the plants at which the caller works in the current organization: all of them with plants.manage, otherwise those with at least this access level. Takes read, write or admin. Policies write it as any ((select private.current_plant_ids())::uuid[]).';

revoke execute on function private.current_plant_ids(text) from public;
grant execute on function private.current_plant_ids(text) to authenticated, service_role;
--! EndIncluded access/private/current_plant_ids.sql
--! Included access/private/check_permission.sql
create or replace function private.check_permission (
  code text,
  plant_id uuid
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.current_organization_id();
begin
  if current_id is null or code is null then
    return false;
  elsif plant_id is null then
    return private.has_permission(code);
  end if;
  return exists (
    select
    from public.plants as plant
    where plant.organization_id = current_id and plant.id = check_permission.plant_id
  ) and (
    private.has_permission(code)
    or exists (
      select
      from public.user_roles as held
        join private.role_permissions as granted using (organization_id, role_code)
      where held.organization_id = current_id
        and held.user_id = auth.uid()
        and held.plant_id = check_permission.plant_id
        and (held.expires_at is null or held.expires_at > now())
        and granted.permission = check_permission.code
    )
  );
end;
$$;

comment on function private.check_permission(text, uuid) is
  'Says whether the caller may: public.check_permission with the rights that this takes.';

revoke execute on function private.check_permission(text, uuid) from public;
grant execute on function private.check_permission(text, uuid) to authenticated, service_role;
--! EndIncluded access/private/check_permission.sql
--! Included access/private/my_permissions.sql
create or replace function private.my_permissions()
  returns setof public.held_permission
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select unnest(private.current_permissions()), null::uuid
  union
  select granted.permission, held.plant_id
  from public.user_roles as held
    join private.role_permissions as granted using (organization_id, role_code)
  where held.organization_id = (select private.current_organization_id())
    and held.user_id = (select auth.uid())
    and held.plant_id is not null
    and (held.expires_at is null or held.expires_at > now())
  order by 1, 2 nulls first;
$$;

comment on function private.my_permissions() is
  'Lists what the caller may do: public.my_permissions with the rights that this takes.';

revoke execute on function private.my_permissions() from public;
grant execute on function private.my_permissions() to authenticated, service_role;
--! EndIncluded access/private/my_permissions.sql
--! Included access/private/expand_permissions.sql
create or replace function private.expand_permissions (
  held text[]
)
  returns setof text
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select permission.code
  from public.permissions as permission
  where permission.code = any (held) or permission.module || '.*' = any (held);
$$;

comment on function private.expand_permissions(text[]) is
  'Returns the permissions that a list of codes and module.* stands for, each once.';

revoke execute on function private.expand_permissions(text[]) from public;
--! EndIncluded access/private/expand_permissions.sql
--! Included access/private/require_known_permissions.sql
create or replace function private.require_known_permissions (
  permissions text[]
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  unknown constant text[] := array(
    select wanted from unnest(permissions) as wanted
    where wanted is null or not exists (select from private.expand_permissions(array[wanted]))
  );
begin
  if permissions is null or cardinality(permissions) > 500 or unknown <> '{}' then
    perform private.refuse(
      400,
      'permissions_invalid',
      format('These are not permissions: %s.', left(coalesce(array_to_string(unknown, ', ', 'null'), 'null'), 200)),
      'Take codes from the table permissions, or module.* for all of a module; up to 500.'
    );
  end if;
end;
$$;

comment on function private.require_known_permissions(text[]) is
  'Refuses a list that holds anything else than codes of the catalog and module.*. Raises PT400 permissions_invalid.';

revoke execute on function private.require_known_permissions(text[]) from public;
--! EndIncluded access/private/require_known_permissions.sql
--! Included access/private/tg_roles__expand.sql
create or replace function private.tg_roles__expand()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  if tg_op = 'UPDATE' then
    delete from private.role_permissions as granted
    using new_rows as role
    where granted.organization_id = role.organization_id
      and granted.role_code = role.code
      and not exists (select from private.expand_permissions(role.permissions) as held where held = granted.permission);
  end if;
  insert into private.role_permissions (organization_id, role_code, permission)
  select role.organization_id, role.code, held
  from new_rows as role, private.expand_permissions(role.permissions) as held
  on conflict do nothing;
  return null;
end;
$$;

comment on function private.tg_roles__expand() is
  'Trigger function of roles: keeps private.role_permissions, where each permission of each role is a row.';

revoke execute on function private.tg_roles__expand() from public;
--! EndIncluded access/private/tg_roles__expand.sql
--! Included access/private/tg_organizations__found.sql
create or replace function private.tg_organizations__found()
  returns trigger
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  insert into public.roles (organization_id, code, name, description, is_system, permissions)
  select organization.id, role.code, role.name, role.description, true, role.permissions
  from new_rows as organization, private.system_roles as role;
  return null;
end;
$$;

comment on function private.tg_organizations__found() is
  'Trigger function of organizations: a new one is born with its system roles.';

revoke execute on function private.tg_organizations__found() from public;
--! EndIncluded access/private/tg_organizations__found.sql
--! Included access/private/define_permissions.sql
create or replace function private.define_permissions (
  descriptions jsonb,
  holders jsonb
)
  returns void
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  insert into public.permissions (code, description)
  select entry.key, entry.value from jsonb_each_text(descriptions) as entry
  on conflict (code) do update
  set description = excluded.description;

  update private.system_roles as role
  set permissions = array(
    select distinct held
    from unnest(role.permissions || array(select jsonb_array_elements_text(holders -> role.code))) as held
    order by held
  )
  where holders ? role.code;

  update public.roles as role
  set permissions = array(
    select distinct held
    from unnest(role.permissions || array(select jsonb_array_elements_text(holders -> role.code))) as held
    order by held
  )
  where role.is_system and holders ? role.code;

  insert into private.role_permissions (organization_id, role_code, permission)
  select role.organization_id, role.code, held
  from public.roles as role, private.expand_permissions(role.permissions) as held
  where role.permissions && array(select split_part(code, '.', 1) || '.*' from jsonb_object_keys(descriptions) as code)
  on conflict do nothing;
end;
$$;

comment on function private.define_permissions(jsonb, jsonb) is
  'Adds a module''s permissions, for migrations. Takes {"module.action": "What it allows."} and who holds them from birth, {"role": ["module.*", …]}: the system roles of all organizations, present and future, get them.';

revoke execute on function private.define_permissions(jsonb, jsonb) from public;
--! EndIncluded access/private/define_permissions.sql
--! Included access/private/undefine_permissions.sql
create or replace function private.undefine_permissions (
  module text
)
  returns void
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  update private.system_roles as role
  set permissions = array(
    select held
    from unnest(role.permissions) as held
    where split_part(held, '.', 1) <> undefine_permissions.module
    order by held
  )
  where exists (
    select from unnest(role.permissions) as held where split_part(held, '.', 1) = undefine_permissions.module
  );

  update public.roles as role
  set permissions = array(
    select held
    from unnest(role.permissions) as held
    where split_part(held, '.', 1) <> undefine_permissions.module
    order by held
  )
  where exists (
    select from unnest(role.permissions) as held where split_part(held, '.', 1) = undefine_permissions.module
  );

  delete from public.permissions as permission where permission.module = undefine_permissions.module;
end;
$$;

comment on function private.undefine_permissions(text) is
  'Takes a module''s permissions out of the catalog and out of all roles, for rollback scripts. Takes the module.';

revoke execute on function private.undefine_permissions(text) from public;
--! EndIncluded access/private/undefine_permissions.sql
--! Included access/private/secure_table.sql
create or replace function private.secure_table (
  target regclass,
  read text,
  write text default null,
  insertable text[] default '{}',
  updatable text[] default '{}',
  is_deletable boolean default false,
  hidden text[] default '{}',
  read_also text default null,
  write_also text default null
)
  returns void
  language plpgsql
  set search_path = ''
  as $$
declare
  -- Who may read is a matter of the organization and one permission: then wall and policy are the same look, which
  -- PostgreSQL makes once. Where others may as well, the wall is the organization, and the policy says who.
  wall constant text := format(
    case when read_also is null then 'organization_id = (select private.organization_with(%L))'
    else 'organization_id = (select private.current_organization_id())' end,
    read
  );
  readers constant text := case when read_also is null then wall
    else format('(select private.has_permission(%L)) or %s', read, read_also) end;
  writers constant text := case when write_also is null then format('organization_id = (select private.organization_with(%L))', write)
    else format('(select private.has_permission(%L)) or %s', write, write_also) end;
  problem text;
  missing record;
begin
  problem := private.tenant_table_problem(target);
  if problem is not null then
    raise exception using
      errcode = 'invalid_table_definition',
      message = format('%s is not a tenant table: %s', target, problem),
      hint = 'docs/adding-a-module.md shows the shape.';
  end if;

  select wanted into problem
  from unnest(array[read, write]) as wanted
  where wanted is not null
    and not exists (select from public.permissions as permission where permission.code = wanted)
  order by wanted
  fetch first row only;
  if problem is not null then
    raise exception using
      errcode = 'undefined_object',
      message = format('permission %s is not defined', problem),
      hint = 'Define it first, with private.define_permissions.';
  end if;

  execute format('alter table %s enable row level security', target);
  execute format('drop policy if exists "only rows of the current organization" on %s', target);
  execute format(
    'create policy "only rows of the current organization" on %s as restrictive to authenticated using (%s) with check (%s)',
    target, wall, wall
  );
  execute format('drop policy if exists "who may read" on %s', target);
  execute format('create policy "who may read" on %s for select to authenticated using (%s)', target, readers);

  execute format('revoke all on %s from anon, authenticated, service_role', target);
  execute format(
    'grant select (%s) on %s to authenticated',
    (
      select string_agg(quote_ident(col.attname), ', ' order by col.attnum)
      from pg_catalog.pg_attribute as col
      where col.attrelid = target and col.attnum > 0 and not col.attisdropped and col.attname <> all (hidden)
    ),
    target
  );
  execute format('grant select on %s to service_role', target);

  execute format('drop policy if exists "who may add" on %s', target);
  execute format('drop policy if exists "who may change" on %s', target);
  execute format('drop policy if exists "who may delete" on %s', target);
  if insertable <> '{}' then
    execute format('create policy "who may add" on %s for insert to authenticated with check (%s)', target, writers);
    execute format('grant insert (%s) on %s to authenticated', private.column_list(insertable), target);
  end if;
  if updatable <> '{}' then
    execute format(
      'create policy "who may change" on %s for update to authenticated using (%s) with check (%s)', target, writers, writers
    );
    execute format('grant update (%s) on %s to authenticated', private.column_list(updatable), target);
  end if;
  if is_deletable then
    execute format('create policy "who may delete" on %s for delete to authenticated using (%s)', target, writers);
    execute format('grant delete on %s to authenticated', target);
  end if;

  for missing in
    select con.conname, array_agg(col.attname order by key.position) as columns
    from pg_catalog.pg_constraint as con, unnest(con.conkey) with ordinality as key (attnum, position)
      join pg_catalog.pg_attribute as col on col.attnum = key.attnum
    where con.conrelid = target
      and con.contype = 'f'
      and col.attrelid = target
      and not exists (
        select
        from pg_catalog.pg_index as idx
        where idx.indrelid = target
          -- An index of some rows serves when those are all that refer to something.
          and (
            idx.indpred is null
            or pg_get_expr(idx.indpred, idx.indrelid) = (
              select format('(%I IS NOT NULL)', last_column.attname)
              from pg_catalog.pg_attribute as last_column
              where last_column.attrelid = target and last_column.attnum = con.conkey[cardinality(con.conkey)]
            )
          )
          and (idx.indkey::smallint[])[0 : cardinality(con.conkey) - 1] operator(pg_catalog.@>) con.conkey
      )
    group by con.conname
  loop
    execute format(
      'create index %I on %s (%s)',
      regexp_replace(missing.conname, '_fkey$', '') || '_idx', target, private.column_list(missing.columns)
    );
  end loop;

  if exists (
    select
    from pg_catalog.pg_attribute as col
    where col.attrelid = target and col.attname = 'updated_at' and not col.attisdropped
  ) then
    execute format(
      'create or replace trigger _100_stamp before update on %s for each row execute function private.tg__stamp_updated_at()',
      target
    );
  end if;
  perform private.audit_table(target);
end;
$$;

comment on function private.secure_table(regclass, text, text, text[], text[], boolean, text[], text, text) is
  'Makes a table of public a tenant table, for migrations; may be repeated. Takes the table; the permission to read and the one to write; the columns that clients may insert and update (nothing else is granted; organization_id fills itself); whether they may delete rows; columns that they do not see; and conditions under which somebody without the permission may, for rows of their own, written with sub-selects. Who may not read a row cannot write it. Adds the restrictive policy of the organization and one permissive policy per command, the grants by column, the indexes that foreign keys lack, the stamp of updated_at, the audit trigger. Raises 42P16 when the table has not the shape, 42704 for a permission that is not in the catalog.';

revoke execute
  on function private.secure_table(regclass, text, text, text[], text[], boolean, text[], text, text)
  from public;
--! EndIncluded access/private/secure_table.sql
--! Included access/private/column_list.sql
create or replace function private.column_list (
  names text[]
)
  returns text
  language sql
  immutable
  set search_path = ''
  as $$
  select string_agg(quote_ident(name), ', ' order by position)
  from unnest(names) with ordinality as named (name, position);
$$;

comment on function private.column_list(text[]) is 'Returns names of columns as SQL, quoted and with commas between.';

revoke execute on function private.column_list(text[]) from public;
--! EndIncluded access/private/column_list.sql
--! Included access/private/tenant_table_problem.sql
create or replace function private.tenant_table_problem (
  target regclass
)
  returns text
  language plpgsql
  stable
  set search_path = ''
  as $$
declare
  organization_attnum smallint;
  column_default text;
  is_required boolean;
  culprit text;
begin
  select col.attnum, col.attnotnull, pg_get_expr(def.adbin, def.adrelid)
  into organization_attnum, is_required, column_default
  from pg_catalog.pg_attribute as col
    left join pg_catalog.pg_attrdef as def on def.adrelid = col.attrelid and def.adnum = col.attnum
  where col.attrelid = target and col.attname = 'organization_id' and not col.attisdropped;
  if organization_attnum is null then
    return 'it has no column organization_id';
  elsif not is_required or column_default is distinct from 'private.current_organization_id()' then
    return 'organization_id is not "not null default private.current_organization_id()"';
  end if;

  select rel.relname into culprit
  from pg_catalog.pg_index as idx
    join pg_catalog.pg_class as rel on rel.oid = idx.indexrelid
  where idx.indrelid = target and idx.indisunique and idx.indkey[0] <> organization_attnum
  limit 1;
  if culprit is not null then
    return format('what is unique starts with the organization, and %s does not', culprit);
  elsif not exists (select from pg_catalog.pg_index as idx where idx.indrelid = target and idx.indisprimary) then
    return 'it has no primary key';
  end if;

  select con.conname into culprit
  from pg_catalog.pg_constraint as con
    join pg_catalog.pg_attribute as referenced on referenced.attrelid = con.confrelid
  where con.conrelid = target
    and con.contype = 'f'
    and referenced.attname = 'organization_id'
    and not referenced.attisdropped
    and not exists (
      select
      from unnest(con.conkey, con.confkey) as pair (here, there)
      where pair.here = organization_attnum and pair.there = referenced.attnum
    )
  limit 1;
  if culprit is not null then
    return format('a row could refer to a row of another organization by %s', culprit);
  elsif not exists (
    select
    from pg_catalog.pg_constraint as con
    where con.conrelid = target and con.contype = 'f' and con.confdeltype = 'c' and con.conkey[1] = organization_attnum
  ) then
    return 'no foreign key of its organization_id deletes it with the organization';
  end if;
  return null;
end;
$$;

comment on function private.tenant_table_problem(regclass) is
  'Returns what keeps a table from being a tenant table, as half a sentence, null when nothing does: organization_id not null with its default; everything unique starts with it; foreign keys to tenant tables carry it; it goes with its organization.';

revoke execute on function private.tenant_table_problem(regclass) from public;
--! EndIncluded access/private/tenant_table_problem.sql
--! Included tenancy/private/memberships.sql
create or replace function private.memberships (
  user_id uuid,
  organization_id text default null
)
  returns setof public.organization_membership
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select
    organization.id,
    organization.name,
    organization.slug,
    organization.status,
    member.status,
    array(
      select distinct held.role_code
      from public.user_roles as held
      where held.organization_id = organization.id
        and held.user_id = memberships.user_id
        and (held.expires_at is null or held.expires_at > now())
      order by held.role_code
    ),
    profile.current_organization_id is not distinct from organization.id
  from public.user_profiles as profile
    join public.organizations as organization on true
    left join public.members as member on member.organization_id = organization.id and member.user_id = profile.user_id
  where profile.user_id = memberships.user_id
    and (
      organization.id = memberships.organization_id
      or (memberships.organization_id is null and member.user_id is not null)
    )
  order by organization.name, organization.id;
$$;

comment on function private.memberships(uuid, text) is
  'Returns the organizations of a user as the user sees them from outside, by name: all that they are a member of, or this one. Takes the user and an organization, null for all.';

revoke execute on function private.memberships(uuid, text) from public;
--! EndIncluded tenancy/private/memberships.sql
--! Included tenancy/private/my_organizations.sql
create or replace function private.my_organizations()
  returns setof public.organization_membership
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
begin
  return query
  select mine.* from private.memberships(private.require_signed_in()) as mine;
end;
$$;

comment on function private.my_organizations() is
  'Lists the caller''s organizations: public.my_organizations with the rights that this takes.';

revoke execute on function private.my_organizations() from public;
grant execute on function private.my_organizations() to authenticated, service_role;
--! EndIncluded tenancy/private/my_organizations.sql
--! Included tenancy/private/require_signed_in.sql
create or replace function private.require_signed_in()
  returns uuid
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  user_id constant uuid := private.current_user_id();
begin
  if user_id is null then
    perform private.refuse(401, 'not_authenticated', 'Sign in first.');
  end if;
  return user_id;
end;
$$;

comment on function private.require_signed_in() is
  'Returns the id of the signed-in user. Raises PT401 not_authenticated for nobody, and for a user who is deactivated.';

revoke execute on function private.require_signed_in() from public;
--! EndIncluded tenancy/private/require_signed_in.sql
--! Included tenancy/private/create_organization.sql
create or replace function private.create_organization (
  name text,
  slug text,
  owner_id uuid,
  id text,
  tier text,
  timezone text,
  max_users integer
)
  returns public.organizations
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  founder uuid := owner_id;
  created public.organizations;
begin
  if not (private.is_operator() or private.is_superadmin()) then
    -- Somebody for themself: with nothing but a name, where the platform allows it.
    founder := private.require_signed_in();
    if not exists (select from private.platform_settings as setting where setting.allow_organization_sign_up) then
      perform private.refuse(
        403, 'superadmin_required', 'Only a superadmin creates organizations here.', 'Ask a superadmin of the platform.'
      );
    elsif owner_id <> founder
      or coalesce(create_organization.id, create_organization.tier) is not null
      or create_organization.max_users is not null
    then
      perform private.refuse(
        403, 'superadmin_required', 'Only a superadmin chooses the owner, the id, the plan and its limits.'
      );
    end if;
  end if;
  founder := coalesce(founder, private.current_user_id());
  if founder is null then
    perform private.refuse(400, 'owner_required', 'An organization has an owner: name a user.');
  end if;
  perform private.require_user(founder);
  perform private.require_organization_values(
    create_organization.name, create_organization.slug, create_organization.timezone
  );
  if create_organization.name is null then
    perform private.refuse(400, 'name_invalid', 'The name of an organization is one line of 1 to 200 characters.');
  elsif create_organization.slug is null then
    perform private.refuse(400, 'slug_invalid', 'An organization has a slug: its name in links.');
  elsif create_organization.tier not in ('free', 'basic', 'professional', 'enterprise') then
    perform private.refuse(400, 'tier_invalid', 'tier is free, basic, professional or enterprise.');
  elsif create_organization.max_users < 1 then
    perform private.refuse(400, 'limits_invalid', 'max_users is 1 or more.');
  elsif create_organization.id is not null and not public.is_organization_id(create_organization.id) then
    perform private.refuse(400, 'organization_id_invalid', 'An organization id is 8 or 9 letters A–Z and digits.');
  elsif exists (
    select from public.organizations as organization
    where organization.slug = create_organization.slug or organization.id = create_organization.id
  ) then
    perform private.refuse(409, 'organization_exists', 'There is an organization with this slug or id.', 'Choose another.');
  end if;

  insert into public.organizations (id, name, slug, tier, timezone, max_users, created_by)
  values (
    coalesce(create_organization.id, private.generate_organization_id()),
    private.clean_display_name(create_organization.name),
    create_organization.slug,
    coalesce(create_organization.tier, 'basic'),
    coalesce(create_organization.timezone, 'UTC'),
    coalesce(create_organization.max_users, 10),
    auth.uid()
  )
  returning * into created;
  perform private.insert_profiles(array[founder]);
  insert into public.members (organization_id, user_id, status, joined_at)
  values (created.id, founder, 'active', now());
  insert into public.user_roles (organization_id, user_id, role_code, granted_by)
  values (created.id, founder, 'owner', private.current_user_id());
  update public.user_profiles as profile
  set current_organization_id = created.id
  where profile.user_id = founder and profile.current_organization_id is null;
  return created;
end;
$$;

comment on function private.create_organization(text, text, uuid, text, text, text, integer) is
  'Creates an organization: public.create_organization with the rights that this takes.';

revoke execute
  on function private.create_organization(text, text, uuid, text, text, text, integer)
  from public;
grant execute
  on function private.create_organization(text, text, uuid, text, text, text, integer)
  to authenticated, service_role;
--! EndIncluded tenancy/private/create_organization.sql
--! Included tenancy/private/require_organization_values.sql
create or replace function private.require_organization_values (
  name text,
  slug text,
  timezone text
)
  returns void
  language plpgsql
  stable
  set search_path = ''
  as $$
begin
  if private.clean_display_name(name) is null and name is not null then
    perform private.refuse(400, 'name_invalid', 'The name of an organization is one line of 1 to 200 characters.');
  elsif slug !~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' then
    perform private.refuse(
      400, 'slug_invalid', 'A slug is 1 to 63 lower case letters, digits and hyphens, without a hyphen at an end.'
    );
  elsif not private.is_timezone(timezone) then
    perform private.refuse(400, 'timezone_invalid', 'The time zone is an IANA name such as Europe/Vienna.');
  end if;
end;
$$;

comment on function private.require_organization_values(text, text, text) is
  'Refuses a name, slug or time zone that no organization can have; null passes. Raises PT400 name_invalid, slug_invalid, timezone_invalid.';

revoke execute on function private.require_organization_values(text, text, text) from public;
--! EndIncluded tenancy/private/require_organization_values.sql
--! Included tenancy/private/update_organization.sql
create or replace function private.update_organization (
  id text,
  name text,
  slug text,
  tier text,
  timezone text,
  max_users integer,
  max_properties integer,
  features jsonb
)
  returns public.organizations
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  changed public.organizations;
begin
  perform private.require_superadmin();
  perform private.require_organization_values(name, slug, timezone);
  if features is not null and not private.are_features(features) then
    perform private.refuse(
      400,
      'features_invalid',
      'features is an object of booleans: ai, jobber, n8n, payments, portal, quickbooks, sms, weather.'
    );
  elsif tier not in ('free', 'basic', 'professional', 'enterprise') then
    perform private.refuse(400, 'tier_invalid', 'tier is free, basic, professional or enterprise.');
  elsif max_users < 1 or max_properties < 0 then
    perform private.refuse(400, 'limits_invalid', 'max_users is 1 or more, max_properties 0 or more.');
  elsif exists (
    select from public.organizations as organization
    where organization.slug = update_organization.slug and organization.id <> update_organization.id
  ) then
    perform private.refuse(409, 'organization_exists', 'There is an organization with this slug.', 'Choose another.');
  end if;
  perform private.lock_organization(update_organization.id);
  update public.organizations as organization
  set name = coalesce(private.clean_display_name(update_organization.name), organization.name),
    slug = coalesce(update_organization.slug, organization.slug),
    tier = coalesce(update_organization.tier, organization.tier),
    timezone = coalesce(update_organization.timezone, organization.timezone),
    max_users = coalesce(update_organization.max_users, organization.max_users),
    max_properties = coalesce(update_organization.max_properties, organization.max_properties),
    features = coalesce(update_organization.features, organization.features)
  where organization.id = update_organization.id
  returning * into changed;
  return changed;
end;
$$;

comment on function private.update_organization(text, text, text, text, text, integer, integer, jsonb) is
  'Changes an organization: public.update_organization with the rights that this takes.';

revoke execute
  on function private.update_organization(text, text, text, text, text, integer, integer, jsonb)
  from public;
grant execute
  on function private.update_organization(text, text, text, text, text, integer, integer, jsonb)
  to authenticated, service_role;
--! EndIncluded tenancy/private/update_organization.sql
--! Included tenancy/private/set_organization_status.sql
create or replace function private.set_organization_status (
  id text,
  status text,
  reason text
)
  returns public.organizations
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  changed public.organizations;
  allowed constant jsonb := '{"active": ["suspended", "cancelled"], "suspended": ["active", "cancelled"], "cancelled": ["active"]}'::jsonb;
begin
  perform private.require_superadmin();
  changed := private.lock_organization(set_organization_status.id);
  if not allowed -> changed.status ? set_organization_status.status then
    perform private.refuse(
      409,
      'organization_status_conflict',
      format('The organization is %s; it cannot become %s.', changed.status, set_organization_status.status)
    );
  elsif set_organization_status.status <> 'active' and coalesce(btrim(reason), '') = '' then
    perform private.refuse(400, 'reason_required', 'This takes a reason.');
  elsif length(reason) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  -- Members mirror the status: their foreign key carries it over.
  update public.organizations as organization
  set status = set_organization_status.status,
    status_reason = case when set_organization_status.status <> 'active' then btrim(reason) end,
    suspended_at = case when set_organization_status.status = 'suspended' then now() end,
    cancelled_at = case when set_organization_status.status = 'cancelled' then now() end
  where organization.id = set_organization_status.id
  returning * into changed;
  return changed;
end;
$$;

comment on function private.set_organization_status(text, text, text) is
  'Suspends, cancels or reactivates an organization (superadmins and the operator). Takes the id, the new status and a reason. Returns the organization. Raises PT400 reason_required, reason_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_status_conflict.';

revoke execute on function private.set_organization_status(text, text, text) from public;
grant execute on function private.set_organization_status(text, text, text) to authenticated, service_role;
--! EndIncluded tenancy/private/set_organization_status.sql
--! Included tenancy/private/purge_organization.sql
create or replace function private.purge_organization (
  id text,
  confirm_name text
)
  returns setof public.organization_use
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  doomed public.organizations;
  rows_before public.organization_use[];
begin
  perform private.require_superadmin();
  doomed := private.lock_organization(purge_organization.id);
  if doomed.status <> 'cancelled' then
    perform private.refuse(
      409, 'organization_not_cancelled', 'Only a cancelled organization is purged.', 'Cancel it first: cancel_organization.'
    );
  elsif confirm_name is distinct from doomed.name then
    perform private.refuse(
      400, 'confirmation_mismatch', 'The name does not match. Nothing was deleted.', 'Give the exact name of the organization.'
    );
  end if;
  rows_before := array(select counted from private.count_rows(doomed.id) as counted);
  -- Profiles before members, as everybody who locks both.
  update public.user_profiles as profile
  set current_organization_id = null
  where profile.current_organization_id = doomed.id;
  delete from public.organizations as organization where organization.id = doomed.id;
  perform private.record_event(
    event => 'organization.purged',
    action => 'delete',
    severity => 'critical',
    organization_id => doomed.id,
    table_name => 'organizations',
    row_key => jsonb_build_object('id', doomed.id),
    details => jsonb_build_object(
      'name', doomed.name,
      'rows', (select jsonb_object_agg(counted.resource, counted.used) from unnest(rows_before) as counted)
    )
  );
  return query select counted.* from unnest(rows_before) as counted;
end;
$$;

comment on function private.purge_organization(text, text) is
  'Deletes an organization with everything in it: public.purge_organization with the rights that this takes.';

revoke execute on function private.purge_organization(text, text) from public;
grant execute on function private.purge_organization(text, text) to authenticated, service_role;
--! EndIncluded tenancy/private/purge_organization.sql
--! Included tenancy/private/count_rows.sql
create or replace function private.count_rows (
  organization_id text
)
  returns setof public.organization_use
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  tenant_table record;
begin
  for tenant_table in
    select rel.oid::regclass as name, rel.relname
    from pg_catalog.pg_class as rel
      join pg_catalog.pg_attribute as col on col.attrelid = rel.oid and col.attname = 'organization_id' and not col.attisdropped
    where rel.relnamespace = 'public'::regnamespace
      and rel.relkind in ('r', 'p')
      -- The log outlives what it is about.
      and rel.relname <> 'audit_logs'
    order by rel.relname
  loop
    return query execute format(
      'select %L::text, count(*), null::bigint from %s where organization_id = $1', tenant_table.relname, tenant_table.name
    ) using organization_id;
  end loop;
end;
$$;

comment on function private.count_rows(text) is
  'Returns how many rows of each tenant table an organization has, found from the catalog. Takes the organization; who asks is checked by who calls.';

revoke execute on function private.count_rows(text) from public;
--! EndIncluded tenancy/private/count_rows.sql
--! Included tenancy/private/usage_of.sql
create or replace function private.usage_of (
  organization_id text
)
  returns setof public.organization_use
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select
    'active_members',
    (
      select count(*) from public.members as member
      where member.organization_id = usage_of.organization_id and member.status = 'active'
    ),
    organization.max_users::bigint
  from public.organizations as organization
  where organization.id = usage_of.organization_id
  union all
  select counted.resource, counted.used, case counted.resource when 'properties' then organization.max_properties::bigint end
  from private.count_rows(usage_of.organization_id) as counted
    join public.organizations as organization on organization.id = usage_of.organization_id;
$$;

comment on function private.usage_of(text) is
  'Returns what an organization has, each against its limit: the active members, then the rows of each tenant table. Takes the organization; who asks is checked by who calls.';

revoke execute on function private.usage_of(text) from public;
--! EndIncluded tenancy/private/usage_of.sql
--! Included tenancy/private/organization_usage.sql
create or replace function private.organization_usage()
  returns setof public.organization_use
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
begin
  return query select used.* from private.usage_of(private.require_permission('organization.read')) as used;
end;
$$;

comment on function private.organization_usage() is
  'Returns what the current organization has: public.organization_usage with the rights that this takes.';

revoke execute on function private.organization_usage() from public;
grant execute on function private.organization_usage() to authenticated, service_role;
--! EndIncluded tenancy/private/organization_usage.sql
--! Included tenancy/private/require_page.sql
create or replace function private.require_page (
  page integer,
  per_page integer,
  search text
)
  returns void
  language plpgsql
  immutable
  set search_path = ''
  as $$
begin
  if (per_page between 1 and 100) is not true then
    perform private.refuse(400, 'per_page_invalid', 'per_page is a number from 1 to 100.');
  elsif (page >= 1) is not true then
    perform private.refuse(400, 'page_invalid', 'page is a number from 1 on.');
  elsif length(search) > 200 then
    perform private.refuse(400, 'search_invalid', 'search has at most 200 characters.');
  end if;
end;
$$;

comment on function private.require_page(integer, integer, text) is
  'Refuses a page that no list has. Takes the page from 1, its size up to 100, and a search of up to 200 characters or null. Raises PT400 per_page_invalid, page_invalid, search_invalid.';

revoke execute on function private.require_page(integer, integer, text) from public;
--! EndIncluded tenancy/private/require_page.sql
--! Included tenancy/private/contains_pattern.sql
create or replace function private.contains_pattern (
  search text
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  select '%' || regexp_replace(nullif(btrim(search), ''), '([\\%_])', '\\\1', 'g') || '%';
$$;

comment on function private.contains_pattern(text) is
  'Returns the pattern with which ilike finds a text anywhere, null for nothing to find. What is special in a pattern stands for itself.';

revoke execute on function private.contains_pattern(text) from public;
--! EndIncluded tenancy/private/contains_pattern.sql
--! Included tenancy/private/list_organizations.sql
create or replace function private.list_organizations (
  search text,
  status text,
  page integer,
  per_page integer
)
  returns public.organization_page
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  pattern constant text := private.contains_pattern(search);
  listed public.organization_page;
begin
  perform private.require_superadmin();
  perform private.require_page(page, per_page, search);
  if status not in ('active', 'suspended', 'cancelled') then
    perform private.refuse(400, 'status_invalid', 'status is active, suspended or cancelled.');
  end if;
  listed.page := page;
  listed.per_page := per_page;
  select count(*) into listed.total
  from public.organizations as organization
  where (list_organizations.status is null or organization.status = list_organizations.status)
    and (
      pattern is null or organization.name ilike pattern or organization.slug ilike pattern
      or organization.id ilike pattern or organization.contact_email ilike pattern
    );
  listed.organizations := to_jsonb(array(
    select
      row(
        found.id, found.name, found.slug, found.status, found.tier, found.max_users,
        (
          select count(*) from public.members as member
          where member.organization_id = found.id and member.status = 'active'
        ),
        (
          select count(*) from public.members as member
          where member.organization_id = found.id and member.status = 'pending'
        ),
        (select count(*) from public.plants as plant where plant.organization_id = found.id),
        found.created_at
      )::public.organization_summary
    from (
      select organization.*
      from public.organizations as organization
      where (list_organizations.status is null or organization.status = list_organizations.status)
        and (
          pattern is null or organization.name ilike pattern or organization.slug ilike pattern
          or organization.id ilike pattern or organization.contact_email ilike pattern
        )
      order by organization.created_at desc, organization.id desc
      limit list_organizations.per_page
      offset (list_organizations.page - 1)::bigint * list_organizations.per_page
    ) as found
    order by found.created_at desc, found.id desc
  ));
  return listed;
end;
$$;

comment on function private.list_organizations(text, text, integer, integer) is
  'Lists organizations: public.list_organizations with the rights that this takes.';

revoke execute on function private.list_organizations(text, text, integer, integer) from public;
grant execute
  on function private.list_organizations(text, text, integer, integer)
  to authenticated, service_role;
--! EndIncluded tenancy/private/list_organizations.sql
--! Included tenancy/private/switch_organization.sql
create or replace function private.switch_organization (
  id text
)
  returns public.organization_membership
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  caller constant uuid := private.require_signed_in();
  target public.organization_membership;
begin
  select * into target from private.memberships(caller, switch_organization.id);
  if target.organization_id is null
    or not private.is_superadmin() and (target.member_status, target.organization_status) is distinct from ('active', 'active')
  then
    perform private.refuse(
      404, 'organization_not_found', 'There is no such organization for you.', 'my_organizations lists yours.'
    );
  end if;
  update public.user_profiles as profile
  set current_organization_id = target.organization_id
  where profile.user_id = caller;
  perform private.record_event(
    event => 'organization.switched',
    action => 'login',
    severity => case when target.member_status is null then 'warning' else 'info' end,
    organization_id => target.organization_id,
    details => jsonb_build_object('as', case when target.member_status is null then 'superadmin' else 'member' end)
  );
  target.is_current := true;
  return target;
end;
$$;

comment on function private.switch_organization(text) is
  'Chooses the caller''s organization: public.switch_organization with the rights that this takes.';

revoke execute on function private.switch_organization(text) from public;
grant execute on function private.switch_organization(text) to authenticated, service_role;
--! EndIncluded tenancy/private/switch_organization.sql
--! Included tenancy/private/update_platform_settings.sql
create or replace function private.update_platform_settings (
  allow_organization_sign_up boolean
)
  returns boolean
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.require_superadmin();
  update private.platform_settings as setting
  set allow_organization_sign_up = coalesce(
      update_platform_settings.allow_organization_sign_up, setting.allow_organization_sign_up
    ),
    updated_at = now();
  perform private.record_event(
    event => 'platform.settings_changed',
    action => 'update',
    severity => 'warning',
    organization_id => 'PLATFORM',
    details => jsonb_build_object('allow_organization_sign_up', update_platform_settings.allow_organization_sign_up)
  );
  return (select setting.allow_organization_sign_up from private.platform_settings as setting);
end;
$$;

comment on function private.update_platform_settings(boolean) is
  'Changes the platform''s settings: public.update_platform_settings with the rights that this takes.';

revoke execute on function private.update_platform_settings(boolean) from public;
grant execute on function private.update_platform_settings(boolean) to authenticated, service_role;
--! EndIncluded tenancy/private/update_platform_settings.sql
--! Included tenancy/private/require_member.sql
create or replace function private.require_member (
  user_id uuid
)
  returns public.members
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  found_member public.members;
begin
  perform private.lock_organization(private.require_organization());
  select * into found_member
  from public.members as member
  where member.organization_id = private.current_organization_id() and member.user_id = require_member.user_id
  for update;
  if not found then
    perform private.refuse(404, 'member_not_found', 'The organization has no such member.');
  end if;
  return found_member;
end;
$$;

comment on function private.require_member(uuid) is
  'Returns a member of the current organization, and locks first the organization, then the row. Takes the user. Raises PT401 not_authenticated; PT403 organization_required; PT404 member_not_found, the same for users of other organizations.';

revoke execute on function private.require_member(uuid) from public;
--! EndIncluded tenancy/private/require_member.sql
--! Included access/private/require_not_above.sql
create or replace function private.require_not_above (
  user_id uuid
)
  returns void
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select private.require_grantable(array(
    select distinct granted.permission
    from public.user_roles as held
      join private.role_permissions as granted using (organization_id, role_code)
    where held.organization_id = private.current_organization_id()
      and held.user_id = require_not_above.user_id
      and (held.expires_at is null or held.expires_at > now())
  ));
$$;

comment on function private.require_not_above(uuid) is
  'Refuses to touch a member who may do what the caller may not. Takes the user. Raises PT403 grant_exceeds_own.';

revoke execute on function private.require_not_above(uuid) from public;
--! EndIncluded access/private/require_not_above.sql
--! Included tenancy/private/set_member_status.sql
create or replace function private.set_member_status (
  organization_id text,
  user_id uuid,
  from_status text,
  to_status text
)
  returns public.members
  language plpgsql
  set search_path = ''
  as $$
declare
  changed public.members;
begin
  -- The lock comes first, as for everybody who changes members.
  perform private.lock_organization(set_member_status.organization_id);
  select * into changed
  from public.members as member
  where member.organization_id = set_member_status.organization_id and member.user_id = set_member_status.user_id
  for update;
  if not found then
    perform private.refuse(404, 'member_not_found', 'The organization has no such member.');
  elsif changed.status <> from_status then
    perform private.refuse(
      409, 'member_status_conflict', format('The member is %s; only %s ones become %s.', changed.status, from_status, to_status)
    );
  end if;
  update public.members as member
  set status = to_status,
    joined_at = coalesce(member.joined_at, case when to_status = 'active' then now() end),
    approved_by = case when from_status = 'pending' then auth.uid() else member.approved_by end,
    suspended_at = case when to_status = 'suspended' then now() end
  where member.organization_id = set_member_status.organization_id and member.user_id = set_member_status.user_id
  returning * into changed;
  return changed;
end;
$$;

comment on function private.set_member_status(text, uuid, text, text) is
  'Takes a member of an organization from one status to another. Takes the organization, the user and the two statuses; who asks is checked by who calls. Returns the member. Raises PT404 organization_not_found, member_not_found; PT409 member_status_conflict, limit_reached, last_owner.';

revoke execute on function private.set_member_status(text, uuid, text, text) from public;
--! EndIncluded tenancy/private/set_member_status.sql
--! Included tenancy/private/delete_member.sql
create or replace function private.delete_member (
  organization_id text,
  user_id uuid,
  only_pending boolean
)
  returns public.members
  language plpgsql
  set search_path = ''
  as $$
declare
  deleted public.members;
begin
  -- The lock comes first, as for everybody who changes members.
  perform private.lock_organization(delete_member.organization_id);
  select * into deleted
  from public.members as member
  where member.organization_id = delete_member.organization_id and member.user_id = delete_member.user_id
  for update;
  if not found then
    perform private.refuse(404, 'member_not_found', 'The organization has no such member.');
  elsif only_pending and deleted.status <> 'pending' then
    perform private.refuse(
      409, 'member_status_conflict', format('The member is %s; only pending ones are rejected.', deleted.status)
    );
  end if;
  delete from public.members as member
  where member.organization_id = delete_member.organization_id and member.user_id = delete_member.user_id;
  return deleted;
end;
$$;

comment on function private.delete_member(text, uuid, boolean) is
  'Deletes a member of an organization with their roles. Takes the organization, the user, and whether only somebody who still waits for approval may be meant; who asks is checked by who calls. Returns the member as they were. Raises PT404 organization_not_found, member_not_found; PT409 member_status_conflict, last_owner.';

revoke execute on function private.delete_member(text, uuid, boolean) from public;
--! EndIncluded tenancy/private/delete_member.sql
--! Included tenancy/private/members_of.sql
create or replace function private.members_of (
  organization_id text,
  search text,
  status text
)
  returns setof public.member_summary
  language sql
  stable
  set search_path = ''
  as $$
  select
    member.user_id,
    profile.display_name,
    account.email,
    member.status,
    member.user_is_active,
    array(
      select distinct held.role_code
      from public.user_roles as held
      where held.organization_id = member.organization_id
        and held.user_id = member.user_id
        and (held.expires_at is null or held.expires_at > now())
      order by held.role_code
    ),
    member.joined_at,
    profile.last_seen_at,
    member.created_at
  from public.members as member
    join public.user_profiles as profile on profile.user_id = member.user_id
    join auth.users as account on account.id = member.user_id
  where member.organization_id = members_of.organization_id
    and (members_of.status is null or member.status = members_of.status)
    and (
      nullif(btrim(members_of.search), '') is null
      or profile.display_name ilike private.contains_pattern(members_of.search)
      or account.email ilike private.contains_pattern(members_of.search)
    )
  order by profile.display_name, member.user_id;
$$;

comment on function private.members_of(text, text, text) is
  'Returns the members of an organization by name, with their roles. Takes the organization, a text to find in name and e-mail or null for all, a status or null for all; who asks is checked by who calls.';

revoke execute on function private.members_of(text, text, text) from public;
--! EndIncluded tenancy/private/members_of.sql
--! Included tenancy/private/change_member.sql
create or replace function private.change_member (
  user_id uuid,
  from_status text,
  to_status text
)
  returns public.members
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('members.manage');
begin
  perform private.require_member(change_member.user_id);
  if change_member.user_id = auth.uid() then
    perform private.refuse(409, 'own_membership', 'This is your own membership.', 'Ask another member who manages members.');
  end if;
  perform private.require_not_above(change_member.user_id);
  return private.set_member_status(current_id, change_member.user_id, from_status, to_status);
end;
$$;

comment on function private.change_member(uuid, text, text) is
  'Takes a member of the current organization from one status to another (members.manage). Takes the user and the two statuses. Returns the member. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found; PT409 own_membership, member_status_conflict, limit_reached, last_owner.';

revoke execute on function private.change_member(uuid, text, text) from public;
grant execute on function private.change_member(uuid, text, text) to authenticated, service_role;
--! EndIncluded tenancy/private/change_member.sql
--! Included tenancy/private/remove_member.sql
create or replace function private.remove_member (
  user_id uuid,
  only_pending boolean
)
  returns public.members
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  is_self constant boolean := remove_member.user_id = auth.uid() and not only_pending;
  current_id constant text :=
    case when is_self then private.require_organization() else private.require_permission('members.manage') end;
begin
  if not is_self then
    perform private.require_member(remove_member.user_id);
    perform private.require_not_above(remove_member.user_id);
  end if;
  return private.delete_member(current_id, remove_member.user_id, only_pending);
end;
$$;

comment on function private.remove_member(uuid, boolean) is
  'Removes a member of the current organization: public.remove_member and public.reject_member with the rights that this takes.';

revoke execute on function private.remove_member(uuid, boolean) from public;
grant execute on function private.remove_member(uuid, boolean) to authenticated, service_role;
--! EndIncluded tenancy/private/remove_member.sql
--! Included tenancy/private/join_organization.sql
create or replace function private.join_organization (
  slug text
)
  returns public.organization_membership
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  caller constant uuid := private.require_signed_in();
  target public.organizations;
  joined public.organization_membership;
begin
  select * into target
  from public.organizations as organization
  where organization.slug = join_organization.slug
    and organization.status = 'active'
    and organization.allow_self_registration
  for no key update;
  if not found then
    perform private.refuse(
      404, 'organization_not_found', 'No organization can be joined by this link.', 'Ask it for an invitation.'
    );
  end if;
  insert into public.members (organization_id, user_id, status, joined_at)
  values (
    target.id,
    caller,
    case when target.requires_approval then 'pending' else 'active' end,
    case when not target.requires_approval then now() end
  )
  on conflict (organization_id, user_id) do nothing;
  if not found then
    perform private.refuse(409, 'already_member', 'You belong to this organization, or have asked to.');
  end if;
  update public.user_profiles as profile
  set current_organization_id = target.id
  where profile.user_id = caller and profile.current_organization_id is null and not target.requires_approval;
  select * into joined from private.memberships(caller, target.id);
  return joined;
end;
$$;

comment on function private.join_organization(text) is
  'Asks to join an organization: public.join_organization with the rights that this takes.';

revoke execute on function private.join_organization(text) from public;
grant execute on function private.join_organization(text) to authenticated, service_role;
--! EndIncluded tenancy/private/join_organization.sql
--! Included tenancy/private/list_members.sql
create or replace function private.list_members (
  search text,
  status text,
  page integer,
  per_page integer
)
  returns public.member_page
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('members.read');
  listed public.member_page;
begin
  perform private.require_page(page, per_page, search);
  if status not in ('pending', 'active', 'suspended') then
    perform private.refuse(400, 'status_invalid', 'status is pending, active or suspended.');
  end if;
  listed.page := page;
  listed.per_page := per_page;
  select
    count(*),
    coalesce(
      jsonb_agg(to_jsonb(found.summary) order by found.position) filter (
        where found.position > (list_members.page - 1)::bigint * list_members.per_page
          and found.position <= list_members.page::bigint * list_members.per_page
      ),
      '[]'
    )
  into listed.total, listed.members
  from (
    select row_number() over (order by member.display_name, member.user_id) as position, member as summary
    from private.members_of(current_id, list_members.search, list_members.status) as member
  ) as found;
  return listed;
end;
$$;

comment on function private.list_members(text, text, integer, integer) is
  'Lists members: public.list_members with the rights that this takes.';

revoke execute on function private.list_members(text, text, integer, integer) from public;
grant execute on function private.list_members(text, text, integer, integer) to authenticated, service_role;
--! EndIncluded tenancy/private/list_members.sql
--! Included access/private/require_role.sql
create or replace function private.require_role (
  code text
)
  returns public.roles
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
  found_role public.roles;
begin
  select * into found_role
  from public.roles as role
  where role.organization_id = current_id and role.code = require_role.code
  for update;
  if not found then
    perform private.refuse(404, 'role_not_found', 'The organization has no such role.');
  end if;
  return found_role;
end;
$$;

comment on function private.require_role(text) is
  'Returns a role of the current organization and locks its row. Takes the code. Raises PT401 not_authenticated; PT403 organization_required; PT404 role_not_found.';

revoke execute on function private.require_role(text) from public;
--! EndIncluded access/private/require_role.sql
--! Included access/private/require_plant.sql
create or replace function private.require_plant (
  id uuid
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_organization();
begin
  if not exists (
    select
    from public.plants as plant
    where plant.organization_id = current_id and plant.id = require_plant.id
  ) then
    perform private.refuse(404, 'plant_not_found', 'The organization has no such plant.');
  end if;
end;
$$;

comment on function private.require_plant(uuid) is
  'Refuses what is no plant of the current organization. Takes the id. Raises PT401 not_authenticated; PT403 organization_required; PT404 plant_not_found.';

revoke execute on function private.require_plant(uuid) from public;
--! EndIncluded access/private/require_plant.sql
--! Included access/private/require_plant_access.sql
create or replace function private.require_plant_access (
  plant_id uuid,
  access_level text
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
begin
  if require_plant_access.plant_id = any (private.current_plant_ids(require_plant_access.access_level)) is not true then
    perform private.require_grantable(array['plants.manage']);
  end if;
end;
$$;

comment on function private.require_plant_access(uuid, text) is
  'Refuses to hand on or take access to a plant that the caller does not have. Takes the plant and read, write or admin. Raises PT403 grant_exceeds_own.';

revoke execute on function private.require_plant_access(uuid, text) from public;
--! EndIncluded access/private/require_plant_access.sql
--! Included access/private/grant_role.sql
create or replace function private.grant_role (
  user_id uuid,
  role_code text,
  plant_id uuid,
  department text,
  expires_at timestamptz
)
  returns public.user_roles
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('members.manage');
  granted public.user_roles;
begin
  perform private.require_member(grant_role.user_id);
  perform private.require_grantable(
    (private.require_role(grant_role.role_code)).permissions, coalesce(grant_role.expires_at, 'infinity')
  );
  if grant_role.plant_id is not null then
    perform private.require_plant(grant_role.plant_id);
    perform private.require_plant_access(grant_role.plant_id, 'read');
  end if;
  if grant_role.expires_at <= now() then
    perform private.refuse(400, 'expiry_invalid', 'A role expires in the future.');
  elsif btrim(department) = '' or length(department) > 100 then
    perform private.refuse(400, 'department_invalid', 'A department has 1 to 100 characters.');
  elsif role_code = 'owner' and (plant_id is not null or department is not null or expires_at is not null) then
    perform private.refuse(400, 'owner_unbounded', 'An owner owns the whole organization, for good.');
  end if;
  if grant_role.plant_id is not null then
    insert into public.user_plant_access (organization_id, user_id, plant_id, access_level, granted_by)
    values (current_id, grant_role.user_id, grant_role.plant_id, 'read', auth.uid())
    on conflict do nothing;
  end if;
  insert into public.user_roles as held (
    organization_id, user_id, role_code, plant_id, department, expires_at, granted_by
  )
  values (
    current_id,
    grant_role.user_id,
    grant_role.role_code,
    grant_role.plant_id,
    grant_role.department,
    grant_role.expires_at,
    auth.uid()
  )
  on conflict on constraint user_roles_key do update
  set expires_at = excluded.expires_at,
    granted_by = excluded.granted_by,
    granted_at = now()
  returning * into granted;
  return granted;
end;
$$;

comment on function private.grant_role(uuid, text, uuid, text, timestamptz) is
  'Gives a member a role: public.grant_role with the rights that this takes.';

revoke execute on function private.grant_role(uuid, text, uuid, text, timestamptz) from public;
grant execute
  on function private.grant_role(uuid, text, uuid, text, timestamptz)
  to authenticated, service_role;
--! EndIncluded access/private/grant_role.sql
--! Included access/private/revoke_role.sql
create or replace function private.revoke_role (
  id uuid
)
  returns public.user_roles
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('members.manage');
  revoked public.user_roles;
begin
  perform private.lock_organization(current_id);
  select * into revoked
  from public.user_roles as held
  where held.organization_id = current_id and held.id = revoke_role.id
  for update;
  if not found then
    perform private.refuse(404, 'role_grant_not_found', 'The organization has no such grant of a role.');
  end if;
  perform private.require_grantable((private.require_role(revoked.role_code)).permissions);
  delete from public.user_roles as held where held.organization_id = current_id and held.id = revoke_role.id;
  return revoked;
end;
$$;

comment on function private.revoke_role(uuid) is
  'Takes a role from a member: public.revoke_role with the rights that this takes.';

revoke execute on function private.revoke_role(uuid) from public;
grant execute on function private.revoke_role(uuid) to authenticated, service_role;
--! EndIncluded access/private/revoke_role.sql
--! Included access/private/create_role.sql
create or replace function private.create_role (
  code text,
  name text,
  description text,
  permissions text[]
)
  returns public.roles
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('members.manage');
  created public.roles;
begin
  perform private.require_known_permissions(permissions);
  perform private.require_grantable(permissions, 'infinity');
  perform private.require_role_values(code, name, description);
  insert into public.roles (organization_id, code, name, description, permissions)
  values (
    current_id,
    create_role.code,
    private.clean_display_name(create_role.name),
    nullif(btrim(create_role.description), ''),
    create_role.permissions
  )
  on conflict do nothing
  returning * into created;
  if not found then
    perform private.refuse(409, 'role_exists', 'The organization has a role with this code.', 'Choose another code.');
  end if;
  return created;
end;
$$;

comment on function private.create_role(text, text, text, text[]) is
  'Creates a role: public.create_role with the rights that this takes.';

revoke execute on function private.create_role(text, text, text, text[]) from public;
grant execute on function private.create_role(text, text, text, text[]) to authenticated, service_role;
--! EndIncluded access/private/create_role.sql
--! Included access/private/require_role_values.sql
create or replace function private.require_role_values (
  code text,
  name text,
  description text
)
  returns void
  language plpgsql
  immutable
  set search_path = ''
  as $$
begin
  if code !~ '^[a-z][a-z0-9_]{0,49}$' then
    perform private.refuse(400, 'code_invalid', 'A code is 1 to 50 lower case letters, digits and underscores.');
  elsif name is not null and private.clean_display_name(name) is null then
    perform private.refuse(400, 'name_invalid', 'The name of a role is one line of 1 to 200 characters.');
  elsif length(description) > 1000 then
    perform private.refuse(400, 'description_invalid', 'A description has at most 1,000 characters.');
  end if;
end;
$$;

comment on function private.require_role_values(text, text, text) is
  'Refuses a code, name or description that no role can have; null passes. Raises PT400 code_invalid, name_invalid, description_invalid.';

revoke execute on function private.require_role_values(text, text, text) from public;
--! EndIncluded access/private/require_role_values.sql
--! Included access/private/update_role.sql
create or replace function private.update_role (
  code text,
  name text,
  description text,
  permissions text[]
)
  returns public.roles
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('members.manage');
  changed public.roles := private.require_role(update_role.code);
begin
  perform private.require_role_values(null, name, description);
  if changed.is_system and name <> changed.name or changed.code = 'owner' and permissions is not null then
    perform private.refuse(
      409,
      'system_role',
      'A system role keeps its name, and the owner every permission.',
      'Make a role of your own: create_role.'
    );
  elsif permissions is not null then
    perform private.require_known_permissions(permissions);
  end if;
  perform private.require_grantable(changed.permissions || coalesce(permissions, array[]::text[]), 'infinity');
  update public.roles as role
  set name = coalesce(private.clean_display_name(update_role.name), role.name),
    description = coalesce(nullif(btrim(update_role.description), ''), role.description),
    permissions = coalesce(update_role.permissions, role.permissions)
  where role.organization_id = current_id and role.code = update_role.code
  returning * into changed;
  return changed;
end;
$$;

comment on function private.update_role(text, text, text, text[]) is
  'Changes a role: public.update_role with the rights that this takes.';

revoke execute on function private.update_role(text, text, text, text[]) from public;
grant execute on function private.update_role(text, text, text, text[]) to authenticated, service_role;
--! EndIncluded access/private/update_role.sql
--! Included access/private/delete_role.sql
create or replace function private.delete_role (
  code text
)
  returns public.roles
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('members.manage');
  deleted public.roles := private.require_role(delete_role.code);
begin
  perform private.require_grantable(deleted.permissions);
  if deleted.is_system then
    perform private.refuse(409, 'system_role', 'A system role cannot be deleted.', 'Take its permissions away, or grant it to nobody.');
  elsif exists (
    select from public.user_roles as held where held.organization_id = current_id and held.role_code = delete_role.code
  ) then
    perform private.refuse(409, 'role_in_use', 'Members have this role.', 'Take it from them first: revoke_role.');
  end if;
  delete from public.roles as role where role.organization_id = current_id and role.code = delete_role.code;
  return deleted;
end;
$$;

comment on function private.delete_role(text) is
  'Deletes a role: public.delete_role with the rights that this takes.';

revoke execute on function private.delete_role(text) from public;
grant execute on function private.delete_role(text) to authenticated, service_role;
--! EndIncluded access/private/delete_role.sql
--! Included access/private/grant_plant_access.sql
create or replace function private.grant_plant_access (
  user_id uuid,
  plant_id uuid,
  access_level text
)
  returns public.user_plant_access
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('members.manage');
  granted public.user_plant_access;
begin
  if (access_level in ('read', 'write', 'admin')) is not true then
    perform private.refuse(400, 'access_level_invalid', 'access_level is read, write or admin.');
  end if;
  perform private.require_member(grant_plant_access.user_id);
  perform private.require_plant(grant_plant_access.plant_id);
  perform private.require_plant_access(grant_plant_access.plant_id, access_level);
  -- Also what is there already, and is about to be replaced.
  perform private.require_plant_access(present.plant_id, present.access_level)
  from public.user_plant_access as present
  where present.organization_id = current_id
    and present.user_id = grant_plant_access.user_id
    and present.plant_id = grant_plant_access.plant_id;
  insert into public.user_plant_access as access (organization_id, user_id, plant_id, access_level, granted_by)
  values (
    current_id, grant_plant_access.user_id, grant_plant_access.plant_id, grant_plant_access.access_level, auth.uid()
  )
  on conflict on constraint user_plant_access_pkey do update
  set access_level = excluded.access_level,
    granted_by = excluded.granted_by,
    granted_at = now()
  returning * into granted;
  return granted;
end;
$$;

comment on function private.grant_plant_access(uuid, uuid, text) is
  'Gives a member access to a plant: public.grant_plant_access with the rights that this takes.';

revoke execute on function private.grant_plant_access(uuid, uuid, text) from public;
grant execute on function private.grant_plant_access(uuid, uuid, text) to authenticated, service_role;
--! EndIncluded access/private/grant_plant_access.sql
--! Included access/private/revoke_plant_access.sql
create or replace function private.revoke_plant_access (
  user_id uuid,
  plant_id uuid
)
  returns public.user_plant_access
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('members.manage');
  revoked public.user_plant_access;
begin
  perform private.require_member(revoke_plant_access.user_id);
  perform private.require_plant_access(present.plant_id, present.access_level)
  from public.user_plant_access as present
  where present.organization_id = current_id
    and present.user_id = revoke_plant_access.user_id
    and present.plant_id = revoke_plant_access.plant_id;
  perform private.require_grantable(array(
    select distinct granted.permission
    from public.user_roles as held
      join private.role_permissions as granted using (organization_id, role_code)
    where held.organization_id = current_id
      and held.user_id = revoke_plant_access.user_id
      and held.plant_id = revoke_plant_access.plant_id
  ));
  delete from public.user_plant_access as access
  where access.organization_id = current_id
    and access.user_id = revoke_plant_access.user_id
    and access.plant_id = revoke_plant_access.plant_id
  returning * into revoked;
  if not found then
    perform private.refuse(404, 'plant_access_not_found', 'The member has no access to such a plant.');
  end if;
  return revoked;
end;
$$;

comment on function private.revoke_plant_access(uuid, uuid) is
  'Takes access to a plant from a member: public.revoke_plant_access with the rights that this takes.';

revoke execute on function private.revoke_plant_access(uuid, uuid) from public;
grant execute on function private.revoke_plant_access(uuid, uuid) to authenticated, service_role;
--! EndIncluded access/private/revoke_plant_access.sql
--! Included tenancy/private/create_invitation.sql
create or replace function private.create_invitation (
  id uuid,
  email text,
  token_hash text,
  role_codes text[],
  plant_id uuid
)
  returns public.open_invitation
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('members.manage');
  address constant text := lower(btrim(create_invitation.email));
  codes constant text[] := array(select distinct code from unnest(create_invitation.role_codes) as code order by code);
  wanted text;
  opened public.open_invitation;
begin
  -- Under this lock requests of one organization come one after the other: limits hold.
  perform private.lock_organization(current_id);
  if create_invitation.id is null or private.is_email(address) is not true then
    perform private.refuse(400, 'email_invalid', 'An invitation goes to an e-mail address.');
  elsif (token_hash ~ '^[0-9a-f]{64}$') is not true then
    perform private.refuse(400, 'token_hash_invalid', 'token_hash is the SHA-256 of the token in hexadecimal.');
  elsif cardinality(codes) > 20 then
    perform private.refuse(400, 'roles_invalid', 'An invitation carries at most 20 roles.');
  elsif 'owner' = any (codes) and create_invitation.plant_id is not null then
    perform private.refuse(400, 'owner_unbounded', 'An owner owns the whole organization, for good.');
  end if;
  foreach wanted in array codes loop
    perform private.require_grantable((private.require_role(wanted)).permissions, 'infinity');
  end loop;
  if create_invitation.plant_id is not null then
    perform private.require_plant(create_invitation.plant_id);
    perform private.require_plant_access(create_invitation.plant_id, 'read');
  end if;
  if exists (
    select
    from public.members as member
      join auth.users as account on account.id = member.user_id
    where member.organization_id = current_id and lower(account.email) = address
  ) then
    perform private.refuse(409, 'already_member', 'Somebody with this address belongs to the organization already.');
  elsif (
    select count(*) >= 100 or count(*) filter (where sent.invited_by = auth.uid()) >= 30
    from public.invitations as sent
    where sent.organization_id = current_id and sent.created_at > now() - interval '1 hour'
  ) then
    perform private.refuse(
      429, 'rate_limited', 'Too many invitations in the last hour.', 'A member may send 30 in an hour, an organization 100.'
    );
  end if;

  -- The latest link is the one that counts.
  update public.invitations as previous
  set revoked_at = now()
  where previous.organization_id = current_id
    and previous.email = address
    and previous.accepted_at is null
    and previous.revoked_at is null;
  insert into public.invitations as invitation (
    organization_id, id, email, role_codes, plant_id, token_hash, invited_by
  )
  values (
    current_id,
    create_invitation.id,
    address,
    codes,
    create_invitation.plant_id,
    create_invitation.token_hash,
    auth.uid()
  )
  on conflict on constraint invitations_pkey do nothing
  returning invitation.id, invitation.email, invitation.role_codes, invitation.plant_id, invitation.expires_at
  into opened;
  if not found then
    perform private.refuse(409, 'invitation_exists', 'There is an invitation with this id.', 'Make a new id.');
  end if;
  perform private.enqueue(
    'notifications',
    'tenancy.invitation',
    jsonb_build_object('organization_id', current_id, 'invitation_id', opened.invitation_id)
  );
  return opened;
end;
$$;

comment on function private.create_invitation(uuid, text, text, text[], uuid) is
  'Invites somebody: public.create_invitation with the rights that this takes.';

revoke execute on function private.create_invitation(uuid, text, text, text[], uuid) from public;
grant execute
  on function private.create_invitation(uuid, text, text, text[], uuid)
  to authenticated, service_role;
--! EndIncluded tenancy/private/create_invitation.sql
--! Included tenancy/private/revoke_invitation.sql
create or replace function private.revoke_invitation (
  id uuid
)
  returns public.open_invitation
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  current_id constant text := private.require_permission('members.manage');
  revoked public.open_invitation;
begin
  update public.invitations as invitation
  set revoked_at = now()
  where invitation.organization_id = current_id
    and invitation.id = revoke_invitation.id
    and invitation.accepted_at is null
    and invitation.revoked_at is null
  returning invitation.id, invitation.email, invitation.role_codes, invitation.plant_id, invitation.expires_at
  into revoked;
  if not found then
    perform private.refuse(404, 'invitation_not_found', 'The organization has no such open invitation.');
  end if;
  return revoked;
end;
$$;

comment on function private.revoke_invitation(uuid) is
  'Takes an invitation back: public.revoke_invitation with the rights that this takes.';

revoke execute on function private.revoke_invitation(uuid) from public;
grant execute on function private.revoke_invitation(uuid) to authenticated, service_role;
--! EndIncluded tenancy/private/revoke_invitation.sql
--! Included tenancy/private/is_inviter.sql
create or replace function private.is_inviter (
  organization_id text,
  user_id uuid
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path = ''
  as $$
begin
  return exists (
    select
    from public.user_profiles as inviter
      left join public.members as member
        on member.organization_id = is_inviter.organization_id and member.user_id = inviter.user_id
    where inviter.user_id = is_inviter.user_id
      and inviter.is_active
      and (member.status = 'active' or inviter.platform_role = 'superadmin')
  );
end;
$$;

comment on function private.is_inviter(text, uuid) is
  'Returns whether an invitation of this user still counts: an active member of the organization, or a superadmin. Takes the organization and who sent it.';

revoke execute on function private.is_inviter(text, uuid) from public;
--! EndIncluded tenancy/private/is_inviter.sql
--! Included tenancy/private/accept_invitation.sql
create or replace function private.accept_invitation (
  token text
)
  returns public.organization_membership
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  caller constant uuid := private.require_signed_in();
  verified_email constant text := (
    select lower(account.email)
    from auth.users as account
    where account.id = caller and account.email_confirmed_at is not null
  );
  invitation public.invitations;
  joined public.organization_membership;
begin
  if verified_email is null then
    perform private.refuse(
      403, 'email_not_verified', 'Verify your e-mail address first.', 'The link is in the mail that came when you signed up.'
    );
  end if;
  select * into invitation
  from public.invitations as sent
  where sent.token_hash = encode(sha256(convert_to(accept_invitation.token, 'UTF8')), 'hex')
    and sent.email = verified_email;
  if found then
    perform
    from public.organizations as organization
    where organization.id = invitation.organization_id
    for no key update;
    select * into invitation
    from public.invitations as sent
    where sent.organization_id = invitation.organization_id and sent.id = invitation.id
    for update;
  end if;
  if not found then
    perform private.record_denial('invitation_not_found', '{}');
    perform private.refuse(
      404, 'invitation_not_found', 'There is no such invitation for your address.', 'Sign in with the address that it was sent to.'
    );
  elsif invitation.accepted_at is not null then
    perform private.refuse(409, 'invitation_used', 'This invitation was used already.');
  elsif invitation.revoked_at is not null
    or invitation.expires_at <= now()
    -- It lasts no longer than the membership of who sent it.
    or not private.is_inviter(invitation.organization_id, invitation.invited_by)
    or not exists (
      select from public.organizations as organization
      where organization.id = invitation.organization_id and organization.status = 'active'
    )
  then
    perform private.refuse(410, 'invitation_expired', 'This invitation is no longer open.', 'Ask for a new one.');
  end if;

  -- Profiles before members, as everybody who locks both.
  update public.user_profiles as profile
  set current_organization_id = invitation.organization_id
  where profile.user_id = caller;
  insert into public.members as member (organization_id, user_id, status, joined_at)
  values (invitation.organization_id, caller, 'active', now())
  on conflict on constraint members_pkey do update
  set status = 'active',
    joined_at = now()
  where member.status = 'pending';
  if not found then
    perform private.refuse(409, 'already_member', 'You belong to this organization already.');
  end if;
  insert into public.user_plant_access (organization_id, user_id, plant_id, access_level, granted_by)
  select invitation.organization_id, caller, invitation.plant_id, 'read', invitation.invited_by
  where invitation.plant_id is not null
  on conflict do nothing;
  -- A role that was deleted meanwhile is not granted.
  insert into public.user_roles (organization_id, user_id, role_code, plant_id, granted_by)
  select invitation.organization_id, caller, role.code, invitation.plant_id, invitation.invited_by
  from public.roles as role
  where role.organization_id = invitation.organization_id and role.code = any (invitation.role_codes)
  on conflict do nothing;
  update public.invitations as sent
  set accepted_at = now(),
    accepted_by = caller
  where sent.organization_id = invitation.organization_id and sent.id = invitation.id;
  select * into joined from private.memberships(caller, invitation.organization_id);
  return joined;
end;
$$;

comment on function private.accept_invitation(text) is
  'Accepts an invitation: public.accept_invitation with the rights that this takes.';

revoke execute on function private.accept_invitation(text) from public;
grant execute on function private.accept_invitation(text) to authenticated, service_role;
--! EndIncluded tenancy/private/accept_invitation.sql
--! Included tenancy/private/invitation_to_send.sql
create or replace function private.invitation_to_send (
  organization_id text,
  invitation_id uuid
)
  returns setof public.invitation_mail
  language sql
  stable
  security definer
  set search_path = ''
  as $$
  select
    invitation.id,
    invitation.email,
    organization.name,
    (select profile.display_name from public.user_profiles as profile where profile.user_id = invitation.invited_by),
    array(
      select role.name
      from public.roles as role
      where role.organization_id = invitation.organization_id and role.code = any (invitation.role_codes)
      order by role.name
    ),
    invitation.expires_at
  from public.invitations as invitation
    join public.organizations as organization on organization.id = invitation.organization_id
  where invitation.organization_id = invitation_to_send.organization_id
    and invitation.id = invitation_to_send.invitation_id
    and invitation.accepted_at is null
    and invitation.revoked_at is null
    and invitation.expires_at > now()
    and organization.status = 'active'
    and private.is_inviter(invitation.organization_id, invitation.invited_by);
$$;

comment on function private.invitation_to_send(text, uuid) is
  'Returns what the mail of an invitation says: public.invitation_to_send with the rights that this takes.';

revoke execute on function private.invitation_to_send(text, uuid) from public;
grant execute on function private.invitation_to_send(text, uuid) to service_role;
--! EndIncluded tenancy/private/invitation_to_send.sql
--! Included identity/private/token_claims.sql
create or replace function private.token_claims (
  user_id uuid
)
  returns jsonb
  language plpgsql
  security definer
  set search_path = ''
  as $$
declare
  role text;
  wanted text;
  chosen text;
begin
  update public.user_profiles as profile
  set last_seen_at = now()
  where profile.user_id = token_claims.user_id
  returning profile.platform_role, profile.current_organization_id into role, wanted;
  if not found then
    return null;
  end if;
  -- The one that the user chose, while the door is open; otherwise the one that they have belonged to for longest.
  chosen := (
    select member.organization_id
    from public.members as member
    where member.user_id = token_claims.user_id
      and member.is_open
    order by member.organization_id = wanted desc, member.joined_at, member.organization_id
    fetch first row only
  );
  if role = 'superadmin' and wanted is not null then
    chosen := coalesce(
      (select organization.id from public.organizations as organization where organization.id = wanted),
      chosen
    );
  end if;
  return jsonb_build_object(
    'platform_role', role,
    'organization_id', chosen,
    'organization_role', (
      select coalesce(
        (
          select held.role_code
          from public.user_roles as held
            left join private.system_roles as system on system.code = held.role_code
          where held.organization_id = member.organization_id
            and held.user_id = member.user_id
            and held.plant_id is null
            and (held.expires_at is null or held.expires_at > now())
          order by system.position, held.role_code
          fetch first row only
        ),
        'customer'
      )
      from public.members as member
      where member.organization_id = chosen and member.user_id = token_claims.user_id
    )
  );
end;
$$;

comment on function private.token_claims(uuid) is
  'Returns what Rowhouse adds to the access token of a user, null without a profile, and notes that the user was seen. Takes the user id. organization_id is the organization that the user works in, null without one; organization_role the most powerful role there, for front ends: policies ask the tables.';

revoke execute on function private.token_claims(uuid) from public;
grant execute on function private.token_claims(uuid) to supabase_auth_admin;
--! EndIncluded identity/private/token_claims.sql
--! Included identity/private/update_user.sql
create or replace function private.update_user (
  id uuid,
  display_name text,
  platform_role text,
  preferences jsonb
)
  returns public.user_account
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.require_superadmin();
  perform private.require_user(update_user.id);
  if update_user.platform_role not in ('user', 'superadmin') then
    perform private.refuse(400, 'role_invalid', 'platform_role is user or superadmin.');
  elsif update_user.display_name is not null
    and private.clean_display_name(update_user.display_name) is distinct from update_user.display_name
  then
    perform private.refuse(
      400,
      'display_name_invalid',
      'A display name is one line of 1 to 200 characters, without control characters and without spaces around it.'
    );
  elsif jsonb_typeof(update_user.preferences) <> 'object' or length(update_user.preferences::text) > 20000 then
    perform private.refuse(400, 'preferences_invalid', 'preferences is an object of at most 20,000 characters.');
  elsif update_user.platform_role = 'superadmin' and private.caller_role() = 'service_role' then
    -- A leaked key must not outlive its rotation in the shape of a superadmin.
    perform private.refuse(
      403,
      'superadmin_required',
      'The secret key makes no superadmins.',
      'Another superadmin can, and rowhouse superadmin grant <email>.'
    );
  elsif update_user.platform_role is not null then
    perform private.refuse_own_account(update_user.id, 'change the role of');
  end if;

  perform private.insert_profiles(array[update_user.id]);
  update public.user_profiles as profile
  set display_name = coalesce(update_user.display_name, profile.display_name),
    platform_role = coalesce(update_user.platform_role, profile.platform_role),
    preferences = coalesce(update_user.preferences, profile.preferences)
  where profile.user_id = update_user.id;
  return private.get_user(update_user.id);
end;
$$;

comment on function private.update_user(uuid, text, text, jsonb) is
  'Changes a profile: public.update_user with the rights that this takes.';

revoke execute on function private.update_user(uuid, text, text, jsonb) from public;
grant execute on function private.update_user(uuid, text, text, jsonb) to authenticated, service_role;
--! EndIncluded identity/private/update_user.sql

--! Included tenancy/triggers/members.sql
create or replace trigger _100_mirror
  before insert on public.members
  for each row
  execute function private.tg_members__mirror();

create or replace trigger _300_limit_insert
  after insert on public.members
  referencing new table as new_rows
  for each statement
  execute function private.tg_members__limit();

create or replace trigger _300_limit_update
  after update on public.members
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_members__limit();

create or replace trigger _310_keep_owner_update
  after update on public.members
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_members__keep_owner();
--! EndIncluded tenancy/triggers/members.sql
--! Included access/triggers/user_roles.sql
create or replace trigger _100_mirror
  before insert on public.user_roles
  for each row
  execute function private.tg_user_roles__mirror();

create or replace trigger _310_keep_owner_update
  after update on public.user_roles
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function private.tg_user_roles__keep_owner();

create or replace trigger _310_keep_owner_delete
  after delete on public.user_roles
  referencing old table as old_rows
  for each statement
  execute function private.tg_user_roles__keep_owner();
--! EndIncluded access/triggers/user_roles.sql
--! Included access/triggers/organizations.sql
create or replace trigger _200_found
  after insert on public.organizations
  referencing new table as new_rows
  for each statement
  execute function private.tg_organizations__found();
--! EndIncluded access/triggers/organizations.sql
--! Included access/triggers/roles.sql
create or replace trigger _200_expand_insert
  after insert on public.roles
  referencing new table as new_rows
  for each statement
  execute function private.tg_roles__expand();

create or replace trigger _200_expand_update
  after update on public.roles
  referencing new table as new_rows
  for each statement
  execute function private.tg_roles__expand();
--! EndIncluded access/triggers/roles.sql
--! Included tenancy/triggers/organizations.sql
create or replace trigger _100_stamp
  before update on public.organizations
  for each row
  execute function private.tg__stamp_updated_at();
--! EndIncluded tenancy/triggers/organizations.sql

--! Included tenancy/policies/organizations.sql
-- The tenants themselves: what is organization_id elsewhere is id here.
drop policy if exists "only rows of the current organization" on public.organizations;
create policy "only rows of the current organization" on public.organizations
  as restrictive
  to authenticated
  using (id = (select private.organization_with('organization.read')))
  with check (id = (select private.organization_with('organization.read')));

drop policy if exists "who may read" on public.organizations;
create policy "who may read" on public.organizations
  for select
  to authenticated
  using (id = (select private.organization_with('organization.read')));

drop policy if exists "who may change" on public.organizations;
create policy "who may change" on public.organizations
  for update
  to authenticated
  using (id = (select private.organization_with('organization.manage')))
  with check (id = (select private.organization_with('organization.manage')));
--! EndIncluded tenancy/policies/organizations.sql
--! Included access/policies/permissions.sql
drop policy if exists "everybody who is signed in reads the catalog" on public.permissions;
create policy "everybody who is signed in reads the catalog" on public.permissions
  for select
  to authenticated
  using ((select private.current_user_id()) is not null);
--! EndIncluded access/policies/permissions.sql
--! Included audit/policies/audit_logs.sql
drop policy if exists "an organization's log stays in it" on public.audit_logs;
create policy "an organization's log stays in it" on public.audit_logs
  as restrictive
  for all
  to authenticated
  using (organization_id = (select private.organization_with('audit.read')))
  with check (organization_id = (select private.organization_with('audit.read')));

drop policy if exists "who may audit reads the log" on public.audit_logs;
create policy "who may audit reads the log" on public.audit_logs
  for select
  to authenticated
  using (organization_id = (select private.organization_with('audit.read')));
--! EndIncluded audit/policies/audit_logs.sql

-- The API.

--! Included access/public/check_permission.sql
create or replace function public.check_permission (
  code text,
  plant_id uuid default null
)
  returns boolean
  language sql
  stable
  set search_path = ''
  as $$
  select private.check_permission(code, plant_id);
$$;

comment on function public.check_permission(text, uuid) is
  'Returns whether the caller may do something in the current organization. Takes the code of a permission, and a plant: with one, a role that is bound to it counts as well; without, only roles for the whole organization. False for what does not exist, and without an organization.';

revoke execute on function public.check_permission(text, uuid) from public;
grant execute on function public.check_permission(text, uuid) to authenticated, service_role;
--! EndIncluded access/public/check_permission.sql
--! Included access/public/my_permissions.sql
create or replace function public.my_permissions()
  returns setof public.held_permission
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.my_permissions();
$$;

comment on function public.my_permissions() is
  'Returns what the caller may do in the current organization: each permission with the plant at which it counts, null for the whole organization. No rows without an organization.';

revoke execute on function public.my_permissions() from public;
grant execute on function public.my_permissions() to authenticated, service_role;
--! EndIncluded access/public/my_permissions.sql
--! Included tenancy/public/my_organizations.sql
create or replace function public.my_organizations()
  returns setof public.organization_membership
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.my_organizations();
$$;

comment on function public.my_organizations() is
  'Returns the organizations that the signed-in user is a member of, by name, with the status and the roles there: what a front end offers to choose from. Raises PT401 not_authenticated.';

revoke execute on function public.my_organizations() from public;
grant execute on function public.my_organizations() to authenticated, service_role;
--! EndIncluded tenancy/public/my_organizations.sql
--! Included tenancy/public/create_organization.sql
create or replace function public.create_organization (
  name text,
  slug text,
  owner_id uuid default null,
  id text default null,
  tier text default null,
  timezone text default null,
  max_users integer default null
)
  returns public.organizations
  language sql
  volatile
  set search_path = ''
  as $$
  select private.create_organization(name, slug, owner_id, id, tier, timezone, max_users);
$$;

comment on function public.create_organization(text, text, uuid, text, text, text, integer) is
  'Creates an organization with its system roles and its owner, in one transaction (superadmins; signed-up users for themselves where the platform allows it, with name, slug and timezone). Takes the name; the slug for links, lower case letters, digits and hyphens; the user who owns it, null for the caller; a reserved id, null for a generated one; the tier (free, basic, professional, enterprise; null for basic); an IANA time zone, null for UTC; how many active members it may have, null for 10. Returns the organization. Raises PT400 owner_required, name_invalid, slug_invalid, timezone_invalid, tier_invalid, limits_invalid, organization_id_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 user_not_found; PT409 organization_exists.';

revoke execute on function public.create_organization(text, text, uuid, text, text, text, integer) from public;
grant execute
  on function public.create_organization(text, text, uuid, text, text, text, integer)
  to authenticated, service_role;
--! EndIncluded tenancy/public/create_organization.sql
--! Included tenancy/public/update_organization.sql
create or replace function public.update_organization (
  id text,
  name text default null,
  slug text default null,
  tier text default null,
  timezone text default null,
  max_users integer default null,
  max_properties integer default null,
  features jsonb default null
)
  returns public.organizations
  language sql
  volatile
  set search_path = ''
  as $$
  select private.update_organization(id, name, slug, tier, timezone, max_users, max_properties, features);
$$;

comment on function public.update_organization(text, text, text, text, text, integer, integer, jsonb) is
  'Changes any organization and its plan (superadmins; its own members change its particulars in the table, with organization.manage). Takes the id and what is to change; null leaves a value as it is. max_users and max_properties are limits of the plan; fewer than there are stops more from being added. Returns the organization. Raises PT400 name_invalid, slug_invalid, timezone_invalid, features_invalid, tier_invalid, limits_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_exists.';

revoke execute
  on function public.update_organization(text, text, text, text, text, integer, integer, jsonb)
  from public;
grant execute
  on function public.update_organization(text, text, text, text, text, integer, integer, jsonb)
  to authenticated, service_role;
--! EndIncluded tenancy/public/update_organization.sql
--! Included tenancy/public/suspend_organization.sql
create or replace function public.suspend_organization (
  id text,
  reason text
)
  returns public.organizations
  language sql
  volatile
  set search_path = ''
  as $$
  select private.set_organization_status(id, 'suspended', reason);
$$;

comment on function public.suspend_organization(text, text) is
  'Suspends an organization (superadmins): from this moment its members read and write nothing; superadmins still can. Takes the id and the reason, up to 1,000 characters. Returns the organization. Raises PT400 reason_required, reason_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_status_conflict.';

revoke execute on function public.suspend_organization(text, text) from public;
grant execute on function public.suspend_organization(text, text) to authenticated, service_role;
--! EndIncluded tenancy/public/suspend_organization.sql
--! Included tenancy/public/reactivate_organization.sql
create or replace function public.reactivate_organization (
  id text
)
  returns public.organizations
  language sql
  volatile
  set search_path = ''
  as $$
  select private.set_organization_status(id, 'active', null);
$$;

comment on function public.reactivate_organization(text) is
  'Lets the members of a suspended or cancelled organization in again (superadmins). Takes the id. Returns the organization. Raises PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_status_conflict.';

revoke execute on function public.reactivate_organization(text) from public;
grant execute on function public.reactivate_organization(text) to authenticated, service_role;
--! EndIncluded tenancy/public/reactivate_organization.sql
--! Included tenancy/public/cancel_organization.sql
create or replace function public.cancel_organization (
  id text,
  reason text
)
  returns public.organizations
  language sql
  volatile
  set search_path = ''
  as $$
  select private.set_organization_status(id, 'cancelled', reason);
$$;

comment on function public.cancel_organization(text, text) is
  'Cancels an organization (superadmins): nothing is deleted, and its members read and write nothing. Takes the id and the reason, up to 1,000 characters. Returns the organization. Raises PT400 reason_required, reason_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_status_conflict.';

revoke execute on function public.cancel_organization(text, text) from public;
grant execute on function public.cancel_organization(text, text) to authenticated, service_role;
--! EndIncluded tenancy/public/cancel_organization.sql
--! Included tenancy/public/purge_organization.sql
create or replace function public.purge_organization (
  id text,
  confirm_name text
)
  returns setof public.organization_use
  language sql
  volatile
  set search_path = ''
  as $$
  select * from private.purge_organization(id, confirm_name);
$$;

comment on function public.purge_organization(text, text) is
  'Deletes a cancelled organization with every row that belongs to it, for good (superadmins). Its audit log stays until its retention ends, and says who purged what. Takes the id and, as a confirmation, the exact name. Returns how many rows of each table were deleted. Raises PT400 confirmation_mismatch; PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_not_cancelled.';

revoke execute on function public.purge_organization(text, text) from public;
grant execute on function public.purge_organization(text, text) to authenticated, service_role;
--! EndIncluded tenancy/public/purge_organization.sql
--! Included tenancy/public/organization_usage.sql
create or replace function public.organization_usage()
  returns setof public.organization_use
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.organization_usage();
$$;

comment on function public.organization_usage() is
  'Returns what the current organization has, each against the limit of its plan: the active members, then how many rows of each table (organization.read). Raises PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke execute on function public.organization_usage() from public;
grant execute on function public.organization_usage() to authenticated, service_role;
--! EndIncluded tenancy/public/organization_usage.sql
--! Included tenancy/public/list_organizations.sql
create or replace function public.list_organizations (
  search text default null,
  status text default null,
  page integer default 1,
  per_page integer default 50
)
  returns public.organization_page
  language sql
  stable
  set search_path = ''
  as $$
  select private.list_organizations(search, status, page, per_page);
$$;

comment on function public.list_organizations(text, text, integer, integer) is
  'Returns one page of organizations, newest first, with counts of members and plants and the total (superadmins). Takes a text to find in name, slug, id and contact e-mail; a status (active, suspended, cancelled); the page from 1 and its size, up to 100. Raises PT400 per_page_invalid, page_invalid, status_invalid, search_invalid; PT401 not_authenticated; PT403 superadmin_required.';

revoke execute on function public.list_organizations(text, text, integer, integer) from public;
grant execute
  on function public.list_organizations(text, text, integer, integer)
  to authenticated, service_role;
--! EndIncluded tenancy/public/list_organizations.sql
--! Included tenancy/public/switch_organization.sql
create or replace function public.switch_organization (
  id text
)
  returns public.organization_membership
  language sql
  volatile
  set search_path = ''
  as $$
  select private.switch_organization(id);
$$;

comment on function public.switch_organization(text) is
  'Chooses the organization that the signed-in user works in: active members among theirs, superadmins anywhere. Recorded in the audit log. It takes effect with the next access token: refresh the session. Takes the id. Returns the organization as the user sees it. Raises PT401 not_authenticated; PT404 organization_not_found, also for one that the user is not an active member of.';

revoke execute on function public.switch_organization(text) from public;
grant execute on function public.switch_organization(text) to authenticated, service_role;
--! EndIncluded tenancy/public/switch_organization.sql
--! Included tenancy/public/update_platform_settings.sql
create or replace function public.update_platform_settings (
  allow_organization_sign_up boolean
)
  returns boolean
  language sql
  volatile
  set search_path = ''
  as $$
  select private.update_platform_settings(allow_organization_sign_up);
$$;

comment on function public.update_platform_settings(boolean) is
  'Decides whether signed-up users may create organizations for themselves (superadmins; off at first). Takes and returns the decision. Raises PT401 not_authenticated; PT403 superadmin_required.';

revoke execute on function public.update_platform_settings(boolean) from public;
grant execute on function public.update_platform_settings(boolean) to authenticated, service_role;
--! EndIncluded tenancy/public/update_platform_settings.sql
--! Included tenancy/public/approve_member.sql
create or replace function public.approve_member (
  user_id uuid
)
  returns public.members
  language sql
  volatile
  set search_path = ''
  as $$
  select private.change_member(user_id, 'pending', 'active');
$$;

comment on function public.approve_member(uuid) is
  'Lets in who asked to join the current organization (members.manage). Takes the user. Returns the member. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found; PT409 own_membership, member_status_conflict, limit_reached.';

revoke execute on function public.approve_member(uuid) from public;
grant execute on function public.approve_member(uuid) to authenticated, service_role;
--! EndIncluded tenancy/public/approve_member.sql
--! Included tenancy/public/suspend_member.sql
create or replace function public.suspend_member (
  user_id uuid
)
  returns public.members
  language sql
  volatile
  set search_path = ''
  as $$
  select private.change_member(user_id, 'active', 'suspended');
$$;

comment on function public.suspend_member(uuid) is
  'Shuts a member out of the current organization, at once, whatever token they hold (members.manage). Their roles stay for when they return. Takes the user. Returns the member. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found; PT409 own_membership, member_status_conflict, last_owner.';

revoke execute on function public.suspend_member(uuid) from public;
grant execute on function public.suspend_member(uuid) to authenticated, service_role;
--! EndIncluded tenancy/public/suspend_member.sql
--! Included tenancy/public/reactivate_member.sql
create or replace function public.reactivate_member (
  user_id uuid
)
  returns public.members
  language sql
  volatile
  set search_path = ''
  as $$
  select private.change_member(user_id, 'suspended', 'active');
$$;

comment on function public.reactivate_member(uuid) is
  'Lets a suspended member into the current organization again (members.manage). Takes the user. Returns the member. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found; PT409 own_membership, member_status_conflict, limit_reached.';

revoke execute on function public.reactivate_member(uuid) from public;
grant execute on function public.reactivate_member(uuid) to authenticated, service_role;
--! EndIncluded tenancy/public/reactivate_member.sql
--! Included tenancy/public/remove_member.sql
create or replace function public.remove_member (
  user_id uuid
)
  returns public.members
  language sql
  volatile
  set search_path = ''
  as $$
  select private.remove_member(user_id, false);
$$;

comment on function public.remove_member(uuid) is
  'Removes a member with their roles from the current organization, at once, whatever token they hold (members.manage; everybody may leave). Takes the user. Returns the member as they were. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found; PT409 last_owner.';

revoke execute on function public.remove_member(uuid) from public;
grant execute on function public.remove_member(uuid) to authenticated, service_role;
--! EndIncluded tenancy/public/remove_member.sql
--! Included tenancy/public/reject_member.sql
create or replace function public.reject_member (
  user_id uuid
)
  returns public.members
  language sql
  volatile
  set search_path = ''
  as $$
  select private.remove_member(user_id, true);
$$;

comment on function public.reject_member(uuid) is
  'Turns away who asked to join the current organization (members.manage). Takes the user. Returns the member as they were. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 member_not_found; PT409 member_status_conflict.';

revoke execute on function public.reject_member(uuid) from public;
grant execute on function public.reject_member(uuid) to authenticated, service_role;
--! EndIncluded tenancy/public/reject_member.sql
--! Included tenancy/public/join_organization.sql
create or replace function public.join_organization (
  slug text
)
  returns public.organization_membership
  language sql
  volatile
  set search_path = ''
  as $$
  select private.join_organization(slug);
$$;

comment on function public.join_organization(text) is
  'Joins an organization that allows self-registration, by its sign-up link; where it requires approval, asks to. Takes its slug. Returns the organization as the user sees it; member_status is pending or active. Raises PT401 not_authenticated; PT404 organization_not_found, the same for one that does not exist and one that is not open; PT409 already_member, limit_reached.';

revoke execute on function public.join_organization(text) from public;
grant execute on function public.join_organization(text) to authenticated, service_role;
--! EndIncluded tenancy/public/join_organization.sql
--! Included tenancy/public/list_members.sql
create or replace function public.list_members (
  search text default null,
  status text default null,
  page integer default 1,
  per_page integer default 50
)
  returns public.member_page
  language sql
  stable
  set search_path = ''
  as $$
  select private.list_members(search, status, page, per_page);
$$;

comment on function public.list_members(text, text, integer, integer) is
  'Returns one page of the members of the current organization, by name, with their roles and the total (members.read). Takes a text to find in name and e-mail; a status (pending, active, suspended); the page from 1 and its size, up to 100. Raises PT400 per_page_invalid, page_invalid, status_invalid, search_invalid; PT401 not_authenticated; PT403 organization_required, permission_required.';

revoke execute on function public.list_members(text, text, integer, integer) from public;
grant execute on function public.list_members(text, text, integer, integer) to authenticated, service_role;
--! EndIncluded tenancy/public/list_members.sql
--! Included access/public/grant_role.sql
create or replace function public.grant_role (
  user_id uuid,
  role_code text,
  plant_id uuid default null,
  department text default null,
  expires_at timestamptz default null
)
  returns public.user_roles
  language sql
  volatile
  set search_path = ''
  as $$
  select private.grant_role(user_id, role_code, plant_id, department, expires_at);
$$;

comment on function public.grant_role(uuid, text, uuid, text, timestamptz) is
  'Gives a member of the current organization a role (members.manage, and every permission of the role); granting it again changes the expiry. Takes the user; the code of the role; a plant, at which alone it then counts (the member gets access to it), null for the whole organization; a department, as a note; until when it counts, null for good. Returns the grant. Raises PT400 expiry_invalid, department_invalid, owner_unbounded; PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found, role_not_found, plant_not_found.';

revoke execute on function public.grant_role(uuid, text, uuid, text, timestamptz) from public;
grant execute
  on function public.grant_role(uuid, text, uuid, text, timestamptz)
  to authenticated, service_role;
--! EndIncluded access/public/grant_role.sql
--! Included access/public/revoke_role.sql
create or replace function public.revoke_role (
  id uuid
)
  returns public.user_roles
  language sql
  volatile
  set search_path = ''
  as $$
  select private.revoke_role(id);
$$;

comment on function public.revoke_role(uuid) is
  'Takes a role from a member of the current organization (members.manage, and every permission of the role). Takes the id of the grant, a row of user_roles. Returns the grant as it was. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 role_grant_not_found; PT409 last_owner.';

revoke execute on function public.revoke_role(uuid) from public;
grant execute on function public.revoke_role(uuid) to authenticated, service_role;
--! EndIncluded access/public/revoke_role.sql
--! Included access/public/create_role.sql
create or replace function public.create_role (
  code text,
  name text,
  description text default null,
  permissions text[] default '{}'
)
  returns public.roles
  language sql
  volatile
  set search_path = ''
  as $$
  select private.create_role(code, name, description, permissions);
$$;

comment on function public.create_role(text, text, text, text[]) is
  'Adds a role to the current organization (members.manage, and every permission that goes into it). Takes its code, 1 to 50 lower case letters, digits and underscores; its name; who has it; and its permissions, codes of the catalog or module.*. Returns the role. Raises PT400 code_invalid, name_invalid, description_invalid, permissions_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT409 role_exists.';

revoke execute on function public.create_role(text, text, text, text[]) from public;
grant execute on function public.create_role(text, text, text, text[]) to authenticated, service_role;
--! EndIncluded access/public/create_role.sql
--! Included access/public/update_role.sql
create or replace function public.update_role (
  code text,
  name text default null,
  description text default null,
  permissions text[] default null
)
  returns public.roles
  language sql
  volatile
  set search_path = ''
  as $$
  select private.update_role(code, name, description, permissions);
$$;

comment on function public.update_role(text, text, text, text[]) is
  'Changes a role of the current organization for everybody who has it (members.manage, and every permission that is in it before and after). Takes the code, and what is to change; null leaves a value as it is. System roles keep their names, the owner its permissions. Returns the role. Raises PT400 name_invalid, description_invalid, permissions_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 role_not_found; PT409 system_role.';

revoke execute on function public.update_role(text, text, text, text[]) from public;
grant execute on function public.update_role(text, text, text, text[]) to authenticated, service_role;
--! EndIncluded access/public/update_role.sql
--! Included access/public/delete_role.sql
create or replace function public.delete_role (
  code text
)
  returns public.roles
  language sql
  volatile
  set search_path = ''
  as $$
  select private.delete_role(code);
$$;

comment on function public.delete_role(text) is
  'Deletes a role of the current organization that nobody has (members.manage, and every permission in it). Takes the code. Returns the role as it was. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 role_not_found; PT409 system_role, role_in_use.';

revoke execute on function public.delete_role(text) from public;
grant execute on function public.delete_role(text) to authenticated, service_role;
--! EndIncluded access/public/delete_role.sql
--! Included access/public/grant_plant_access.sql
create or replace function public.grant_plant_access (
  user_id uuid,
  plant_id uuid,
  access_level text default 'read'
)
  returns public.user_plant_access
  language sql
  volatile
  set search_path = ''
  as $$
  select private.grant_plant_access(user_id, plant_id, access_level);
$$;

comment on function public.grant_plant_access(uuid, uuid, text) is
  'Gives a member of the current organization access to a plant, or changes how far it goes (members.manage, and at least this access oneself, or plants.manage). Takes the user, the plant, and read, write or admin. Returns the access. Raises PT400 access_level_invalid; PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found, plant_not_found.';

revoke execute on function public.grant_plant_access(uuid, uuid, text) from public;
grant execute on function public.grant_plant_access(uuid, uuid, text) to authenticated, service_role;
--! EndIncluded access/public/grant_plant_access.sql
--! Included access/public/revoke_plant_access.sql
create or replace function public.revoke_plant_access (
  user_id uuid,
  plant_id uuid
)
  returns public.user_plant_access
  language sql
  volatile
  set search_path = ''
  as $$
  select private.revoke_plant_access(user_id, plant_id);
$$;

comment on function public.revoke_plant_access(uuid, uuid) is
  'Takes from a member of the current organization the access to a plant, and with it the roles that are bound to it (members.manage, and every permission of those roles). Takes the user and the plant. Returns the access as it was. Raises PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 member_not_found, plant_access_not_found.';

revoke execute on function public.revoke_plant_access(uuid, uuid) from public;
grant execute on function public.revoke_plant_access(uuid, uuid) to authenticated, service_role;
--! EndIncluded access/public/revoke_plant_access.sql
--! Included tenancy/public/create_invitation.sql
create or replace function public.create_invitation (
  id uuid,
  email text,
  token_hash text,
  role_codes text[] default '{}',
  plant_id uuid default null
)
  returns public.open_invitation
  language sql
  volatile
  set search_path = ''
  as $$
  select private.create_invitation(id, email, token_hash, role_codes, plant_id);
$$;

comment on function public.create_invitation(uuid, text, text, text[], uuid) is
  'Invites somebody into the current organization for 7 days and queues the mail (members.manage, and every permission of the roles). Call the edge function invite-member, which makes the token; another token than its own is one that no mail will carry. Takes a new id; the address; the SHA-256 of the token, hexadecimal; the roles; a plant where they count, null for the whole organization. An open invitation of the same address is revoked. Returns the invitation. Raises PT400 email_invalid, token_hash_invalid, roles_invalid, owner_unbounded; PT401 not_authenticated; PT403 organization_required, permission_required, grant_exceeds_own; PT404 role_not_found, plant_not_found; PT409 already_member, invitation_exists; PT429 rate_limited: 30 an hour by one member, 100 by an organization.';

revoke execute on function public.create_invitation(uuid, text, text, text[], uuid) from public;
grant execute
  on function public.create_invitation(uuid, text, text, text[], uuid)
  to authenticated, service_role;
--! EndIncluded tenancy/public/create_invitation.sql
--! Included tenancy/public/revoke_invitation.sql
create or replace function public.revoke_invitation (
  id uuid
)
  returns public.open_invitation
  language sql
  volatile
  set search_path = ''
  as $$
  select private.revoke_invitation(id);
$$;

comment on function public.revoke_invitation(uuid) is
  'Takes back an open invitation of the current organization (members.manage). Takes the id. Returns the invitation. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 invitation_not_found.';

revoke execute on function public.revoke_invitation(uuid) from public;
grant execute on function public.revoke_invitation(uuid) to authenticated, service_role;
--! EndIncluded tenancy/public/revoke_invitation.sql
--! Included tenancy/public/accept_invitation.sql
create or replace function public.accept_invitation (
  token text
)
  returns public.organization_membership
  language sql
  volatile
  set search_path = ''
  as $$
  select private.accept_invitation(token);
$$;

comment on function public.accept_invitation(text) is
  'Joins the organization that invited the signed-in user, with the roles of the invitation, and makes it the current one from the next access token on. Takes the token of the link in the mail; the verified e-mail address must be the invited one. Returns the organization as the user sees it. Raises PT401 not_authenticated; PT403 email_not_verified; PT404 invitation_not_found, the same for an unknown token and for somebody else''s; PT409 invitation_used, already_member, limit_reached; PT410 invitation_expired, also when it was revoked or who sent it is no longer a member.';

revoke execute on function public.accept_invitation(text) from public;
grant execute on function public.accept_invitation(text) to authenticated, service_role;
--! EndIncluded tenancy/public/accept_invitation.sql
--! Included tenancy/public/invitation_to_send.sql
create or replace function public.invitation_to_send (
  organization_id text,
  invitation_id uuid
)
  returns setof public.invitation_mail
  language sql
  stable
  set search_path = ''
  as $$
  select * from private.invitation_to_send(organization_id, invitation_id);
$$;

comment on function public.invitation_to_send(text, uuid) is
  'Returns what the mail of an invitation says (service role only, for the worker); no row when it is no longer open. Takes the organization and the id.';

revoke execute on function public.invitation_to_send(text, uuid) from public;
grant execute on function public.invitation_to_send(text, uuid) to service_role;
--! EndIncluded tenancy/public/invitation_to_send.sql
--! Included identity/public/update_user.sql
create or replace function public.update_user (
  id uuid,
  display_name text default null,
  platform_role text default null,
  preferences jsonb default null
)
  returns public.user_account
  language sql
  volatile
  set search_path = ''
  as $$
  select private.update_user(id, display_name, platform_role, preferences);
$$;

comment on function public.update_user(uuid, text, text, jsonb) is
  'Changes the profile of a user, creating it where it is missing (superadmins and the service role). Takes the display name, the role (user, superadmin; not of oneself) and the preferences; null leaves a value as it is. The service role cannot make a superadmin. E-mail and phone belong to the auth server. Returns the user. Raises PT400 display_name_invalid, role_invalid, preferences_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 user_not_found; PT409 own_account.';

revoke execute on function public.update_user(uuid, text, text, jsonb) from public;
grant execute on function public.update_user(uuid, text, text, jsonb) to authenticated, service_role;
--! EndIncluded identity/public/update_user.sql
--! Included access/public/check_request.sql
create or replace function public.check_request()
  returns void
  language plpgsql
  stable
  set search_path = ''
  as $$
declare
  headers constant jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
begin
  if headers ->> 'prefer' ~* 'count\s*=\s*(planned|estimated)' then
    raise exception using
      errcode = 'PT400',
      message = 'Counts are exact here: an estimate is made of the rows of all organizations.',
      detail = '{"code": "count_unavailable"}',
      hint = 'Ask with Prefer: count=exact.';
  end if;
end;
$$;

comment on function public.check_request() is
  'What PostgREST is to call before each request (db-pre-request): refuses counts that the planner estimates, because its statistics know no tenants. Raises PT400 count_unavailable. @anonymous';

revoke execute on function public.check_request() from public;
-- As whoever makes the request.
grant execute on function public.check_request() to anon, authenticated, service_role;
--! EndIncluded access/public/check_request.sql
--! Included identity/public/custom_access_token_hook.sql
create or replace function public.custom_access_token_hook (
  event jsonb
)
  returns jsonb
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  claims jsonb;
begin
  claims := private.token_claims((event ->> 'user_id')::uuid);
  perform private.record_sign_in(event, claims ->> 'organization_id');
  return jsonb_set(event, '{claims}', (event -> 'claims') || coalesce(claims, '{"platform_role": "user"}'));
exception
  -- Whatever is wrong with a profile, its owner can sign in.
  when others then
    raise warning 'rowhouse: the access token of user % has no claims of ours: %', event ->> 'user_id', sqlerrm;
    return event;
end;
$$;

comment on function public.custom_access_token_hook(jsonb) is
  'The auth server''s hook before it signs an access token (supabase_auth_admin only). Takes its event, returns it with organization_id, organization_role and platform_role among the claims. Never raises: a sign-in must not fail because of it. The claims inform front ends; policies ask the tables.';

revoke execute on function public.custom_access_token_hook(jsonb) from public;
grant execute on function public.custom_access_token_hook(jsonb) to supabase_auth_admin;
--! EndIncluded identity/public/custom_access_token_hook.sql

insert into private.system_roles (code, name, description, position) values
  ('owner', 'Owner', 'Owns the organization: holds every permission. There is always at least one.', 1),
  ('admin', 'Administrator', 'Runs the organization on behalf of its owners.', 2),
  ('manager', 'Manager', 'Leads the daily business.', 3),
  ('plant_manager', 'Plant manager', 'Runs a plant.', 4),
  ('department_head', 'Department head', 'Leads a department.', 5),
  ('supervisor', 'Supervisor', 'Leads a shift or a crew.', 6),
  ('operator', 'Operator', 'Works at a plant.', 7),
  ('qc_inspector', 'Quality inspector', 'Inspects what is made, received and shipped.', 8),
  ('salesman', 'Salesperson', 'Sells.', 9),
  ('data_entry', 'Data entry', 'Enters records.', 10),
  ('viewer', 'Viewer', 'Looks, and changes nothing.', 11),
  ('instructor', 'Instructor', 'Holds courses.', 12),
  ('partner', 'Partner', 'Works with the organization from outside.', 13),
  ('contractor', 'Contractor', 'Works for the organization on a contract.', 14),
  ('subcontractor', 'Subcontractor', 'Works for one of its contractors.', 15),
  ('customer', 'Customer', 'Buys. Whoever has no other role has this one.', 16);

select private.define_permissions(
  descriptions => '{
    "organization.read": "Read the particulars of the organization, its plan and how much of it is used.",
    "organization.manage": "Change the particulars of the organization and how people may join it.",
    "organization.own": "Make and unmake owners. In no other role, it keeps owners above everybody else.",
    "plants.read": "Read the plants.",
    "plants.manage": "Add, change and delete plants; work at all of them.",
    "members.read": "Read who belongs to the organization, with which roles.",
    "members.manage": "Invite, approve, suspend and remove members; make roles and grant them, as far as one holds what is in them.",
    "roles.read": "Read the roles and what is in them.",
    "audit.read": "Read the audit log."
  }',
  holders => '{
    "owner": ["organization.*", "plants.*", "members.*", "roles.*", "audit.*"],
    "admin": ["organization.read", "organization.manage", "plants.*", "members.*", "roles.*", "audit.*"],
    "manager": ["organization.read", "plants.*", "members.read", "roles.read"],
    "plant_manager": ["organization.read", "plants.*", "members.read", "roles.read"],
    "department_head": ["organization.read", "plants.read", "members.read", "roles.read"],
    "supervisor": ["organization.read", "plants.read", "members.read"],
    "operator": ["organization.read", "plants.read"],
    "qc_inspector": ["organization.read", "plants.read"],
    "salesman": ["organization.read", "plants.read"],
    "data_entry": ["organization.read", "plants.read"],
    "viewer": ["organization.read", "plants.read", "members.read", "roles.read"],
    "instructor": ["plants.read"],
    "partner": ["plants.read"]
  }'
);

-- A mail server may be away for a while: ten attempts last for hours.
select private.create_queue('notifications', 10);

-- Every table gets its door from the same few lines.

select private.secure_table(
  'public.plants',
  read => 'plants.read',
  write => 'plants.manage',
  insertable => array['code', 'name', 'type', 'manager_id', 'timezone', 'address'],
  updatable => array['code', 'name', 'type', 'manager_id', 'timezone', 'address'],
  is_deletable => true
);
select private.secure_table(
  'public.members', read => 'members.read', read_also => 'user_id = (select private.current_user_id())'
);
select private.secure_table('public.invitations', read => 'members.manage', hidden => array['token_hash']);
select private.secure_table('public.roles', read => 'roles.read');
select private.secure_table(
  'public.user_roles', read => 'members.read', read_also => 'user_id = (select private.current_user_id())'
);
select private.secure_table(
  'public.user_plant_access', read => 'members.read', read_also => 'user_id = (select private.current_user_id())'
);

comment on column public.user_profiles.last_seen_at is 'When an access token was last issued. @unlogged';
comment on column public.user_profiles.preferences is 'What front ends remember for the user: an object of at most 20,000 characters. @unlogged';
comment on column public.user_profiles.current_organization_id is 'The organization that the user works in: the next access token names it, if they may. @unlogged';

select private.audit_table('public.organizations');
select private.audit_table('public.user_profiles');
-- A profile comes with its user, whose sign-up the auth server logs.
drop trigger _500_audit_insert on public.user_profiles;

-- The advisors of Supabase look at the table of the migrations, too.
do $$
begin
  if to_regclass('graphile_migrate.migrations') is not null then
    create index if not exists migrations_previous_hash_idx on graphile_migrate.migrations (previous_hash);
  end if;
end;
$$;
