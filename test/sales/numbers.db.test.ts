import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import { call } from '../tenancy/organizations.ts';
import {
  addConfigurations,
  openShop,
  perform,
  type Quote,
  quoteAt,
  type Shop,
  valueOf,
} from './documents.ts';

const db = useDatabase();
let acme: Shop;
let beta: Shop;

beforeAll(async () => {
  acme = await openShop(db.pool, 'Acme');
  beta = await openShop(db.pool, 'Beta');
});

const next = (client: Pick<pg.ClientBase, 'query'>, document: string, { id }: Pick<Shop, 'id'>) =>
  valueOf<string>(client, 'private.next_number($1, $2)', [document, id]);
const countOf = (number: string) => Number(number.split('-')[2]);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Runs `work` on a connection of its own, in a transaction that is undone. */
async function apart<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    return await work(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('numbers', () => {
  test('are letters, the day and a count that begins with 001', async () => {
    await db.inRollback(async (client) => {
      const day = await valueOf<string>(client, `to_char(now() at time zone 'UTC', 'YYYYMMDD')`);
      expect([
        await next(client, 'T', acme),
        await next(client, 'T', acme),
        await next(client, 'TT', acme),
      ]).toEqual([`T-${day}-001`, `T-${day}-002`, `TT-${day}-001`]);
      expect(await next(client, 'T', beta)).toBe(`T-${day}-001`);
    });
  });

  test('are those of the day in the time zone of the organization', async () => {
    // 26 hours apart: never the same day.
    const east = await openShop(db.pool, 'East', 'Pacific/Kiritimati');
    const west = await openShop(db.pool, 'West', 'Etc/GMT+12');
    await db.inRollback(async (client) => {
      const days = [];
      for (const shop of [east, west]) {
        const [, day = ''] = (await next(client, 'Q', shop)).split('-');
        days.push(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6))));
      }
      const [later = 0, earlier = 0] = days;
      expect([1, 2]).toContain((later - earlier) / 86_400_000);
    });
  });

  test('begin anew each day', async () => {
    await db.inRollback(async (client) => {
      await next(client, 'T', acme);
      await next(client, 'T', acme);
      await client.query(
        `update private.number_counters set day = day - 1 where organization_id = $1 and document = 'T'`,
        [acme.id],
      );
      expect(countOf(await next(client, 'T', acme))).toBe(1);
    });
  });

  test('get a fourth digit after 999', async () => {
    await db.inRollback(async (client) => {
      await next(client, 'T', acme);
      await client.query(`update private.number_counters set last_number = 998 where document = 'T'`);
      const found = [
        await next(client, 'T', acme),
        await next(client, 'T', acme),
        await next(client, 'T', acme),
      ];
      expect(found.map((number) => number.split('-')[2])).toEqual(['999', '1000', '1001']);
    });
  });

  test('of 32 transactions at once are unique, and without a gap among those that are committed, 5 times', async () => {
    const crowd = db.crowd(32);
    const kept: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const found = await Promise.all(
        Array.from({ length: 32 }, async (_, index) => {
          const client = await crowd.connect();
          try {
            await client.query('begin');
            const number = countOf(await next(client, 'D', acme));
            // A third of them thinks better of it.
            const end = index % 3 === 0 ? 'rollback' : 'commit';
            await client.query(end);
            return end === 'commit' ? [number] : [];
          } finally {
            client.release();
          }
        }),
      );
      kept.push(...found.flat());
    }
    expect(kept).toHaveLength(5 * 21);
    expect(kept.sort((a, b) => a - b)).toEqual(upTo(5 * 21));
  });

  test('of 32 quotes that are made at once are unique and without a gap, whoever fails', async () => {
    const shop = await openShop(db.pool, 'Crowd');
    const ids = await addConfigurations(db.pool, shop, Array<number>(32).fill(10));
    const crowd = db.crowd(32);
    const outcomes = await Promise.allSettled(
      ids.map((id, index) =>
        asUser(
          { pool: crowd },
          shop.seller,
          async (session) => {
            const quote = (await call(session, 'create_quote', { configuration_ids: [id] })) as Quote;
            if (index % 4 === 0) throw new Error('Thought better of it.');
            return quote;
          },
          { commit: true },
        ),
      ),
    );
    const made = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [countOf(outcome.value.number)] : [],
    );
    expect(made.sort((a, b) => a - b)).toEqual(upTo(24));
  });

  test('of one organization are not waited for in another', async () => {
    await apart(db.pool, async (holder) => {
      await next(holder, 'T', acme);
      // Who waits for a lock fails, at once in the second case.
      const number = await apart(db.pool, async (client) => {
        await client.query(`set local lock_timeout = '1ms'`);
        return next(client, 'T', beta);
      });
      expect(countOf(number)).toBe(1);
      const blocked = apart(db.pool, async (client) => {
        await client.query(`set local lock_timeout = '1ms'`);
        return next(client, 'T', acme);
      });
      await expect(blocked).rejects.toMatchObject({ code: '55P03' });
      // Neither are those of other documents.
      await apart(db.pool, async (client) => {
        await client.query(`set local lock_timeout = '1ms'`);
        return next(client, 'U', acme);
      });
    });
  });

  test('of quotes hold up nobody in another organization, either', async () => {
    const [here] = await addConfigurations(db.pool, acme, [1]);
    const [there] = await addConfigurations(db.pool, beta, [1]);
    await asUser(db, acme.seller, async (session) => {
      await call(session, 'create_quote', { configuration_ids: [here] });
      const quote = await asUser(db, beta.seller, async (other) => {
        await other.query(`set local lock_timeout = '1ms'`);
        return (await call(other, 'create_quote', { configuration_ids: [there] })) as Quote;
      });
      expect(quote.subtotal).toBe(1);
    });
  });

  test('of quotes and orders count apart', async () => {
    const shop = await openShop(db.pool, 'Apart');
    const quotes = [await quoteAt(db, shop, 'accepted'), await quoteAt(db, shop, 'accepted')];
    const order = await perform<Quote>(db, shop.seller, 'create_order', { quote_id: quotes[1]?.id });
    expect([...quotes, order].map(({ number }) => number.replace(/-\d{8}-/, ' '))).toEqual([
      'Q 001',
      'Q 002',
      'O 001',
    ]);
  });

  test('are taken by nobody who is signed in', async () => {
    for (const statement of [
      `select private.next_number('Q', '${acme.id}')`,
      'select * from private.number_counters',
    ]) {
      await expect(asUser(db, acme.seller, (session) => session.query(statement))).rejects.toMatchObject({
        code: '42501',
      });
    }
  });
});
