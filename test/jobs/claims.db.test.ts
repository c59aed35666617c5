import { expect, test } from 'vitest';
import { type Database, inTransaction, useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import {
  claim,
  type Claimed,
  claimSql,
  complete,
  deadLetters,
  enqueue,
  fail,
  makeQueue,
  makeVisible,
  pidOf,
  secondsHidden,
  untilBlocked,
  whereabouts,
} from './queues.ts';

const db = useDatabase();

async function queueOfOne(database: Database, maxAttempts?: number): Promise<{ queue: string; id: number }> {
  const queue = await makeQueue(database, maxAttempts);
  return { queue, id: await enqueue(database.pool, queue) };
}

test('two workers that claim at once get different messages', async () => {
  const queue = await makeQueue(db);
  for (let name = 0; name < 10; name++) await enqueue(db.pool, queue, name);
  const [first, second] = await inTransaction(db.pool, 'commit', async (one) => {
    const mine = await one.query<Claimed>(claimSql, [queue, 6, 60]);
    // The first transaction is open still: the second neither waits for it nor sees what it holds.
    return [mine.rows, await claim(db, queue, 10)];
  });
  expect(first).toHaveLength(6);
  expect(second).toHaveLength(4);
  expect(new Set([...first, ...second].map(({ message_id }) => message_id)).size).toBe(10);
  expect(await claim(db, queue)).toEqual([]);
});

test('many workers together claim every message once', async () => {
  const queue = await makeQueue(db);
  await db.query(`select private.enqueue_batch($1, 'test.job', array_fill('{}'::jsonb, array[200]))`, [
    queue,
  ]);
  const batches = await Promise.all(Array.from({ length: 40 }, () => claim(db, queue, 10)));
  const ids = batches.flat().map(({ message_id }) => message_id);
  expect(new Set(ids).size).toBe(ids.length);
  // A worker may have looked while others held every row that it could see; what it left is there for the next.
  ids.push(...(await claim(db, queue, 200)).map(({ message_id }) => message_id));
  expect(new Set(ids).size).toBe(200);
});

test('a message that nobody finished comes back as the next attempt', async () => {
  const { queue, id } = await queueOfOne(db);
  for (const attempt of [1, 2, 3]) {
    expect(await claim(db, queue)).toMatchObject([{ message_id: id, attempt }]);
    expect(await claim(db, queue)).toEqual([]);
    await makeVisible(db.pool, queue);
  }
});

test('a message is hidden for as long as the worker asked', async () => {
  const { queue, id } = await queueOfOne(db);
  await claim(db, queue, 1, 300);
  const hidden = await secondsHidden(db.pool, queue, id);
  expect(hidden).toBeGreaterThan(280);
  expect(hidden).toBeLessThanOrEqual(300);
});

test('completing archives once, and doing it again does nothing', async () => {
  const { queue, id } = await queueOfOne(db);
  await claim(db, queue);
  expect(await complete(db, queue, [id])).toBe(1);
  expect(await complete(db, queue, [id, 999])).toBe(0);
  expect(await whereabouts(db.pool, queue)).toEqual({ queued: 0, archived: 1, dead: 0 });
});

test('a failed message comes back later and later, and ends with the dead letters after five attempts', async () => {
  const { queue, id } = await queueOfOne(db);
  for (const [attempt, backoff] of [10, 20, 40, 80].entries()) {
    expect(await claim(db, queue)).toMatchObject([{ message_id: id, attempt: attempt + 1 }]);
    expect(await fail(db, queue, id, { error: `Failure ${attempt + 1}` })).toBe('retry');
    const hidden = await secondsHidden(db.pool, queue, id);
    expect(hidden).toBeGreaterThan(backoff * 0.8 - 3);
    expect(hidden).toBeLessThanOrEqual(backoff * 1.2 + 1);
    await makeVisible(db.pool, queue);
  }
  await claim(db, queue);
  expect(await fail(db, queue, id, { error: 'The last straw' })).toBe('dead');
  expect(await deadLetters(db, queue)).toMatchObject([
    { kind: 'test.job', payload: { name: 'a job' }, error: 'The last straw', attempts: 5 },
  ]);
  expect(await whereabouts(db.pool, queue)).toEqual({ queued: 0, archived: 1, dead: 1 });
});

test('backoff doubles up to an hour, with a fifth more or less', async () => {
  const { rows } = await db.query<{ attempt: number; least: number; most: number }>(
    `select attempt, min(delay)::float as least, max(delay)::float as most
     from (
       select attempt, private.retry_delay(attempt) as delay
       from generate_series(1, 100) as attempt cross join generate_series(1, 100)
     ) as tried
     group by attempt order by attempt`,
  );
  for (const { attempt, least, most } of rows) {
    const middle = 5 * 2 ** attempt;
    expect(least).toBeGreaterThanOrEqual(Math.min(3600, Math.floor(middle * 0.8)));
    expect(most).toBeLessThanOrEqual(Math.min(3600, Math.ceil(middle * 1.2)));
  }
});

test('a failure that is final ends with the dead letters at once', async () => {
  const { queue, id } = await queueOfOne(db);
  await claim(db, queue);
  expect(await fail(db, queue, id, { error: 'Pointless', isFinal: true })).toBe('dead');
  expect(await deadLetters(db, queue)).toMatchObject([{ error: 'Pointless', attempts: 1 }]);
});

test('a queue may allow fewer attempts', async () => {
  const { queue, id } = await queueOfOne(db, 1);
  await claim(db, queue);
  expect(await fail(db, queue, id)).toBe('dead');
});

test('a message that killed every worker ends with the dead letters, without a sixth attempt', async () => {
  const { queue } = await queueOfOne(db);
  for (let attempt = 1; attempt <= 5; attempt++) {
    expect(await claim(db, queue)).toMatchObject([{ attempt }]);
    await makeVisible(db.pool, queue);
  }
  const healthy = await enqueue(db.pool, queue, 'healthy');
  expect(await claim(db, queue)).toMatchObject([{ message_id: healthy, attempt: 1 }]);
  expect(await deadLetters(db, queue)).toMatchObject([
    {
      payload: { name: 'a job' },
      error: 'Every worker that took this message stopped before it was done.',
      attempts: 5,
    },
  ]);
});

test('a message that failed first and then killed its workers keeps the error that there is', async () => {
  const { queue, id } = await queueOfOne(db, 2);
  await claim(db, queue);
  await fail(db, queue, id, { error: 'Out of memory soon' });
  await makeVisible(db.pool, queue);
  await claim(db, queue);
  await makeVisible(db.pool, queue);
  expect(await claim(db, queue)).toEqual([]);
  expect(await deadLetters(db, queue)).toMatchObject([{ error: 'Out of memory soon', attempts: 2 }]);
});

test('failing a message that is gone changes nothing', async () => {
  const { queue, id } = await queueOfOne(db);
  await claim(db, queue);
  await complete(db, queue, [id]);
  expect(await fail(db, queue, id, { isFinal: true })).toBe('gone');
  expect(await whereabouts(db.pool, queue)).toEqual({ queued: 0, archived: 1, dead: 0 });
});

test('a late report of an attempt that another worker has taken over changes nothing', async () => {
  const { queue, id } = await queueOfOne(db, 2);
  await claim(db, queue);
  await makeVisible(db.pool, queue);
  await claim(db, queue, 1, 300);
  expect(await fail(db, queue, id, { attempt: 1, isFinal: true })).toBe('gone');
  expect(await secondsHidden(db.pool, queue, id)).toBeGreaterThan(250);
  expect(await whereabouts(db.pool, queue)).toEqual({ queued: 1, archived: 0, dead: 0 });
  expect(await fail(db, queue, id, { attempt: 2 })).toBe('dead');
});

test('two workers that bury a message at once leave one dead letter', async () => {
  const { queue, id } = await queueOfOne(db);
  await claim(db, queue);
  const second = await db.pool.connect();
  const pid = await pidOf(second);
  const bury = `select public.fail_job($1, $2, 'It broke.', true) as fate`;
  const [one, other] = await inTransaction(db.pool, 'commit', async (first) => {
    const mine = await first.query<{ fate: string }>(bury, [queue, id]);
    const theirs = second.query<{ fate: string }>(bury, [queue, id]);
    await untilBlocked(db.pool, pid);
    return [mine.rows[0]?.fate, theirs] as const;
  }).then(async ([mine, theirs]) => [mine, (await theirs).rows[0]?.fate]);
  second.release();
  expect([one, other]).toEqual(['dead', 'gone']);
  expect(await whereabouts(db.pool, queue)).toEqual({ queued: 0, archived: 1, dead: 1 });
});

test('an error of any length is on record, shortened', async () => {
  const { queue, id } = await queueOfOne(db);
  await claim(db, queue);
  await fail(db, queue, id, { error: 'é'.repeat(1_000_000), isFinal: true });
  expect((await deadLetters(db, queue))[0]?.error).toBe('é'.repeat(2000));
});

test.each([
  ['0', '60'],
  ['1001', '60'],
  ['null', '60'],
  ['1', '0'],
  ['1', '43201'],
  ['1', 'null'],
])('claiming %s messages for %s seconds is refused', async (quantity, seconds) => {
  const queue = await makeQueue(db);
  await expectRefusal(
    db.query(`select public.claim_jobs($1, ${quantity}, ${seconds})`, [queue]),
    400,
    'claim_invalid',
  );
});

const hostileNames = [
  'no_such_queue',
  'user_sync_dead',
  'USER_SYNC',
  `user_sync; drop table private.job_queues`,
  `user_sync' or true --`,
  `q" where true; --`,
  'x'.repeat(100_000),
  '',
  null,
];
const calls = [
  'claim_jobs($1)',
  `complete_jobs($1, '{1}')`,
  `fail_job($1, 1, 'It broke.')`,
  'dead_letters($1)',
  'replay_dead_letters($1)',
];
test.each(calls)('%s refuses the name of a queue that Rowhouse does not have', async (call) => {
  for (const name of hostileNames) {
    await expectRefusal(db.query(`select public.${call}`, [name]), 404, 'queue_unknown');
  }
});
