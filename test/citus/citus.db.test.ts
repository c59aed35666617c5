import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../scripts/support/sql-files.ts';
import { expectRule, type Rule } from '../catalog/rules.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

/** Tables whose key is what a payment provider calls a thing, which is looked up before its organization is known. */
const ofProviders = `array['payment_intents', 'webhook_events']::name[]`;

/** What would have to be dropped, because it leads from one of them to a distributed table. */
const droppedKey = 'payment_intents_payment_id_fkey';

/**
 * What each table would be on Citus: `distributed` by organization_id; `reference`, a copy on every node, where a
 * distributed or another reference table refers to it; `local` otherwise.
 */
const kinds = `(
  with recursive ours as (
    select rel.oid, col.attnum as organization_attnum from pg_class as rel
    left join pg_attribute as col on col.attrelid = rel.oid and col.attname = 'organization_id' and not col.attisdropped
      and (rel.relnamespace = 'public'::regnamespace or rel.relname <> all (${ofProviders}))
    where rel.relkind in ('r', 'p') and not rel.relispartition
      and rel.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  ),
  referred_to as (
    select con.confrelid as oid from pg_constraint as con
    join ours on ours.oid = con.conrelid and ours.organization_attnum is not null
    where con.contype = 'f'
    union
    select con.confrelid from pg_constraint as con
    join referred_to on referred_to.oid = con.conrelid
    where con.contype = 'f'
  )
  select oid, organization_attnum, 'distributed' as kind from ours where organization_attnum is not null
  union all
  select distinct oid, null::smallint, 'reference' from referred_to
  where not exists (select from ours where ours.oid = referred_to.oid and ours.organization_attnum is not null)
  union all
  select oid, null, 'local' from ours
  where organization_attnum is null and oid not in (select oid from referred_to)
)`;

/** Foreign keys with an action that Citus refuses where the distribution column is part of the key. */
const refusedActions = `
  select con.conname::text as object from pg_constraint as con
  join ${kinds} as here on here.oid = con.conrelid and here.kind = 'distributed'
  where con.contype = 'f' and here.organization_attnum = any (con.conkey)
    and (con.confdeltype in ('n', 'd') or con.confupdtype in ('n', 'd', 'c'))
  order by 1`;

const rules: Record<string, Rule> = {
  'what is unique in a distributed table carries organization_id': {
    broken: `select idx.indexrelid::regclass::text as object from ${kinds} as tab
             join pg_index as idx on idx.indrelid = tab.oid
             where tab.kind = 'distributed' and (idx.indisunique or idx.indisexclusion)
               and tab.organization_attnum <> all (idx.indkey::int2[])
             union all
             select tab.oid::regclass::text from ${kinds} as tab
             where tab.kind = 'distributed'
               and not exists (select from pg_index as idx where idx.indrelid = tab.oid and idx.indisprimary)`,
    breakage: [
      `create unique index broken on public.plants (code)`,
      `alter table public.audit_logs drop constraint audit_logs_pkey`,
    ],
  },
  'a foreign key between distributed tables carries organization_id in the same place': {
    broken: `select con.conname::text as object from pg_constraint as con
             join ${kinds} as here on here.oid = con.conrelid and here.kind = 'distributed'
             join ${kinds} as there on there.oid = con.confrelid and there.kind = 'distributed'
             where con.contype = 'f'
               and array_position(con.conkey, here.organization_attnum)
                 is distinct from coalesce(array_position(con.confkey, there.organization_attnum), 0)`,
    breakage: `alter table public.plants add unique (id);
               alter table public.user_plant_access add constraint broken foreign key (plant_id) references public.plants (id)`,
  },
  'a foreign key of a distributed table leads to a distributed or a reference table, and none leads back': {
    broken: `select con.conname::text as object from pg_constraint as con
             join ${kinds} as here on here.oid = con.conrelid
             join ${kinds} as there on there.oid = con.confrelid
             where con.contype = 'f' and con.conname <> '${droppedKey}'
               and (here.kind = 'distributed' and there.kind = 'local'
                 or here.kind in ('reference', 'local') and there.kind = 'distributed'
                 or here.kind = 'reference' and there.kind = 'local')`,
    breakage: [
      `alter table public.user_profiles add constraint broken
         foreign key (current_organization_id, user_id) references public.members (organization_id, user_id)`,
      `alter table private.sync_runs add column organization text, add column plant uuid;
       alter table private.sync_runs add constraint broken
         foreign key (organization, plant) references public.plants (organization_id, id)`,
    ],
  },
  'the distribution column has one type and one collation, so that all tables lie together': {
    broken: `select format('%s %s', col.atttypid::regtype, col.attcollation::regcollation) as object
             from ${kinds} as tab
             join pg_attribute as col on col.attrelid = tab.oid and col.attnum = tab.organization_attnum
             where tab.kind = 'distributed'
               and (col.atttypid, col.attcollation) is distinct from ('text'::regtype::oid, 'default'::regcollation::oid)`,
    breakage: [
      `create table public.broken (organization_id varchar(9) primary key)`,
      `create table public.broken (organization_id text collate "C" primary key)`,
    ],
  },
  'no table is partitioned at more than one level': {
    broken: `select rel.oid::regclass::text as object from pg_class as rel
             where rel.relkind = 'p' and rel.relispartition
               and rel.relnamespace in ('public'::regnamespace, 'private'::regnamespace)`,
    breakage: `create table private.broken partition of public.audit_logs
               for values from ('2001-01-01') to ('2001-02-01') partition by hash (organization_id)`,
  },
};

async function page(): Promise<string> {
  return readFile(join(root, 'docs/citus.md'), 'utf8');
}

/** The lines of the page's table under a heading, as cells. */
async function tableUnder(heading: string): Promise<string[][]> {
  const text = (await page()).split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
}

describe('the schema could be distributed by organization_id', () => {
  test.each(Object.entries(rules))('%s', (_, rule) => expectRule(db, rule));
});

describe('docs/citus.md', () => {
  test('says of each table what it would be', async () => {
    const { rows } = await db.query<{ name: string; kind: string }>(
      `select oid::regclass::text as name, kind from ${kinds} as tab order by 1`,
    );
    const documented = (await tableUnder('What each table would be')).flatMap(([, names = '', kind = '']) =>
      names.split(', ').map((name) => ({ name, kind })),
    );
    expect(documented.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
      rows.sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  });

  test('names every foreign key whose action would be refused, and no other', async () => {
    const { rows } = await db.query<{ object: string }>(refusedActions);
    const documented = (await tableUnder('What would have to change')).map(([, name = '']) => name);
    expect(documented.sort()).toEqual(rows.map(({ object }) => object).sort());
    await db.inRollback(async (client) => {
      await client.query(
        `alter table public.invitations add constraint broken
           foreign key (organization_id, plant_id) references public.plants (organization_id, id) on delete set null (plant_id)`,
      );
      expect((await client.query(refusedActions)).rows).toContainEqual({ object: 'broken' });
    });
  });

  test('names the key that would be dropped, and the tables that it is about', async () => {
    const { rows } = await db.query(
      `select con.conrelid::regclass::text as from_table, con.confrelid::regclass::text as to_table
       from pg_constraint as con where con.conname = $1`,
      [droppedKey],
    );
    expect(rows).toEqual([{ from_table: 'private.payment_intents', to_table: 'payments' }]);
    expect(await page()).toContain(droppedKey);
  });

  test('the organizations are a reference table because of the unique names in links', async () => {
    const { rows } = await db.query(
      `select con.conname from pg_constraint as con
       join pg_attribute as col on col.attrelid = con.conrelid and col.attname = 'id'
       where con.conrelid = 'public.organizations'::regclass and con.contype in ('p', 'u')
         and col.attnum <> all (con.conkey)`,
    );
    expect(rows).toEqual([{ conname: 'organizations_slug_key' }]);
    expect(await page()).toContain('organizations_slug_key');
  });
});
