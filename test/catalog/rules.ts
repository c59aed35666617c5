import type pg from 'pg';
import { expect } from 'vitest';
import type { Database } from '../support/database.ts';

/** A rule of the design: a query that returns what breaks it, and statements that each break it on purpose. */
export interface Rule {
  broken: string;
  breakage: string | string[];
}

export const relations = `pg_class as rel join pg_namespace as nsp on nsp.oid = rel.relnamespace`;
export const functions = `pg_proc as fn join pg_namespace as nsp on nsp.oid = fn.pronamespace`;
export const inHouse = `nsp.nspname in ('public', 'private')`;

/** The tables, wherever they are, whose rows belong to an organization: not the partitions, which are their table. */
export const tenantTables = `(
  select rel.oid, rel.relname, rel.relnamespace = 'public'::regnamespace as is_api, col.attnum as organization_attnum
  from pg_class as rel
    join pg_attribute as col on col.attrelid = rel.oid and col.attname = 'organization_id' and not col.attisdropped
  where rel.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and rel.relkind in ('r', 'p') and not rel.relispartition
)`;

/** What breaks a rule, as its query names it. */
export async function brokenBy(client: pg.ClientBase, rule: Rule): Promise<string[]> {
  const { rows } = await client.query<{ object: string }>(rule.broken);
  return rows.map(({ object }) => object);
}

/** Expects that nothing breaks the rule, and that the rule notices each of the statements that break it. */
export async function expectRule(db: Database, rule: Rule): Promise<void> {
  await db.inRollback(async (client) => {
    expect(await brokenBy(client, rule)).toEqual([]);
    for (const breakage of [rule.breakage].flat()) {
      await client.query('savepoint broken');
      await client.query(breakage);
      expect(await brokenBy(client, rule), `the rule does not notice: ${breakage}`).not.toEqual([]);
      await client.query('rollback to savepoint broken');
    }
  });
}
