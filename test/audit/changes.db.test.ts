import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { found } from '../tenancy/organizations.ts';
import { change, logged } from './logs.ts';

const db = useDatabase();

const org = 'TEST00001';
const other = 'TEST00002';

beforeAll(async () => {
  await found(db.pool, 'First', { id: org });
  await found(db.pool, 'Second', { id: other });
  await db.query(`
    create schema lab;
    create table lab.orders (
      organization_id text not null references public.organizations (id) on delete cascade,
      id integer not null,
      title text,
      total numeric(12, 2),
      is_paid boolean not null default false,
      tags text[],
      address jsonb,
      card_number text,
      seen_at timestamptz,
      created_at timestamptz not null default '2026-01-01',
      updated_at timestamptz not null default now(),
      primary key (organization_id, id)
    );
    comment on column lab.orders.card_number is 'The number of the card. @secret';
    comment on column lab.orders.seen_at is 'When someone looked. @unlogged';
    select private.audit_table('lab.orders');

    create table lab.lines (
      organization_id text not null,
      order_id integer not null,
      number integer not null,
      partner_id integer,
      primary key (organization_id, order_id, number),
      foreign key (organization_id, order_id) references lab.orders (organization_id, id)
        on delete cascade on update cascade,
      foreign key (organization_id, partner_id) references lab.orders (organization_id, id)
        on delete set null (partner_id)
    );
    select private.audit_table('lab.lines');`);
});

const inserted = { is_paid: false, created_at: '2026-01-01T00:00:00+00:00' };

/** Runs statements in a transaction that is undone, and returns what the last of them logged. */
function changesOf(...statements: string[]): Promise<Record<string, unknown>[]> {
  return db.inRollback((client) => changesIn(client, ...statements));
}

async function changesIn(client: pg.PoolClient, ...statements: string[]): Promise<Record<string, unknown>[]> {
  await client.query(`set local timezone = 'UTC'`);
  for (const statement of statements.slice(0, -1)) await client.query(statement);
  const entries = await logged(client, () => client.query(statements.at(-1) ?? ''));
  return entries.map(change);
}

const order = (values: string) =>
  `insert into lab.orders (organization_id, id, title, card_number, address) values ${values}`;
const one = order(`('${org}', 1, 'Roof', '4111', '{"city": "Rome", "zip": null}')`);

describe('an insert', () => {
  test('is logged with the whole row, but for the organization, what is null and what is not to be logged', async () => {
    const changes = await changesOf(
      `insert into lab.orders (organization_id, id, total, tags, seen_at) values ('${org}', 1, 12.50, '{a,b}', now())`,
    );
    expect(changes).toEqual([
      { action: 'create', row_key: { id: 1 }, after: { id: 1, ...inserted, total: 12.5, tags: ['a', 'b'] } },
    ]);
  });

  test('says who, as what, where, and no more than that it is everyday', async () => {
    await db.inRollback(async (client) => {
      const entries = await logged(client, () => client.query(one));
      expect(entries).toMatchObject([
        {
          organization_id: org,
          actor_id: null,
          actor_role: 'postgres',
          event: null,
          table_name: 'lab.orders',
          severity: 'info',
          request_id: null,
          ip: null,
        },
      ]);
    });
  });

  test('keeps a null that stands inside of a JSON value, and hides a secret', async () => {
    expect(await changesOf(one)).toEqual([
      {
        action: 'create',
        row_key: { id: 1 },
        after: {
          id: 1,
          title: 'Roof',
          card_number: '[redacted]',
          address: { city: 'Rome', zip: null },
          ...inserted,
        },
      },
    ]);
  });

  test('of many rows is logged row by row, each in its organization', async () => {
    await db.inRollback(async (client) => {
      const entries = await logged(client, () =>
        client.query(
          `insert into lab.orders (organization_id, id)
           select case when n % 2 = 0 then '${org}' else '${other}' end, n from generate_series(1, 500) as n`,
        ),
      );
      expect(entries.map(({ organization_id, row_key }) => [organization_id, row_key])).toEqual(
        Array.from({ length: 500 }, (_, index) => [index % 2 === 1 ? org : other, { id: index + 1 }]),
      );
    });
  });

  test('of no rows is not logged', async () => {
    expect(
      await changesOf(`insert into lab.orders (organization_id, id) select '${org}', 1 where false`),
    ).toEqual([]);
  });

  test('that fails leaves nothing', async () => {
    await db.inRollback(async (client) => {
      const entries = await logged(client, async () => {
        await client.query('savepoint before');
        await expect(
          client.query(order(`('${org}', 1, 'x', null, null), ('${org}', 1, 'x', null, null)`)),
        ).rejects.toThrow(/duplicate key/);
        await client.query('rollback to savepoint before');
      });
      expect(entries).toEqual([]);
    });
  });
});

describe('an update', () => {
  test('is logged with the columns that it changed, and no others', async () => {
    const changes = await changesOf(
      one,
      `update lab.orders set title = 'Roof and door', total = 5, is_paid = is_paid where organization_id = '${org}'`,
    );
    expect(changes).toEqual([
      {
        action: 'update',
        row_key: { id: 1 },
        before: { title: 'Roof', total: null },
        after: { title: 'Roof and door', total: 5 },
      },
    ]);
  });

  test('tells that a secret changed, was set and was removed, and never what it is', async () => {
    const set = (value: string) => `update lab.orders set card_number = ${value}`;
    const [changed] = await changesOf(one, set(`'4222'`));
    expect(changed).toMatchObject({
      before: { card_number: '[redacted]' },
      after: { card_number: '[redacted]' },
    });
    const [removed] = await changesOf(one, set('null'));
    expect(removed).toMatchObject({ before: { card_number: '[redacted]' }, after: { card_number: null } });
    const [wasSet] = await changesOf(one, set('null'), set(`'4333'`));
    expect(wasSet).toMatchObject({ before: { card_number: null }, after: { card_number: '[redacted]' } });
  });

  test('that changes nothing is not logged', async () => {
    expect(await changesOf(one, 'update lab.orders set title = title, address = address')).toEqual([]);
  });

  test('that changes only what is not to be logged, or the date of the change, is not logged', async () => {
    expect(
      await changesOf(one, `update lab.orders set seen_at = now(), updated_at = now() + interval '1 day'`),
    ).toEqual([]);
  });

  test('that changes such a column and another is logged with the other', async () => {
    const [changed] = await changesOf(one, `update lab.orders set seen_at = now(), title = null`);
    expect(changed).toMatchObject({ before: { title: 'Roof' }, after: { title: null } });
  });

  test('of many rows is logged for those that it changed', async () => {
    const changes = await changesOf(
      order(
        `('${org}', 1, 'a', null, null), ('${org}', 2, 'b', null, null), ('${other}', 1, 'c', null, null)`,
      ),
      `update lab.orders set title = 'b'`,
    );
    expect(changes.map(({ row_key, before }) => [row_key, before])).toEqual(
      expect.arrayContaining([
        [{ id: 1 }, { title: 'a' }],
        [{ id: 1 }, { title: 'c' }],
      ]),
    );
    expect(changes).toHaveLength(2);
  });

  test('of the key is a row that went and one that came', async () => {
    const changes = await changesOf(one, `update lab.orders set id = 7`);
    expect(changes.toSorted((a, b) => (String(a.action) < String(b.action) ? 1 : -1))).toMatchObject([
      { action: 'delete', row_key: { id: 1 }, before: { title: 'Roof', card_number: '[redacted]' } },
      { action: 'create', row_key: { id: 7 }, after: { title: 'Roof', card_number: '[redacted]' } },
    ]);
  });

  test('that moves a row to another organization is logged in both, and neither sees the other', async () => {
    await db.inRollback(async (client) => {
      await client.query(one);
      const entries = await logged(client, () =>
        client.query(`update lab.orders set organization_id = '${other}'`),
      );
      expect(entries.map(({ organization_id, action }) => `${organization_id} ${action}`).sort()).toEqual([
        `${org} delete`,
        `${other} create`,
      ]);
      expect(JSON.stringify(entries.map(({ before, after }) => [before, after]))).not.toContain('TEST0000');
    });
  });

  test('that hands keys on is logged as what became of each key', async () => {
    const changes = await changesOf(
      order(`('${org}', 2, 'second', null, null)`),
      order(`('${org}', 1, 'first', null, null)`),
      `update lab.orders set id = id + 1`,
    );
    expect(changes).toHaveLength(3);
    expect(changes).toEqual(
      expect.arrayContaining([
        { action: 'delete', row_key: { id: 1 }, before: { id: 1, title: 'first', ...inserted } },
        {
          action: 'update',
          row_key: { id: 2 },
          before: { title: 'second' },
          after: { title: 'first' },
        },
        { action: 'create', row_key: { id: 3 }, after: { id: 3, title: 'second', ...inserted } },
      ]),
    );
  });

  test('of 5,000 rows after one of a single row does not compare each with each', async () => {
    const changes = await changesOf(
      `insert into lab.orders (organization_id, id, title) select '${org}', n, 'x' from generate_series(1, 5000) as n`,
      `update lab.orders set title = 'y' where id = 1`,
      `update lab.orders set title = 'z' where id = 1`,
      `update lab.orders set title = 'w'`,
    );
    expect(changes).toHaveLength(5000);
    expect(changes[0]).toMatchObject({ after: { title: 'w' } });
  });
});

describe('a delete', () => {
  test('is logged with the whole row', async () => {
    expect(await changesOf(one, 'delete from lab.orders')).toEqual([
      {
        action: 'delete',
        row_key: { id: 1 },
        before: {
          id: 1,
          title: 'Roof',
          card_number: '[redacted]',
          address: { city: 'Rome', zip: null },
          ...inserted,
        },
      },
    ]);
  });

  test('that cascades is logged for every row that went, with the key of each', async () => {
    const changes = await changesOf(
      order(`('${org}', 1, 'a', null, null), ('${org}', 2, 'b', null, null), ('${org}', 3, 'c', null, null)`),
      `insert into lab.lines select '${org}', o, n, 3 from generate_series(1, 2) as o, generate_series(1, 3) as n`,
      `delete from lab.orders where id in (1, 2)`,
    );
    const keys = changes.map(({ action, row_key }) => `${String(action)} ${JSON.stringify(row_key)}`).sort();
    expect(keys).toEqual([
      'delete {"id":1}',
      'delete {"id":2}',
      ...[1, 2, 3].flatMap((n) => [1, 2].map((o) => `delete {"number":${n},"order_id":${o}}`)),
    ]);
  });

  test('that sets references to null is logged as the update that it is', async () => {
    const changes = await changesOf(
      order(`('${org}', 1, 'a', null, null), ('${org}', 2, 'b', null, null)`),
      `insert into lab.lines values ('${org}', 1, 1, 2)`,
      `delete from lab.orders where id = 2`,
    );
    expect(changes).toContainEqual({
      action: 'update',
      row_key: { order_id: 1, number: 1 },
      before: { partner_id: 2 },
      after: { partner_id: null },
    });
  });

  test('of an organization is logged, and the rows that go with it are not copied', async () => {
    await db.inRollback(async (client) => {
      await found(client, 'Doomed', { id: 'TEST00003' });
      await client.query(
        `insert into lab.orders (organization_id, id, title) values ('TEST00003', 1, 'Secret plans')`,
      );
      const entries = await logged(client, () =>
        client.query(`delete from public.organizations where id = 'TEST00003'`),
      );
      expect(
        entries.map(({ organization_id, table_name, action }) => [organization_id, table_name, action]),
      ).toEqual([['TEST00003', 'organizations', 'delete']]);
    });
  });
});

test('an upsert is logged as the insert or the update that each row was', async () => {
  const changes = await changesOf(
    order(`('${org}', 1, 'a', null, null), ('${org}', 2, 'same', null, null)`),
    `${order(`('${org}', 1, 'A', null, null), ('${org}', 2, 'same', null, null), ('${org}', 3, 'c', null, null)`)}
     on conflict (organization_id, id) do update set title = excluded.title`,
  );
  expect(changes).toHaveLength(2);
  expect(changes).toEqual(
    expect.arrayContaining([
      { action: 'create', row_key: { id: 3 }, after: { id: 3, title: 'c', ...inserted } },
      { action: 'update', row_key: { id: 1 }, before: { title: 'a' }, after: { title: 'A' } },
    ]),
  );
});

test('a merge is logged as what it did', async () => {
  const changes = await changesOf(
    order(`('${org}', 1, 'a', null, null), ('${org}', 2, 'b', null, null)`),
    `merge into lab.orders as target using (values (1, 'A'), (2, null), (3, 'c')) as source (id, title)
       on target.organization_id = '${org}' and target.id = source.id
     when matched and source.title is null then delete
     when matched then update set title = source.title
     when not matched then insert (organization_id, id, title) values ('${org}', source.id, source.title)`,
  );
  expect(changes.map(({ action, row_key }) => [action, row_key])).toEqual(
    expect.arrayContaining([
      ['create', { id: 3 }],
      ['update', { id: 1 }],
      ['delete', { id: 2 }],
    ]),
  );
  expect(changes).toHaveLength(3);
});

describe('a table', () => {
  test('without an organization is logged for the platform', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        `create table lab.currencies (code text primary key, name text); select private.audit_table('lab.currencies')`,
      );
      const entries = await logged(client, () =>
        client.query(`insert into lab.currencies values ('EUR', 'Euro')`),
      );
      expect(entries).toMatchObject([
        { organization_id: 'PLATFORM', row_key: { code: 'EUR' }, after: { code: 'EUR', name: 'Euro' } },
      ]);
    });
  });

  test('of which each organization has one row has the organization as its key', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        `create table lab.settings (organization_id text primary key, color text); select private.audit_table('lab.settings')`,
      );
      await client.query(`insert into lab.settings values ('${org}', 'red')`);
      const entries = await logged(client, () => client.query(`update lab.settings set color = 'blue'`));
      expect(entries.map((entry) => [entry.organization_id, change(entry)])).toEqual([
        [
          org,
          {
            action: 'update',
            row_key: { organization_id: org },
            before: { color: 'red' },
            after: { color: 'blue' },
          },
        ],
      ]);
    });
  });

  test('organizations is logged in the organization that it is about', async () => {
    await db.inRollback(async (client) => {
      const entries = await logged(client, () =>
        client.query(`update public.organizations set industry = 'roofing' where id = '${org}'`),
      );
      expect(entries.map((entry) => [entry.organization_id, entry.table_name, change(entry)])).toEqual([
        [
          org,
          'organizations',
          {
            action: 'update',
            row_key: { id: org },
            before: { industry: null },
            after: { industry: 'roofing' },
          },
        ],
      ]);
    });
  });

  test('in parts is logged under its own name, also where a row moves from part to part', async () => {
    await db.inRollback(async (client) => {
      await client.query(`
        create table lab.readings (organization_id text not null, id integer not null, day date not null, value integer,
          primary key (organization_id, day, id)) partition by range (day);
        create table lab.readings_1 partition of lab.readings for values from ('2026-01-01') to ('2026-02-01');
        create table lab.readings_2 (value integer, id integer not null, organization_id text not null, day date not null);
        alter table lab.readings attach partition lab.readings_2 for values from ('2026-02-01') to ('2026-03-01');
        select private.audit_table('lab.readings');`);
      const changes = (statement: string) => changesIn(client, statement);
      expect(
        await changes(
          `insert into lab.readings (organization_id, id, day, value) values ('${org}', 1, '2026-01-05', 10), ('${org}', 2, '2026-02-05', 20)`,
        ),
      ).toEqual([
        {
          action: 'create',
          row_key: { day: '2026-01-05', id: 1 },
          after: { day: '2026-01-05', id: 1, value: 10 },
        },
        {
          action: 'create',
          row_key: { day: '2026-02-05', id: 2 },
          after: { day: '2026-02-05', id: 2, value: 20 },
        },
      ]);
      expect(await changes(`update lab.readings set value = value + 1 where id = 2`)).toEqual([
        {
          action: 'update',
          row_key: { day: '2026-02-05', id: 2 },
          before: { value: 20 },
          after: { value: 21 },
        },
      ]);
      const moved = await changes(`update lab.readings set day = '2026-02-07' where id = 1`);
      expect(moved.map(({ action, row_key }) => [action, row_key])).toEqual(
        expect.arrayContaining([
          ['delete', { day: '2026-01-05', id: 1 }],
          ['create', { day: '2026-02-07', id: 1 }],
        ]),
      );
      expect(await changes(`delete from lab.readings`)).toHaveLength(2);
    });
  });

  test('that gains and loses columns is logged as it is at that moment', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        `create table lab.shapes (id integer primary key, a text, b text); select private.audit_table('lab.shapes')`,
      );
      await client.query(`insert into lab.shapes values (1, 'a', 'b')`);
      await client.query(
        `alter table lab.shapes drop column a; alter table lab.shapes add column c text default 'c'`,
      );
      expect(await changesIn(client, `insert into lab.shapes values (2, 'B')`)).toEqual([
        { action: 'create', row_key: { id: 2 }, after: { id: 2, b: 'B', c: 'c' } },
      ]);
      expect(await changesIn(client, `update lab.shapes set c = 'C' where id = 1`)).toEqual([
        { action: 'update', row_key: { id: 1 }, before: { c: 'c' }, after: { c: 'C' } },
      ]);
      expect(await changesIn(client, `delete from lab.shapes where id = 2`)).toEqual([
        { action: 'delete', row_key: { id: 2 }, before: { id: 2, b: 'B', c: 'c' } },
      ]);
    });
  });

  test('may have names that must be quoted', async () => {
    await db.inRollback(async (client) => {
      await client.query(`
        create table lab."Odd ""table""" ("the, key" integer, "it's {odd}" text, "p\\q" text, primary key ("the, key"));
        comment on column lab."Odd ""table"""."it's {odd}" is '@secret';
        select private.audit_table('lab."Odd ""table"""');`);
      const entries = await logged(client, () =>
        client.query(`insert into lab."Odd ""table""" values (1, 'x', 'y')`),
      );
      expect(entries).toMatchObject([
        {
          table_name: 'lab.Odd "table"',
          row_key: { 'the, key': 1 },
          after: { 'the, key': 1, "it's {odd}": '[redacted]', 'p\\q': 'y' },
        },
      ]);
    });
  });

  test('keeps nulls inside of rows and of JSON in arrays', async () => {
    await db.inRollback(async (client) => {
      await client.query(`
        create type lab.place as (city text, zip text);
        create table lab.trips (id integer primary key, home lab.place, stops lab.place[], facts jsonb[], names text[]);
        select private.audit_table('lab.trips');`);
      expect(
        await changesIn(
          client,
          `insert into lab.trips values (1, ('Rome', null), array[('Ostia', null)::lab.place], array['{"a": null}'::jsonb], '{x,null}')`,
        ),
      ).toEqual([
        {
          action: 'create',
          row_key: { id: 1 },
          after: {
            id: 1,
            home: { city: 'Rome', zip: null },
            stops: [{ city: 'Ostia', zip: null }],
            facts: [{ a: null }],
            names: ['x', null],
          },
        },
      ]);
    });
  });

  test('whose key holds a time names a row in one way, whatever time zone the session has', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        `create table lab.slots (at timestamptz primary key, note text); select private.audit_table('lab.slots')`,
      );
      const entries = await logged(client, async () => {
        await client.query(
          `set local timezone = 'Asia/Tokyo'; insert into lab.slots values ('2026-05-01 12:00+00')`,
        );
        await client.query(`set local timezone = 'UTC'; update lab.slots set note = 'x'`);
      });
      expect(entries.map(({ row_key }) => row_key)).toEqual(
        Array.from({ length: 2 }, () => ({ at: '2026-05-01T12:00:00+00:00' })),
      );
    });
  });

  test('without a primary key is refused', async () => {
    await db.inRollback(async (client) => {
      await client.query('create table lab.heap (a integer)');
      await expect(client.query(`select private.audit_table('lab.heap')`)).rejects.toThrow(
        /has no primary key/,
      );
    });
  });

  test.each(['@secret', '@unlogged'])('whose key is %s is refused', async (tag) => {
    await db.inRollback(async (client) => {
      await client.query(
        `create table lab.hidden (a integer primary key); comment on column lab.hidden.a is 'x ${tag}'`,
      );
      await expect(client.query(`select private.audit_table('lab.hidden')`)).rejects.toThrow(
        /part of the primary key, and cannot be @secret or @unlogged/,
      );
    });
  });

  test('is attached once, however often that is asked for, and follows its comments when it is', async () => {
    await db.inRollback(async (client) => {
      const triggers = async () => {
        const { rows } = await client.query<{ name: string }>(
          `select tgname as name from pg_trigger where tgrelid = 'lab.orders'::regclass and not tgisinternal order by 1`,
        );
        return rows.map(({ name }) => name);
      };
      await client.query(`comment on column lab.orders.title is 'Now a secret: @secret'`);
      await client.query(`select private.audit_table('lab.orders'), private.audit_table('lab.orders')`);
      expect(await triggers()).toEqual(['_500_audit_delete', '_500_audit_insert', '_500_audit_update']);
      const [created] = await changesIn(client, one);
      expect(created).toMatchObject({ after: { title: '[redacted]' } });
    });
  });
});

test('the history of a row is read by its key, through an index', async () => {
  await db.inRollback(async (client) => {
    await client.query(one);
    await client.query(`update lab.orders set title = 'b' where id = 1`);
    await client.query(
      `insert into lab.orders (organization_id, id) select '${org}', n from generate_series(10, 3000) as n`,
    );
    await client.query(`delete from lab.orders where id = 1`);
    const history = `from public.audit_logs
      where organization_id = '${org}' and table_name = 'lab.orders' and row_key = '{"id": 1}'`;
    const { rows } = await client.query<{ action: string }>(`select action ${history} order by at, id`);
    expect(rows.map(({ action }) => action)).toEqual(['create', 'update', 'delete']);
    await client.query('set local enable_seqscan = off; set local enable_indexscan = on');
    await client.query('analyze public.audit_logs');
    const plan = await client.query<{ 'QUERY PLAN': string }>(`explain select action ${history}`);
    expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(
      /audit_logs_\d{4}_\d{2}_row_key_idx/,
    );
  });
});
