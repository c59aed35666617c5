import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { claim, complete, deadLetters, enqueue, fail, makeQueue, whereabouts } from './queues.ts';

const db = useDatabase();

/** A queue whose messages were all given up. */
async function deadQueue(names: string[]): Promise<string> {
  const queue = await makeQueue(db);
  for (const name of names) {
    const id = await enqueue(db.pool, queue, name);
    await claim(db, queue);
    await fail(db, queue, id, { error: `${name} broke`, isFinal: true });
  }
  return queue;
}

async function replay(queue: string, ids: number[] | null = null): Promise<number | undefined> {
  const { rows } = await db.query<{ n: number }>('select public.replay_dead_letters($1, $2) as n', [
    queue,
    ids,
  ]);
  return rows[0]?.n;
}

test('the newest dead letters are listed first', async () => {
  const queue = await deadQueue(['one', 'two']);
  expect(await deadLetters(db, queue)).toMatchObject([
    { payload: { name: 'two' }, error: 'two broke', attempts: 1 },
    { payload: { name: 'one' }, error: 'one broke', attempts: 1 },
  ]);
});

test('the chosen dead letters come back with all attempts before them', async () => {
  const queue = await deadQueue(['one', 'two', 'three']);
  const letters = await deadLetters(db, queue);
  const two = letters.find(({ error }) => error === 'two broke')?.message_id ?? 0;
  expect(await replay(queue, [two, 4711])).toBe(1);
  expect(await claim(db, queue)).toMatchObject([{ kind: 'test.job', payload: { name: 'two' }, attempt: 1 }]);
  expect((await deadLetters(db, queue)).map(({ error }) => error)).toEqual(['three broke', 'one broke']);
});

test('all dead letters come back in their order, and replaying again does nothing', async () => {
  const queue = await deadQueue(['one', 'two', 'three']);
  expect(await replay(queue)).toBe(3);
  expect(await replay(queue)).toBe(0);
  expect((await claim(db, queue)).map(({ payload }) => payload)).toEqual([
    { name: 'one' },
    { name: 'two' },
    { name: 'three' },
  ]);
});

test('no ids is not all of them', async () => {
  const queue = await deadQueue(['one']);
  expect(await replay(queue, [])).toBe(0);
  expect(await whereabouts(db.pool, queue)).toMatchObject({ dead: 1 });
});

test('two operators who replay at once bring each message back once', async () => {
  const queue = await deadQueue(['one', 'two', 'three', 'four']);
  const replayed = await Promise.all(Array.from({ length: 6 }, () => replay(queue)));
  expect(replayed.reduce((sum, n) => (sum ?? 0) + (n ?? 0), 0)).toBe(4);
  expect(await whereabouts(db.pool, queue)).toMatchObject({ queued: 4, dead: 0 });
});

test('a message that had its effect before it was given up does not have it again when it is replayed', async () => {
  const queue = await makeQueue(db);
  const [done, undone] = [await enqueue(db.pool, queue, 'done'), await enqueue(db.pool, queue, 'undone')];
  await db.query('select private.is_first_effect($1, $2)', [queue, done]);
  await claim(db, queue);
  for (const id of [done, undone]) await fail(db, queue, id, { isFinal: true });
  await replay(queue);

  const replayed = await claim(db, queue);
  const firsts: Record<string, boolean> = {};
  for (const { message_id, payload } of replayed) {
    const { rows } = await db.query<{ first: boolean }>('select private.is_first_effect($1, $2) as first', [
      queue,
      message_id,
    ]);
    firsts[(payload as { name: string }).name] = rows[0]?.first ?? false;
  }
  expect(firsts).toEqual({ done: false, undone: true });
});

test('what was replayed and done no longer counts as failing', async () => {
  const queue = await deadQueue(['one']);
  await replay(queue);
  const [message] = await claim(db, queue);
  await complete(db, queue, [message?.message_id ?? 0]);
  const { rows } = await db.query(
    'select failing::integer, last_error from public.jobs_overview() where queue = $1',
    [queue],
  );
  expect(rows).toEqual([{ failing: 0, last_error: null }]);
});
