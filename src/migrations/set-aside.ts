import type pg from 'pg';

/** A table that holds rows which a rollback would have lost. */
export interface SetAsideTable {
  /** `rollback_000NNN`, after the migration that was undone. */
  schema: string;
  table: string;
  /** The table that the rows come from: `public.user_profiles`. Absent when the comment does not say so. */
  source?: string;
  rows: number;
}

/** What the comment on a set-aside table says; see set-aside.sql. */
export interface SetAsideOrigin {
  source: string;
  /** The queue that the rescued rows belong to, when that queue was dropped. */
  queue: string | undefined;
  /** When, as PostgreSQL wrote it: the same for all tables of one rollback. */
  at: string;
}

/** Reads the comment on a set-aside table; undefined when it is none of ours. */
export function setAsideOrigin(comment: string | null): SetAsideOrigin | undefined {
  const match = /^Rows of (\S+?)(?: \(queue (\w+)\))?, set aside at (\S+) when \d{6} was undone\./.exec(
    comment ?? '',
  );
  return match ? { source: String(match[1]), queue: match[2], at: String(match[3]) } : undefined;
}

/**
 * Lists the tables of the schemas `rollback_000NNN` with what is known about them.
 *
 * @param client a connection as role `postgres`
 */
export async function findSetAside(
  client: pg.ClientBase,
): Promise<(Pick<SetAsideTable, 'schema' | 'table'> & { origin: SetAsideOrigin | undefined })[]> {
  const { rows } = await client.query<{ schema: string; table: string; comment: string | null }>(
    `select nsp.nspname as schema, rel.relname as table, pg_catalog.obj_description(rel.oid, 'pg_class') as comment
     from pg_catalog.pg_class as rel
     join pg_catalog.pg_namespace as nsp on nsp.oid = rel.relnamespace
     where nsp.nspname ~ '^rollback_[0-9]{6}$' and rel.relkind = 'r'
     order by 1, 2`,
  );
  return rows.map(({ schema, table, comment }) => ({ schema, table, origin: setAsideOrigin(comment) }));
}

/**
 * Lists the tables that rollbacks have set aside, and how many rows wait in each.
 *
 * @param client a connection as role `postgres`
 */
export async function listSetAside(client: pg.ClientBase): Promise<SetAsideTable[]> {
  const listed: SetAsideTable[] = [];
  for (const { schema, table, origin } of await findSetAside(client)) {
    const { rows } = await client.query<{ count: string }>(
      `select count(*) from ${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`,
    );
    listed.push({ schema, table, ...(origin && { source: origin.source }), rows: Number(rows[0]?.count) });
  }
  return listed;
}
