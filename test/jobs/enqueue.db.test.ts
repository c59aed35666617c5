import pg from 'pg';
import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { claim, enqueue, makeQueue, makeVisible, secondsHidden, whereabouts } from './queues.ts';

const db = useDatabase();

/** Runs `work` while listening, and returns the queues that were notified. */
async function notified(work: () => Promise<unknown>): Promise<string[]> {
  const listener = new pg.Client({ connectionString: db.url });
  await listener.connect();
  const heard: string[] = [];
  listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
  try {
    await listener.query('listen rowhouse_jobs');
    await work();
    // Notices come before the answer to a later statement.
    await listener.query(`select pg_notify('rowhouse_jobs', 'the end')`);
    while (heard.at(-1) !== 'the end') await listener.query('select');
  } finally {
    await listener.end();
  }
  return heard.slice(0, -1);
}

test('a job is enqueued by the transaction that commits, and the worker is told then', async () => {
  const queue = await makeQueue(db);
  const heard = await notified(async () => {
    const client = await db.pool.connect();
    await client.query('begin');
    await enqueue(client, queue, 'first');
    await enqueue(client, queue, 'second');
    expect(await claim(db, queue)).toEqual([]);
    await client.query('commit');
    client.release();
  });
  expect(heard).toEqual([queue]);
  expect(await claim(db, queue)).toMatchObject([
    { kind: 'test.job', payload: { name: 'first' }, attempt: 1 },
    { kind: 'test.job', payload: { name: 'second' }, attempt: 1 },
  ]);
});

test('a transaction that rolls back leaves no job and wakes nobody', async () => {
  const queue = await makeQueue(db);
  const heard = await notified(() => db.inRollback((client) => enqueue(client, queue)));
  expect(heard).toEqual([]);
  expect(await whereabouts(db.pool, queue)).toEqual({ queued: 0, archived: 0, dead: 0 });
});

test('a delayed job is hidden for as long as asked, rounded up to seconds', async () => {
  const queue = await makeQueue(db);
  const { rows } = await db.query<{ id: number }>(
    `select private.enqueue($1, 'test.job', '{}', interval '90.2 seconds')::integer as id`,
    [queue],
  );
  const hidden = await secondsHidden(db.pool, queue, rows[0]?.id ?? 0);
  expect(hidden).toBeGreaterThan(80);
  expect(hidden).toBeLessThanOrEqual(91);
  expect(await claim(db, queue)).toEqual([]);
  await makeVisible(db.pool, queue);
  expect(await claim(db, queue)).toHaveLength(1);
});

test('a batch becomes one job for each payload, in order', async () => {
  const queue = await makeQueue(db);
  const { rows } = await db.query<{ id: number }>(
    `select id::integer from private.enqueue_batch(
       $1, 'test.job', array(select to_jsonb(n) from generate_series(1, 500) as n)
     ) as id`,
    [queue],
  );
  const claimed = await claim(db, queue, 1000);
  expect(claimed.map(({ payload }) => payload)).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
  expect(claimed.map(({ message_id }) => message_id)).toEqual(rows.map(({ id }) => id));
  expect((await db.query(`select private.enqueue_batch($1, 'test.job', '{}')`, [queue])).rows).toEqual([]);
});

test.each([
  ['kind', `private.enqueue($1, null)`],
  ['payload', `private.enqueue($1, 'test.job', null)`],
  ['delay', `private.enqueue($1, 'test.job', '{}', null)`],
  ['payload in a batch', `private.enqueue_batch($1, 'test.job', array['1', null]::jsonb[])`],
  ['batch', `private.enqueue_batch($1, 'test.job', null)`],
])('a job without a %s is refused', async (_, call) => {
  const queue = await makeQueue(db);
  await expect(db.query(`select ${call}`, [queue])).rejects.toMatchObject({ code: '22004' });
  expect(await whereabouts(db.pool, queue)).toMatchObject({ queued: 0 });
});

test.each([
  'no_such_queue',
  'user_sync_dead',
  'USER_SYNC',
  `user_sync'; drop table private.job_queues; --`,
  '',
])('enqueueing on %j is refused, since no worker reads it', async (queue) => {
  await expect(enqueue(db.pool, queue)).rejects.toMatchObject({ code: '42P01' });
});

test.each(['Upper', '1st', 'a b', 'letters_dead', 'a'.repeat(41), `x"; drop schema pgmq; --`, ''])(
  'a queue cannot be called %j',
  async (queue) => {
    await expect(db.query('select private.create_queue($1)', [queue])).rejects.toMatchObject({
      code: '23514',
    });
  },
);

test('dropping a queue takes its tables and its records along', async () => {
  const queue = await makeQueue(db);
  await db.query('select private.is_first_effect($1, 1)', [queue]);
  await db.query('select private.drop_queue($1)', [queue]);
  const { rows } = await db.query(
    `select
       (select count(*)::integer from pgmq.list_queues() where queue_name::text in ($1::text, $1 || '_dead')) as queues,
       (select count(*)::integer from private.job_effects where queue = $1::text) as effects,
       to_regclass('pgmq.q_' || $1) as table`,
    [queue],
  );
  expect(rows).toEqual([{ queues: 0, effects: 0, table: null }]);
});

test('wake_worker notifies the queues that have something to read, and no others', async () => {
  const waiting = await makeQueue(db);
  await enqueue(db.pool, waiting);
  await makeQueue(db);
  const claimed = await makeQueue(db);
  await enqueue(db.pool, claimed);
  await claim(db, claimed);
  const delayed = await makeQueue(db);
  await db.query(`select private.enqueue($1, 'test.job', '{}', '1 hour')`, [delayed]);

  const heard = await notified(() => db.query('select private.wake_worker()'));
  expect(heard).toContain(waiting);
  for (const queue of [claimed, delayed]) expect(heard).not.toContain(queue);
  const { rows } = await db.query<{ queue: string }>('select queue from public.waiting_queues() as queue');
  expect(heard).toEqual(rows.map(({ queue }) => queue));
});
