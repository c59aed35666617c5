import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { connect } from '../../src/postgres/connect.ts';
import { freePort } from '../../src/postgres/ports.ts';
import { reachableTemporaryDirectory, serverUser } from '../../src/postgres/server-user.ts';
import { startStack } from '../../src/stack/start.ts';

/** Milliseconds from the moment at which the sender knows that its transaction is committed. */
export interface Delivery {
  /** To the claim of the worker. */
  claimed: number;
  /** To the moment at which the worker, its work done, has the message archived. */
  done: number;
}

const now = () => performance.timeOrigin + performance.now();

/** For how many seconds a claim hides a message: the worker's default. */
const visibilitySeconds = 60;

/** Runs a function with the embedded stack on data that reaches the disk, and a connection to its database. */
export async function withDurableStack<T>(use: (client: pg.Client, url: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(reachableTemporaryDirectory(await serverUser()), 'rowhouse-bench-'));
  // The server's own user must get to its data.
  await chmod(directory, 0o755);
  try {
    const stack = await startStack({ directory, port: await freePort(), quiet: true });
    try {
      const client = await connect(stack.dbUrl);
      try {
        return await use(client, stack.dbUrl);
      } finally {
        await client.end();
      }
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Sends messages to the worker of the stack, one after the other, until told that it is enough.
 *
 * The edge function runs the whole way: notice, HTTP request, claim through the REST API, a sync of no users, archive. The
 * database's own clock says when.
 */
export async function deliverThroughStack(
  client: pg.Client,
  isEnough: (sent: number) => boolean,
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (let sent = 0; !isEnough(sent); sent += 1) {
    const { rows } = await client.query<{ id: string }>(
      `select private.enqueue('user_sync', 'identity.sync_profiles') as id`,
    );
    const committed = now();
    for (;;) {
      await sleep(10);
      const archived = await client.query<{ claimed: string; done: string; read_ct: number }>(
        `select
           extract(epoch from vt - make_interval(secs => $2)) * 1000 as claimed,
           extract(epoch from archived_at) * 1000 as done,
           read_ct
         from pgmq.a_user_sync
         where msg_id = $1`,
        [rows[0]?.id, visibilitySeconds],
      );
      const found = archived.rows[0];
      if (found) {
        if (found.read_ct !== 1) throw new Error(`The message was claimed ${found.read_ct} times.`);
        deliveries.push({ claimed: Number(found.claimed) - committed, done: Number(found.done) - committed });
        break;
      }
      if (now() - committed > 30_000) throw new Error('The worker did not come within 30 seconds.');
    }
  }
  return deliveries;
}

/**
 * Sends messages to a session that listens and claims: what the database's part of a delivery takes.
 *
 * @returns milliseconds from the commit that the sender knows of to the committed claim that the receiver knows of
 */
export async function deliverByNotice(
  sender: pg.Client,
  receiver: pg.Client,
  queue: string,
  isEnough: (sent: number) => boolean,
): Promise<number[]> {
  const latencies: number[] = [];
  await receiver.query('listen rowhouse_jobs');
  for (let sent = 0; !isEnough(sent); sent += 1) {
    const noticed = new Promise<void>((resolve) => receiver.once('notification', () => resolve()));
    const claimed = noticed.then(async () => {
      const { rows } = await receiver.query<{ message_id: string }>({
        name: 'claim',
        text: 'select message_id, kind, payload, attempt from public.claim_jobs($1, 10, 60)',
        values: [queue],
      });
      if (rows.length !== 1) throw new Error(`Claimed ${rows.length} messages instead of 1.`);
      return { id: rows[0]?.message_id, at: now() };
    });
    await sender.query({
      name: 'enqueue',
      text: `select private.enqueue($1, 'bench.job')`,
      values: [queue],
    });
    const committed = now();
    const { id, at } = await claimed;
    latencies.push(at - committed);
    await receiver.query('select public.complete_jobs($1, $2::bigint[])', [queue, [id]]);
  }
  await receiver.query('unlisten rowhouse_jobs');
  return latencies;
}

/** Holds a snapshot open in a session of its own while a function runs: nothing that dies meanwhile is cleaned up. */
export async function withSnapshot<T>(url: string, use: () => Promise<T>): Promise<T> {
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  try {
    await holder.query('begin isolation level repeatable read');
    await holder.query('select count(*) from private.job_queues');
    return await use();
  } finally {
    await holder.end();
  }
}
