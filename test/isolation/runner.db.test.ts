import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeWorld } from '../../src/isolation/audit.ts';
import { readCatalog } from '../../src/isolation/catalog.ts';
import { fingerprints } from '../../src/isolation/fingerprints.ts';
import type { World } from '../../src/isolation/houses.ts';
import { prepareRunner, runTrials } from '../../src/isolation/runner.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

let client: pg.PoolClient;
let world: World;

beforeAll(async () => {
  client = await db.pool.connect();
  await client.query('begin');
  world = await makeWorld(client);
  await prepareRunner(client, fingerprints(await readCatalog(client), world));
});

afterAll(async () => {
  await client.query('rollback');
  client.release();
});

/** Runs statements past all policies, one after the other, while somebody watches the rows of B. */
function watching(...statements: string[]) {
  return runTrials(
    client,
    statements.map((sql) => ({
      actor: 'postgres' as const,
      sql,
      answers: false,
      watched: [world.b.organization],
    })),
  );
}

const ofB = () => `organization_id = '${world.b.organization}'`;

/** A partition with a row of B in it, for a month that has none. */
const newPartition = () => `
  do $$ begin
    create table private.audit_logs_1999_01 partition of public.audit_logs for values from ('1999-01-01') to ('1999-02-01');
    insert into private.audit_logs_1999_01 overriding system value
    select (jsonb_populate_record(log, '{"at": "1999-01-10"}')).* from public.audit_logs as log where ${ofB()} limit 1;
  end $$`;

describe('what changes for the one who is watched is noticed', () => {
  test.each<[string, string, () => string]>([
    ['a row that is updated', 'public.plants', () => `update public.plants set name = 'x' where ${ofB()}`],
    [
      'a row that is written as it was',
      'public.plants',
      () => `update public.plants set name = name where ${ofB()}`,
    ],
    [
      'a row that is deleted',
      'public.customer_assignments',
      () => `delete from public.customer_assignments where ${ofB()}`,
    ],
    [
      'a row that is inserted',
      'public.plants',
      () => `insert into public.plants select (jsonb_populate_record(plant, '{"code": "ANOTHER", "id": "${world.both.id}"}')).*
        from public.plants as plant where ${ofB()} limit 1`,
    ],
    [
      'a row that is deleted and inserted again',
      'public.customer_health_notes',
      () => `with gone as (delete from public.customer_health_notes where ${ofB()} returning *)
        insert into public.customer_health_notes
        select (jsonb_populate_record(null::public.customer_health_notes, to_jsonb(gone) || '{"id": "${world.both.id}"}')).* from gone`,
    ],
    ['a table that is truncated', 'public.plants', () => 'truncate public.plants cascade'],
    [
      'a row that a foreign key takes along',
      'public.plants',
      () => `delete from public.organizations where id = '${world.b.organization}'`,
    ],
    [
      'what a statement inside of another does',
      'public.plants',
      () =>
        `do $$ begin begin delete from public.plants; exception when others then null; end; raise notice 'done'; end $$`,
    ],
    [
      'a row of a partition',
      'public.audit_logs',
      () => `insert into public.audit_logs overriding system value
        select (jsonb_populate_record(log, '{"id": 999999999}')).* from public.audit_logs as log where ${ofB()} limit 1`,
    ],
    ['a partition that is new', 'public.audit_logs', newPartition],
    [
      'a user of theirs',
      'auth.users',
      () => `update auth.users set raw_user_meta_data = '{}' where id = '${world.b.users[0]}'`,
    ],
  ])('%s', async (_, table, sql) => {
    const [result] = await watching(sql());
    expect(result).toMatchObject({ state: '00000', message: '' });
    expect(result?.changed).toContain(table);
  });
});

test('nothing is noticed of what is read, of what is undone, of what is refused, and of what is done to others', async () => {
  const results = await watching(
    'select * from public.plants',
    'select * from public.plants for update',
    `do $$ begin begin delete from public.plants; raise exception 'no'; exception when others then null; end; end $$`,
    'update public.plants set name = null',
    `update public.plants set name = 'x' where organization_id = '${world.a.organization}'`,
  );
  expect(results.map(({ state, changed }) => [state, changed])).toEqual([
    ['00000', []],
    ['00000', []],
    ['00000', []],
    ['23502', []],
    ['00000', []],
  ]);
});

test('of a trial nothing stays for the next', async () => {
  const sql = `delete from public.plants where ${ofB()}`;
  const [first, second, third] = await watching(sql, 'select 1', sql);
  expect(first?.affected).toBeGreaterThan(0);
  expect(second?.changed).toEqual([]);
  expect(third).toEqual(first);
});
