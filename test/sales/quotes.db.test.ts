import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser, type Caller } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import { addMember, call, inside } from '../tenancy/organizations.ts';
import {
  addColleague,
  addConfigurations,
  addCustomer,
  openShop,
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

/** Calls as somebody, and undoes it. */
const tried = (caller: Caller, name: string, args: Record<string, unknown>) =>
  asUser(db, caller, async (session) => (await call(session, name, args)) as Quote);

const detailOf = async (attempt: Promise<unknown>): Promise<Record<string, unknown>> => {
  const error: unknown = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(z.object({ detail: z.string() }).parse(error).detail));
};

const today = (shop: Shop, days = 0) =>
  valueOf<string>(db.pool, `(private.today($1) + $2::integer)::text`, [shop.id, days]);

describe('a quote', () => {
  test('is made from saved configurations, which are quoted once it is sent', async () => {
    const configuration_ids = await addConfigurations(db.pool, acme, ['199.99', '50.00']);
    const quote = await perform<Quote>(db, acme.seller, 'create_quote', {
      configuration_ids,
      quantities: [2, 1.5],
      tax_rate: 20,
      discount: 10.5,
      notes: ' For the kitchen. ',
    });
    expect(quote).toMatchObject({
      status: 'draft',
      customer_id: acme.customer,
      currency: 'EUR',
      subtotal: 474.98,
      discount_amount: 10.5,
      tax_rate: 20,
      tax_amount: 92.9,
      total: 557.38,
      notes: 'For the kitchen.',
      valid_until: await today(acme, 30),
      sent_at: null,
    });
    const { rows } = await db.query(
      `select item.position, item.configuration_id, item.description, item.quantity, item.unit_price, item.line_total, made.status
       from public.quote_items as item join public.configurations as made on made.id = item.configuration_id
       where item.quote_id = $1 order by item.position`,
      [quote.id],
    );
    expect(rows).toEqual([
      {
        position: 1,
        configuration_id: configuration_ids[0],
        description: 'Window: No. 1',
        quantity: '2.000',
        unit_price: '199.99',
        line_total: '399.98',
        status: 'saved',
      },
      {
        position: 2,
        configuration_id: configuration_ids[1],
        description: 'Window: No. 2',
        quantity: '1.500',
        unit_price: '50.00',
        line_total: '75.00',
        status: 'saved',
      },
    ]);
  });

  test('may be made once more from what is quoted already', async () => {
    const configuration_ids = await addConfigurations(db.pool, acme, [10]);
    await perform(db, acme.seller, 'create_quote', { configuration_ids });
    expect(await tried(acme.seller, 'create_quote', { configuration_ids })).toMatchObject({ subtotal: 10 });
  });

  test('takes currency, tax and days from what the organization has settled on', async () => {
    await db.query(
      `insert into public.sales_settings (organization_id, currency, tax_rate, quote_valid_days) values ($1, 'CHF', 8.1, 14)`,
      [beta.id],
    );
    const configuration_ids = await addConfigurations(db.pool, beta, [10]);
    const settled = await tried(beta.seller, 'create_quote', { configuration_ids });
    expect(settled).toMatchObject({
      currency: 'CHF',
      tax_rate: 8.1,
      tax_amount: 0.81,
      valid_until: await today(beta, 14),
    });
    const said = await tried(beta.seller, 'create_quote', { configuration_ids, tax_rate: 0 });
    expect(said).toMatchObject({ currency: 'CHF', tax_rate: 0, total: 10 });
  });

  test('is about configurations of one customer, also when someone writes past the functions', async () => {
    const other = { ...acme, customer: await addCustomer(db.pool, acme) };
    const [mine] = await addConfigurations(db.pool, acme, [10]);
    const [theirs] = await addConfigurations(db.pool, other, [10]);
    await expectRefusal(
      tried(acme.seller, 'create_quote', { configuration_ids: [mine, theirs] }),
      409,
      'several_customers',
    );
    const quote = await quoteAt(db, acme, 'draft');
    const insert = `insert into public.quote_items
      (organization_id, quote_id, customer_id, configuration_id, position, description, quantity, unit_price)
      values ($1, $2, $3, $4, 9, 'x', 1, 10)`;
    await db.inRollback(async (client) => {
      await client.query(insert, [acme.id, quote.id, acme.customer, mine]);
    });
    for (const customer of [acme.customer, other.customer]) {
      await expect(db.query(insert, [acme.id, quote.id, customer, theirs])).rejects.toMatchObject({
        code: '23503',
      });
    }
  });

  test('is about 1 to 200 configurations, each once', async () => {
    const ids = await addConfigurations(db.pool, acme, Array<number>(201).fill(1));
    const of = (configuration_ids: (string | null)[] | null) =>
      tried(acme.seller, 'create_quote', { configuration_ids });
    expect(await of(ids.slice(0, 200))).toMatchObject({ subtotal: 200 });
    for (const wrong of [null, [], ids, [ids[0], ids[0]], [null]]) {
      await expectRefusal(of(wrong as string[]), 400, 'configurations_invalid');
    }
  });

  test('is about configurations that the caller may see: others do not exist', async () => {
    const [mine] = await addConfigurations(db.pool, acme, [10]);
    const [theirs] = await addConfigurations(db.pool, beta, [10]);
    for (const id of [theirs, '018f0000-0000-7000-8000-000000000000']) {
      await expectRefusal(
        tried(acme.seller, 'create_quote', { configuration_ids: [mine, id] }),
        404,
        'configuration_not_found',
      );
    }
    await tried(beta.seller, 'create_quote', { configuration_ids: [theirs] });
  });

  test('is about configurations that are complete and not ordered yet, and says which are not', async () => {
    const [saved, draft] = await addConfigurations(db.pool, acme, [10, 10]);
    await db.query(`update public.configurations set status = 'draft' where id = $1`, [draft]);
    const attempt = () => tried(acme.seller, 'create_quote', { configuration_ids: [saved, draft] });
    await expectRefusal(attempt(), 409, 'configuration_not_quotable');
    expect(await detailOf(attempt())).toEqual({
      code: 'configuration_not_quotable',
      configurations: [draft],
    });
    const accepted = await quoteAt(db, acme, 'accepted', [10]);
    await perform(db, acme.seller, 'create_order', { quote_id: accepted.id });
    const ordered = await valueOf(
      db.pool,
      'select configuration_id from public.quote_items where quote_id = $1',
      [accepted.id],
    );
    await expectRefusal(
      tried(acme.seller, 'create_quote', { configuration_ids: [ordered] }),
      409,
      'configuration_not_quotable',
    );
  });

  test.each<[string, string, unknown[], unknown[]]>([
    [
      'quantities',
      'quantity_invalid',
      [[1, 0], [1, -1], [1], [1, 2, 3], [1, null], [1, '0.0001'], [1, 'NaN'], [1, 1000001]],
      [
        [1, 0.001],
        [1, 1000000],
      ],
    ],
    [
      'tax_rate',
      'tax_rate_invalid',
      [-0.001, 100.001, '0.0001', 'NaN', 'Infinity'],
      [0, 100, '19.125', null],
    ],
    ['discount', 'discount_invalid', [-0.01, 20.01, '0.001', 'NaN', 'Infinity'], [0, 20, null]],
    ['notes', 'notes_invalid', ['x'.repeat(5001)], ['', 'x'.repeat(5000)]],
  ])('has %s within bounds (%s)', async (name, code, wrong, right) => {
    const configuration_ids = await addConfigurations(db.pool, acme, [10, 10]);
    const draft = await quoteAt(db, acme, 'draft', [10, 10]);
    for (const value of right) {
      await tried(acme.seller, 'create_quote', { configuration_ids, [name]: value });
      await tried(acme.seller, 'update_quote', { id: draft.id, [name]: value });
    }
    for (const value of wrong) {
      await expectRefusal(
        tried(acme.seller, 'create_quote', { configuration_ids, [name]: value }),
        400,
        code,
      );
      await expectRefusal(tried(acme.seller, 'update_quote', { id: draft.id, [name]: value }), 400, code);
    }
  });

  test('is valid until today or a later day of the organization, up to a year', async () => {
    for (const timezone of ['Pacific/Kiritimati', 'Etc/GMT+12']) {
      const shop = await openShop(db.pool, `Zone${timezone.length}`, timezone);
      const configuration_ids = await addConfigurations(db.pool, shop, [10]);
      const until = (valid_until: string) =>
        tried(shop.seller, 'create_quote', { configuration_ids, valid_until });
      const first = await today(shop);
      expect(await until(first)).toMatchObject({ valid_until: first });
      await until(await today(shop, 366));
      for (const wrong of [await today(shop, -1), await today(shop, 367), 'infinity', '-infinity']) {
        await expectRefusal(until(wrong), 400, 'valid_until_invalid');
      }
    }
  });

  test('does not add up to more than amounts can hold', async () => {
    const configuration_ids = await addConfigurations(db.pool, acme, ['9999999999.99', '9999999999.99']);
    const of = (quantities: number[]) =>
      tried(acme.seller, 'create_quote', { configuration_ids, quantities, tax_rate: 100 });
    expect(await of([5, 5])).toMatchObject({ subtotal: 99999999999.9, total: 199999999999.8 });
    for (const quantities of [
      [6, 6],
      [1000000, 1000000],
    ]) {
      await expectRefusal(of(quantities), 400, 'price_out_of_range');
    }
  });
});

describe('amounts', () => {
  /** Division of what is not negative, rounded half up. */
  const rounded = (value: bigint, by: bigint) => (value * 2n + by) / (by * 2n);
  const money = (cents: bigint) => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
  const line = fc.record({
    price: fc.oneof(fc.constantFrom(0n, 1n, 5n, 33n), fc.bigInt({ min: 0n, max: 1_000_000_00n })),
    /** Thousandths. Halves are likely. */
    quantity: fc.oneof(
      fc.constantFrom(1n, 500n, 1000n, 1500n, 2500n),
      fc.bigInt({ min: 1n, max: 1_000_000n }),
    ),
  });
  const terms = fc.record({
    lines: fc.array(line, { minLength: 1, maxLength: 5 }),
    /** Thousandths of a per cent. */
    rate: fc.oneof(fc.constantFrom(0n, 500n, 20_000n, 50_000n), fc.bigInt({ min: 0n, max: 100_000n })),
    /** Parts of the subtotal, in thousands. */
    discount: fc.oneof(fc.constantFrom(0n, 1000n), fc.bigInt({ min: 0n, max: 1000n })),
  });

  test('are what somebody with whole cents comes to, whatever the prices, quantities, rates and discounts', async () => {
    await db.inRollback(async (client) => {
      await fc.assert(
        fc.asyncProperty(terms, async ({ lines, rate, discount }) => {
          const totals = lines.map(({ price, quantity }) => rounded(price * quantity, 1000n));
          const subtotal = totals.reduce((sum, each) => sum + each, 0n);
          const off = (subtotal * discount) / 1000n;
          const tax = rounded((subtotal - off) * rate, 100_000n);
          const expected = {
            subtotal: money(subtotal),
            discount_amount: money(off),
            tax_amount: money(tax),
            total: money(subtotal - off + tax),
            lines: totals.map(money),
          };

          await client.query('savepoint run');
          const configuration_ids = await addConfigurations(
            client,
            acme,
            lines.map(({ price }) => money(price)),
          );
          const quote = await perform<Quote>(client, acme.seller, 'create_quote', {
            configuration_ids,
            quantities: lines.map(({ quantity }) => `${quantity}e-3`),
            tax_rate: `${rate}e-3`,
            discount: money(off),
          });
          const written = (table: string, items: string) =>
            client.query(
              `select subtotal::text, discount_amount::text, tax_amount::text, total::text,
                 array(select line_total::text from public.${items} as item
                   where ${table.slice(0, -1)}_id = sale.id order by position) as lines
               from public.${table} as sale where sale.number like '%' and sale.customer_id = $1
               order by created_at desc, id desc limit 1`,
              [acme.customer],
            );
          const drafted = await written('quotes', 'quote_items');
          await perform(client, acme.seller, 'send_quote', { id: quote.id });
          const sent = await written('quotes', 'quote_items');
          await perform(client, acme.seller, 'accept_quote', { id: quote.id });
          await perform(client, acme.seller, 'create_order', { quote_id: quote.id });
          const ordered = await written('orders', 'order_items');
          await client.query('rollback to savepoint run; release savepoint run');
          for (const { rows } of [drafted, sent, ordered]) expect(rows).toEqual([expected]);
        }),
        { numRuns: 100 },
      );
    });
  });

  test.each([
    ['half a cent of a line goes up', [['0.01', '0.5']], '0', '0', ['0.01', '0.00', '0.01']],
    [
      'each line is rounded, not their sum',
      [
        ['0.01', '0.5'],
        ['0.01', '0.5'],
      ],
      '0',
      '0',
      ['0.02', '0.00', '0.02'],
    ],
    ['half a cent of tax goes up', [['0.50', '1']], '1', '0', ['0.50', '0.01', '0.51']],
    ['tax is on what is left after the discount', [['100', '1']], '20', '50', ['100.00', '10.00', '60.00']],
    [
      'a discount of everything leaves nothing to pay',
      [['100', '1']],
      '20',
      '100',
      ['100.00', '0.00', '0.00'],
    ],
    ['what costs nothing is quoted as that', [['0', '3']], '20', '0', ['0.00', '0.00', '0.00']],
  ])('%s', async (_, lines, tax_rate, discount, [subtotal, tax_amount, total]) => {
    const configuration_ids = await addConfigurations(
      db.pool,
      acme,
      lines.map(([price]) => price ?? ''),
    );
    const { id } = await perform<Quote>(db, acme.seller, 'create_quote', {
      configuration_ids,
      quantities: lines.map(([, quantity]) => quantity),
      tax_rate,
      discount,
    });
    const { rows } = await db.query(
      'select subtotal, tax_amount, total from public.quotes where organization_id = $1 and id = $2',
      [acme.id, id],
    );
    expect(rows).toEqual([{ subtotal, tax_amount, total }]);
  });
});

describe('a draft', () => {
  test('changes what is said, and leaves the rest', async () => {
    const draft = await quoteAt(db, acme, 'draft', [100, 50], { tax_rate: 10, notes: 'x' });
    const changed = await perform<Quote>(db, acme.seller, 'update_quote', {
      id: draft.id,
      quantities: [1, 3],
      discount: 200,
    });
    expect(changed).toMatchObject({
      subtotal: 250,
      discount_amount: 200,
      tax_rate: 10,
      total: 55,
      notes: 'x',
    });
    const again = await perform<Quote>(db, acme.seller, 'update_quote', {
      id: draft.id,
      tax_rate: 0,
      notes: ' ',
    });
    expect(again).toMatchObject({ subtotal: 250, discount_amount: 200, tax_rate: 0, total: 50, notes: null });
    expect(again.valid_until).toBe(draft.valid_until);
    // Fewer, and the discount with them.
    await expectRefusal(
      tried(acme.seller, 'update_quote', { id: draft.id, quantities: [1, 1] }),
      400,
      'discount_invalid',
    );
    expect(
      await tried(acme.seller, 'update_quote', { id: draft.id, quantities: [1, 1], discount: 150 }),
    ).toMatchObject({ subtotal: 150, total: 0 });
  });

  test('has the subtotal of its lines, also when someone writes past the functions', async () => {
    const draft = await quoteAt(db, acme, 'draft', [100, 50]);
    await db.inRollback(async (client) => {
      const subtotal = () =>
        valueOf<string>(client, 'select subtotal from public.quotes where id = $1', [draft.id]);
      await client.query('update public.quote_items set quantity = 3 where quote_id = $1 and position = 1', [
        draft.id,
      ]);
      expect(await subtotal()).toBe('350.00');
      await client.query('delete from public.quote_items where quote_id = $1 and position = 1', [draft.id]);
      expect(await subtotal()).toBe('50.00');
      await client.query('delete from public.quote_items where quote_id = $1', [draft.id]);
      expect(await subtotal()).toBe('0.00');
    });
  });

  test('cannot be answered', async () => {
    const { id } = await quoteAt(db, acme, 'draft');
    for (const name of ['accept_quote', 'reject_quote']) {
      await expectRefusal(tried(acme.seller, name, { id }), 409, 'transition_not_allowed');
    }
  });
});

describe('sending', () => {
  test('gives the lines the prices of the day', async () => {
    const shop = await openShop(db.pool, 'Fresh');
    const quote = await quoteAt(db, shop, 'draft', [100, 100], { quantities: [1, 2] });
    await db.query('update public.manufacturing_types set base_price = 120 where organization_id = $1', [
      shop.id,
    ]);
    expect(await tried(shop.seller, 'update_quote', { id: quote.id, tax_rate: 0 })).toMatchObject({
      subtotal: 300,
    });
    expect(await perform(db, shop.seller, 'send_quote', { id: quote.id })).toMatchObject({
      status: 'sent',
      subtotal: 360,
    });
    const prices = await valueOf(
      db.pool,
      'select array_agg(unit_price::text order by position) from public.quote_items where quote_id = $1',
      [quote.id],
    );
    expect(prices).toEqual(['120.00', '120.00']);
  });

  test('refuses a discount that the prices of the day no longer allow', async () => {
    const shop = await openShop(db.pool, 'Cheap');
    const { id } = await quoteAt(db, shop, 'draft', [100], { discount: 90 });
    await db.query('update public.manufacturing_types set base_price = 80 where organization_id = $1', [
      shop.id,
    ]);
    await expectRefusal(perform(db, shop.seller, 'send_quote', { id }), 400, 'discount_invalid');
    expect(await detailOf(perform(db, shop.seller, 'send_quote', { id }))).toEqual({
      code: 'discount_invalid',
      subtotal: 80,
    });
    await perform(db, shop.seller, 'update_quote', { id, discount: 80 });
    expect(await perform(db, shop.seller, 'send_quote', { id })).toMatchObject({ subtotal: 80, total: 0 });
  });

  test('is once, of what is still valid', async () => {
    const sent = await quoteAt(db, acme, 'sent');
    await expectRefusal(tried(acme.seller, 'send_quote', { id: sent.id }), 409, 'transition_not_allowed');
    const late = await quoteAt(db, acme, 'draft');
    await db.query('update public.quotes set valid_until = private.today($1) - 1 where id = $2', [
      acme.id,
      late.id,
    ]);
    await expectRefusal(tried(acme.seller, 'send_quote', { id: late.id }), 409, 'quote_expired');
  });

  test('is not possible once another quote of the same has been ordered', async () => {
    const first = await quoteAt(db, acme, 'sent', [10]);
    const configuration_ids = await valueOf(
      db.pool,
      'select array_agg(configuration_id) from public.quote_items where quote_id = $1',
      [first.id],
    );
    const second = await perform<Quote>(db, acme.seller, 'create_quote', { configuration_ids });
    await perform(db, acme.seller, 'accept_quote', { id: first.id });
    await perform(db, acme.seller, 'create_order', { quote_id: first.id });
    await expectRefusal(
      tried(acme.seller, 'send_quote', { id: second.id }),
      409,
      'configuration_not_quotable',
    );
  });

  test('is not possible while one of its configurations is being changed', async () => {
    const quote = await quoteAt(db, acme, 'draft', [10, 20]);
    const id = await valueOf<string>(
      db.pool,
      'select configuration_id from public.quote_items where quote_id = $1 and position = 2',
      [quote.id],
    );
    await perform(db, acme.seller, 'reopen_configuration', { id });
    const attempt = () => tried(acme.seller, 'send_quote', { id: quote.id });
    await expectRefusal(attempt(), 409, 'configuration_not_quotable');
    expect(await detailOf(attempt())).toMatchObject({ configurations: [id] });
    await perform(db, acme.seller, 'save_configuration', { id });
    expect(await attempt()).toMatchObject({ status: 'sent' });
    expect(await perform(db, acme.seller, 'send_quote', { id: quote.id })).toMatchObject({ status: 'sent' });
    await expectRefusal(tried(acme.seller, 'reopen_configuration', { id }), 409, 'transition_not_allowed');
  });

  test('refuses what is no longer valid since its type has changed, instead of selling it too cheap', async () => {
    const shop = await openShop(db.pool, 'Unfit');
    const quote = await quoteAt(db, shop, 'draft', [100, 100]);
    const configuration_ids = await valueOf<string[]>(
      db.pool,
      'select array_agg(configuration_id order by position) from public.quote_items where quote_id = $1',
      [quote.id],
    );
    await db.query(
      `insert into public.attribute_nodes (organization_id, manufacturing_type_id, code, name, node_type, data_type, is_required)
       values ($1, $2, 'width', 'Width', 'attribute', 'dimension', true)`,
      [shop.id, shop.type],
    );
    const attempts = [
      () => tried(shop.seller, 'send_quote', { id: quote.id }),
      () => tried(shop.seller, 'create_quote', { configuration_ids }),
    ];
    for (const attempt of attempts) {
      await expectRefusal(attempt(), 409, 'configuration_not_quotable');
      const { configurations } = await detailOf(attempt());
      expect(z.array(z.string()).parse(configurations).sort()).toEqual([...configuration_ids].sort());
    }
    await db.query('delete from public.attribute_nodes where organization_id = $1', [shop.id]);
    for (const attempt of attempts) expect(await attempt()).toMatchObject({ subtotal: 200 });
  });

  test('waits for who is quoting the same, and they for it', async () => {
    // A circle of locks would be broken by a deadlock error, which no call may end with.
    const configuration_ids = await addConfigurations(db.pool, acme, [1, 2, 3, 4, 5]);
    const crowd = db.crowd(12);
    const quotes = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        perform<Quote>({ pool: crowd }, acme.seller, 'create_quote', {
          configuration_ids: index % 2 ? configuration_ids : [...configuration_ids].reverse(),
        }),
      ),
    );
    const sent = await Promise.all(
      quotes.map(({ id }) => perform<Quote>({ pool: crowd }, acme.seller, 'send_quote', { id })),
    );
    expect(sent.map(({ subtotal }) => subtotal)).toEqual(Array<number>(12).fill(15));
  });
});

describe('once sent', () => {
  /** What may change of a quote that is no draft: how it goes on, and for how long it is valid. */
  const mutable = [
    'customer_id',
    'status',
    'valid_until',
    'rejection_reason',
    'sent_at',
    'accepted_at',
    'rejected_at',
    'expired_at',
    'created_by',
    'updated_at',
  ];
  const another: Record<string, string> = {
    text: `coalesce({}, '') || 'X'`,
    uuid: 'gen_random_uuid()',
    numeric: '{} + 1',
    date: '{} + 1',
    'timestamp with time zone': `{} + interval '1 day'`,
    integer: '{} + 7',
  };
  const columnsOf = async (table: string) => {
    const { rows } = await db.query<{ name: string; type: string }>(
      `select column_name as name, data_type as type from information_schema.columns
       where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER'`,
      [table],
    );
    return rows.map(({ name, type }) => ({ name, changed: (another[type] ?? '').replaceAll('{}', name) }));
  };

  test('nothing changes its number, its currency, its amounts or its notes, whoever writes', async () => {
    const quote = await quoteAt(db, acme, 'sent');
    const frozen = (await columnsOf('quotes')).filter(({ name }) => !mutable.includes(name));
    expect(frozen.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['number', 'currency', 'subtotal', 'discount_amount', 'tax_rate', 'notes']),
    );
    for (const { name, changed } of frozen) {
      await expectRefusal(
        db.query(`update public.quotes set ${name} = ${changed} where id = $1`, [quote.id]),
        409,
        'quote_frozen',
      );
    }
    await expectRefusal(db.query('delete from public.quotes where id = $1', [quote.id]), 409, 'quote_frozen');
    await expectRefusal(
      tried(acme.seller, 'update_quote', { id: quote.id, tax_rate: 0 }),
      409,
      'quote_frozen',
    );
  });

  test.each(['sent', 'accepted', 'rejected'] as const)(
    'nothing is written to the lines of one that is %s',
    async (status) => {
      const quote = await quoteAt(db, acme, status);
      for (const { name, changed } of await columnsOf('quote_items')) {
        if (['customer_id', 'organization_id'].includes(name)) continue;
        await db.inRollback(async (client) => {
          await client.query('set constraints all deferred');
          await expectRefusal(
            client.query(
              `update public.quote_items set ${name} = ${changed} where quote_id = $1 and position = 2`,
              [quote.id],
            ),
            409,
            'quote_frozen',
          );
        });
      }
      const [spare] = await addConfigurations(db.pool, acme, [10]);
      await expectRefusal(
        db.query(
          `insert into public.quote_items
           (organization_id, quote_id, customer_id, configuration_id, position, description, quantity, unit_price)
         values ($1, $2, $3, $4, 9, 'x', 1, 10)`,
          [acme.id, quote.id, acme.customer, spare],
        ),
        409,
        'quote_frozen',
      );
      await expectRefusal(
        db.query('delete from public.quote_items where quote_id = $1', [quote.id]),
        409,
        'quote_frozen',
      );
    },
  );

  test('nothing is written to the lines of one that is being sent', async () => {
    const { id } = await quoteAt(db, acme, 'draft');
    const outcome = await overlapping(
      db,
      acme.seller,
      (session) => call(session, 'send_quote', { id }),
      () => db.query(`update public.quote_items set description = 'x' where quote_id = $1`, [id]),
    );
    await expectRefusal(
      outcome.status === 'rejected' ? Promise.reject(outcome.reason as Error) : Promise.resolve(),
      409,
      'quote_frozen',
    );
  });

  test('its lines stay as they are when its configurations get other prices, and are quoted again', async () => {
    const shop = await openShop(db.pool, 'Again');
    const first = await quoteAt(db, shop, 'sent', [100]);
    const configuration_ids = await valueOf(
      db.pool,
      'select array_agg(configuration_id) from public.quote_items where quote_id = $1',
      [first.id],
    );
    await db.query('update public.manufacturing_types set base_price = 120 where organization_id = $1', [
      shop.id,
    ]);
    const second = await perform<Quote>(db, shop.seller, 'create_quote', { configuration_ids });
    expect(second).toMatchObject({ subtotal: 120 });
    expect(await perform(db, shop.seller, 'accept_quote', { id: first.id })).toMatchObject({ subtotal: 100 });
    expect(await perform(db, shop.seller, 'create_order', { quote_id: first.id })).toMatchObject({
      subtotal: 100,
    });
  });

  test('its customer changes alone, with everything that mirrors it, when customers are merged', async () => {
    const keep = await addCustomer(db.pool, acme);
    const remove = await addCustomer(db.pool, acme);
    const shop = { ...acme, customer: remove };
    const accepted = await quoteAt(db, shop, 'accepted');
    await quoteAt(db, shop, 'draft');
    await perform(db, acme.seller, 'create_order', { quote_id: accepted.id });
    await expectRefusal(
      db.inRollback(async (client) => {
        await client.query('set constraints all deferred');
        await client.query(
          'update public.quotes set customer_id = $1, valid_until = valid_until + 1 where id = $2',
          [keep, accepted.id],
        );
      }),
      409,
      'quote_frozen',
    );
    await perform(db, acme.seller, 'merge_customers', { keep, remove });
    const { rows } = await db.query(
      `select kind, count(*)::integer from (
         select 'quotes' as kind, customer_id from public.quotes union all
         select 'items', customer_id from public.quote_items union all
         select 'orders', customer_id from public.orders union all
         select 'configurations', customer_id from public.configurations
       ) as sales where customer_id = $1 group by kind order by kind`,
      [keep],
    );
    expect(rows).toEqual([
      { kind: 'configurations', count: 4 },
      { kind: 'items', count: 4 },
      { kind: 'orders', count: 1 },
      { kind: 'quotes', count: 2 },
    ]);
  });

  test('it goes with its organization, whatever its status', async () => {
    const shop = await openShop(db.pool, 'Gone');
    for (const status of ['draft', 'sent', 'accepted'] as const) await quoteAt(db, shop, status);
    const { id } = await quoteAt(db, shop, 'accepted');
    await perform(db, shop.seller, 'create_order', { quote_id: id });
    await db.query('delete from public.organizations where id = $1', [shop.id]);
    expect(
      await valueOf(db.pool, 'select count(*)::integer from public.quotes where organization_id = $1', [
        shop.id,
      ]),
    ).toBe(0);
  });
});

describe('answering', () => {
  test('the customer accepts what is still valid, and not twice', async () => {
    const user = await insertAuthUser(db.pool);
    await addMember(db.pool, acme, { user });
    const shop = { ...acme, customer: await addCustomer(db.pool, acme, { users: [user] }) };
    const { id } = await quoteAt(db, shop, 'sent');
    const accepted = await perform<Quote>(db, inside(acme, user), 'accept_quote', { id });
    expect(accepted.status).toBe('accepted');
    expect(accepted.accepted_at).not.toBeNull();
    for (const name of ['accept_quote', 'reject_quote']) {
      await expectRefusal(tried(inside(acme, user), name, { id }), 409, 'transition_not_allowed');
    }
  });

  test('the customer rejects, and may say why', async () => {
    const user = await insertAuthUser(db.pool);
    await addMember(db.pool, acme, { user });
    const shop = { ...acme, customer: await addCustomer(db.pool, acme, { users: [user] }) };
    const { id } = await quoteAt(db, shop, 'sent');
    const reject = (reason?: string | null) => tried(inside(acme, user), 'reject_quote', { id, reason });
    expect(await reject(' Too dear. ')).toMatchObject({ status: 'rejected', rejection_reason: 'Too dear.' });
    expect(await reject(null)).toMatchObject({ status: 'rejected', rejection_reason: null });
    await expectRefusal(reject('x'.repeat(1001)), 400, 'reason_invalid');
  });

  test('of 32 who accept at once, one does', async () => {
    const { id } = await quoteAt(db, acme, 'sent');
    const crowd = db.crowd(32);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 32 }, () => perform({ pool: crowd }, acme.seller, 'accept_quote', { id })),
    );
    const lost = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as Error] : [],
    );
    expect(lost).toHaveLength(31);
    for (const error of lost) await expectRefusal(Promise.reject(error), 409, 'transition_not_allowed');
  });

  test('of accepting and rejecting at once, one happens, 10 times', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await quoteAt(db, acme, 'sent', [1]);
      const outcomes = await Promise.allSettled(
        ['accept_quote', 'reject_quote'].map((name) => perform(db, acme.seller, name, { id })),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });
});

describe('expiry', () => {
  /** The end of the day is the organization's: what is over in one is not yet over in the other. */
  test('is by the day of the organization', async () => {
    const east = await openShop(db.pool, 'East', 'Pacific/Kiritimati');
    const west = await openShop(db.pool, 'West', 'Etc/GMT+12');
    const late = await quoteAt(db, east, 'sent');
    const early = await quoteAt(db, west, 'sent');
    // The last day of both is the day before the one that it is in the east. In the west, that is today or later.
    const day = await today(east, -1);
    for (const { id } of [late, early]) {
      await db.query('update public.quotes set valid_until = $2 where id = $1', [id, day]);
    }
    await expectRefusal(tried(east.seller, 'accept_quote', { id: late.id }), 409, 'quote_expired');
    expect(await tried(west.seller, 'accept_quote', { id: early.id })).toMatchObject({ status: 'accepted' });

    expect(await valueOf(db.pool, 'select private.expire_quotes()')).toBe('1');
    const statusOf = (id: string) => valueOf(db.pool, 'select status from public.quotes where id = $1', [id]);
    expect([await statusOf(late.id), await statusOf(early.id)]).toEqual(['expired', 'sent']);
    expect(await valueOf(db.pool, 'select private.expire_quotes()')).toBe('0');
    for (const name of ['send_quote', 'accept_quote', 'reject_quote']) {
      await expectRefusal(tried(east.seller, name, { id: late.id }), 409, 'transition_not_allowed');
    }
  });

  test('is of what was sent and not answered, and on the last day not yet', async () => {
    const shop = await openShop(db.pool, 'Late');
    const quotes = [];
    for (const status of ['draft', 'sent', 'accepted', 'rejected'] as const)
      quotes.push(await quoteAt(db, shop, status));
    const setDay = (days: number) =>
      db.query(
        'update public.quotes set valid_until = private.today($1) + $2::integer where organization_id = $1',
        [shop.id, days],
      );
    await setDay(0);
    expect(await valueOf(db.pool, 'select private.expire_quotes()')).toBe('0');
    expect(await tried(shop.seller, 'accept_quote', { id: quotes[1]?.id })).toMatchObject({
      status: 'accepted',
    });
    await setDay(-1);
    expect(await valueOf(db.pool, 'select private.expire_quotes()')).toBe('1');
    const { rows } = await db.query<{ status: string }>(
      'select status from public.quotes where organization_id = $1 order by created_at, id',
      [shop.id],
    );
    expect(rows.map(({ status }) => status)).toEqual(['draft', 'expired', 'accepted', 'rejected']);
  });

  test('passes by what is being answered at this moment', async () => {
    const shop = await openShop(db.pool, 'Busy');
    const { id } = await quoteAt(db, shop, 'sent');
    await db.query('update public.quotes set valid_until = private.today($1) - 1 where id = $2', [
      shop.id,
      id,
    ]);
    await asUser(db, shop.seller, async (session) => {
      await call(session, 'reject_quote', { id });
      const client = await db.pool.connect();
      try {
        await client.query(`begin; set local lock_timeout = '1s'`);
        expect(await valueOf(client, 'select private.expire_quotes()')).toBe('0');
      } finally {
        await client.query('rollback');
        client.release();
      }
    });
    expect(await valueOf(db.pool, 'select private.expire_quotes()')).toBe('1');
  });

  test('is for the operator alone', async () => {
    await expect(
      asUser(db, acme.seller, (session) => session.query('select private.expire_quotes()')),
    ).rejects.toMatchObject({ code: '42501' });
  });
});

describe('who may', () => {
  const everything = async (quote: Quote, caller: Caller, configuration_ids: string[]) => {
    const outcomes: Record<string, string> = {};
    for (const [name, args] of Object.entries({
      create_quote: { configuration_ids },
      update_quote: { id: quote.id, tax_rate: 0 },
      send_quote: { id: quote.id },
      accept_quote: { id: quote.id },
      reject_quote: { id: quote.id },
      create_order: { quote_id: quote.id },
    })) {
      outcomes[name] = await tried(caller, name, args).then(
        () => 'done',
        async (error: unknown) => z.string().parse((await detailOf(Promise.reject(error as Error))).code),
      );
    }
    return outcomes;
  };

  test('staff sell to all customers with sales.write, and to those that are theirs with sales.assigned', async () => {
    const clerk = await addColleague(db.pool, acme, 'data_entry');
    const salesman = await addColleague(db.pool, acme, 'salesman');
    const rival = await addColleague(db.pool, acme, 'salesman');
    const shop = { ...acme, customer: await addCustomer(db.pool, acme, { staff: [salesman.id] }) };
    const quote = await quoteAt(db, shop, 'draft');
    const ids = await addConfigurations(db.pool, shop, [10]);
    const drafts = {
      create_quote: 'done',
      update_quote: 'done',
      send_quote: 'done',
      accept_quote: 'transition_not_allowed',
      reject_quote: 'transition_not_allowed',
      create_order: 'quote_not_accepted',
    };
    expect(await everything(quote, clerk, ids)).toEqual(drafts);
    expect(await everything(quote, salesman, ids)).toEqual(drafts);
    expect(await everything(quote, rival, ids)).toEqual({
      create_quote: 'configuration_not_found',
      update_quote: 'quote_not_found',
      send_quote: 'quote_not_found',
      accept_quote: 'quote_not_found',
      reject_quote: 'quote_not_found',
      create_order: 'quote_not_found',
    });
  });

  test('who sees a quote of a customer that is not theirs is told so', async () => {
    const salesman = await addColleague(db.pool, acme, 'salesman', 'viewer');
    const quote = await quoteAt(db, acme, 'sent');
    const ids = await addConfigurations(db.pool, acme, [10]);
    expect(new Set(Object.values(await everything(quote, salesman, ids)))).toEqual(
      new Set(['customer_authorization']),
    );
  });

  test('who only reads changes nothing', async () => {
    const viewer = await addColleague(db.pool, acme, 'viewer');
    const quote = await quoteAt(db, acme, 'sent');
    const ids = await addConfigurations(db.pool, acme, [10]);
    expect(new Set(Object.values(await everything(quote, viewer, ids)))).toEqual(
      new Set(['permission_required']),
    );
  });

  test('a customer answers its own quotes, for which drafts do not exist', async () => {
    const user = await insertAuthUser(db.pool);
    await addMember(db.pool, acme, { user });
    const shop = { ...acme, customer: await addCustomer(db.pool, acme, { users: [user] }) };
    const ids = await addConfigurations(db.pool, shop, [10]);
    const denied = {
      create_quote: 'permission_required',
      update_quote: 'permission_required',
      send_quote: 'permission_required',
      create_order: 'permission_required',
    };
    const answers = async (quote: Quote) => everything(quote, inside(acme, user), ids);
    expect(await answers(await quoteAt(db, shop, 'sent'))).toEqual({
      ...denied,
      accept_quote: 'done',
      reject_quote: 'done',
    });
    const hidden = { ...denied, accept_quote: 'quote_not_found', reject_quote: 'quote_not_found' };
    expect(await answers(await quoteAt(db, shop, 'draft'))).toEqual(hidden);
    // Another customer of the same organization, and a customer of another organization.
    expect(await answers(await quoteAt(db, acme, 'sent'))).toEqual(hidden);
    expect(await answers(await quoteAt(db, beta, 'sent'))).toEqual(hidden);
  });

  test('reads: staff all of the organization, a customer what was sent to it', async () => {
    const shop = await openShop(db.pool, 'Reads');
    const user = await insertAuthUser(db.pool);
    const salesman = await addColleague(db.pool, shop, 'salesman');
    await addMember(db.pool, shop, { user });
    const own = {
      ...shop,
      customer: await addCustomer(db.pool, shop, { users: [user], staff: [salesman.id] }),
    };
    await quoteAt(db, shop, 'sent');
    await quoteAt(db, own, 'draft');
    const sent = await quoteAt(db, own, 'sent');
    const seen = (caller: Caller) =>
      asUser(db, caller, async (session) => {
        const quotes = await session.query<{ id: string }>('select id from public.quotes');
        const items = await session.query<{ quote_id: string }>(
          'select distinct quote_id from public.quote_items',
        );
        expect(items.rows.map((row) => row.quote_id).sort()).toEqual(quotes.rows.map((row) => row.id).sort());
        return quotes.rows.map((row) => row.id);
      });
    expect(await seen(shop.seller)).toHaveLength(3);
    expect(await seen(salesman)).toHaveLength(2);
    expect(await seen(inside(shop, user))).toEqual([sent.id]);
    expect(await seen(acme.seller)).not.toContain(sent.id);
  });

  test('nobody writes the tables', async () => {
    const quote = await quoteAt(db, acme, 'draft');
    for (const statement of [
      `update public.quotes set status = 'accepted' where id = '${quote.id}'`,
      `update public.quotes set discount_amount = 1 where id = '${quote.id}'`,
      `delete from public.quotes where id = '${quote.id}'`,
      `update public.quote_items set unit_price = 0 where quote_id = '${quote.id}'`,
      `insert into public.quote_items (quote_id) values ('${quote.id}')`,
    ]) {
      await expect(asUser(db, acme.seller, (session) => session.query(statement))).rejects.toMatchObject({
        code: '42501',
      });
    }
  });
});
