import { createClient } from '@supabase/supabase-js';
import pg from 'pg';
import ws from 'ws';
import type { Stack } from '../../src/stack/start.ts';

/** A supabase-js client of a stack, as a front end makes one. */
export function clientOf(stack: Stack, key: string = stack.publishableKey) {
  return createClient(stack.apiUrl, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    // Node 20 has no WebSocket of its own.
    realtime: { transport: ws as never },
  });
}

/** Runs statements as the superuser. */
export async function asSuperuser<T extends pg.QueryResultRow>(
  stack: Stack,
  statement: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: stack.dbUrl });
  await client.connect();
  try {
    return (await client.query<T>(statement, values)).rows;
  } finally {
    await client.end();
  }
}

/** Asks until the answer is yes. */
export async function eventually(
  isSo: () => Promise<boolean> | boolean,
  milliseconds = 30_000,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await isSo())) {
    if (Date.now() > deadline)
      throw new Error(`This did not come true within ${milliseconds} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
