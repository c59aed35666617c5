import { expect, test } from 'vitest';
import { readCatalog } from '../../src/isolation/catalog.ts';
import { createFiller, type Filler } from '../../src/isolation/rows.ts';
import { drawFrom, samplePattern } from '../../src/isolation/sample-pattern.ts';
import { useDatabase } from '../support/database.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();

const shape = `
  organization_id text not null references public.organizations (id) on delete cascade,
  id uuid not null default private.uuid_v7(),
  primary key (organization_id, id)`;

/** Tables of which each wants something that has to be read in the catalog, in an order in which none can be filled. */
const tables = {
  'a foreign key to a table that comes later': `create table public.aa_child (${shape},
      parent_id uuid not null, foreign key (organization_id, parent_id) references public.zz_parent (organization_id, id))`,
  'itself as parent': `create table public.tree (${shape},
      parent_id uuid, foreign key (organization_id, parent_id) references public.tree (organization_id, id))`,
  'a reference table that is empty': `create table public.kinds (code text primary key check (code ~ '^[A-Z]{3}$'), name text not null);
    create table public.things (${shape}, kind text not null references public.kinds (code))`,
  'a state machine': `create table public.shipments (${shape},
      status text not null check (status in ('draft', 'sent', 'paid')), sent_at timestamptz, paid_at timestamptz, total numeric(8, 2),
      check (status <> 'draft'), check ((status in ('sent', 'paid')) = (sent_at is not null)),
      check ((status = 'paid') = (paid_at is not null and total > 100)))`,
  'numbers within bounds': `create table public.measures (${shape},
      percentage smallint not null check (percentage between 40 and 60), ratio numeric(3, 2) not null check (ratio > 5 and ratio <= 9.99),
      count integer not null check (count % 7 = 0 and count > 0))`,
  'numbers of a few digits': `create table public.rates (${shape},
      low numeric(4, 3) not null, high numeric(4, 3) not null, check (low <= high))`,
  'texts of a form': `create domain public.plain_email as text check (value ~ '^[^@ ]+@[^@ ]+\\.[a-z]{2,}$');
    create table public.texts (${shape},
      email public.plain_email not null, phone text not null check (phone ~ '^\\+[1-9][0-9]{6,14}$'), code character(4) not null check (code = upper(code)),
      slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) = 20), hash text not null check (hash ~ '^[0-9a-f]{64}$'),
      short character varying(3) not null, unique (organization_id, code))`,
  'types of all sorts': `create type public.mood as enum ('calm', 'wild');
    create table public.types (${shape},
      mood public.mood not null, tags text[] not null check (cardinality(tags) = 1), during tstzrange not null check (not isempty(during)),
      days daterange not null, at time not null, lasts interval not null, ip inet not null, place point not null, raw bytea not null,
      details jsonb not null check (jsonb_typeof(details) = 'array'), options jsonb not null check (options ? 'color'), flag boolean not null check (flag),
      number bigint not null generated always as identity, double double precision not null, doubled double precision generated always as (double * 2) stored)`,
  'dates in order': `create table public.periods (${shape},
      starts_on date not null, ends_on date not null, check (ends_on > starts_on + 30))`,
  partitions: `create table private.readings (organization_id text not null, at timestamptz not null default now(), value real not null,
      primary key (organization_id, at)) partition by range (at);
    create table private.readings_past partition of private.readings for values from (minvalue) to ('2020-01-01');
    create table private.readings_present partition of private.readings for values from ('2020-01-01') to (maxvalue)`,
  'no overlap': `create table public.tenancies (${shape}, room integer not null, during int4range not null,
      exclude using gist (during with &&))`,
  'few values that are unique': `create table public.sides (${shape}, is_left boolean not null, unique (organization_id, is_left))`,
};

async function withFiller(
  run: (filler: Filler, owner: Parameters<Filler['fill']>[0], names: string[]) => Promise<void>,
): Promise<void> {
  await db.inRollback(async (client) => {
    const user = await insertAuthUser(client);
    await client.query(
      `select public.create_organization(name => 'House', slug => 'house', owner_id => $1)`,
      [user],
    );
    const { rows } = await client.query<{ id: string }>(
      `select id from public.organizations where slug = 'house'`,
    );
    await client.query(Object.values(tables).slice(1).join(';\n'));
    await client.query(`create table public.zz_parent (${shape})`);
    await client.query(tables['a foreign key to a table that comes later']);
    const catalog = await readCatalog(client);
    const filler = await createFiller(client, catalog);
    const users = [user, await insertAuthUser(client), await insertAuthUser(client)];
    await run(
      filler,
      { organization: rows[0]?.id ?? '', marker: 'qhbcdfghjkm', idStem: 'deadbeef', users },
      catalog.tenantTables.map(({ id }) => id),
    );
  });
}

test('every tenant table gets a row, whatever it asks for', async () => {
  await withFiller(async (filler, owner, names) => {
    expect(names).toEqual(
      expect.arrayContaining(['public.aa_child', 'public.shipments', 'public.types', 'private.readings']),
    );
    expect(await filler.fill(owner)).toEqual([]);
  });
});

test('and a second one, beside the first', async () => {
  await withFiller(async (filler, owner) => {
    await filler.fill(owner);
    expect(await filler.fill(owner)).toEqual([]);
  });
});

test('texts hold the marker where it fits, and ids their stem, so that a row is known again', async () => {
  await withFiller(async (filler, owner) => {
    await filler.fill(owner);
    const row = await filler.insert('public.texts', owner);
    expect(row.email).toContain(owner.marker);
    expect(row.slug).toContain(owner.marker);
    expect(row.id).toMatch(/^deadbeef-/);
  });
});

test('a draft is inserted nowhere', async () => {
  await withFiller(async (filler, owner) => {
    await filler.fill(owner);
    const first = await filler.draft('public.sides', owner);
    const second = await filler.draft('public.sides', owner);
    expect(second.is_left).toBe(first.is_left);
  });
});

test.each([
  '^[A-Z0-9]{8,9}$',
  '^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$',
  '^(draft|sent) [[:digit:]]+$',
  '^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$',
  '^\\d{4}-\\d{2}$',
  '^(?:SH|IN)-[0-9]{6}(/[A-Z])?$',
  '^#?[0-9a-fA-F]{6}$',
  '^[]x-]{3}\\.\\*$',
  '^.{5}\\w$',
])('a text can be made that matches %s', async (pattern) => {
  const samples = Array.from({ length: 20 }, (_, seed) => samplePattern(pattern, drawFrom(seed)));
  const { rows } = await db.query<{ sample: string }>(
    'select sample from unnest($1::text[]) as sample where sample !~ $2',
    [samples, pattern],
  );
  expect(rows).toEqual([]);
});
