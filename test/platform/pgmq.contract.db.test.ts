import { describe, expect, inject, test } from 'vitest';
import { withConnection } from '../../src/postgres/connect.ts';
import { isPgmqAvailable } from '../../src/postgres/platform.ts';
import { useDatabase } from '../support/database.ts';

/** What Rowhouse reads of a message; versions of pgmq differ in what else there is. */
interface Message {
  msg_id: string;
  read_ct: number;
  enqueued_at: Date;
  vt: Date;
  message: unknown;
}

const provider = (await withConnection(inject('template').superuserUrl, isPgmqAvailable))
  ? 'extension'
  : 'stand-in';

function first<T>(rows: T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error('expected a row');
  return row;
}

describe(`pgmq (${provider})`, () => {
  const db = useDatabase();
  let queues = 0;

  async function newQueue(): Promise<string> {
    const name = `contract_${++queues}`;
    await db.query('select pgmq.create($1)', [name]);
    return name;
  }
  async function send(queue: string, message: unknown, delay = 0): Promise<string> {
    const { rows } = await db.query<{ id: string }>(
      'select * from pgmq.send($1, $2::jsonb, $3::integer) as id',
      [queue, JSON.stringify(message), delay],
    );
    return first(rows).id;
  }
  async function read(queue: string, seconds = 30, quantity = 10): Promise<Message[]> {
    return (
      await db.query<Message & Row>('select * from pgmq.read($1, $2::integer, $3::integer)', [
        queue,
        seconds,
        quantity,
      ])
    ).rows;
  }
  async function one<T>(sql: string, values: unknown[]): Promise<T> {
    const { rows } = await db.query<{ value: T }>(`select ${sql} as value`, values);
    return first(rows).value;
  }
  async function many(sql: string, values: unknown[]): Promise<string[]> {
    return (await db.query<{ value: string }>(`select * from ${sql} as value`, values)).rows.map(
      (row) => row.value,
    );
  }
  async function length(queue: string): Promise<number> {
    return one<number>('(pgmq.metrics($1)).queue_length::integer', [queue]);
  }
  type Row = Record<string, unknown>;

  test('is what the title says, used as a role that is no superuser', async () => {
    const { rows } = await db.query(
      `select
         exists (select from pg_extension where extname = 'pgmq') as extension,
         (select rolsuper from pg_roles where rolname = current_user) as superuser`,
    );
    expect(rows).toEqual([{ extension: provider === 'extension', superuser: false }]);
  });

  test('a message is read as it was sent, and counted', async () => {
    const queue = await newQueue();
    const message = { kind: 'greet', payload: { name: "Zoë 'O''Brien' \\ 日本", list: [1, null, true] } };
    const before = Date.now();
    const id = await send(queue, message);
    const got = first(await read(queue, 30));
    expect(got).toMatchObject({ msg_id: id, read_ct: 1, message });
    expect(Math.abs(got.enqueued_at.getTime() - before)).toBeLessThan(20_000);
    expect(got.vt.getTime() - got.enqueued_at.getTime()).toBeGreaterThanOrEqual(29_000);
  });

  test('a message that was read is hidden until its time is up, and its reads are counted', async () => {
    const queue = await newQueue();
    const id = await send(queue, { n: 1 });
    expect(await read(queue, 1)).toHaveLength(1);
    expect(await read(queue, 1)).toEqual([]);
    await expect.poll(() => read(queue, 30), { timeout: 5_000 }).toMatchObject([{ msg_id: id, read_ct: 2 }]);
  });

  test('a visibility of 0 hides nothing', async () => {
    const queue = await newQueue();
    await send(queue, {});
    expect(await read(queue, 0)).toMatchObject([{ read_ct: 1 }]);
    expect(await read(queue, 0)).toMatchObject([{ read_ct: 2 }]);
  });

  test('messages come oldest first and no more than were asked for', async () => {
    const queue = await newQueue();
    const ids = await many('pgmq.send_batch($1, $2::jsonb[])', [queue, ['{"n":1}', '{"n":2}', '{"n":3}']]);
    expect(ids).toHaveLength(3);
    expect((await read(queue, 30, 2)).map((got) => got.message)).toEqual([{ n: 1 }, { n: 2 }]);
    expect((await read(queue, 30, 2)).map((got) => got.msg_id)).toEqual([ids[2]]);
  });

  test('a delayed message cannot be read before its time', async () => {
    const queue = await newQueue();
    await send(queue, { late: true }, 60);
    await many('pgmq.send_batch($1, $2::jsonb[], 60)', [queue, ['{"late":true}']]);
    const soon = await send(queue, { soon: true }, 1);
    expect(await read(queue)).toEqual([]);
    await expect.poll(() => read(queue), { timeout: 5_000 }).toMatchObject([{ msg_id: soon }]);
    expect(await length(queue)).toBe(3);
  });

  test('sending belongs to the transaction of the caller', async () => {
    const queue = await newQueue();
    await db.inRollback(async (client) => {
      await client.query(`select pgmq.send($1, '{}')`, [queue]);
      expect((await client.query('select * from pgmq.read($1, 30, 1)', [queue])).rows).toHaveLength(1);
    });
    expect(await read(queue)).toEqual([]);
  });

  test('two readers at the same time get different messages and do not wait for each other', async () => {
    const queue = await newQueue();
    await many('pgmq.send_batch($1, $2::jsonb[])', [queue, Array.from({ length: 6 }, () => '{}')]);
    const early = await db.pool.connect();
    const late = await db.pool.connect();
    try {
      const claim = 'select msg_id from pgmq.read($1, 30, 3)';
      await early.query('begin');
      const earlyIds = (await early.query<{ msg_id: string }>(claim, [queue])).rows.map((row) => row.msg_id);
      // The first transaction is still open, so a reader that waited for its rows would never come back.
      await late.query(`begin; set local lock_timeout = '2s'`);
      const lateIds = (await late.query<{ msg_id: string }>(claim, [queue])).rows.map((row) => row.msg_id);
      await late.query('commit');
      await early.query('commit');
      expect(earlyIds).toHaveLength(3);
      expect(lateIds).toHaveLength(3);
      expect(new Set([...earlyIds, ...lateIds]).size).toBe(6);
    } finally {
      early.release(true);
      late.release(true);
    }
  });

  test('many readers at once claim each message exactly once', async () => {
    const queue = await newQueue();
    const sent = await many('pgmq.send_batch($1, $2::jsonb[])', [
      queue,
      Array.from({ length: 60 }, () => '{}'),
    ]);
    const claimed: string[] = [];
    const reader = async () => {
      for (;;) {
        const batch = await read(queue, 60, 4);
        if (batch.length === 0) return;
        claimed.push(...batch.map((got) => got.msg_id));
      }
    };
    await Promise.all(Array.from({ length: 6 }, reader));
    expect(claimed).toHaveLength(60);
    expect(new Set(claimed)).toEqual(new Set(sent));
  });

  test('set_vt gives a message back, or keeps it longer', async () => {
    const queue = await newQueue();
    const id = await send(queue, {});
    await read(queue, 60);
    const { rows } = await db.query<Message & Row>('select * from pgmq.set_vt($1, $2::bigint, 0)', [
      queue,
      id,
    ]);
    expect(rows).toMatchObject([{ msg_id: id, read_ct: 1 }]);
    expect(await read(queue, 0)).toMatchObject([{ msg_id: id, read_ct: 2 }]);
    await db.query('select * from pgmq.set_vt($1, $2::bigint, 60)', [queue, id]);
    expect(await read(queue)).toEqual([]);
    expect((await db.query('select * from pgmq.set_vt($1, 999999::bigint, 0)', [queue])).rows).toEqual([]);
  });

  test('archiving moves messages, with their reads, to the archive', async () => {
    const queue = await newQueue();
    const ids = [await send(queue, { n: 1 }), await send(queue, { n: 2 }), await send(queue, { n: 3 })];
    await read(queue, 60, 1);
    expect(await one('pgmq.archive($1, $2::bigint)', [queue, ids[0]])).toBe(true);
    expect(await one('pgmq.archive($1, $2::bigint)', [queue, ids[0]])).toBe(false);
    expect((await many('pgmq.archive($1, $2::bigint[])', [queue, [...ids, 999999]])).sort()).toEqual(
      ids.slice(1),
    );
    expect(await length(queue)).toBe(0);
    const { rows } = await db.query<Row>(
      `select msg_id, read_ct, message, archived_at is not null as archived from pgmq.a_${queue} order by msg_id`,
    );
    expect(rows).toEqual([
      { msg_id: ids[0], read_ct: 1, message: { n: 1 }, archived: true },
      { msg_id: ids[1], read_ct: 0, message: { n: 2 }, archived: true },
      { msg_id: ids[2], read_ct: 0, message: { n: 3 }, archived: true },
    ]);
  });

  test('deleting removes messages, one or many, and says which there were', async () => {
    const queue = await newQueue();
    const ids = [await send(queue, {}), await send(queue, {}), await send(queue, {})];
    expect(await one('pgmq.delete($1, $2::bigint)', [queue, ids[0]])).toBe(true);
    expect(await one('pgmq.delete($1, $2::bigint)', [queue, ids[0]])).toBe(false);
    expect((await many('pgmq.delete($1, $2::bigint[])', [queue, ids])).sort()).toEqual(ids.slice(1));
    expect(await length(queue)).toBe(0);
    expect(await one(`(select count(*)::integer from pgmq.a_${queue})`, [])).toBe(0);
  });

  test('pop takes the oldest visible message off the queue', async () => {
    const queue = await newQueue();
    const hidden = await send(queue, { n: 1 }, 60);
    const id = await send(queue, { n: 2 });
    const { rows } = await db.query<Message & Row>('select * from pgmq.pop($1)', [queue]);
    expect(rows).toMatchObject([{ msg_id: id, message: { n: 2 } }]);
    expect((await db.query('select * from pgmq.pop($1)', [queue])).rows).toEqual([]);
    expect((await db.query(`select msg_id from pgmq.q_${queue}`)).rows).toEqual([{ msg_id: hidden }]);
  });

  test('read_with_poll waits for a message, and gives up in time', async () => {
    const queue = await newQueue();
    const started = Date.now();
    expect((await db.query('select * from pgmq.read_with_poll($1, 30, 1, 1, 50)', [queue])).rows).toEqual([]);
    expect(Date.now() - started).toBeGreaterThanOrEqual(900);
    const waiting = db.query<Message & Row>('select * from pgmq.read_with_poll($1, 30, 1, 10, 50)', [queue]);
    const id = await send(queue, {});
    expect((await waiting).rows).toMatchObject([{ msg_id: id }]);
  });

  test('metrics say how long a queue is, how old its messages are and how many it ever had', async () => {
    const queue = await newQueue();
    const empty = await db.query<Row>('select * from pgmq.metrics($1)', [queue]);
    expect(empty.rows[0]).toMatchObject({
      queue_name: queue,
      queue_length: '0',
      newest_msg_age_sec: null,
      oldest_msg_age_sec: null,
      total_messages: '0',
    });
    const id = await send(queue, {});
    await send(queue, {}, 60);
    await db.query('select pgmq.delete($1, $2::bigint)', [queue, id]);
    const { rows } = await db.query<{ newest_msg_age_sec: number; scrape_time: Date }>(
      'select * from pgmq.metrics($1)',
      [queue],
    );
    expect(rows[0]).toMatchObject({ queue_name: queue, queue_length: '1', total_messages: '2' });
    expect(first(rows).newest_msg_age_sec).toBeTypeOf('number');
    expect(first(rows).scrape_time).toBeInstanceOf(Date);
    const all = await db.query<{ queue_name: string; queue_length: string }>(
      'select * from pgmq.metrics_all()',
    );
    expect(all.rows.find((row) => row.queue_name === queue)?.queue_length).toBe('1');
  });

  test('creating a queue again keeps its messages', async () => {
    const queue = await newQueue();
    await send(queue, { kept: true });
    await db.query('select pgmq.create($1)', [queue]);
    expect(await length(queue)).toBe(1);
    const { rows } = await db.query<Row>('select * from pgmq.list_queues() where queue_name = $1', [queue]);
    expect(rows).toMatchObject([{ queue_name: queue, is_partitioned: false, is_unlogged: false }]);
  });

  test('purging empties a queue and not its archive', async () => {
    const queue = await newQueue();
    const id = await send(queue, {});
    await db.query('select pgmq.archive($1, $2::bigint)', [queue, id]);
    await send(queue, {});
    await send(queue, {}, 60);
    expect(await one('pgmq.purge_queue($1)', [queue])).toBe('2');
    expect(await length(queue)).toBe(0);
    expect(await one(`(select count(*)::integer from pgmq.a_${queue})`, [])).toBe(1);
    expect(Number(await send(queue, {}))).toBeGreaterThan(3);
  });

  test('dropping a queue removes its tables and its entry', async () => {
    const queue = await newQueue();
    expect(await one('pgmq.drop_queue($1)', [queue])).toBe(true);
    expect(await one('to_regclass($1)', [`pgmq.q_${queue}`])).toBeNull();
    expect(await one('to_regclass($1)', [`pgmq.a_${queue}`])).toBeNull();
    expect((await db.query('select * from pgmq.list_queues() where queue_name = $1', [queue])).rows).toEqual(
      [],
    );
    await expect(send(queue, {})).rejects.toMatchObject({ code: '42P01' });
  });

  test('names are not told apart by upper and lower case', async () => {
    await db.query(`select pgmq.create('Contract_Case')`);
    await send('CONTRACT_CASE', { n: 1 });
    expect(await read('contract_case')).toMatchObject([{ message: { n: 1 } }]);
  });

  const hostileNames = [
    "a'; drop table public.contract_victim; --",
    'a"; drop table public.contract_victim; --',
    'a"; drop table public.contract_victim',
    "a' || (select 1) || '",
    '$$; drop table public.contract_victim; $$',
    'quoted"name',
    'meta x (id int); drop table public.contract_victim',
    'back\\slash',
    '%I %L %s',
    'two words',
    'line\nbreak',
    'Ünï_cödé_日本',
    '🚚'.repeat(12),
    '.',
    ' ',
    '',
    'x'.repeat(48),
    'x'.repeat(100),
    // The extension counts characters where PostgreSQL counts bytes, and leaves a queue that only half works.
    ...(provider === 'stand-in' ? ['é'.repeat(40)] : []),
  ];

  test.for(hostileNames)('the name %j is refused, or is a queue like any other', async (name) => {
    await db.query('create table if not exists public.contract_victim (id integer)');
    await send(await newQueue(), { bystander: true });
    const tables = `(select array_agg(c.oid::text order by c.oid) from pg_class as c where c.relkind = 'r')`;
    const before = await one<string[]>(tables, []);

    const created = await db.query('select pgmq.create($1)', [name]).then(
      () => true,
      () => false,
    );
    if (created) {
      const id = await send(name, { to: name });
      expect(await read(name, 60)).toMatchObject([{ msg_id: id, read_ct: 1, message: { to: name } }]);
      expect(await many('pgmq.archive($1, $2::bigint[])', [name, [id]])).toEqual([id]);
      expect(await one('(pgmq.metrics($1)).queue_name', [name])).toBe(name);
      expect(await one('pgmq.purge_queue($1)', [name])).toBe('0');
      expect(await one('pgmq.drop_queue($1)', [name])).toBe(true);
    } else {
      for (const call of [
        `pgmq.send($1, '{}')`,
        `pgmq.send_batch($1, '{"{}"}')`,
        'pgmq.read($1, 1, 1)',
        'pgmq.pop($1)',
        'pgmq.archive($1, 1::bigint)',
        'pgmq.delete($1, array[1]::bigint[])',
        'pgmq.set_vt($1, 1::bigint, 1)',
        'pgmq.metrics($1)',
        'pgmq.purge_queue($1)',
      ]) {
        await expect(db.query(`select * from ${call}`, [name]), call).rejects.toMatchObject({
          code: expect.stringMatching(/^(22|42|P0001)/) as string,
        });
      }
    }
    expect(await one(tables, [])).toEqual(before);
  });

  test('a name of more than 47 characters is refused', async () => {
    await expect(db.query('select pgmq.create($1)', ['x'.repeat(48)])).rejects.toThrow('too long');
    await db.query('select pgmq.create($1)', ['x'.repeat(47)]);
    await send('x'.repeat(47), {});
    expect(await length('x'.repeat(47))).toBe(1);
  });

  test('the functions give no rights that the caller does not have', async () => {
    const queue = await newQueue();
    await db.inRollback(async (client) => {
      await client.query('grant usage on schema pgmq to authenticated; set local role authenticated');
      await expect(client.query(`select pgmq.send($1, '{}')`, [queue])).rejects.toMatchObject({
        code: '42501',
      });
    });
  });
});
