import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon, asService, asUser, type Caller } from '../support/roles.ts';
import { found, inside, promote } from '../tenancy/organizations.ts';

const db = useDatabase();

let owner: Caller;
let superadmin: Caller;
let part: string;

beforeAll(async () => {
  const org = await found(db.pool, 'First', { id: 'TEST00001' });
  const house = await found(db.pool, 'Second', { id: 'TEST00002' });
  owner = inside(org, org.owner);
  superadmin = inside(org, await promote(db.pool, house.owner));
  const { rows } = await db.query<{ part: string }>(
    `select tableoid::regclass::text as part from public.audit_logs where organization_id = 'TEST00001' limit 1`,
  );
  part = rows[0]?.part ?? '';
});

const row = `(organization_id, actor_role, action, table_name) values ('TEST00001', 'forged', 'create', 'plants')`;
const changes: Record<string, (table: string) => string> = {
  insert: (table) => `insert into ${table} ${row}`,
  'insert with an id': (table) =>
    `insert into ${table} (id, organization_id, actor_role, action) overriding system value values (1, 'TEST00001', 'x', 'create')`,
  update: (table) => `update ${table} set severity = 'info'`,
  delete: (table) => `delete from ${table}`,
  truncate: (table) => `truncate ${table}`,
};
/** As above, by those who may insert: the owner of the table alone. */
const changesOfOwner = Object.fromEntries(
  Object.entries(changes).filter(([name]) => !name.startsWith('insert')),
);

const callers: Record<string, (statement: string) => Promise<unknown>> = {
  anon: (statement) => asAnon(db, (client) => client.query(statement)),
  'an owner of the organization': (statement) => asUser(db, owner, (client) => client.query(statement)),
  'a superadmin': (statement) => asUser(db, superadmin, (client) => client.query(statement)),
  'the service role': (statement) => asService(db, (client) => client.query(statement)),
  'the auth server': async (statement) => {
    const superuser = await db.superuser();
    await superuser.query('set role supabase_auth_admin');
    return superuser.query(statement);
  },
};

test('the callers can do something', async () => {
  for (const [name, call] of Object.entries(callers)) {
    await expect(call('select current_user::text as role'), name).resolves.toMatchObject({
      rows: [
        { role: expect.stringMatching(/^(anon|authenticated|service_role|supabase_auth_admin)$/) as string },
      ],
    });
  }
});

describe.each(Object.keys(callers))('%s', (name) => {
  test.each(Object.keys(changes))('has no right to %s', async (verb) => {
    for (const table of ['public.audit_logs', part]) {
      await expect(callers[name]?.(changes[verb]?.(table) ?? ''), table).rejects.toMatchObject({
        code: '42501',
      });
    }
  });

  test('does not write it through the functions behind it', async () => {
    for (const call of [
      `private.record_event('plants.forged', 'create')`,
      `private.record_denial('forged')`,
      `private.create_audit_partitions()`,
      `private.drop_expired_audit_partitions('1 month')`,
      `private.audit_table('public.plants')`,
    ]) {
      await expect(callers[name]?.(`select ${call}`), call).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('the owner of the table', () => {
  test.each(Object.keys(changesOfOwner))('is refused to %s, in the whole and in a part', async (verb) => {
    for (const table of ['public.audit_logs', part, 'private.audit_logs_default']) {
      if (table.endsWith('default')) {
        await db.query(`insert into public.audit_logs (organization_id, at, actor_role, action)
                        values ('TEST00001', '1999-01-01', 'test', 'system')`);
      }
      await expectRefusal(db.query(changesOfOwner[verb]?.(table) ?? ''), 403, 'audit_append_only');
    }
  });

  test('is refused to change it by an upsert and by a merge', async () => {
    await expectRefusal(
      db.query(`insert into public.audit_logs (organization_id, at, id, actor_role, action) overriding system value
                select organization_id, at, id, 'x', 'create' from public.audit_logs
                on conflict (organization_id, at, id) do update set actor_role = 'x'`),
      403,
      'audit_append_only',
    );
    await expectRefusal(
      db.query(`merge into public.audit_logs as log using public.audit_logs as same
                  on log.organization_id = same.organization_id and log.at = same.at and log.id = same.id
                when matched then delete`),
      403,
      'audit_append_only',
    );
  });

  test('may drop a month, and nothing else gets rid of a row', async () => {
    await db.inRollback(async (client) => {
      await client.query(`drop table ${part}`);
      const { rows } = await client.query(
        `select from public.audit_logs where organization_id = 'TEST00002'`,
      );
      expect(rows).toEqual([]);
    });
  });
});

test('a session that pretends to be a replica is refused as well', async () => {
  const superuser = await db.superuser();
  for (const [, change] of Object.entries(changesOfOwner)) {
    for (const table of ['public.audit_logs', part]) {
      await superuser.query(`begin; set local session_replication_role = replica`);
      await expectRefusal(superuser.query(change(table)), 403, 'audit_append_only');
      await superuser.query('rollback');
    }
  }
});

test('a month that is made later is guarded as the first ones are', async () => {
  await db.inRollback(async (client) => {
    await client.query(`select private.create_audit_partition('2031-05-01')`);
    await client.query(`insert into public.audit_logs (organization_id, at, actor_role, action)
                        values ('TEST00001', '2031-05-02', 'test', 'system')`);
    for (const change of Object.values(changesOfOwner)) {
      await client.query('savepoint before');
      await expectRefusal(client.query(change('private.audit_logs_2031_05')), 403, 'audit_append_only');
      await client.query('rollback to savepoint before');
    }
  });
});
