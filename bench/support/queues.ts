import type pg from 'pg';
import { timed } from './measure.ts';

/** One side of a comparison: how it sends, claims and archives. Statements are prepared. */
export interface Side {
  send: (count: number) => Promise<void>;
  /** Claims up to so many messages and archives them, as a worker whose handlers take no time. Returns how many. */
  work: (quantity: number) => Promise<number>;
}

const payload = {
  organization_id: 'abc-def-1',
  order_id: '3f0a2c1e-7b64-4d5b-9a51-5e7d0c6b8f11',
  lines: Array.from({ length: 5 }, (_, line) => ({ line, product: 'Window, double glazed', quantity: 2 })),
};
const body = { kind: 'bench.job', payload };

interface Ids extends pg.QueryResultRow {
  message_id: string;
}

/** Rowhouse's functions on a queue of its own. */
export async function ourSide(client: pg.Client, queue: string): Promise<Side> {
  await client.query('select private.create_queue($1)', [queue]);
  return {
    async send(count) {
      await (count === 1
        ? client.query({
            name: 'enqueue',
            text: `select private.enqueue($1, 'bench.job', $2)`,
            values: [queue, payload],
          })
        : client.query({
            name: 'enqueue batch',
            text: `select private.enqueue_batch($1, 'bench.job', $2::jsonb[])`,
            values: [queue, Array.from({ length: count }, () => payload)],
          }));
    },
    async work(quantity) {
      const { rows } = await client.query<Ids>({
        name: 'claim',
        text: 'select message_id, kind, payload, attempt from public.claim_jobs($1, $2, 60)',
        values: [queue, quantity],
      });
      await client.query({
        name: 'complete',
        text: 'select public.complete_jobs($1, $2::bigint[])',
        values: [queue, rows.map(({ message_id }) => message_id)],
      });
      return rows.length;
    },
  };
}

/** The bare functions of pgmq on a queue of its own. */
export async function bareSide(client: pg.Client, queue: string): Promise<Side> {
  await client.query('select pgmq.create($1)', [queue]);
  return {
    async send(count) {
      await (count === 1
        ? client.query({ name: 'send', text: 'select pgmq.send($1, $2::jsonb)', values: [queue, body] })
        : client.query({
            name: 'send batch',
            text: 'select pgmq.send_batch($1, $2::jsonb[])',
            values: [queue, Array.from({ length: count }, () => body)],
          }));
    },
    async work(quantity) {
      const { rows } = await client.query<Ids>({
        name: 'read',
        text: 'select msg_id as message_id, message, read_ct from pgmq.read($1, 60, $2)',
        values: [queue, quantity],
      });
      await client.query({
        name: 'archive',
        text: 'select pgmq.archive($1, $2::bigint[])',
        values: [queue, rows.map(({ message_id }) => message_id)],
      });
      return rows.length;
    },
  };
}

/** Times so many sends of so many messages each. */
export function sending(side: Side, sends: number, size: number): Promise<number> {
  return timed(async () => {
    for (let count = 0; count < sends; count += 1) await side.send(size);
  });
}

/** Times so many claims with their archiving. The messages must be there. */
export function working(side: Side, claims: number, size: number): Promise<number> {
  return timed(async () => {
    for (let count = 0; count < claims; count += 1) {
      const worked = await side.work(size);
      if (worked !== size) throw new Error(`Claimed ${worked} messages instead of ${size}.`);
    }
  });
}
