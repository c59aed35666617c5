-- Undoes 000005-customers: the functions, the tables, the types, and what it changed about refusals.
-- pg_temp.set_aside drops a table that is empty, and moves one that holds rows to the schema of the rollback.

drop function public.search_customers(text, text, boolean, integer, integer);
drop function public.merge_customers(uuid, uuid);
drop function public.get_or_create_customer();
drop function public.find_or_create_customer(text, text, text, text);
drop function public.explain_customer_access(uuid, uuid);
drop function public.delete_customer(uuid);

drop function private.search_customers(text, text, boolean, integer, integer);
drop function private.require_customer(uuid);
drop function private.merge_customers(uuid, uuid);
drop function private.get_or_create_customer();
drop function private.find_or_create_customer(text, text, text, text);
drop function private.find_or_insert_customer(text, text, text, text, text);
drop function private.explain_customer_access(uuid, uuid);
drop function private.verified_email(uuid);
drop function private.roles_with(uuid, text);
drop function private.drop_duplicates(regclass, name, name, text, uuid, uuid);
drop function private.delete_customer(uuid);
drop function private.customer_references();
drop function private.own_customer_ids();
drop function private.clean_line(text);

select pg_temp.set_aside('public.customer_health_notes');
select pg_temp.set_aside('public.customer_assignments');
select pg_temp.set_aside('public.customer_users');
select pg_temp.set_aside('public.customers');

drop function private.tg_customers__normalize();
drop function private.current_customer_ids();
drop function private.assigned_customer_ids();
drop function private.search_words(text[]);
drop function private.search_key(text[]);

drop type public.customer_access_reason;
drop type public.customer_summary;
drop type public.customer_page;

-- What roles hold of the module.
select pg_temp.copy_aside('private.role_permissions', 'role_permissions', 'split_part(permission, ''.'', 1) = ''customers''', null)
where current_setting('rowhouse.keep_rows')::boolean;
select private.undefine_permissions('customers');

-- Rows that are set aside may need it: then it stays.
do $$
begin
  drop extension unaccent;
  drop extension btree_gin;
  drop extension pg_trgm;
exception
  when dependent_objects_still_exist then
    null;
end;
$$;

-- As 000001-platform left it.

drop function private.refuse(integer, text, text, text, jsonb);
create or replace function private.refuse (
  status integer,
  code text,
  message text,
  hint text default null
)
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
begin
  raise exception using
    errcode = 'PT' || status,
    message = refuse.message,
    detail = jsonb_build_object('code', refuse.code)::text,
    hint = coalesce(refuse.hint, '');
end;
$$;

comment on function private.refuse(integer, text, text, text) is
  'Refuses a request. Takes the HTTP status (400 to 499), a stable code such as user_not_found, a sentence for a person and what to do about it. Never returns: raises SQLSTATE PT<status>, which PostgREST turns into that status, with {"code": …} as detail. docs/errors.md lists the codes.';

revoke execute on function private.refuse(integer, text, text, text) from public;

-- As 000004-tenancy left them.

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
