import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

/** A rule of the design: a query that returns what breaks it, and a statement that breaks it on purpose. */
interface Rule {
  broken: string;
  breakage: string;
}

const relations = `pg_class as rel join pg_namespace as nsp on nsp.oid = rel.relnamespace`;
const functions = `pg_proc as fn join pg_namespace as nsp on nsp.oid = fn.pronamespace`;
const inHouse = `nsp.nspname in ('public', 'private')`;

const rules: Record<string, Rule> = {
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
    breakage: `grant execute on function private.refuse(integer, text, text, text) to public`,
  },
  'no function that is a trigger can be called by an API role': {
    broken: `select fn.oid::regprocedure::text as object from ${functions}, unnest(array['anon', 'authenticated', 'service_role']) as role
             where ${inHouse} and fn.prorettype = 'trigger'::regtype and has_function_privilege(role, fn.oid, 'execute')`,
    breakage: `grant execute on function private.tg__stamp_updated_at() to authenticated`,
  },
  'anon has nothing yet': {
    broken: `select rel.oid::regclass::text as object from ${relations}
             where ${inHouse} and rel.relkind in ('r', 'p', 'v', 'm')
               and (has_table_privilege('anon', rel.oid, 'select, insert, update, delete, truncate, references, trigger')
                 or has_any_column_privilege('anon', rel.oid, 'select, insert, update, references'))
             union all
             select fn.oid::regprocedure::text from ${functions} where ${inHouse} and has_function_privilege('anon', fn.oid, 'execute')`,
    breakage: `grant select (display_name) on public.user_profiles to anon`,
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
                 where pol.polrelid = rel.oid and pol.polpermissive
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
                 and (idx.indkey::int2[])[0 : cardinality(con.conkey) - 1] operator(pg_catalog.@>) con.conkey)`,
    breakage: `drop index public.user_profiles_deactivated_by_idx`,
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

async function brokenBy(client: pg.ClientBase, rule: Rule): Promise<string[]> {
  const { rows } = await client.query<{ object: string }>(rule.broken);
  return rows.map(({ object }) => object);
}

describe('every table, view and function, present and future', () => {
  test.each(Object.entries(rules))('%s', async (_, rule) => {
    await db.inRollback(async (client) => {
      await client.query(`create table public.later (id integer)`);
      await client.query(`drop table public.later`);
      expect(await brokenBy(client, rule)).toEqual([]);
      await client.query(rule.breakage);
      expect(await brokenBy(client, rule), 'the rule does not notice what breaks it').not.toEqual([]);
    });
  });

  test('a new table and a new function belong to nobody but their owner', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        `create table public.later (id integer); create function public.later() returns integer language sql as 'select 1'`,
      );
      const { rows } = await client.query(`
        select role from unnest(array['anon', 'authenticated', 'service_role']) as role
        where has_table_privilege(role, 'public.later', 'select, insert, update, delete')
          or has_function_privilege(role, 'public.later()', 'execute')`);
      expect(rows).toEqual([]);
    });
  });
});
