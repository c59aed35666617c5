import pg from 'pg';
import { beforeEach, describe, expect, test } from 'vitest';
import { createRowhouseClient } from '../../src/client/index.ts';
import { asSuperuser, clientOf, eventually } from '../stack/clients.ts';
import { useStack } from '../support/stack.ts';
import { isRunning, workerPid } from './processes.ts';

const stack = useStack();
const queue = 'user_sync';
const kind = 'identity.sync_profiles';

const sql = <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
  asSuperuser<Row>(stack, text, values);

async function enqueue(jobKind = kind, payload: unknown = {}, delay = '0'): Promise<number> {
  const rows = await sql<{ id: number }>('select private.enqueue($1, $2, $3, $4)::integer as id', [
    queue,
    jobKind,
    JSON.stringify(payload),
    delay,
  ]);
  return rows[0]?.id ?? 0;
}

/** What became of the messages, and how often the sync has run for one. */
async function state() {
  const rows = await sql<{ queued: number[]; archived: number[]; dead: string[]; runs: number }>(
    `select
       array(select msg_id::integer from pgmq.q_user_sync order by 1) as queued,
       array(select msg_id::integer from pgmq.a_user_sync order by 1) as archived,
       array(select message ->> 'error' from pgmq.q_user_sync_dead order by msg_id) as dead,
       (select count(*)::integer from private.sync_runs where source = 'queue') as runs`,
  );
  return rows[0];
}

const isArchived = (id: number) => async () => (await state())?.archived.includes(id) ?? false;

async function makeVisible(id: number): Promise<void> {
  await sql('update pgmq.q_user_sync set vt = clock_timestamp() where msg_id = $1', [id]);
  await sql('select private.wake_worker()');
}

/** A session in a transaction that holds what a test needs held. */
async function holding(statement: string, values: unknown[] = []): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: stack.dbUrl });
  await client.connect();
  await client.query('begin');
  await client.query(statement, values);
  return client;
}

/** The session that waits for what another one holds; undefined while nobody does. */
async function blockedBy(holder: pg.Client | undefined): Promise<{ pid: number; role: string } | undefined> {
  const holderPid = (await holder?.query<{ pid: number }>('select pg_backend_pid() as pid'))?.rows[0]?.pid;
  const rows = await sql<{ pid: number; role: string }>(
    'select pid, usename::text as role from pg_stat_activity where $1 = any (pg_blocking_pids(pid))',
    [holderPid],
  );
  return rows[0];
}

beforeEach(async () => {
  await sql(
    `truncate pgmq.q_user_sync, pgmq.a_user_sync, pgmq.q_user_sync_dead, private.sync_runs, private.job_effects,
       private.job_failures`,
  );
});

describe('a message', () => {
  test('is handled and archived, though nobody called the worker', async () => {
    const id = await enqueue();
    await eventually(isArchived(id));
    expect(await state()).toEqual({ queued: [], archived: [id], dead: [], runs: 1 });
  });

  test('among many is handled once', async () => {
    await sql(
      `select private.enqueue_batch('user_sync', 'identity.sync_profiles', array_fill('{}'::jsonb, array[35]))`,
    );
    await eventually(async () => (await state())?.archived.length === 35, 20_000);
    expect(await state()).toMatchObject({ queued: [], dead: [], runs: 35 });
  });

  test.each(['no.such.kind', 'constructor', '__proto__'])(
    'of the unknown kind %s is given up at once',
    async (name) => {
      await enqueue(name);
      await eventually(async () => (await state())?.dead.length === 1);
      expect(await state()).toMatchObject({
        queued: [],
        dead: [`There is no handler for kind ${name}.`],
        runs: 0,
      });
    },
  );

  test('with a payload that its handler does not take is given up at once, and the others are handled', async () => {
    const rows = await sql<{ ids: number[] }>(
      `select array(
         select private.enqueue_batch('user_sync', 'identity.sync_profiles', array['"text"', '{}']::jsonb[])::integer
       ) as ids`,
    );
    const [, good] = rows[0]?.ids ?? [];
    await eventually(isArchived(good ?? 0));
    await eventually(async () => (await state())?.dead.length === 1);
    const seen = await state();
    expect(seen).toMatchObject({ queued: [], runs: 1 });
    expect(seen?.dead[0]).toMatch(
      /^The payload is not what identity\.sync_profiles takes: .*expected object/s,
    );
    expect(seen?.dead[0]).not.toMatch(/\n\s+at /);
  });

  test('that did not come from private.enqueue is given up, whatever it is', async () => {
    await sql(
      `select pgmq.send_batch('user_sync', array['{"kind": 7}', '[1]', '"text"', 'null', '{}']::jsonb[])`,
    );
    await sql('select private.wake_worker()');
    await eventually(async () => (await state())?.dead.length === 5);
    expect(await state()).toMatchObject({ queued: [], runs: 0 });
  });

  test('whose handler fails is tried again, and succeeds once the cause is mended', async () => {
    await sql('alter table public.user_profiles rename to user_profiles_away');
    let id: number;
    try {
      id = await enqueue();
      await eventually(async () => (await sql('select from private.job_failures')).length === 1);
    } finally {
      await sql('alter table public.user_profiles_away rename to user_profiles');
    }
    const client = createRowhouseClient(stack.apiUrl, stack.secretKey);
    const overview = async () => (await client.call('jobs_overview')).filter((each) => each.queue === queue);
    expect(await overview()).toMatchObject([
      {
        queue,
        waiting: 0,
        in_progress: 1,
        failing: 1,
        dead_letters: 0,
        last_error: expect.stringContaining('relation') as string,
      },
    ]);
    expect(await state()).toMatchObject({ queued: [id], archived: [], runs: 0 });

    await makeVisible(id);
    await eventually(isArchived(id));
    expect(await state()).toEqual({ queued: [], archived: [id], dead: [], runs: 1 });
    expect(await overview()).toMatchObject([{ queue, failing: 0, last_error: null }]);
  });
});

describe('the worker', () => {
  const call = (headers: Record<string, string>, init: RequestInit = {}) =>
    fetch(`${stack.functionsUrl}/worker`, { method: 'POST', body: '{}', ...init, headers });
  const secret = () => ({ apikey: stack.secretKey, authorization: `Bearer ${stack.secretKey}` });

  test('works for the secret key, and says what it did', async () => {
    await enqueue(kind, {}, '1 hour');
    const response = await call(secret(), { body: '' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ queues: [], done: 0, failed: 0, dead: 0 });
    const named = await call({ apikey: stack.secretKey }, { body: JSON.stringify({ queue }) });
    expect(await named.json()).toEqual({ queues: [queue], done: 0, failed: 0, dead: 0 });
  });

  test('refuses everybody else', async () => {
    const client = clientOf(stack);
    const { data } = await client.auth.signUp({
      email: 'curious@example.com',
      password: 'correct horse battery',
    });
    const token = data.session?.access_token ?? '';
    const publishable = { apikey: stack.publishableKey };
    for (const headers of [
      {},
      { apikey: 'sb_secret_guess' },
      { apikey: '' },
      publishable,
      { ...publishable, authorization: 'Bearer guess' },
      { ...publishable, authorization: `Bearer ${token}` },
    ] as Record<string, string>[]) {
      const response = await call(headers);
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ code: 'service_role_required' });
    }
  });

  test.each([
    ['not JSON', '{', 400, 'invalid_json'],
    ['a list', '[]', 400, 'invalid_input'],
    ['null', 'null', 400, 'invalid_input'],
    ['a number for a queue', '{"queue": 1}', 400, 'invalid_input'],
    ['a hostile name', `{"queue": "q'; drop table private.job_queues; --"}`, 400, 'invalid_input'],
    ['something unknown', '{"queues": []}', 400, 'invalid_input'],
    ['the name of no queue', '{"queue": "no_such_queue"}', 404, 'queue_unknown'],
  ])('refuses a body that is %s', async (_, body, status, code) => {
    const response = await call(secret(), { body });
    expect(await response.json()).toMatchObject({
      code,
      message: expect.stringMatching(/^[A-Z].*\.$/) as string,
    });
    expect(response.status).toBe(status);
  });

  test('takes nothing but POST', async () => {
    const response = await fetch(`${stack.functionsUrl}/worker`, { headers: secret() });
    expect(response.status).toBe(405);
  });

  test('told to end, finishes what it has claimed and then ends', async () => {
    const effects = await holding('lock table private.sync_runs in access exclusive mode');
    let id: number;
    let pid: number | undefined;
    try {
      id = await enqueue();
      await eventually(async () => (await blockedBy(effects)) !== undefined);
      pid = workerPid();
      expect(pid).toBeDefined();
      process.kill(pid ?? 0, 'SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(isRunning(pid ?? 0)).toBe(true);
    } finally {
      await effects.query('rollback');
      await effects.end();
    }
    await eventually(() => !isRunning(pid ?? 0));
    expect(await state()).toEqual({ queued: [], archived: [id], dead: [], runs: 1 });

    const next = await enqueue();
    await eventually(isArchived(next));
    expect(workerPid()).not.toBe(pid);
  });
});

describe('a worker killed between the effect and the archive', () => {
  /** Kills the worker at that very point, and returns the message that it leaves: its effect is there, and it is queued. */
  async function killedInBetween(): Promise<number> {
    const id = await enqueue(kind, {}, '1 hour');
    // First the effect is held up, so that the message is claimed and can be locked; then the archive is.
    const effects = await holding('lock table private.sync_runs in access exclusive mode');
    let message: pg.Client | undefined;
    try {
      await makeVisible(id);
      await eventually(async () => (await blockedBy(effects)) !== undefined);
      message = await holding('select from pgmq.q_user_sync where msg_id = $1 for update', [id]);
      await effects.query('rollback');

      let archive: { pid: number; role: string } | undefined;
      await eventually(async () => (archive = await blockedBy(message)) !== undefined);
      expect(archive?.role).toBe('authenticator');
      expect((await state())?.runs).toBe(1);

      const pid = workerPid();
      expect(pid).toBeDefined();
      process.kill(pid ?? 0, 'SIGKILL');
      await eventually(() => !isRunning(pid ?? 0));
      // What the worker asked for last comes to nothing.
      await sql('select pg_cancel_backend($1)', [archive?.pid]);
      await eventually(async () => (await blockedBy(message)) === undefined);
    } finally {
      await effects.end();
      await message?.query('rollback');
      await message?.end();
    }
    expect(await state()).toEqual({ queued: [id], archived: [], dead: [], runs: 1 });
    return id;
  }

  async function attempts(id: number): Promise<number | undefined> {
    return (await sql<{ n: number }>('select read_ct as n from pgmq.a_user_sync where msg_id = $1', [id]))[0]
      ?.n;
  }

  test('causes one effect, not two', async () => {
    const id = await killedInBetween();
    await makeVisible(id);
    await eventually(isArchived(id));
    expect(await state()).toEqual({ queued: [], archived: [id], dead: [], runs: 1 });
    expect(await attempts(id)).toBe(2);
  });

  test('would cause two without the record of effects', async () => {
    const id = await killedInBetween();
    await sql('delete from private.job_effects where message_id = $1', [id]);
    await makeVisible(id);
    await eventually(isArchived(id));
    expect(await state()).toEqual({ queued: [], archived: [id], dead: [], runs: 2 });
    expect(await attempts(id)).toBe(2);
  });
});
