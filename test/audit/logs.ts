import type pg from 'pg';

type Connection = Pick<pg.ClientBase, 'query'>;

/** A row of the log, as a test compares it. */
export interface Entry {
  organization_id: string;
  actor_id: string | null;
  actor_role: string;
  action: string;
  event: string | null;
  table_name: string | null;
  row_key: unknown;
  before: unknown;
  after: unknown;
  severity: string;
  request_id: string | null;
  ip: string | null;
}

/** Runs `work` and returns what was logged meanwhile, in order, as the connection may read it. */
export async function logged(client: Connection, work: () => Promise<unknown>): Promise<Entry[]> {
  const last = await client.query<{ last: string }>(
    'select coalesce(max(id), 0) as last from public.audit_logs',
  );
  await work();
  const { rows } = await client.query<Entry>(
    `select organization_id, actor_id, actor_role, action, event, table_name, row_key, before, after, severity, request_id, ip
     from public.audit_logs where id > $1 order by id`,
    [last.rows[0]?.last],
  );
  return rows;
}

/** What an entry says about a row. */
export function change({ action, row_key, before, after }: Entry): Record<string, unknown> {
  return { action, row_key, ...(before === null ? {} : { before }), ...(after === null ? {} : { after }) };
}
