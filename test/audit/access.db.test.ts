import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { asAnon, asService, asUser, type Caller } from '../support/roles.ts';
import {
  addMember,
  addPlant,
  addRole,
  found,
  inside,
  type Organization,
  promote,
} from '../tenancy/organizations.ts';

const db = useDatabase();

let first: Organization;
let second: Organization;

beforeAll(async () => {
  first = await found(db.pool, 'First', { id: 'TEST00001' });
  second = await found(db.pool, 'Second', { id: 'TEST00002' });
  await addPlant(db.pool, first, 'NORTH');
  await addPlant(db.pool, second, 'SOUTH');
  await db.query(`select private.record_event('lab.tested', 'system')`);
});

/** Whose entries a caller sees. */
function seenBy(caller: Caller): Promise<string[]> {
  return asUser(db, caller, async (client) => {
    const { rows } = await client.query<{ organization_id: string }>(
      'select distinct organization_id from public.audit_logs order by 1',
    );
    return rows.map(({ organization_id }) => organization_id);
  });
}

describe('a member with audit.read', () => {
  test('sees the log of their organization, and of no other', async () => {
    expect(await seenBy(inside(first, first.owner))).toEqual([first.id]);
    expect(await seenBy(inside(second, second.owner))).toEqual([second.id]);
    const auditor = await addMember(db.pool, first, {
      roles: [await addRole(db.pool, first, 'auditor', ['audit.read'])],
    });
    expect(await seenBy(inside(first, auditor))).toEqual([first.id]);
  });

  test('finds nothing of another organization by any filter, nor by counting', async () => {
    await asUser(db, inside(first, first.owner), async (client) => {
      for (const filter of [
        `organization_id = '${second.id}'`,
        `organization_id = 'PLATFORM'`,
        `after ->> 'code' = 'SOUTH'`,
        `actor_id = '${second.owner}'`,
        `organization_id <> '${first.id}'`,
      ]) {
        const { rows } = await client.query<{ count: string }>(
          `select count(*) from public.audit_logs where ${filter}`,
        );
        expect(rows[0]?.count, filter).toBe('0');
      }
    });
  });

  test('who names another organization in the token sees nothing', async () => {
    expect(await seenBy(inside(second, first.owner))).toEqual([]);
  });

  test('sees nothing when suspended, deactivated, or in an organization that is suspended', async () => {
    const member = async () =>
      addMember(db.pool, first, {
        roles: [await addRole(db.pool, first, `a${Math.random()}`.replace('.', ''), ['audit.*'])],
      });
    const suspended = await member();
    expect(await seenBy(inside(first, suspended))).toEqual([first.id]);
    await db.query(
      `update public.members set status = 'suspended', suspended_at = now() where user_id = $1`,
      [suspended],
    );
    expect(await seenBy(inside(first, suspended))).toEqual([]);

    const deactivated = await member();
    await db.query(`select public.deactivate_user($1, 'left')`, [deactivated]);
    expect(await seenBy(inside(first, deactivated))).toEqual([]);

    const house = await found(db.pool, 'Third', { id: 'TEST00003' });
    expect(await seenBy(inside(house, house.owner))).toEqual([house.id]);
    await db.query(`select public.suspend_organization($1, 'unpaid')`, [house.id]);
    expect(await seenBy(inside(house, house.owner))).toEqual([]);
  });
});

test.each(['operator', 'viewer', 'customer'])('a member who is %s sees nothing of the log', async (role) => {
  const member = await addMember(db.pool, first, { roles: [role] });
  expect(await seenBy(inside(first, member))).toEqual([]);
});

test('a user without a membership sees nothing', async () => {
  expect(await seenBy(first.owner)).toEqual([]);
});

test('a superadmin sees the log of the organization that they work in', async () => {
  const house = await found(db.pool, 'Fourth', { id: 'TEST00004' });
  await promote(db.pool, house.owner);
  expect(await seenBy(inside(first, house.owner))).toEqual([first.id]);
  expect(await seenBy(inside(second, house.owner))).toEqual([second.id]);
});

test('the service role sees all of it', async () => {
  const { rows } = await asService(db, (client) =>
    client.query<{ seen: string }>(
      `select string_agg(distinct organization_id, ' ' order by organization_id) as seen from public.audit_logs
       where organization_id in ('PLATFORM', '${first.id}', '${second.id}')`,
    ),
  );
  expect(rows).toEqual([{ seen: `PLATFORM ${first.id} ${second.id}` }]);
});

test('nobody reads it without a token', async () => {
  await expect(asAnon(db, (client) => client.query('select from public.audit_logs'))).rejects.toMatchObject({
    code: '42501',
  });
});

test('no API role reads a part of it, past the policies of the whole', async () => {
  const { rows } = await db.query<{ part: string }>(
    `select inhrelid::regclass::text as part from pg_inherits where inhparent = 'public.audit_logs'::regclass`,
  );
  expect(rows.length).toBeGreaterThanOrEqual(5);
  for (const { part } of rows) {
    const attempts = [
      () => asUser(db, inside(first, first.owner), (client) => client.query(`select from ${part}`)),
      () => asService(db, (client) => client.query(`select from ${part}`)),
    ];
    for (const attempt of attempts) await expect(attempt(), part).rejects.toMatchObject({ code: '42501' });
  }
});

test('the newest entries of an organization are read from the indexes of its months, and not sorted', async () => {
  await db.inRollback(async (client) => {
    await client.query(
      `insert into public.audit_logs (organization_id, at, actor_role, action)
       select case when n % 10 = 0 then $1 else 'TEST0000' || n % 5 end, now() - make_interval(secs => n % 3000), 'test', 'read'
       from generate_series(1, 20000) as n`,
      [first.id],
    );
    await client.query('analyze public.audit_logs');
    const plan = await asUser(client, inside(first, first.owner), async (caller) => {
      const { rows } = await caller.query<{ 'QUERY PLAN': string }>(
        'explain (costs off) select * from public.audit_logs order by at desc, id desc limit 50',
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    expect(plan).toMatch(/Index Scan Backward using audit_logs_\d{4}_\d{2}_pkey/);
    expect(plan).not.toMatch(/-> +(Incremental )?Sort|Seq Scan/);
  });
});
