import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createRowhouseClient } from '../../src/client/index.ts';
import { handler, type Handler, runWorker, type WorkerOptions } from '../../src/jobs/worker.ts';
import { asSuperuser } from '../stack/clients.ts';
import { useStack } from '../support/stack.ts';

// Without edge functions nobody but the test works on the queues.
const stack = useStack({ functionsDirectory: 'examples' });

const sql = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
  asSuperuser<Row>(stack, text, values);

/** A queue with as many jobs of kind `test.job` as payloads. */
async function queueOf(payloads: unknown[]): Promise<string> {
  const queue = `test_${randomBytes(6).toString('hex')}`;
  // As role postgres, which owns the functions of Rowhouse and so must own the queue.
  await sql(`set role postgres; select private.create_queue('${queue}')`);
  await sql(`select private.enqueue_batch($1, 'test.job', $2)`, [
    queue,
    payloads.map((payload) => JSON.stringify(payload)),
  ]);
  return queue;
}

function run(queue: string, testJob: Handler, options: Partial<WorkerOptions> = {}) {
  const client = createRowhouseClient(stack.apiUrl, stack.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  return runWorker({ client, queue, handlers: { 'test.job': testJob }, ...options });
}

async function deadLetters(queue: string) {
  return sql<{ error: string; attempts: number }>(
    'select error, attempts from public.dead_letters($1) order by message_id',
    [queue],
  );
}

async function failures(queue: string) {
  return sql<{ error: string; attempts: number }>(
    'select error, attempts from private.job_failures where queue = $1 order by message_id',
    [queue],
  );
}

test('each message reaches the handler of its kind once, as its schema parsed it', async () => {
  const queue = await queueOf(Array.from({ length: 25 }, (_, n) => ({ n: String(n) })));
  const seen: { n: number; messageId: number; attempt: number }[] = [];
  const report = await run(
    queue,
    handler(z.object({ n: z.coerce.number() }), ({ payload, messageId, attempt }) => {
      seen.push({ n: payload.n, messageId, attempt });
      return Promise.resolve();
    }),
  );
  expect(report).toEqual({ queues: [queue], done: 25, failed: 0, dead: 0 });
  expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => ({ n, messageId: n + 1, attempt: 1 })));
});

test('a handler that throws fails its own message alone, and the error is on record', async () => {
  const queue = await queueOf([{ error: 'It broke here.' }, {}, { error: 'And there.' }]);
  const report = await run(
    queue,
    handler(z.object({ error: z.string().optional() }), ({ payload }) =>
      payload.error === undefined ? Promise.resolve() : Promise.reject(new Error(`${payload.error}\0`)),
    ),
  );
  expect(report).toEqual({ queues: [queue], done: 1, failed: 2, dead: 0 });
  expect(await failures(queue)).toEqual([
    { error: 'It broke here.', attempts: 1 },
    { error: 'And there.', attempts: 1 },
  ]);
});

test('a job that fails five times is given up', async () => {
  const queue = await queueOf([{}]);
  const failing = handler(z.object({}), ({ attempt }) => Promise.reject(new Error(`Attempt ${attempt}`)));
  for (let attempt = 1; attempt <= 5; attempt++) {
    expect(await run(queue, failing)).toMatchObject({
      failed: attempt < 5 ? 1 : 0,
      dead: attempt < 5 ? 0 : 1,
    });
    await sql(`update pgmq.q_${queue} set vt = clock_timestamp()`);
  }
  expect(await run(queue, failing)).toMatchObject({ done: 0, failed: 0, dead: 0 });
  expect(await deadLetters(queue)).toEqual([{ error: 'Attempt 5', attempts: 5 }]);
});

test('a handler that hangs is not waited for, and its message is reported before another worker sees it', async () => {
  const queue = await queueOf([{ hangs: true }, { hangs: false }]);
  let heard = false;
  const report = await run(
    queue,
    handler(z.object({ hangs: z.boolean() }), async ({ payload }, { signal }) => {
      if (!payload.hangs) return;
      signal.addEventListener('abort', () => (heard = true));
      await new Promise(() => undefined);
    }),
    { visibilitySeconds: 6 },
  );
  expect(report).toMatchObject({ done: 1, failed: 1 });
  expect(heard).toBe(true);
  expect(await failures(queue)).toEqual([{ error: 'The handler was not done in time.', attempts: 1 }]);
});

test('a worker that is told to end finishes its batch and claims no other', async () => {
  const queue = await queueOf(Array.from({ length: 10 }, () => ({})));
  const ending = new AbortController();
  const report = await run(
    queue,
    handler(z.object({}), () => {
      ending.abort();
      return Promise.resolve();
    }),
    { batchSize: 4, signal: ending.signal },
  );
  expect(report).toMatchObject({ done: 4 });
  const rows = await sql<{ read_ct: number }>(`select read_ct from pgmq.q_${queue}`);
  expect(rows.map(({ read_ct }) => read_ct)).toEqual([0, 0, 0, 0, 0, 0]);
});

test('without a queue it works on all that have something to read', async () => {
  const [first, second] = [await queueOf([{}]), await queueOf([{}, {}])];
  const client = createRowhouseClient(stack.apiUrl, stack.secretKey);
  const report = await runWorker({
    client,
    handlers: { 'test.job': handler(z.object({}), () => Promise.resolve()) },
  });
  expect(report.queues).toEqual(expect.arrayContaining([first, second]));
  expect(report).toMatchObject({ failed: 0, dead: 0 });
  expect(
    await run(
      first,
      handler(z.object({}), () => Promise.resolve()),
    ),
  ).toMatchObject({ done: 0 });
});
