import { functions, inHouse, relations, type Rule } from './rules.ts';

/** What holds for every table, view and function, whatever it is for. */
export const generalRules: Record<string, Rule> = {
  'every table of public has row-level security': {
    broken: `select rel.oid::regclass::text as object from ${relations}
             where nsp.nspname = 'public' and rel.relkind in ('r', 'p') and not rel.relrowsecurity`,
    breakage: `create table public.broken (id integer); comment on table public.broken is 'x'; comment on column public.broken.id is 'x'`,
  },
  'every table, view and type has a comment': {
    broken: `select rel.oid::regclass::text as object from ${relations}
             where ${inHouse} and rel.relkind in ('r', 'p', 'v', 'm') and obj_description(rel.oid, 'pg_class') is null
             union all
             select typ.oid::regtype::text from pg_type as typ join pg_namespace as nsp on nsp.oid = typ.typnamespace
             left join pg_class as rel on rel.oid = typ.typrelid
             where ${inHouse} and (typ.typtype in ('e', 'd') or rel.relkind = 'c') and obj_description(typ.oid, 'pg_type') is null`,
    breakage: `create type public.broken as (id integer)`,
  },
  'every column has a comment': {
    broken: `select format('%s.%s', rel.oid::regclass, att.attname) as object from ${relations}
             join pg_attribute as att on att.attrelid = rel.oid and att.attnum > 0 and not att.attisdropped
             where ${inHouse} and rel.relkind in ('r', 'p', 'v', 'm', 'c') and col_description(rel.oid, att.attnum) is null`,
    breakage: `alter table public.user_profiles add column broken text`,
  },
  'every function has a comment': {
    broken: `select fn.oid::regprocedure::text as object from ${functions}
             where ${inHouse} and obj_description(fn.oid, 'pg_proc') is null`,
    breakage: `create function private.broken() returns integer language sql set search_path = '' as 'select 1'`,
  },
  'every function fixes its search path, and to nothing': {
    broken: `select fn.oid::regprocedure::text as object from ${functions}
             where ${inHouse} and not ('search_path=""' = any (coalesce(fn.proconfig, '{}')))`,
    breakage: `create function private.broken() returns integer language sql as 'select 1'`,
  },
  'everything in public is security invoker': {
    broken: `select fn.oid::regprocedure::text as object from ${functions} where nsp.nspname = 'public' and fn.prosecdef
             union all
             select rel.oid::regclass::text from ${relations}
             where nsp.nspname = 'public' and rel.relkind = 'v'
               and not ('security_invoker=true' = any (coalesce(rel.reloptions, '{}')))`,
    breakage: `create view public.broken as select user_id from public.user_profiles`,
  },
  'no function is open to everyone': {
    broken: `select fn.oid::regprocedure::text as object from ${functions}, aclexplode(coalesce(fn.proacl, acldefault('f', fn.proowner))) as acl
             where ${inHouse} and acl.grantee = 0`,
    breakage: `grant execute on function private.refuse(integer, text, text, text, jsonb) to public`,
  },
  'no function that is a trigger can be called by an API role': {
    broken: `select fn.oid::regprocedure::text as object from ${functions}, unnest(array['anon', 'authenticated', 'service_role']) as role
             where ${inHouse} and fn.prorettype = 'trigger'::regtype and has_function_privilege(role, fn.oid, 'execute')`,
    breakage: `grant execute on function private.tg__stamp_updated_at() to authenticated`,
  },
  'anon reads and writes nothing': {
    broken: `select rel.oid::regclass::text as object from ${relations}
             where ${inHouse} and rel.relkind in ('r', 'p', 'v', 'm')
               and (has_table_privilege('anon', rel.oid, 'select, insert, update, delete, truncate, references, trigger')
                 or has_any_column_privilege('anon', rel.oid, 'select, insert, update, references'))`,
    breakage: `grant select (display_name) on public.user_profiles to anon`,
  },
  'the service role writes no table of public but through functions': {
    broken: `select rel.oid::regclass::text as object from ${relations}
             where nsp.nspname = 'public' and rel.relkind in ('r', 'p', 'v')
               and (has_table_privilege('service_role', rel.oid, 'delete')
                 or has_any_column_privilege('service_role', rel.oid, 'insert, update'))`,
    breakage: [
      `grant update (display_name) on public.user_profiles to service_role`,
      `grant delete on public.plants to service_role`,
    ],
  },
  'no API role may truncate, trigger or reference': {
    broken: `select rel.oid::regclass::text as object from ${relations}, unnest(array['anon', 'authenticated', 'service_role']) as role
             where ${inHouse} and rel.relkind in ('r', 'p') and has_table_privilege(role, rel.oid, 'truncate, references, trigger')`,
    breakage: `grant truncate on public.user_profiles to service_role`,
  },
  'no API role reads an internal table': {
    broken: `select rel.oid::regclass::text as object from ${relations}, unnest(array['anon', 'authenticated', 'service_role']) as role
             where nsp.nspname = 'private' and rel.relkind in ('r', 'p', 'v', 'm')
               and has_any_column_privilege(role, rel.oid, 'select, insert, update, references')`,
    breakage: `grant select on private.sync_runs to service_role`,
  },
  'every table of public has a policy for what it grants': {
    broken: `select format('%s %s', rel.oid::regclass, verb) as object
             from ${relations}, unnest(array['select', 'insert', 'update', 'delete']) as verb
             where nsp.nspname = 'public' and rel.relkind in ('r', 'p')
               and (case when verb = 'delete' then has_table_privilege('authenticated', rel.oid, verb)
                    else has_any_column_privilege('authenticated', rel.oid, verb) end)
               and not exists (select from pg_policy as pol
                 where pol.polrelid = rel.oid and pol.polpermissive and not rel.relispartition
                   and pol.polcmd in ('*', case verb when 'select' then 'r' when 'insert' then 'a' when 'update' then 'w' else 'd' end::"char"))`,
    breakage: `grant insert (display_name) on public.user_profiles to authenticated`,
  },
  'an update policy checks what it writes': {
    broken: `select format('%s: %s', pol.polrelid::regclass, pol.polname) as object from pg_policy as pol
             join pg_class as rel on rel.oid = pol.polrelid join pg_namespace as nsp on nsp.oid = rel.relnamespace
             where ${inHouse} and pol.polcmd in ('w', '*') and pol.polwithcheck is null`,
    breakage: `create policy broken on public.user_profiles for update to authenticated using (true)`,
  },
  'a policy calls functions once per statement, in a sub-select': {
    broken: `select format('%s: %s', pol.tablename, pol.policyname) as object from pg_policies as pol
             where pol.schemaname in ('public', 'private')
               and regexp_replace(concat(pol.qual, ' ', pol.with_check), '\\( SELECT [^()]*(\\([^()]*\\)[^()]*)*\\)', '', 'g')
                 ~ '(private|auth|public)\\.[a-z_]+\\('`,
    breakage: `create policy broken on public.user_profiles for delete to authenticated using (user_id = auth.uid())`,
  },
  'every foreign key has an index that starts with it': {
    broken: `select format('%s: %s', con.conrelid::regclass, con.conname) as object from pg_constraint as con
             join pg_class as rel on rel.oid = con.conrelid join pg_namespace as nsp on nsp.oid = rel.relnamespace
             where ${inHouse} and con.contype = 'f' and not exists (
               select from pg_index as idx
               where idx.indrelid = con.conrelid
                 and (idx.indkey::int2[])[0 : cardinality(con.conkey) - 1] operator(pg_catalog.@>) con.conkey
                 -- One that leaves rows out serves when those are the rows that refer to nothing.
                 and (idx.indpred is null or pg_get_expr(idx.indpred, idx.indrelid) = (
                   select format('(%I IS NOT NULL)', att.attname) from pg_attribute as att
                   where att.attrelid = con.conrelid and att.attnum = con.conkey[cardinality(con.conkey)])))`,
    breakage: [
      `drop index public.user_profiles_deactivated_by_idx`,
      `drop index public.user_roles_role_code_idx`,
      `drop index public.user_roles_role_code_idx;
       create index user_roles_role_code_idx on public.user_roles (organization_id, role_code) where expires_at is null`,
    ],
  },
  'no enum types: a list of values is a checked text': {
    broken: `select typ.oid::regtype::text as object from pg_type as typ join pg_namespace as nsp on nsp.oid = typ.typnamespace
             where ${inHouse} and typ.typtype = 'e'`,
    breakage: `create type public.broken as enum ('a'); comment on type public.broken is 'x'`,
  },
  'nothing of ours is in a schema of the platform, but for the trigger on auth.users': {
    broken: `select rel.oid::regclass::text as object from ${relations}
             where nsp.nspname in ('auth', 'storage', 'extensions') and rel.relowner = 'postgres'::regrole
             union all
             select format('%s: %s', trg.tgrelid::regclass, trg.tgname) from pg_trigger as trg
             join pg_class as rel on rel.oid = trg.tgrelid join pg_namespace as nsp on nsp.oid = rel.relnamespace
             join pg_proc as fn on fn.oid = trg.tgfoid
             where nsp.nspname not in ('public', 'private') and fn.pronamespace = 'private'::regnamespace
               and (trg.tgrelid, trg.tgname) <> ('auth.users'::regclass, '_100_create_profile')`,
    breakage: `create trigger broken before update on auth.users for each row execute function private.tg__stamp_updated_at()`,
  },
  'what is created later is granted to nobody': {
    broken: `select probe.object from (
               select 'public.later_table' as object where to_regclass('public.later_table') is not null
                 and has_table_privilege('authenticated', 'public.later_table', 'select')
             ) as probe`,
    breakage: `alter default privileges in schema public grant select on tables to authenticated; create table public.later_table (id integer)`,
  },
};
