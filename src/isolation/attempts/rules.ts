import type pg from 'pg';
import { apiRoles, organizationColumn } from '../catalog.ts';

/** What the catalog alone says: a door that is open whether anybody was seen to go through it or not. */
export interface BrokenRule {
  rule: string;
  object: string;
  detail: string;
}

const relations = `pg_catalog.pg_class as rel join pg_catalog.pg_namespace as nsp on nsp.oid = rel.relnamespace`;
const functions = `pg_catalog.pg_proc as fn join pg_catalog.pg_namespace as nsp on nsp.oid = fn.pronamespace`;
const ours = `nsp.nspname in ('public', 'private')`;
const relationName = `format('%I.%I', nsp.nspname, rel.relname)`;
const functionName = `fn.oid::regprocedure::text`;
const notOfExtension = (classId: string, oid: string) =>
  `not exists (select from pg_catalog.pg_depend as dep
     where dep.classid = '${classId}'::regclass and dep.objid = ${oid} and dep.deptype = 'e')`;
const isTable = `rel.relkind in ('r', 'p')`;
const roles = `unnest($1::text[]) as role`;

/** A table of public that belongs to organizations, and the column that says to which. */
const tenantTable = `(
  select con.confrelid from pg_catalog.pg_constraint as con
  where con.contype = 'f' and cardinality(con.conkey) = 1 and con.conkey[1] = (
    select attnum from pg_catalog.pg_attribute where attrelid = con.conrelid and attname = $2
  ) limit 1
)`;

/** Each returns a row for what breaks it: `object` and `detail`. */
const rules: Record<string, string> = {
  'a table of public has row-level security': `
    select ${relationName} as object, 'row-level security is off' as detail from ${relations}
    where nsp.nspname = 'public' and ${isTable} and not rel.relrowsecurity and ${notOfExtension('pg_class', 'rel.oid')}`,

  'a tenant table has the restrictive policy': `
    select ${relationName} as object,
      format('no restrictive policy for all commands says %I = (select private.…()), using and with check', owner.attname) as detail
    from ${relations}
      join pg_catalog.pg_attribute as owner on owner.attrelid = rel.oid and not owner.attisdropped
        and owner.attname = case when rel.oid = ${tenantTable} then 'id' else $2 end
    where nsp.nspname = 'public' and ${isTable} and not rel.relispartition
      and not exists (
        select from pg_catalog.pg_policy as pol
        where pol.polrelid = rel.oid and not pol.polpermissive and pol.polcmd = '*'
          and (pol.polroles = '{0}' or 'authenticated'::regrole = any (pol.polroles))
          and pg_get_expr(pol.polqual, rel.oid) ~ format(
            '^\\(%s = \\( ?SELECT private\\.([a-z_]*organization[a-z_]*)\\([^()]*\\) AS \\1\\)\\)$', owner.attname)
          and pg_get_expr(pol.polwithcheck, rel.oid) = pg_get_expr(pol.polqual, rel.oid)
      )`,

  'a policy that lets rows be written checks them': `
    select ${relationName} as object, format('policy %I has no with check', pol.polname) as detail
    from pg_catalog.pg_policy as pol join ${relations} on rel.oid = pol.polrelid
    where ${ours} and pol.polcmd in ('w', '*') and pol.polwithcheck is null`,

  'no policy trusts what users write about themselves': `
    select ${relationName} as object, format('policy %I reads user_metadata', pol.polname) as detail
    from pg_catalog.pg_policy as pol join ${relations} on rel.oid = pol.polrelid
    where ${ours} and concat(pg_get_expr(pol.polqual, rel.oid), pg_get_expr(pol.polwithcheck, rel.oid)) ~ 'user_meta_?data'`,

  'a view is security invoker': `
    select ${relationName} as object, 'it reads with the rights of its owner' as detail from ${relations}
    where nsp.nspname = 'public' and rel.relkind in ('v', 'm') and ${notOfExtension('pg_class', 'rel.oid')}
      and (rel.relkind = 'm' or not coalesce('security_invoker=true' = any (rel.reloptions), false)
        and not coalesce('security_invoker=on' = any (rel.reloptions), false))`,

  'partitions and internal tables are closed to the API': `
    select ${relationName} as object, format('%s has a right to it', role) as detail from ${relations}, ${roles}
    where (nsp.nspname = 'private' or rel.relispartition and nsp.nspname = 'public') and rel.relkind in ('r', 'p', 'v', 'm', 'f')
      and (has_table_privilege(role, rel.oid, 'select, insert, update, delete, truncate, references, trigger')
        or has_any_column_privilege(role, rel.oid, 'select, insert, update, references'))`,

  'a partition is not in public': `
    select ${relationName} as object, 'it can be reached past its parent' as detail from ${relations}
    where nsp.nspname = 'public' and rel.relispartition and rel.relkind in ('r', 'p')`,

  'no client writes the organization of a row': `
    select ${relationName} as object, format('%s may %s %I', role, verb, owner.attname) as detail
    from ${relations}
      join pg_catalog.pg_attribute as owner on owner.attrelid = rel.oid and not owner.attisdropped
        and owner.attname = case when rel.oid = ${tenantTable} then 'id' else $2 end,
      ${roles}, unnest(array['insert', 'update']) as verb
    where ${ours} and ${isTable} and has_column_privilege(role, rel.oid, owner.attnum, verb)`,

  'no client reads a sequence, which counts for all organizations': `
    select ${relationName} as object, format('%s may use it', role) as detail from ${relations}, ${roles}
    where ${ours} and rel.relkind = 'S' and has_sequence_privilege(role, rel.oid, 'usage, select, update')
      and ${notOfExtension('pg_class', 'rel.oid')}`,

  'no client truncates, refers to or puts triggers on a table': `
    select ${relationName} as object, format('%s may %s', role, verb) as detail
    from ${relations}, ${roles}, unnest(array['truncate', 'references', 'trigger']) as verb
    where ${ours} and rel.relkind in ('r', 'p', 'v', 'm') and has_table_privilege(role, rel.oid, verb)`,

  'a foreign key between tenant tables carries the organization': `
    select ${relationName} as object,
      format('%I lets a row refer to a row of another organization in %s', con.conname, con.confrelid::regclass) as detail
    from pg_catalog.pg_constraint as con join ${relations} on rel.oid = con.conrelid
      join pg_catalog.pg_attribute as there on there.attrelid = con.confrelid and there.attname = $2 and not there.attisdropped
    where con.contype = 'f' and ${ours} and con.conparentid = 0
      and not exists (
        select from unnest(con.conkey, con.confkey) as pair (here, target)
          join pg_catalog.pg_attribute as owner on owner.attrelid = con.conrelid and owner.attnum = pair.here
        where owner.attname = $2 and pair.target = there.attnum
      )`,

  'what is unique starts with the organization': `
    select ${relationName} as object, format('%s tells of the rows of others', index.relname) as detail
    from pg_catalog.pg_index as idx join ${relations} on rel.oid = idx.indrelid
      join pg_catalog.pg_class as index on index.oid = idx.indexrelid
      join pg_catalog.pg_attribute as owner on owner.attrelid = rel.oid and owner.attname = $2 and not owner.attisdropped
    where ${ours} and ${isTable} and (idx.indisunique or idx.indisexclusion)
      -- What is of the whole platform, and no client reaches.
      and not (nsp.nspname = 'private' and coalesce(obj_description(rel.oid, 'pg_class'), '') ~ '@global\\M')
      and case when idx.indisexclusion then not owner.attnum = any (idx.indkey::int2[]) else idx.indkey[0] <> owner.attnum end`,

  'a function of public runs with the rights of its caller': `
    select ${functionName} as object, 'it is security definer' as detail from ${functions}
    where nsp.nspname = 'public' and fn.prosecdef and ${notOfExtension('pg_proc', 'fn.oid')}`,

  'a function fixes its search path': `
    select ${functionName} as object, 'its search_path is the caller''s' as detail from ${functions}
    where ${ours} and fn.prokind in ('f', 'p') and ${notOfExtension('pg_proc', 'fn.oid')}
      and not exists (select from unnest(fn.proconfig) as setting where setting like 'search\\_path=%')`,

  'nobody calls a function without a token': `
    select ${functionName} as object, 'anon may execute it' as detail from ${functions}
    where ${ours} and ${notOfExtension('pg_proc', 'fn.oid')}
      and has_function_privilege('anon', fn.oid, 'execute') and has_schema_privilege('anon', nsp.oid, 'usage')
      and coalesce(obj_description(fn.oid, 'pg_proc'), '') !~ '@anonymous\\M'`,

  'no trigger function can be called': `
    select ${functionName} as object, format('%s may execute it', role) as detail from ${functions}, ${roles}
    where ${ours} and fn.prorettype = 'trigger'::regtype and has_function_privilege(role, fn.oid, 'execute')
      and ${notOfExtension('pg_proc', 'fn.oid')}`,
};

/** How many rules there are. */
export const ruleNames = Object.keys(rules);

/** Asks the catalog for what breaks a rule that every object has to keep. */
export async function brokenRules(client: pg.ClientBase): Promise<BrokenRule[]> {
  const broken: BrokenRule[] = [];
  for (const [rule, query] of Object.entries(rules)) {
    // Each has both parameters, whether it asks for them or not.
    const { rows } = await client.query<{ object: string; detail: string }>(
      `select * from (${query}) as broken where $1::text[] is not null and $2::text is not null`,
      [apiRoles, organizationColumn],
    );
    broken.push(...rows.map((row) => ({ rule, ...row })));
  }
  return broken;
}
