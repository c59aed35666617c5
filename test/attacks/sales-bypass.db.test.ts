import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { addType } from '../sales/catalogue.ts';
import {
  addConfigurations,
  addCustomer,
  openShop,
  overlapping,
  perform,
  quoteAt,
  type Quote,
  type Shop,
  valueOf,
} from '../sales/documents.ts';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import { call } from '../tenancy/organizations.ts';

const db = useDatabase();
let shop: Shop;
beforeAll(async () => {
  shop = await openShop(db.pool, 'Bypass');
});

/** How a call ended: `ok`, or the code of the refusal, or the SQLSTATE of what is none. */
const ending = (running: Promise<unknown>): Promise<string> => running.then(() => 'ok', codeOf);

function codeOf(error: unknown): string {
  const { code = String(error), detail = '' } = error as pg.DatabaseError;
  return /"code": "(\w+)"/.exec(detail)?.[1] ?? code;
}

/** Waits until as many sessions wait for locks. */
async function untilWaiting(sessions: number): Promise<void> {
  while (
    (await valueOf<number>(
      db.pool,
      `select count(*)::integer from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    )) < sessions
  )
    await sleep(5);
}

/** Starts the calls one after the other, each once the one before waits; all behind a lock that is let go at last. */
async function behind(
  lock: string,
  values: unknown[],
  ...calls: (() => Promise<unknown>)[]
): Promise<string[]> {
  const holder = await db.pool.connect();
  const endings: Promise<string>[] = [];
  try {
    await holder.query('begin');
    await holder.query(lock, values);
    for (const begin of calls) {
      endings.push(ending(begin()));
      await untilWaiting(endings.length);
    }
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  return Promise.all(endings);
}

describe('customers that are merged while something is sold to them', () => {
  const sides = async () => {
    const remove = await addCustomer(db.pool, shop, { staff: [shop.owner] });
    return { keep: await addCustomer(db.pool, shop), remove, own: { ...shop, customer: remove } };
  };
  const merge = (customers: { keep: string; remove: string }) => () =>
    perform(db, shop.seller, 'merge_customers', { keep: customers.keep, remove: customers.remove });

  test('a quote that is made and a merge wait for each other, and not in a circle', async () => {
    const customers = await sides();
    const configuration_ids = await addConfigurations(db.pool, customers.own, [100]);

    const endings = await behind(
      `select private.next_number('Q', $1)`,
      [shop.id],
      () => perform(db, shop.seller, 'create_quote', { configuration_ids }),
      merge(customers),
    );

    expect(endings).toEqual(['ok', 'ok']);
  });

  test('so do an order and a merge', async () => {
    const customers = await sides();
    const quote = await quoteAt(db, customers.own, 'accepted');

    const endings = await behind(
      `select private.next_number('O', $1)`,
      [shop.id],
      () => perform(db, shop.seller, 'create_order', { quote_id: quote.id }),
      merge(customers),
    );

    expect(endings).toEqual(['ok', 'ok']);
  });

  test('so do a merge and a quote that is sent', async () => {
    const customers = await sides();
    const quote = await quoteAt(db, customers.own, 'draft');

    // The merge has moved the configurations, and not yet the quotes.
    const endings = await behind(
      'select from public.customer_assignments where customer_id = $1 for update',
      [customers.remove],
      merge(customers),
      () => perform<Quote>(db, shop.seller, 'send_quote', { id: quote.id }),
    );

    expect(endings).toEqual(['ok', 'ok']);
    expect(
      await valueOf(db.pool, `select status from public.quotes where id = $1 and customer_id = $2`, [
        quote.id,
        customers.keep,
      ]),
    ).toBe('sent');
  });

  test('so do an entry that is changed and a merge', async () => {
    const customers = await sides();
    const { type, ids } = await addType(db.pool, shop, {
      nodes: [{ code: 'width', data_type: 'number', price_impact_type: 'fixed', price_impact: 5 }],
    });
    const { id } = await perform<{ id: string }>(db, shop.seller, 'save_entry', {
      manufacturing_type_id: type,
      name: 'Changed',
      selections: '{}',
      customer_id: customers.remove,
    });
    await perform(db, shop.seller, 'reopen_configuration', { id });

    // The entry has locked its configuration, and will write it twice.
    const endings = await behind(
      'select from public.attribute_nodes where id = $1 for update',
      [ids.width],
      () =>
        perform(db, shop.seller, 'update_entry', {
          configuration_id: id,
          selections: '{"width": 1}',
          name: 'New',
        }),
      merge(customers),
    );

    expect(endings).toEqual(['ok', 'ok']);
  });

  test.each(['delete_customer', 'merge_customers'])(
    'an entry after %s is refused with a code',
    async (name) => {
      const { keep, remove } = await sides();

      const entry = await overlapping(
        db,
        shop.seller,
        (session) => call(session, name, name === 'delete_customer' ? { id: remove } : { keep, remove }),
        () =>
          ending(
            perform(db, shop.seller, 'save_entry', {
              manufacturing_type_id: shop.type,
              name: 'Late',
              selections: '{}',
              customer_id: remove,
            }),
          ),
      );

      expect(entry).toEqual({ status: 'fulfilled', value: 'customer_not_found' });
    },
  );
});

describe('what is sold changes', () => {
  test('while an entry is saved: it is looked at again, not saved at the price of what is gone', async () => {
    const { type, ids } = await addType(db.pool, shop, {
      nodes: [
        {
          code: 'glass',
          data_type: 'selection',
          children: [
            { code: 'double', node_type: 'option' },
            { code: 'triple', node_type: 'option', price_impact_type: 'fixed', price_impact: 500 },
          ],
        },
      ],
    });
    const save = () =>
      ending(
        perform(db, shop.seller, 'save_entry', {
          manufacturing_type_id: type,
          name: 'Late',
          selections: JSON.stringify({ glass: 'triple' }),
          customer_id: shop.customer,
        }),
      );

    const entry = await overlapping(
      db,
      shop.seller,
      async (session) => {
        // A new code makes the key of the selection wait; meanwhile the entry has been found to be valid.
        await session.query(`update public.attribute_nodes set code = 'glazing' where id = $1`, [ids.glass]);
        await session.query('delete from public.attribute_nodes where id = $1', [ids.triple]);
      },
      save,
    );

    expect(entry).toEqual({ status: 'fulfilled', value: 'values_invalid' });
    expect(
      await valueOf(
        db.pool,
        'select count(*)::integer from public.configurations where manufacturing_type_id = $1',
        [type],
      ),
    ).toBe(0);
  });

  test.each([
    ['rules', `validation_rules = '{"max": 3000}'`, '{"width": 5000}'],
    ['what is required', 'is_required = true', '{}'],
  ])('after it was saved: %s of today hold for a quote', async (_, change, selections) => {
    const { type, ids } = await addType(db.pool, shop, { nodes: [{ code: 'width', data_type: 'number' }] });
    const saved = await perform<{ id: string }>(db, shop.seller, 'save_entry', {
      manufacturing_type_id: type,
      name: 'Early',
      selections,
      customer_id: shop.customer,
    });
    await db.query(`update public.attribute_nodes set ${change} where id = $1`, [ids.width]);

    const quote = await ending(perform(db, shop.seller, 'create_quote', { configuration_ids: [saved.id] }));

    expect(quote).toBe('configuration_not_quotable');
  });

  test('after it was accepted, for another quote: what is ordered is what was offered', async () => {
    const { type, ids } = await addType(db.pool, shop, {
      base_price: 100,
      nodes: [{ code: 'depth', node_type: 'technical_spec', data_type: 'formula', formula: '70' }],
    });
    const made = await perform<{ id: string }>(db, shop.seller, 'save_entry', {
      manufacturing_type_id: type,
      name: 'Twice',
      selections: '{}',
      customer_id: shop.customer,
    });
    const offer = () => perform<Quote>(db, shop.seller, 'create_quote', { configuration_ids: [made.id] });
    const { id } = await offer();
    await perform(db, shop.seller, 'send_quote', { id });
    await perform(db, shop.seller, 'accept_quote', { id });
    await db.query(
      `with dearer as (update public.manufacturing_types set base_price = 900 where id = $1)
       update public.attribute_nodes set formula = '90' where id = $2`,
      [type, ids.depth],
    );
    expect((await offer()).total).toBe(900);

    const order = await perform<{ total: number }>(db, shop.seller, 'create_order', { quote_id: id });

    expect(order.total).toBe(100);
    expect(
      await valueOf(
        db.pool,
        `select jsonb_build_array(base_price, total_price, technical_data -> 'depth')
         from public.configurations where id = $1`,
        [made.id],
      ),
    ).toEqual([100, 100, 70]);
    expect(
      await valueOf(
        db.pool,
        `select jsonb_build_array(total_price, data #> '{technical_data,depth}')
         from public.configuration_snapshots where configuration_id = $1 and reason = 'ordered'`,
        [made.id],
      ),
    ).toEqual([100, 70]);
  });
});

test.each([
  [`customer_since = 'infinity'`, '23514'],
  [`tags = array[['a'], ['b']]`, '23514'],
])('a customer with %s is refused by a constraint', async (change, code) => {
  const update = asUser(db, shop.seller, (session) =>
    session.query(`update public.customers set ${change} where id = $1`, [shop.customer]),
  );

  expect(await ending(update)).toBe(code);
});
