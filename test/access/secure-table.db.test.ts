import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon, asService, asUser } from '../support/roles.ts';
import { addMember, addRole, found, inside } from '../tenancy/organizations.ts';

const db = useDatabase();

const organization = `organization_id text not null default private.current_organization_id()
  references public.organizations on delete cascade`;
const plant = 'foreign key (organization_id, plant_id) references public.plants (organization_id, id)';

const secure = (client: pg.ClientBase, more = '') =>
  client.query(`select private.secure_table('public.pumps', read => 'plants.read'${more})`);

describe('secure_table() refuses a table without the shape', () => {
  test.each([
    ['no organization', 'id uuid primary key', 'organization_id'],
    [
      'one that may be null',
      'organization_id text references public.organizations on delete cascade, id uuid unique',
      'not null default',
    ],
    [
      'one that does not fill itself',
      'organization_id text not null references public.organizations on delete cascade, id uuid, primary key (organization_id, id)',
      'not null default',
    ],
    ['no primary key', `${organization}, id uuid`, 'no primary key'],
    [
      'a key without the organization',
      `${organization}, id uuid primary key`,
      'what is unique starts with the organization',
    ],
    [
      'something unique on the platform',
      `${organization}, id uuid, serial text unique, primary key (organization_id, id)`,
      'what is unique starts with the organization',
    ],
    [
      'a reference that leaves the organization out',
      `${organization}, other text, id uuid, plant_id uuid, primary key (organization_id, id),
       foreign key (other, plant_id) references public.plants (organization_id, id)`,
      'another organization',
    ],
    [
      'rows that stay when the organization goes',
      `organization_id text not null default private.current_organization_id() references public.organizations, id uuid,
       primary key (organization_id, id)`,
      'deletes it with the organization',
    ],
  ])('%s', async (_, columns, problem) => {
    await db.inRollback(async (client) => {
      await client.query(`create table public.pumps (${columns})`);
      await expect(secure(client)).rejects.toMatchObject({
        code: '42P16',
        message: expect.stringContaining(problem) as string,
      });
    });
  });

  test('and one whose permission is not in the catalog', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        `create table public.pumps (${organization}, id uuid, primary key (organization_id, id))`,
      );
      await client.query('savepoint secured');
      const attempt = client.query(`select private.secure_table('public.pumps', read => 'plants.reed')`);
      await expect(attempt).rejects.toMatchObject({ code: '42704' });
      await client.query('rollback to savepoint secured');
      await expect(secure(client, `, write => 'plants.mange'`)).rejects.toMatchObject({ code: '42704' });
    });
  });
});

test('what it makes, clients use as far as it says, and may be made again', async () => {
  await db.inRollback(async (client) => {
    const [acme, beta] = [await found(client, 'Acme'), await found(client, 'Beta')];
    await client.query(
      `create table public.pumps (${organization}, id integer not null, plant_id uuid, name text, price numeric, secret text,
         primary key (organization_id, id), ${plant})`,
    );
    const write = `, write => 'plants.manage', insertable => array['id', 'name'], updatable => array['name'],
      is_deletable => true, hidden => array['secret']`;
    await secure(client, write);
    const definition = async () =>
      (
        await client.query(
          `select (select jsonb_agg(to_jsonb(pol) order by policyname) from pg_policies as pol where tablename = 'pumps') as policies,
             (select array_agg(pg_get_indexdef(indexrelid) order by pg_get_indexdef(indexrelid)) from pg_index where indrelid = 'public.pumps'::regclass) as indexes,
             (select array_agg(pg_get_triggerdef(oid) order by tgname) from pg_trigger where tgrelid = 'public.pumps'::regclass and not tgisinternal) as triggers,
             (select array_agg(attname || attacl::text order by attname) from pg_attribute where attrelid = 'public.pumps'::regclass and attacl is not null) as grants`,
        )
      ).rows[0] as unknown;
    const first = await definition();
    await secure(client, write);
    expect(await definition()).toEqual(first);
    expect(first).toMatchObject({
      indexes: expect.arrayContaining([expect.stringContaining('(organization_id, plant_id)')]) as unknown,
    });

    const by = (user: string, sql: string, house = acme) =>
      asUser(client, inside(house, user), (session) => session.query(sql), { commit: true });
    const reader = await addMember(client, acme, { roles: ['viewer'] });
    await by(acme.owner, `insert into public.pumps (id, name) values (1, 'One')`);
    await by(beta.owner, `insert into public.pumps (id, name) values (1, 'One')`, beta);
    expect((await by(reader, 'select id, name, price from public.pumps')).rows).toEqual([
      { id: 1, name: 'One', price: null },
    ]);
    expect((await by(acme.owner, `update public.pumps set name = 'Two'`)).rowCount).toBe(1);
    expect((await by(reader, `update public.pumps set name = 'Two'`)).rowCount).toBe(0);
    expect((await by(reader, 'delete from public.pumps')).rowCount).toBe(0);
    for (const [user, sql] of [
      [reader, `insert into public.pumps (id) values (2)`],
      [acme.owner, 'update public.pumps set price = 1'],
      [acme.owner, 'update public.pumps set id = 2'],
      [acme.owner, `insert into public.pumps (organization_id, id) values ('${beta.id}', 2)`],
      [acme.owner, 'select secret from public.pumps'],
    ] as const) {
      await expect(by(user, sql), sql).rejects.toMatchObject({ code: '42501' });
    }
    expect((await by(acme.owner, 'delete from public.pumps')).rowCount).toBe(1);
    expect((await client.query('select from public.pumps')).rowCount).toBe(1);
    // Who may write, and not read, writes nothing.
    const blind = await addMember(client, beta, {
      roles: [await addRole(client, beta, 'blind', ['plants.manage'])],
    });
    expect((await by(blind, `update public.pumps set name = 'Three'`, beta)).rowCount).toBe(0);
  });
});

test.each(['count=planned', 'count=estimated', 'return=minimal, count=planned', 'COUNT = Estimated'])(
  'before a request, check_request() refuses what the planner would estimate: %s',
  async (prefer) => {
    for (const as of [asAnon, asService]) {
      const ask = (value: string | null) =>
        as(db, async (client) => {
          await client.query(`select set_config('request.headers', $1, true)`, [
            value === null ? '' : JSON.stringify({ prefer: value }),
          ]);
          return client.query('select public.check_request()');
        });
      await expectRefusal(ask(prefer), 400, 'count_unavailable');
      for (const fine of ['count=exact', 'return=representation', '', null]) {
        expect((await ask(fine)).rowCount).toBe(1);
      }
    }
  },
);
