import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Database } from '../support/database.ts';
import { asService } from '../support/roles.ts';

type Executor = Pick<pg.ClientBase, 'query'> | pg.Pool;

/** What a worker holds. */
export interface Claimed {
  message_id: number;
  kind: string;
  payload: unknown;
  attempt: number;
}

/** A message that was given up. */
export interface DeadLetter extends Omit<Claimed, 'attempt'> {
  error: string;
  attempts: number;
}

/** Makes a queue for one test, as a migration does. */
export async function makeQueue(db: Database, maxAttempts = 5): Promise<string> {
  const queue = `test_${randomBytes(6).toString('hex')}`;
  await db.query('select private.create_queue($1, $2)', [queue, maxAttempts]);
  return queue;
}

/** Enqueues a job, as a business function does; its payload says which one it is. */
export async function enqueue(
  where: Executor,
  queue: string,
  name: string | number = 'a job',
): Promise<number> {
  const { rows } = await where.query<{ id: number }>(
    `select private.enqueue($1, 'test.job', jsonb_build_object('name', $2::text))::integer as id`,
    [queue, String(name)],
  );
  return rows[0]?.id ?? 0;
}

/** What a worker's call returns, committed. */
async function called<Row extends pg.QueryResultRow>(
  db: Database,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  return asService(db, async (client) => (await client.query<Row>(text, values)).rows, { commit: true });
}

export const claimSql = `select message_id::integer, kind, payload, attempt from public.claim_jobs($1, $2, $3)`;

/** Claims messages as a worker does. */
export function claim(db: Database, queue: string, quantity = 10, seconds = 60): Promise<Claimed[]> {
  return called<Claimed & pg.QueryResultRow>(db, claimSql, [queue, quantity, seconds]);
}

/** Archives messages as a worker does; says how many were there. */
export async function complete(db: Database, queue: string, ids: number[]): Promise<number | undefined> {
  const rows = await called<{ n: number }>(db, 'select public.complete_jobs($1, $2) as n', [queue, ids]);
  return rows[0]?.n;
}

/** Reports a failure as a worker does; says what became of the message. */
export async function fail(
  db: Database,
  queue: string,
  id: number,
  {
    error = 'It broke.',
    isFinal = false,
    attempt,
  }: { error?: string; isFinal?: boolean; attempt?: number } = {},
): Promise<string | undefined> {
  const rows = await called<{ fate: string }>(db, 'select public.fail_job($1, $2, $3, $4, $5) as fate', [
    queue,
    id,
    error,
    isFinal,
    attempt,
  ]);
  return rows[0]?.fate;
}

/** Ends the time for which claimed, delayed and failed messages are hidden. */
export async function makeVisible(where: Executor, queue: string): Promise<void> {
  await where.query(`update pgmq.q_${queue} set vt = clock_timestamp() - interval '1 second'`);
}

/** The dead letters of a queue, newest first. */
export function deadLetters(db: Database, queue: string): Promise<DeadLetter[]> {
  return called<DeadLetter & pg.QueryResultRow>(
    db,
    'select message_id::integer, kind, payload, error, attempts from public.dead_letters($1)',
    [queue],
  );
}

/** How many messages are on the queue, in its archive and among its dead letters. */
export async function whereabouts(
  where: Executor,
  queue: string,
): Promise<{ queued: number; archived: number; dead: number } | undefined> {
  const { rows } = await where.query<{ queued: number; archived: number; dead: number }>(
    `select (select count(*)::integer from pgmq.q_${queue}) as queued,
            (select count(*)::integer from pgmq.a_${queue}) as archived,
            (select count(*)::integer from pgmq.q_${queue}_dead) as dead`,
  );
  return rows[0];
}

/** In how many seconds a message may be read. */
export async function secondsHidden(where: Executor, queue: string, id: number): Promise<number> {
  const { rows } = await where.query<{ seconds: number }>(
    `select extract(epoch from vt - clock_timestamp())::float as seconds from pgmq.q_${queue} where msg_id = $1`,
    [id],
  );
  return rows[0]?.seconds ?? Number.NaN;
}

/** Resolves when a session waits for a lock, so that a test knows that two of them have met. */
export async function untilBlocked(where: Executor, pid: number): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    const { rows } = await where.query<{ blocked: boolean }>(
      'select cardinality(pg_blocking_pids($1)) > 0 as blocked',
      [pid],
    );
    if (rows[0]?.blocked) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('The session never waited for a lock.');
}

/** The id of a session's server process. */
export async function pidOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}
