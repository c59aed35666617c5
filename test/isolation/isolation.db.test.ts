import { expect, test } from 'vitest';
import { z } from 'zod';
import { auditInTransaction, auditIsolation } from '../../src/isolation/audit.ts';
import { runCli } from '../support/cli.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

// Tens of thousands of attempts: half a minute on an idle machine.
const wholeAuditMs = 480_000;

test('the database as it is leaks nothing, and nothing was left out', { timeout: wholeAuditMs }, async () => {
  const report = await auditIsolation(db.url);
  expect(report.leaks).toEqual([]);
  expect(report.untried).toEqual([]);
  expect(report.status).toBe('isolated');

  const { rows: relations } = await db.query<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace as nsp on nsp.oid = relnamespace
     where nspname in ('public', 'private') and relkind in ('r', 'p', 'v', 'm', 'f')`,
  );
  const { rows: functions } = await db.inRollback(async (client) => {
    // Types of public by their whole name, as the report has them.
    await client.query(`set local search_path = ''`);
    return client.query<{ name: string }>(
      `select pg_proc.oid::regprocedure::text as name from pg_proc join pg_namespace as nsp on nsp.oid = pronamespace
       where nspname in ('public', 'private') and prorettype <> 'trigger'::regtype`,
    );
  });
  const tried = new Set(report.entries.map(({ object }) => object));
  expect([...relations, ...functions].filter(({ name }) => !tried.has(name))).toEqual([]);

  // Each tenant table that the API shows was tried in every way, by enough people, and showed its own rows to some.
  const { rows: tables } = await db.query<{ name: string }>(
    `select format('public.%I', relname) as name from pg_class join pg_attribute on attrelid = pg_class.oid
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and attname = 'organization_id'`,
  );
  expect(tables.length).toBeGreaterThan(5);
  for (const { name } of tables) {
    const own = report.entries.filter(({ object }) => object === name);
    const kinds = new Set(own.map(({ kind }) => kind));
    expect([...kinds], name).toEqual(
      expect.arrayContaining([
        'read',
        'count',
        'peek',
        'update',
        'delete',
        'insert for B',
        'upsert',
        'move to B',
        'influence',
      ]),
    );
    expect(own.length, name).toBeGreaterThan(400);
    expect(new Set(own.map(({ actor }) => actor)).size, name).toBeGreaterThan(40);
    expect(
      own.some(({ kind, outcome }) => kind === 'count' && outcome === 'own rows'),
      name,
    ).toBe(true);
  }
  expect(report.attempts).toBe(report.entries.length);
  expect(report.attempts).toBeGreaterThan(20_000);
});

test('nothing of an audit stays', async () => {
  const count = `select (select count(*) from auth.users)::integer as users,
    (select count(*) from public.organizations)::integer as organizations, (select count(*) from public.audit_logs)::integer as logs`;
  const before = await db.query(count);
  await auditIsolation(db.url, { objects: ['public.plants'] });
  expect((await db.query(count)).rows).toEqual(before.rows);
});

/** A table as a module would add it: a foreign key, checks of all sorts, columns that must be filled. */
const laterTable = `
  create table public.shipments (
    organization_id text not null default private.current_organization_id(),
    id uuid not null default private.uuid_v7(),
    plant_id uuid not null,
    number text not null check (number ~ '^SH-[0-9]{6}$'),
    status text not null check (status in ('planned', 'sent', 'arrived')),
    planned_on date not null,
    sent_at timestamptz,
    arrived_at timestamptz,
    weight numeric(6, 2) not null check (weight > 10 and weight < 500),
    parcels integer not null check (parcels between 3 and 40),
    currency character(3) not null check (currency = upper(currency)),
    contents jsonb not null check (jsonb_typeof(contents) = 'array'),
    note text check (length(note) <= 200),
    primary key (organization_id, id),
    unique (organization_id, number),
    foreign key (organization_id) references public.organizations (id) on delete cascade,
    foreign key (organization_id, plant_id) references public.plants (organization_id, id) on delete cascade,
    check ((status in ('sent', 'arrived')) = (sent_at is not null)),
    check ((status = 'arrived') = (arrived_at is not null)),
    check (status <> 'planned'),
    check (arrived_at >= sent_at)
  )`;
const secured = `select private.secure_table('public.shipments', read => 'plants.read', write => 'plants.manage',
  insertable => array['plant_id', 'number', 'status', 'planned_on', 'sent_at', 'weight', 'parcels', 'currency', 'contents'],
  updatable => array['note', 'plant_id'], is_deletable => true)`;

test('a table that is added later is reached, filled and found closed', async () => {
  await db.inRollback(async (client) => {
    await client.query(laterTable);
    await client.query(secured);
    const report = await auditInTransaction(client, { objects: ['public.shipments'] });
    expect(report.leaks).toEqual([]);
    expect(report.untried).toEqual([]);
    const kinds = new Set(report.entries.map(({ kind }) => kind));
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'read',
        'embed',
        'refer to B',
        'same key as B',
        'insert',
        'insert for B',
        'upsert',
      ]),
    );
    // The row that a member adds is one that the table takes: what is refused elsewhere is not refused for its form.
    expect(
      report.entries.filter(({ kind, outcome }) => kind === 'insert' && outcome === 'own rows'),
    ).not.toEqual([]);
  });
});

test('views that are added later are reached, and found closed', async () => {
  await db.inRollback(async (client) => {
    await client.query(
      `create view public.sites with (security_invoker = true) as select * from public.plants;
       create view public.site_numbers with (security_invoker = true) as
         select organization_id, count(*) as plants from public.plants group by organization_id;
       grant select, insert, update, delete on public.sites, public.site_numbers to authenticated`,
    );
    const report = await auditInTransaction(client, { objects: ['public.sites', 'public.site_numbers'] });
    expect(report.leaks).toEqual([]);
    expect(report.untried).toEqual([]);
    const seen = report.entries.filter(({ outcome }) => outcome === 'own rows').map(({ object }) => object);
    expect([...new Set(seen)].sort()).toEqual(['public.site_numbers', 'public.sites']);
  });
});

test('a table that is added later without a door is found open', async () => {
  await db.inRollback(async (client) => {
    await client.query(laterTable);
    await client.query('grant select, insert on public.shipments to authenticated');
    const report = await auditInTransaction(client, { objects: ['public.shipments'] });
    expect(report.status).toBe('leaking');
    expect([...new Set(report.leaks.map(({ kind }) => kind))]).toEqual(
      expect.arrayContaining(['read', 'count', 'insert for B', 'rule']),
    );
  });
});

const stubborn = `
  create table public.riddles (
    organization_id text not null references public.organizations on delete cascade,
    id uuid not null default private.uuid_v7(),
    answer text not null,
    primary key (organization_id, id)
  );
  create function private.tg_riddles__answer() returns trigger language plpgsql set search_path = '' as $$
  begin
    if new.answer !~ '^open sesame' then
      raise exception 'This is not the answer.';
    end if;
    return new;
  end $$;
  revoke execute on function private.tg_riddles__answer() from public;
  create trigger _100_answer before insert on public.riddles for each row execute function private.tg_riddles__answer();
  alter table public.riddles enable row level security`;

test('a table that cannot be filled fails, by its name and with the reason', async () => {
  await db.inRollback(async (client) => {
    await client.query(stubborn);
    const report = await auditInTransaction(client, { objects: ['public.riddles'] });
    expect(report.untried).toContainEqual({
      object: 'public.riddles',
      reason: 'no row could be made for it: This is not the answer. (P0001)',
    });
    expect(report.status).not.toBe('isolated');
  });
});

test('an example in the comment of a table says what no catalog does', async () => {
  await db.inRollback(async (client) => {
    await client.query(stubborn);
    await client.query(
      `comment on table public.riddles is 'Riddles. @example {"answer": "open sesame {marker} {serial}"}'`,
    );
    const report = await auditInTransaction(client, { objects: ['public.riddles'] });
    expect(report.untried).toEqual([]);
    expect(report.entries.some(({ kind }) => kind === 'insert for B')).toBe(true);
  });
});

test('a table whose own rows nobody sees proves nothing, and is said to', async () => {
  await db.inRollback(async (client) => {
    await client.query(`drop policy "who may read" on public.plants`);
    const report = await auditInTransaction(client, { objects: ['public.plants'] });
    expect(report.status).toBe('incomplete');
    expect(report.untried.map(({ object }) => object)).toEqual(['public.plants']);
  });
});

test('the command counts attempts, and prints every one as JSON', async () => {
  const text = await runCli(['audit', 'isolation', '--object', 'public.plants'], {
    env: { DATABASE_URL: db.url },
  });
  expect(text.stdout).toMatch(/^[\d,]+ attempts on 1 object as \d+ actors: 0 leaks\.\n$/);
  expect(text.code).toBe(0);

  const json = await runCli(['audit', 'isolation', '--object', 'public.plants', '--json'], {
    env: { DATABASE_URL: db.url },
  });
  const report = z
    .object({
      status: z.literal('isolated'),
      attempts: z.number().min(500),
      leaks: z.array(z.unknown()).length(0),
      entries: z.array(
        z.object({
          actor: z.string(),
          object: z.string(),
          kind: z.string(),
          attempt: z.string(),
          outcome: z.string(),
        }),
      ),
    })
    .parse(JSON.parse(json.stdout));
  expect(report.entries).toHaveLength(report.attempts);
});

test('the command names a leak, how it was seen, and ends with 1', async () => {
  await db.query('alter table public.plants disable row level security');
  try {
    const { code, stdout } = await runCli(['audit', 'isolation', '--object', 'public.plants'], {
      env: { DATABASE_URL: db.url },
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^leak public\.plants: read, everything\n\s+by\s.+\n\s+found B's /m);
    expect(stdout).toMatch(/as \d+ actors: [\d,]+ leaks\.\n$/);
  } finally {
    await db.query('alter table public.plants enable row level security');
  }
});
