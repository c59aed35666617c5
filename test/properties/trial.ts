import type pg from 'pg';
import type { Database } from '../support/database.ts';
import type { Break } from './property.ts';

/**
 * Runs `fn` as role postgres in a transaction that is rolled back. The session is a superuser's, which makes the break
 * and can go past the rules where an input needs it.
 */
export async function inTrial(
  db: Database,
  fn: (client: pg.ClientBase) => Promise<void>,
  apply: Break['apply'] = 'select 1',
): Promise<void> {
  const client = await db.superuser();
  try {
    await client.query('begin; set local client_min_messages = error');
    await (typeof apply === 'string' ? client.query(apply) : apply(client));
    await client.query('set local role postgres');
    await fn(client);
  } finally {
    await client.end();
  }
}
