import { beforeAll, describe, expect, test } from 'vitest';
import {
  ConflictError,
  ForbiddenError,
  type FunctionOutput,
  InvalidInputError,
  NotFoundError,
  RowhouseError,
} from '../../src/client/index.ts';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import {
  addCatalogue,
  addSeller,
  answered,
  type Catalogue,
  type Guest,
  joined,
  type Shop,
  signedUp,
  useShops,
} from './shop.ts';

const db = useDatabase();
const api = useApi(db);
const shops = useShops(db, api);

async function refusalOf(promise: PromiseLike<unknown>): Promise<RowhouseError> {
  const thrown: unknown = await Promise.resolve(promise).then(
    () => new Error('Nothing was refused.'),
    (error: unknown) => error,
  );
  if (!(thrown instanceof RowhouseError)) throw thrown;
  return thrown;
}

/** Expects a refusal of a class, by its code. */
async function refused(
  promise: PromiseLike<unknown>,
  kind: typeof RowhouseError,
  code: string,
): Promise<RowhouseError> {
  const error = await refusalOf(promise);
  expect({ kind: error.name, code: error.code }, error.message).toEqual({
    kind: new kind('', { code, status: 0 }).name,
    code,
  });
  return error;
}

describe('from signing up to the installed window', () => {
  let shop: Shop;
  let catalogue: Catalogue;
  let seller: Guest;
  let carla: Guest;
  let customer: FunctionOutput<'get_or_create_customer'>;
  let configuration: FunctionOutput<'apply_template'>;
  let quote: FunctionOutput<'create_quote'>;
  let order: FunctionOutput<'create_order'>;

  beforeAll(async () => {
    shop = shops.acme;
    catalogue = await addCatalogue(shop.owner);
    seller = await addSeller(api, shop);
    carla = await joined(await signedUp(api, 'Carla Conrad'), shop);
  });

  test('who signs up and joins is nobody’s customer; asking once makes one, asking again gives the same', async () => {
    expect(await answered(carla.client.from('customers').select('id'))).toEqual([]);
    customer = await carla.client.call('get_or_create_customer');
    expect(customer).toMatchObject({
      contact_person: 'Carla Conrad',
      email: carla.email,
      customer_type: 'residential',
      organization_id: shop.id,
    });
    expect(await carla.client.call('get_or_create_customer')).toEqual(customer);
    expect(await answered(carla.client.from('customers').select('id, email'))).toEqual([
      { id: customer.id, email: carla.email },
    ]);
    // What the organization says of itself and of others is not hers to write.
    const attempt = await carla.client
      .from('customers')
      .update({ payment_terms: 'never' })
      .eq('id', customer.id)
      .select();
    expect(attempt.data ?? []).toEqual([]);
  });

  test('the entry page: types, public templates, the form, and what a choice comes to', async () => {
    const types = await answered(
      carla.client.from('manufacturing_types').select('id, name, base_price, image_url').order('name'),
    );
    expect(types).toEqual([{ id: catalogue.window, name: 'Window', base_price: 200, image_url: null }]);
    const templates = await answered(
      carla.client
        .from('configuration_templates')
        .select('id, name, template_type, manufacturing_types (name)')
        .order('name'),
    );
    expect(templates).toEqual([
      {
        id: catalogue.comfort,
        name: 'Comfort',
        template_type: 'premium',
        manufacturing_types: { name: 'Window' },
      },
    ]);

    const form = await carla.client.call('entry_schema', { manufacturing_type_id: catalogue.window });
    expect(form.map(({ code, depth, is_visible }) => [code, depth, is_visible])).toEqual([
      ['size', 1, true],
      ['width', 2, true],
      ['height', 2, true],
      ['area', 2, true],
      ['frame', 1, true],
      ['glazing', 1, true],
      ['double', 2, true],
      ['triple', 2, true],
      ['shutter', 1, true],
      ['motor', 2, false],
    ]);
    expect(form.find(({ code }) => code === 'width')).toMatchObject({
      data_type: 'dimension',
      unit: 'mm',
      is_required: true,
      validation_rules: { min: 400, max: 2400 },
    });

    const preview = await carla.client.call('entry_preview', {
      manufacturing_type_id: catalogue.window,
      selections: { width: 1200, height: 1500, glazing: 'triple', shutter: true, motor: true },
    });
    expect(preview).toMatchObject({
      is_valid: true,
      currency: 'EUR',
      base_price: 200,
      total_price: 795,
      base_weight: 20,
    });
    const lines = new Map(preview.lines.map(({ code, price }) => [code, price]));
    expect(Object.fromEntries(lines)).toMatchObject({ frame: 270, triple: 50, shutter: 180, motor: 95 });
    // The motor is for shutters alone: without one, its value counts for nothing.
    const without = await carla.client.call('entry_preview', {
      manufacturing_type_id: catalogue.window,
      selections: { width: 1200, height: 1500, glazing: 'double', shutter: false, motor: true },
    });
    expect(without).toMatchObject({ is_valid: true, total_price: 470 });
    expect(await answered(carla.client.from('configurations').select('id'))).toEqual([]);
  });

  test('what is wrong is said field by field, and nothing is saved', async () => {
    const input = {
      manufacturing_type_id: catalogue.window,
      selections: { width: 100, glazing: 'quadruple' },
    };
    const preview = await carla.client.call('entry_preview', input);
    expect(preview.is_valid).toBe(false);
    expect(Object.keys(preview.messages ?? {}).sort()).toEqual(['glazing', 'height', 'width']);
    const error = await refused(
      carla.client.call('save_entry', { ...input, name: 'Kitchen' }),
      InvalidInputError,
      'values_invalid',
    );
    expect(error instanceof InvalidInputError && Object.keys(error.fields).sort()).toEqual([
      'glazing',
      'height',
      'width',
    ]);
    expect(await answered(carla.client.from('configurations').select('id'))).toEqual([]);
  });

  test('a template becomes a draft of hers, priced; she changes it and saves it', async () => {
    configuration = await carla.client.call('apply_template', {
      template_id: catalogue.comfort,
      name: 'Kitchen window',
    });
    expect(configuration).toMatchObject({
      customer_id: customer.id,
      template_id: catalogue.comfort,
      status: 'draft',
      total_price: 700,
    });
    const selections = await answered(
      carla.client
        .from('configuration_selections')
        .select('numeric_value, string_value, boolean_value')
        .eq('configuration_id', configuration.id),
    );
    expect(selections).toHaveLength(4);

    configuration = await carla.client.call('update_entry', {
      configuration_id: configuration.id,
      selections: { width: 1200, height: 1500, glazing: 'triple', shutter: true, motor: true },
      name: 'Kitchen window, east',
    });
    expect(configuration).toMatchObject({ name: 'Kitchen window, east', total_price: 795 });
    const quoting = { configuration_ids: [configuration.id] };
    await refused(seller.client.call('create_quote', quoting), ConflictError, 'configuration_not_quotable');
    configuration = await carla.client.call('save_configuration', { id: configuration.id });
    expect(configuration).toMatchObject({ status: 'saved', total_price: 795 });
    expect(configuration.saved_at).not.toBeNull();
    const changing = carla.client.call('update_entry', {
      configuration_id: configuration.id,
      selections: {},
    });
    await refused(changing, ConflictError, 'configuration_not_draft');
    await refused(carla.client.call('create_quote', quoting), ForbiddenError, 'permission_required');
  });

  test('the quote desk: amounts come from the database, and the customer sees the quote once it is sent', async () => {
    quote = await seller.client.call('create_quote', {
      configuration_ids: [configuration.id],
      quantities: [2],
      tax_rate: 20,
      discount: 90,
      notes: 'Installation is included.',
    });
    expect(quote.number).toMatch(/^Q-\d{8}-001$/);
    expect(quote).toMatchObject({
      customer_id: customer.id,
      status: 'draft',
      currency: 'EUR',
      subtotal: 1590,
      discount_amount: 90,
      tax_amount: 300,
      total: 1800,
    });
    expect(await answered(carla.client.from('quotes').select('id'))).toEqual([]);
    await refused(carla.client.call('accept_quote', { id: quote.id }), NotFoundError, 'quote_not_found');

    quote = await seller.client.call('send_quote', { id: quote.id });
    expect(quote.status).toBe('sent');
    const updating = seller.client.call('update_quote', { id: quote.id, discount: 0 });
    await refused(updating, ConflictError, 'quote_frozen');
    await refused(
      seller.client.call('create_order', { quote_id: quote.id }),
      ConflictError,
      'quote_not_accepted',
    );

    const desk = await answered(
      seller.client
        .from('quotes')
        .select(
          'number, status, total, customers (contact_person), quote_items (position, description, quantity, unit_price, line_total)',
        )
        .eq('status', 'sent')
        .order('created_at', { ascending: false }),
    );
    expect(desk).toEqual([
      {
        number: quote.number,
        status: 'sent',
        total: 1800,
        customers: { contact_person: 'Carla Conrad' },
        quote_items: [
          {
            position: 1,
            description: expect.stringContaining('Kitchen window, east') as string,
            quantity: 2,
            unit_price: 795,
            line_total: 1590,
          },
        ],
      },
    ]);
    const hers = await answered(
      carla.client.from('quotes').select('number, total, quote_items (line_total)').eq('id', quote.id),
    );
    expect(hers).toEqual([{ number: quote.number, total: 1800, quote_items: [{ line_total: 1590 }] }]);
  });

  test('she accepts, once; the order is made, once', async () => {
    expect(await carla.client.call('accept_quote', { id: quote.id })).toMatchObject({ status: 'accepted' });
    const error = await refused(
      carla.client.call('reject_quote', { id: quote.id, reason: 'Too late.' }),
      ConflictError,
      'transition_not_allowed',
    );
    expect(error.details).toMatchObject({ from: 'accepted', to: 'rejected' });
    await refused(
      carla.client.call('create_order', { quote_id: quote.id }),
      ForbiddenError,
      'permission_required',
    );

    order = await seller.client.call('create_order', {
      quote_id: quote.id,
      required_date: '2031-05-01',
      delivery_address: { street: 'Am Damm 1', city: 'Linz' },
    });
    expect(order.number).toMatch(/^O-\d{8}-001$/);
    expect(order).toMatchObject({
      customer_id: customer.id,
      status: 'confirmed',
      total: 1800,
      currency: 'EUR',
    });
    await refused(
      seller.client.call('create_order', { quote_id: quote.id }),
      ConflictError,
      'quote_already_ordered',
    );
  });

  test('the order board: items and order go their way, and no other; she watches', async () => {
    const change = (status: 'production' | 'shipped' | 'installed' | 'cancelled') =>
      seller.client.call('change_order_status', { id: order.id, status });
    await refused(change('installed'), ConflictError, 'transition_not_allowed');
    await change('production');
    const [item] = await answered(
      seller.client.from('order_items').select('id, status').eq('order_id', order.id),
    );
    const itemTo = (status: 'in_production' | 'completed') =>
      seller.client.call('change_order_item_status', { id: item?.id ?? '', status });
    await refused(itemTo('completed'), ConflictError, 'transition_not_allowed');
    await itemTo('in_production');
    await itemTo('completed');
    await change('shipped');
    await refused(change('cancelled'), ConflictError, 'transition_not_allowed');
    await change('installed');

    const board = await answered(
      carla.client
        .from('orders')
        .select('number, status, installed_at, quotes (number), order_items (status, line_total)')
        .order('created_at'),
    );
    expect(board).toMatchObject([
      {
        number: order.number,
        status: 'installed',
        quotes: { number: quote.number },
        order_items: [{ status: 'completed', line_total: 1590 }],
      },
    ]);
    expect(board[0]?.installed_at).not.toBeNull();
  });

  test('what is left: history that stays, a template that did well, a customer who is not deleted', async () => {
    const { data: snapshots } = await seller.client
      .from('configuration_snapshots')
      .select('reason, total_price')
      .eq('configuration_id', configuration.id)
      .order('taken_at');
    expect(snapshots?.map(({ reason }) => reason)).toEqual(['saved', 'quoted', 'ordered']);
    const [statistics] = await answered(
      seller.client.from('template_statistics').select().eq('template_id', catalogue.comfort),
    );
    expect(statistics).toMatchObject({ uses: 1, quotes: 1, orders: 1, success_rate: 100 });

    const error = await refused(
      shop.owner.client.call('delete_customer', { id: customer.id }),
      ConflictError,
      'customer_in_use',
    );
    expect(error.details).toMatchObject({ references: { configurations: 1, quotes: 1, orders: 1 } });
    const details = await seller.client.call('customer_details', { id: customer.id });
    expect(details).toMatchObject({
      contact_person: 'Carla Conrad',
      quotes: [{ number: quote.number, status: 'accepted', total: 1800 }],
      orders: [{ number: order.number, status: 'installed', total: 1800 }],
    });
    const found = await seller.client.call('search_customers', { query: 'conr' });
    expect(found).toMatchObject({ total: 1, customers: [{ id: customer.id, email: carla.email }] });
  });
});

describe('two users who share a customer', () => {
  let shop: Shop;
  let catalogue: Catalogue;
  let one: Guest;
  let other: Guest;
  let stranger: Guest;

  beforeAll(async () => {
    shop = shops.shared;
    catalogue = await addCatalogue(shop.owner);
    one = await joined(await signedUp(api, 'Anna Architect'), shop);
    other = await joined(await signedUp(api, 'Boris Builder'), shop);
    stranger = await joined(await signedUp(api, 'Stefan Stranger'), shop);
  });

  test('work on the same configurations, quotes and orders; a third sees none of it', async () => {
    const { id: customer } = await one.client.call('get_or_create_customer');
    const linked = await shop.owner.client
      .from('customer_users')
      .insert({ customer_id: customer, user_id: other.id });
    expect(linked.error).toBeNull();
    expect(await other.client.call('get_or_create_customer')).toMatchObject({ id: customer });
    await stranger.client.call('get_or_create_customer');

    const made = await one.client.call('apply_template', { template_id: catalogue.comfort, name: 'Loft' });
    const changed = await other.client.call('update_entry', {
      configuration_id: made.id,
      selections: { width: 1000, height: 1000, glazing: 'double' },
    });
    expect(changed).toMatchObject({ id: made.id, customer_id: customer, total_price: 350 });
    await other.client.call('save_configuration', { id: made.id });
    for (const action of [
      () => stranger.client.call('save_configuration', { id: made.id }),
      () => stranger.client.call('reopen_configuration', { id: made.id }),
      () => stranger.client.call('delete_configuration', { id: made.id }),
      () => stranger.client.call('update_entry', { configuration_id: made.id, selections: {} }),
    ]) {
      await refused(action(), NotFoundError, 'configuration_not_found');
    }
    await refused(
      stranger.client.call('apply_template', {
        template_id: catalogue.comfort,
        name: 'For somebody else',
        customer_id: customer,
      }),
      ForbiddenError,
      'customer_authorization',
    );
    await refused(
      stranger.client.call('customer_details', { id: customer }),
      ForbiddenError,
      'customer_authorization',
    );

    const offered = await shop.owner.client.call('create_quote', { configuration_ids: [made.id] });
    await shop.owner.client.call('send_quote', { id: offered.id });
    await refused(stranger.client.call('accept_quote', { id: offered.id }), NotFoundError, 'quote_not_found');
    expect(await other.client.call('accept_quote', { id: offered.id })).toMatchObject({ status: 'accepted' });
    const placed = await shop.owner.client.call('create_order', { quote_id: offered.id });

    const seen = async ({ client }: Guest) => ({
      configurations: await answered(client.from('configurations').select('id')),
      quotes: await answered(client.from('quotes').select('id')),
      orders: await answered(client.from('orders').select('id')),
    });
    const theirs = {
      configurations: [{ id: made.id }],
      quotes: [{ id: offered.id }],
      orders: [{ id: placed.id }],
    };
    expect(await seen(one)).toEqual(theirs);
    expect(await seen(other)).toEqual(theirs);
    expect(await seen(stranger)).toEqual({ configurations: [], quotes: [], orders: [] });

    const reasons = await shop.owner.client.call('explain_customer_access', {
      user_id: other.id,
      customer_id: customer,
    });
    expect(reasons.filter(({ is_granted }) => is_granted).map(({ source }) => source)).toContain('mapping');
  });

  test('a quote is of one customer', async () => {
    const save = async ({ client }: Guest) => {
      const input = {
        manufacturing_type_id: catalogue.window,
        name: 'One each',
        selections: { width: 1000, height: 1000, glazing: 'double' },
      };
      return (await client.call('save_entry', input)).id;
    };
    const configuration_ids = [await save(one), await save(stranger)];
    await refused(
      shop.owner.client.call('create_quote', { configuration_ids }),
      ConflictError,
      'several_customers',
    );
  });

  test('who is unlinked sees nothing from then on', async () => {
    const unlinked = await shop.owner.client.from('customer_users').delete().eq('user_id', other.id).select();
    expect(unlinked.data).toHaveLength(1);
    expect(await answered(other.client.from('configurations').select('id'))).toEqual([]);
    expect(await answered(other.client.from('orders').select('id'))).toEqual([]);
    expect((await answered(one.client.from('configurations').select('id'))).length).toBeGreaterThan(0);
  });
});

describe('two organizations that know the same e-mail address', () => {
  const prices = { acme: 350, beta: 1350 };
  let guest: Guest;

  beforeAll(async () => {
    await addCatalogue(shops.here.owner);
    await addCatalogue(shops.there.owner, 1200);
    guest = await signedUp(api, 'Emma Everywhere');
    for (const shop of [shops.here, shops.there]) {
      await shop.owner.client.call('find_or_create_customer', {
        email: ` ${guest.email.toUpperCase()}`.trim(),
        name: `Emma at ${shop.name}`,
        company: 'Everywhere Ltd.',
      });
    }
  });

  test('each has its own customer, documents and numbers; whoever verified the address adopts each in its place', async () => {
    const ids: string[] = [];
    const numbers: string[] = [];
    for (const [shop, price] of [
      [shops.here, prices.acme],
      [shops.there, prices.beta],
    ] as const) {
      await joined(guest, shop);
      const customer = await guest.client.call('get_or_create_customer');
      expect(customer).toMatchObject({
        organization_id: shop.id,
        contact_person: `Emma at ${shop.name}`,
        company_name: 'Everywhere Ltd.',
        customer_type: 'corporate',
        email: guest.email,
      });
      const [type] = await answered(guest.client.from('manufacturing_types').select('id, organization_id'));
      expect(type?.organization_id).toBe(shop.id);
      const made = await guest.client.call('save_entry', {
        manufacturing_type_id: type?.id ?? '',
        name: 'The same window',
        selections: { width: 1000, height: 1000, glazing: 'double' },
      });
      expect(made).toMatchObject({ customer_id: customer.id, total_price: price });
      const offered = await shop.owner.client.call('create_quote', { configuration_ids: [made.id] });
      await shop.owner.client.call('send_quote', { id: offered.id });
      expect(await answered(guest.client.from('quotes').select('id'))).toEqual([{ id: offered.id }]);
      ids.push(customer.id, type?.id ?? '', made.id, offered.id);
      numbers.push(offered.number);
    }
    // Each counts for itself.
    expect(numbers[0]).toBe(numbers[1]);

    // Now there: nothing of here is reached, by its id neither.
    const [customerHere = '', typeHere = '', madeHere = '', quoteHere = ''] = ids;
    await refused(
      guest.client.call('customer_details', { id: customerHere }),
      ForbiddenError,
      'customer_authorization',
    );
    await refused(
      guest.client.call('entry_schema', { manufacturing_type_id: typeHere }),
      NotFoundError,
      'manufacturing_type_not_found',
    );
    await refused(
      guest.client.call('reopen_configuration', { id: madeHere }),
      NotFoundError,
      'configuration_not_found',
    );
    await refused(guest.client.call('accept_quote', { id: quoteHere }), NotFoundError, 'quote_not_found');
    await refused(
      shops.there.owner.client.call('create_quote', { configuration_ids: [madeHere] }),
      NotFoundError,
      'configuration_not_found',
    );
    await guest.client.switchOrganization(shops.here.id);
    expect(await guest.client.call('accept_quote', { id: quoteHere })).toMatchObject({ status: 'accepted' });
  });
});

describe('a superadmin', () => {
  test('works in every organization, one at a time, and is nobody’s customer there', async () => {
    const root = await signedUp(api, 'Root');
    await db.query(`select public.update_user($1, platform_role => 'superadmin')`, [root.id]);
    const met: string[] = [];
    for (const shop of [shops.acme, shops.shared, shops.here, shops.there]) {
      await root.client.switchOrganization(shop.id);
      const customers = await answered(
        root.client.from('customers').select('organization_id, quotes (number), orders (number)'),
      );
      expect(customers.length, shop.name).toBeGreaterThan(0);
      expect(new Set(customers.map(({ organization_id }) => organization_id)), shop.name).toEqual(
        new Set([shop.id]),
      );
      met.push(...customers.flatMap(({ quotes }) => quotes.map(({ number }) => number)));
      const { total } = await root.client.call('search_customers', {});
      expect(total).toBe(customers.length);
      await refused(root.client.call('get_or_create_customer'), ForbiddenError, 'customer_authorization');
    }
    expect(met.length).toBeGreaterThanOrEqual(4);
    // And does what the staff of the organization does.
    const [customer] = await answered(root.client.from('customers').select('id').limit(1));
    const renamed = await root.client
      .from('customers')
      .update({ payment_terms: '30 days net' })
      .eq('id', customer?.id ?? '')
      .select('payment_terms');
    expect(renamed.data).toEqual([{ payment_terms: '30 days net' }]);
  });
});
