import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditInTransaction, makeWorld } from '../../src/isolation/audit.ts';
import type { World } from '../../src/isolation/houses.ts';
import { useDatabase } from '../support/database.ts';
import { type Sabotage, sabotages } from './sabotage.ts';

const db = useDatabase();

let client: pg.PoolClient;
let world: World;
let partition: string;

beforeAll(async () => {
  client = await db.pool.connect();
  await client.query('begin');
  const { rows } = await client.query<{ name: string }>(
    `select format('private.audit_logs_%s', to_char(now() at time zone 'utc', 'YYYY_MM')) as name`,
  );
  partition = rows[0]?.name ?? '';
  world = await makeWorld(client);
});

afterAll(async () => {
  await client.query('rollback');
  client.release();
});

/** Breaks something, audits what is broken, and mends it. */
async function auditOf({ sql, objects }: Pick<Sabotage, 'sql' | 'objects'>) {
  const names = objects.map((name) => (name === 'the partition of this month' ? partition : name));
  await client.query('savepoint sabotage');
  try {
    if (sql !== '') await client.query(sql);
    return { names, report: await auditInTransaction(client, { objects: names, world }) };
  } finally {
    await client.query('rollback to savepoint sabotage');
  }
}

describe('the audit notices when', () => {
  test.each(sabotages)('$name', async (sabotage) => {
    const { names, report } = await auditOf(sabotage);
    expect(report.status).toBe('leaking');
    const leaking = report.leaks.filter(({ object }) => object === names[0]).map(({ kind }) => kind);
    expect([...new Set(leaking)]).toEqual(expect.arrayContaining(sabotage.kinds));
  });
});

test('what the sabotages break is whole without them', async () => {
  const { relations, routines } = await client
    .query<{ name: string }>(
      `select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace as nsp on nsp.oid = relnamespace
       where nspname in ('public', 'private') and relkind in ('r', 'p', 'v')`,
    )
    .then(async (found) => ({
      relations: found.rows,
      routines: (
        await client.query<{ name: string }>(
          `select format('%I.%I(%s)', nspname, proname, replace(oidvectortypes(proargtypes), ', ', ',')) as name
           from pg_proc join pg_namespace as nsp on nsp.oid = pronamespace where nspname in ('public', 'private')`,
        )
      ).rows,
    }));
  const there = new Set([...relations, ...routines].map(({ name }) => name));
  const objects = [...new Set(sabotages.flatMap((sabotage) => sabotage.objects))].filter((name) =>
    there.has(name),
  );
  const { report } = await auditOf({ sql: '', objects: [...objects, partition] });
  expect(report.leaks).toEqual([]);
  expect(report.untried).toEqual([]);
  expect(report.status).toBe('isolated');
});
