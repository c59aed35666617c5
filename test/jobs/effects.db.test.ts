import { expect, test } from 'vitest';
import type pg from 'pg';
import { inTransaction, useDatabase } from '../support/database.ts';
import { makeQueue, pidOf, untilBlocked } from './queues.ts';

const db = useDatabase();

async function isFirst(client: pg.ClientBase | pg.Pool, queue: string, id = 1): Promise<boolean | undefined> {
  const { rows } = await client.query<{ first: boolean }>('select private.is_first_effect($1, $2) as first', [
    queue,
    id,
  ]);
  return rows[0]?.first;
}

test('the effect of a message is to be had once, for each queue and message', async () => {
  const [queue, other] = [await makeQueue(db), await makeQueue(db)];
  expect(await isFirst(db.pool, queue)).toBe(true);
  expect(await isFirst(db.pool, queue)).toBe(false);
  expect(await isFirst(db.pool, queue, 2)).toBe(true);
  expect(await isFirst(db.pool, other)).toBe(true);
});

test('an effect that is rolled back is still to be had', async () => {
  const queue = await makeQueue(db);
  expect(await db.inRollback((client) => isFirst(client, queue))).toBe(true);
  expect(await isFirst(db.pool, queue)).toBe(true);
});

test.each([
  ['commits', 'commit', false],
  ['rolls back', 'rollback', true],
] as const)('of two transactions at once, the second waits until the first %s', async (_, end, isLeft) => {
  const queue = await makeQueue(db);
  const second = await db.pool.connect();
  const pid = await pidOf(second);
  const { waiting } = await inTransaction(db.pool, end, async (first) => {
    expect(await isFirst(first, queue)).toBe(true);
    const asked = isFirst(second, queue);
    await untilBlocked(db.pool, pid);
    return { waiting: asked };
  });
  expect(await waiting).toBe(isLeft);
  second.release();
});

test('an effect of a queue that does not exist is an error', async () => {
  await expect(isFirst(db.pool, 'no_such_queue')).rejects.toMatchObject({ code: '23503' });
});
