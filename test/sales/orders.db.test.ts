import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser, type Caller } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import { addMember, call, inside } from '../tenancy/organizations.ts';
import {
  addColleague,
  addCustomer,
  itemsOf,
  openShop,
  type Order,
  orderOf,
  overlapping,
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

const tried = <T = Order>(caller: Caller, name: string, args: Record<string, unknown>) =>
  asUser(db, caller, async (session) => (await call(session, name, args)) as T);
const day = (days: number) =>
  valueOf<string>(db.pool, '(private.today($1) + $2::integer)::text', [acme.id, days]);

describe('an order', () => {
  test('takes customer, lines and amounts from an accepted quote, and orders its configurations', async () => {
    const quote = await quoteAt(db, acme, 'accepted', [100, 50], {
      quantities: [1, 2.5],
      tax_rate: 20,
      discount: 25,
    });
    const required_date = await day(14);
    const order = await perform<Order>(db, acme.seller, 'create_order', {
      quote_id: quote.id,
      required_date,
      delivery_address: { street: 'Ring 1' },
      notes: ' Ring twice. ',
    });
    expect(order).toMatchObject({
      quote_id: quote.id,
      customer_id: acme.customer,
      status: 'confirmed',
      currency: quote.currency,
      subtotal: 225,
      discount_amount: 25,
      tax_rate: 20,
      tax_amount: 40,
      total: 240,
      required_date,
      delivery_address: { street: 'Ring 1' },
      notes: 'Ring twice.',
    });
    const { rows } = await db.query(
      `select item.position, item.description, item.quantity, item.unit_price, item.line_total, item.status,
         item.configuration_id = line.configuration_id as same, made.status as made
       from public.order_items as item
         join public.quote_items as line on line.id = item.quote_item_id and line.quote_id = $2
         join public.configurations as made on made.id = item.configuration_id
       where item.order_id = $1 order by item.position`,
      [order.id, quote.id],
    );
    const item = { status: 'pending', same: true, made: 'ordered' };
    expect(rows).toEqual([
      {
        position: 1,
        description: 'Window: No. 1',
        quantity: '1.000',
        unit_price: '100.00',
        line_total: '100.00',
        ...item,
      },
      {
        position: 2,
        description: 'Window: No. 2',
        quantity: '2.500',
        unit_price: '50.00',
        line_total: '125.00',
        ...item,
      },
    ]);
  });

  test('goes to the address of the customer unless it says otherwise', async () => {
    const order = await orderOf(db, acme);
    expect(order.delivery_address).toEqual({ city: 'Graz' });
  });

  test.each(['draft', 'sent', 'rejected'] as const)('is not made from a quote that is %s', async (status) => {
    const quote = await quoteAt(db, acme, status);
    await expectRefusal(
      tried(acme.seller, 'create_order', { quote_id: quote.id }),
      409,
      'quote_not_accepted',
    );
  });

  test('is not made from a quote whose last day is over, and is on the last day', async () => {
    const { id } = await quoteAt(db, acme, 'accepted');
    const until = (days: number) =>
      db.query('update public.quotes set valid_until = private.today($1) + $2::integer where id = $3', [
        acme.id,
        days,
        id,
      ]);
    await until(-1);
    await expectRefusal(tried(acme.seller, 'create_order', { quote_id: id }), 409, 'quote_expired');
    await until(0);
    await tried(acme.seller, 'create_order', { quote_id: id });
  });

  test('is made once, also by 32 at once', async () => {
    const quote = await quoteAt(db, acme, 'accepted');
    const crowd = db.crowd(32);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 32 }, () =>
        perform<Order>({ pool: crowd }, acme.seller, 'create_order', { quote_id: quote.id }),
      ),
    );
    const lost = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as Error] : [],
    );
    expect(lost).toHaveLength(31);
    for (const error of lost) await expectRefusal(Promise.reject(error), 409, 'quote_already_ordered');
    const counted = await valueOf(
      db.pool,
      `select array[(select count(*) from public.orders where quote_id = $1),
         (select count(*) from public.order_items as item join public.orders as placed on placed.id = item.order_id where quote_id = $1)]::integer[]`,
      [quote.id],
    );
    expect(counted).toEqual([1, 2]);
  });

  test('is not made of what is ordered through another quote at this moment, nor later', async () => {
    const first = await quoteAt(db, acme, 'accepted', [10, 20]);
    const configuration_ids = await valueOf(
      db.pool,
      'select array_agg(configuration_id order by position desc) from public.quote_items where quote_id = $1',
      [first.id],
    );
    const second = await perform<Quote>(db, acme.seller, 'create_quote', { configuration_ids });
    await perform(db, acme.seller, 'send_quote', { id: second.id });
    await perform(db, acme.seller, 'accept_quote', { id: second.id });
    const order = () => perform<Order>(db, acme.seller, 'create_order', { quote_id: second.id });
    const outcome = await overlapping(
      db,
      acme.seller,
      (session) => call(session, 'create_order', { quote_id: first.id }),
      order,
    );
    await expectRefusal(
      outcome.status === 'rejected' ? Promise.reject(outcome.reason as Error) : Promise.resolve(),
      409,
      'configuration_not_quotable',
    );
    await expectRefusal(order(), 409, 'configuration_not_quotable');
  });

  test('has dates, addresses and notes that make sense', async () => {
    const { id: quote_id } = await quoteAt(db, acme, 'accepted');
    const make = (args: Record<string, unknown>) => tried(acme.seller, 'create_order', { quote_id, ...args });
    for (const required_date of [await day(0), await day(3650), null]) await make({ required_date });
    for (const required_date of [await day(-1), await day(3651), 'infinity']) {
      await expectRefusal(make({ required_date }), 400, 'required_date_invalid');
    }
    for (const delivery_address of ['"x"', '[]', JSON.stringify({ x: 'x'.repeat(5000) })]) {
      await expectRefusal(make({ delivery_address }), 400, 'address_invalid');
    }
    await expectRefusal(make({ notes: 'x'.repeat(5001) }), 400, 'notes_invalid');
  });

  test('is for the customer of its quote: a foreign key makes any other impossible', async () => {
    const { id, organization_id, customer_id } = await quoteAt(db, acme, 'accepted').then((quote) => ({
      ...quote,
      organization_id: acme.id,
    }));
    const insert = `insert into public.orders
        (organization_id, number, quote_id, customer_id, currency, subtotal, discount_amount, tax_rate, tax_amount, total)
      values ($1, 'x', $2, $3, 'EUR', 0, 0, 0, 0, 0)`;
    const stranger = await addCustomer(db.pool, acme);
    for (const wrong of [stranger, acme.owner]) {
      await expect(db.query(insert, [organization_id, id, wrong])).rejects.toMatchObject({ code: '23503' });
    }
    await db.inRollback((client) => client.query(insert, [organization_id, id, customer_id]));
    const order = await orderOf(db, acme);
    await expect(
      db.query('update public.orders set customer_id = $2 where id = $1', [order.id, stranger]),
    ).rejects.toMatchObject({ code: '23503' });
  });

  test('keeps what it took from the quote, whoever writes', async () => {
    const order = await orderOf(db, acme);
    const changes: Record<string, string[]> = {
      orders: [
        `number = 'X'`,
        'quote_id = gen_random_uuid()',
        `currency = 'USD'`,
        'subtotal = 1',
        'discount_amount = 1',
        'tax_rate = 1',
        'tax_amount = 1',
        'total = 1',
        `confirmed_at = now() + interval '1 day'`,
      ],
      order_items: [
        'order_id = gen_random_uuid()',
        'quote_item_id = gen_random_uuid()',
        'configuration_id = gen_random_uuid()',
        'position = 9',
        `description = 'x'`,
        'quantity = 9',
        'unit_price = 1',
        'line_total = 1',
      ],
    };
    for (const [table, sets] of Object.entries(changes)) {
      const key = table === 'orders' ? 'id' : 'order_id';
      for (const set of sets) {
        await expectRefusal(
          db.query(`update public.${table} set ${set} where ${key} = $1`, [order.id]),
          409,
          'order_frozen',
        );
      }
    }
    await db.query(`update public.orders set notes = 'x', required_date = current_date where id = $1`, [
      order.id,
    ]);
  });
});

describe('on its way', () => {
  const move = (caller: Caller, id: string, status: string | null, reason?: string | null) =>
    perform<Order>(db, caller, 'change_order_status', { id, status, reason });
  const moveItem = (caller: Caller, id: string, status: string | null) =>
    perform<{ status: string }>(db, caller, 'change_order_item_status', { id, status });

  test('an order is produced item by item, shipped and installed', async () => {
    const planner = await addColleague(db.pool, acme, 'plant_manager');
    const order = await orderOf(db, acme);
    const items = await itemsOf(db.pool, order);
    await expectRefusal(
      moveItem(planner, items[0]?.id ?? '', 'in_production'),
      409,
      'order_not_in_production',
    );
    expect(await move(planner, order.id, 'production')).toMatchObject({ status: 'production' });
    await expectRefusal(move(planner, order.id, 'shipped'), 409, 'order_items_open');
    for (const [index, { id }] of items.entries()) {
      await expectRefusal(moveItem(planner, id, 'completed'), 409, 'transition_not_allowed');
      expect(await moveItem(planner, id, 'in_production')).toMatchObject({ status: 'in_production' });
      await expectRefusal(move(planner, order.id, 'shipped'), 409, 'order_items_open');
      expect(await moveItem(planner, id, 'completed')).toMatchObject({ status: 'completed' });
      if (index === 0) await expectRefusal(move(planner, order.id, 'shipped'), 409, 'order_items_open');
    }
    expect(await move(planner, order.id, 'shipped')).toMatchObject({ status: 'shipped' });
    await expectRefusal(move(acme.seller, order.id, 'cancelled', 'x'), 409, 'transition_not_allowed');
    expect(await move(planner, order.id, 'installed')).toMatchObject({ status: 'installed' });
    const times = await valueOf<Record<string, string | null>>(
      db.pool,
      'select to_jsonb(placed) from public.orders as placed where id = $1',
      [order.id],
    );
    const stamps = ['confirmed_at', 'production_at', 'shipped_at', 'installed_at'].map(
      (name) => times[name] ?? '',
    );
    expect(stamps).toEqual([...stamps].sort());
    expect(new Set(stamps).size).toBe(4);
    expect(times.cancelled_at).toBeNull();
  });

  test('an order that ships is not overtaken by an item, nor the other way round, 10 times', async () => {
    for (let round = 0; round < 10; round += 1) {
      const order = await orderOf(db, acme, [1]);
      const [item] = await itemsOf(db.pool, order);
      await move(acme.seller, order.id, 'production');
      await moveItem(acme.seller, item?.id ?? '', 'in_production');
      const [finished, shipped] = await Promise.allSettled([
        moveItem(acme.seller, item?.id ?? '', 'completed'),
        move(acme.seller, order.id, 'shipped'),
      ]);
      expect(finished.status).toBe('fulfilled');
      if (shipped.status === 'rejected') {
        await expectRefusal(Promise.reject(shipped.reason as Error), 409, 'order_items_open');
      }
    }
  });

  test.each(['confirmed', 'production'])(
    'an order that is %s is cancelled by who sells, with a reason',
    async (status) => {
      const planner = await addColleague(db.pool, acme, 'plant_manager');
      const clerk = await addColleague(db.pool, acme, 'data_entry');
      const order = await orderOf(db, acme);
      const [item] = await itemsOf(db.pool, order);
      if (status === 'production') await move(planner, order.id, 'production');
      await expectRefusal(move(planner, order.id, 'cancelled', 'x'), 403, 'permission_required');
      for (const reason of [null, '', '  ']) {
        await expectRefusal(move(clerk, order.id, 'cancelled', reason), 400, 'reason_required');
      }
      await expectRefusal(move(clerk, order.id, 'cancelled', 'x'.repeat(1001)), 400, 'reason_invalid');
      expect(await move(clerk, order.id, 'cancelled', ' Moved away. ')).toMatchObject({
        status: 'cancelled',
        cancellation_reason: 'Moved away.',
      });
      await expectRefusal(moveItem(planner, item?.id ?? '', 'in_production'), 409, 'order_not_in_production');
      await expectRefusal(move(planner, order.id, 'production'), 409, 'transition_not_allowed');
      // What was ordered stays that, and its quote has had its order.
      expect(
        await valueOf(
          db.pool,
          'select array_agg(distinct made.status) from public.order_items as item join public.configurations as made on made.id = item.configuration_id where order_id = $1',
          [order.id],
        ),
      ).toEqual(['ordered']);
      await expectRefusal(
        tried(acme.seller, 'create_order', { quote_id: order.quote_id }),
        409,
        'quote_already_ordered',
      );
    },
  );

  test('a status that there is none of, an order and an item that there are none of', async () => {
    const nowhere = '018f0000-0000-7000-8000-000000000000';
    const order = await orderOf(db, acme);
    const [item] = await itemsOf(db.pool, order);
    for (const status of ['lost', '', null]) {
      await expectRefusal(move(acme.seller, order.id, status), 400, 'status_invalid');
      await expectRefusal(moveItem(acme.seller, item?.id ?? '', status), 400, 'status_invalid');
    }
    for (const [caller, id] of [
      [acme.seller, nowhere],
      [beta.seller, order.id],
    ] as const) {
      await expectRefusal(move(caller, id, 'production'), 404, 'order_not_found');
      await expectRefusal(move(caller, id, 'cancelled', 'x'), 404, 'order_not_found');
    }
    for (const [caller, id] of [
      [acme.seller, nowhere],
      [beta.seller, item?.id ?? ''],
    ] as const) {
      await expectRefusal(moveItem(caller, id, 'in_production'), 404, 'order_item_not_found');
    }
  });

  test('who does not fulfil moves nothing', async () => {
    const order = await orderOf(db, acme);
    const [item] = await itemsOf(db.pool, order);
    for (const role of ['data_entry', 'salesman', 'viewer', 'customer']) {
      const caller = await addColleague(db.pool, acme, role);
      await expectRefusal(move(caller, order.id, 'production'), 403, 'permission_required');
      await expectRefusal(moveItem(caller, item?.id ?? '', 'in_production'), 403, 'permission_required');
    }
  });

  test('is seen by staff, by who looks after the customer, and by the customer, and by nobody else', async () => {
    const user = await insertAuthUser(db.pool);
    const salesman = await addColleague(db.pool, acme, 'salesman');
    const rival = await addColleague(db.pool, acme, 'salesman');
    await addMember(db.pool, acme, { user });
    const customer = await addCustomer(db.pool, acme, { users: [user], staff: [salesman.id] });
    const order = await orderOf(db, { ...acme, customer });
    const seen = (caller: Caller) =>
      asUser(db, caller, async (session) => {
        const { rows: orders } = await session.query('select id from public.orders where id = $1', [
          order.id,
        ]);
        const { rows: items } = await session.query('select id from public.order_items where order_id = $1', [
          order.id,
        ]);
        return [orders.length, items.length];
      });
    for (const caller of [acme.seller, salesman, inside(acme, user)])
      expect(await seen(caller)).toEqual([1, 2]);
    for (const caller of [rival, beta.seller]) expect(await seen(caller)).toEqual([0, 0]);
  });
});
