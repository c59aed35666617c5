import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { claim, complete, enqueue, fail, makeQueue, makeVisible, whereabouts } from './queues.ts';

const db = useDatabase();

interface Overview {
  waiting: number;
  delayed: number;
  in_progress: number;
  failing: number;
  dead_letters: number;
  oldest_waiting_seconds: number;
  last_failed_at: Date | null;
  last_error: string | null;
}

async function overview(queue: string) {
  const { rows } = await db.query<Overview>(
    `select waiting::integer, delayed::integer, in_progress::integer, failing::integer, dead_letters::integer,
       oldest_waiting_seconds, last_failed_at, last_error
     from public.jobs_overview() where queue = $1`,
    [queue],
  );
  return rows[0];
}

test('an idle queue is all zeroes', async () => {
  expect(await overview('user_sync')).toEqual({
    waiting: 0,
    delayed: 0,
    in_progress: 0,
    failing: 0,
    dead_letters: 0,
    oldest_waiting_seconds: 0,
    last_failed_at: null,
    last_error: null,
  });
});

test('the overview counts each message where it is', async () => {
  const queue = await makeQueue(db);
  const [dead, retried, done] = [
    await enqueue(db.pool, queue),
    await enqueue(db.pool, queue),
    await enqueue(db.pool, queue),
  ];
  await enqueue(db.pool, queue, 'in the hands of a worker');
  await claim(db, queue);
  await fail(db, queue, dead, { error: 'Dead', isFinal: true });
  await fail(db, queue, retried, { error: 'Failed' });
  await complete(db, queue, [done]);
  await db.query(
    `select private.enqueue_batch($1, 'test.job', array_fill('{}'::jsonb, array[3]), '1 hour')`,
    [queue],
  );
  await db.query(`select private.enqueue_batch($1, 'test.job', array_fill('{}'::jsonb, array[2]))`, [queue]);
  await db.query(
    `update pgmq.q_${queue} set enqueued_at = now() - interval '2 minutes' where read_ct = 0 and vt <= clock_timestamp()`,
  );

  const seen = await overview(queue);
  expect(seen).toMatchObject({
    waiting: 2,
    delayed: 3,
    in_progress: 2,
    failing: 2,
    dead_letters: 1,
    last_error: 'Failed',
  });
  expect(seen?.oldest_waiting_seconds).toBeGreaterThanOrEqual(120);
  expect(seen?.oldest_waiting_seconds).toBeLessThan(150);
  expect(seen?.last_failed_at).toBeInstanceOf(Date);
});

test('a message that failed and then succeeded is failing no more', async () => {
  const queue = await makeQueue(db);
  const id = await enqueue(db.pool, queue);
  await claim(db, queue);
  await fail(db, queue, id);
  expect(await overview(queue)).toMatchObject({ failing: 1, last_error: 'It broke.' });
  await makeVisible(db.pool, queue);
  await claim(db, queue);
  await complete(db, queue, [id]);
  expect(await overview(queue)).toMatchObject({ failing: 0, last_error: null, last_failed_at: null });
});

test('the nightly purge deletes what is past the retention of its queue, and nothing else', async () => {
  const queue = await makeQueue(db);
  await db.query(`update private.job_queues set retention = '7 days' where name = $1`, [queue]);
  const ids = [];
  for (const name of ['old', 'young', 'old and queued', 'old and dead']) {
    const id = await enqueue(db.pool, queue, name);
    await db.query('select private.is_first_effect($1, $2)', [queue, id]);
    ids.push(id);
  }
  const [old, young, queued, dead] = ids as [number, number, number, number];
  await claim(db, queue);
  await complete(db, queue, [old, young]);
  await fail(db, queue, queued);
  await fail(db, queue, dead, { isFinal: true });
  await db.query(`update pgmq.a_${queue} set archived_at = now() - interval '8 days' where msg_id = $1`, [
    old,
  ]);
  await db.query(
    `update private.job_effects set happened_at = now() - interval '8 days' where queue = $1 and message_id <> $2`,
    [queue, young],
  );
  await db.query(
    `update private.job_failures set failed_at = now() - interval '8 days' where queue = $1 and message_id = $2`,
    [queue, dead],
  );

  const { rows } = await db.query<{ purged: number }>('select private.purge_job_history() as purged');
  expect(rows).toEqual([{ purged: 1 }]);
  expect(await whereabouts(db.pool, queue)).toEqual({ queued: 1, archived: 2, dead: 1 });
  const effects = await db.query<{ id: number }>(
    'select message_id::integer as id from private.job_effects where queue = $1 order by 1',
    [queue],
  );
  // What may still be delivered or replayed keeps its record, or its effect would happen twice.
  expect(effects.rows.map(({ id }) => id)).toEqual([young, queued, dead]);
  const failures = await db.query<{ id: number }>(
    'select message_id::integer as id from private.job_failures where queue = $1',
    [queue],
  );
  expect(failures.rows.map(({ id }) => id)).toEqual([queued]);
});

test('the periodic jobs of the module are scheduled and run', async () => {
  const { rows } = await db.query<{ jobname: string; command: string }>(
    `select jobname, command from cron.job
     where jobname in ('rowhouse-wake-worker', 'rowhouse-purge-job-history') order by jobname`,
  );
  expect(rows.map(({ jobname }) => jobname)).toEqual(['rowhouse-purge-job-history', 'rowhouse-wake-worker']);
  for (const { command } of rows) await db.query(command);
});
