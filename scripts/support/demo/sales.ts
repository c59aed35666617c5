import { readFile } from 'node:fs/promises';
import pc from 'picocolors';
import { print, printTable } from '../../../src/cli/output.ts';
import { type FunctionOutput, InvalidInputError } from '../../../src/client/index.ts';
import { Failure } from '../../../src/failure.ts';
import { withConnection } from '../../../src/postgres/connect.ts';
import type { Stack } from '../../../src/stack/start.ts';
import { type Houses, joins } from './organizations.ts';
import { dataOf, expect, expectRefusal, heading, type Person, signUp } from './telling.ts';

type Row<Name extends 'save_entry' | 'create_quote' | 'create_order'> = FunctionOutput<Name>;
type Values = Record<string, string | number | boolean>;

/** Who sells and who buys. */
interface Market extends Houses {
  eva: Person;
  karl: Person;
  /** Karl's customer: the company that he acts for. */
  aigner: string;
  /** A customer in Vienna, where Eva does not sell. */
  viennese: string;
}

/** What Karl wants made: a window and a door. */
interface Wishes {
  window: Row<'save_entry'>;
  door: Row<'save_entry'>;
}

const products = new URL('../../../supabase/seeds/window-maker.sql', import.meta.url);

const euros = (amount: number): string =>
  amount.toLocaleString('en', { style: 'currency', currency: 'EUR', currencyDisplay: 'code' });

/** An amount in the last column, so that amounts stand under each other. */
const sum = (label: string, price: number, weight?: number): string =>
  `    ${label.padEnd(52)}${euros(price).padStart(14)}${weight === undefined ? '' : `${weight.toFixed(2)} kg`.padStart(13)}`;

const cents = (amounts: number[]): number =>
  amounts.reduce((all, amount) => all + Math.round(amount * 100), 0);

/** The only row of an answer; a demo whose data are not there cannot go on. */
function one<T>(rows: T[], what: string): T {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Failure(`There are ${rows.length} of ${what}.`);
  return row;
}

/** Puts products and customers into Moser, and lets a salesman and a customer in. */
async function openShop(stack: Stack, houses: Houses, url: string): Promise<Market> {
  const { anna, bernd } = houses;
  heading('16. Moser Fensterbau moves in with its products and its customers');
  const eva = await signUp(stack, 'eva@moser.example', 'Eva Novak');
  await joins(eva, 'moser', anna, 'salesman');
  const sql = await readFile(products, 'utf8');
  await withConnection(url, (client) => client.query(sql));

  const types = await dataOf(
    bernd.client.from('manufacturing_types').select('id, name, base_price').order('base_price'),
  );
  const nodes = await dataOf(
    bernd.client
      .from('attribute_nodes')
      .select('manufacturing_type_id, node_type, display_condition, price_impact_type'),
  );
  for (const { id, name, base_price } of types) {
    const own = nodes.filter((node) => node.manufacturing_type_id === id);
    const conditional = own.filter(({ display_condition }) => display_condition !== null);
    print(sum(name, base_price));
    print(pc.dim(`      ${own.length} nodes, ${conditional.length} of them shown on a condition`));
  }
  const priced = (type: string) => nodes.filter(({ price_impact_type }) => price_impact_type === type).length;
  printTable([
    ['prices by formula', priced('formula')],
    ['of the base price', priced('percentage')],
    ['fixed', priced('fixed')],
  ]);

  const all = await bernd.client.call('search_customers');
  const hers = await eva.client.call('search_customers', { per_page: 100 });
  expect(`${bernd.name}, a manager, sees all ${all.total} customers`, all.total === 200);
  expect(
    `${eva.name}, who sells in Linz, sees the ${hers.total} that are assigned to her`,
    hers.total > 0 && hers.total < all.total,
  );
  const viennese = one(
    await dataOf(
      bernd.client.from('customers').select('id').eq('address->>city', 'Wien').order('email').limit(1),
    ),
    'a customer in Vienna',
  );

  heading('17. Karl, a builder, signs up');
  const karl = await signUp(stack, 'karl@aigner.example', 'Karl Aigner');
  await joins(karl, 'moser', anna);
  const customer = await karl.client.call('get_or_create_customer');
  const again = await karl.client.call('get_or_create_customer');
  printTable([
    ['user', `${karl.email}, address verified`],
    ['customer', `${String(customer.company_name)}, since ${customer.customer_since}`],
  ]);
  expect(
    'he is the customer that Moser had in its books, asked once or twice',
    customer.email === karl.email && again.id === customer.id,
  );

  // Signing up here verifies an address at once; with another auth provider it need not be.
  const mallory = await signUp(stack, 'florian@berger.example', 'Florian Berger');
  await withConnection(stack.dbUrl, (client) =>
    client.query('update auth.users set email_confirmed_at = null where id = $1', [mallory.id]),
  );
  await joins(mallory, 'moser', anna);
  await expectRefusal(
    'somebody signs up with the address of another customer, and does not verify it',
    'email_not_verified',
    mallory.client.call('get_or_create_customer'),
  );
  expect(
    'and reads no customer at all',
    (await dataOf(mallory.client.from('customers').select('id'))).length === 0,
  );
  expect('there still are 200', (await bernd.client.call('search_customers')).total === 200);
  return { ...houses, eva, karl, aigner: customer.id, viennese: viennese.id };
}

/** The values of a configuration by code, as a front end fills its form with them. */
async function valuesOf({ client }: Person, configuration: Row<'save_entry'>): Promise<Values> {
  const form = await client.call('entry_schema', {
    manufacturing_type_id: configuration.manufacturing_type_id,
  });
  const codes = new Map(form.map(({ id, code }) => [id, code]));
  const chosen = await dataOf(
    client
      .from('configuration_selections')
      .select('attribute_node_id, string_value, numeric_value, boolean_value')
      .eq('configuration_id', configuration.id),
  );
  return Object.fromEntries(
    chosen.map((row) => [
      codes.get(row.attribute_node_id) ?? '',
      row.string_value ?? row.numeric_value ?? row.boolean_value ?? '',
    ]),
  );
}

/** Begins with a template that the customer may see. */
async function begin({ client }: Person, template: string, name: string): Promise<Row<'save_entry'>> {
  const { id } = one(
    await dataOf(client.from('configuration_templates').select('id').eq('name', template)),
    `template ${template}`,
  );
  return client.call('apply_template', { template_id: id, name });
}

async function configure({ karl, viennese }: Market): Promise<Wishes> {
  heading('18. He puts a window together');
  const shop = karl.client;
  const draft = await begin(karl, 'Living room', 'Office, first floor');
  const { manufacturing_type_id } = draft;
  const form = await shop.call('entry_schema', { manufacturing_type_id });
  for (const { code, name } of form.filter(({ depth }) => depth === 1)) {
    const questions = form.filter(
      ({ path, node_type, data_type }) =>
        path.startsWith(`${code}.`) &&
        node_type !== 'option' &&
        data_type !== null &&
        data_type !== 'formula',
    );
    const shown = questions.filter(({ is_visible }) => is_visible).length;
    if (questions.length === 0) continue;
    print(`    ${name.padEnd(28)}${pc.dim(`${questions.length} questions, ${shown} to begin with`)}`);
  }
  print(sum(`${draft.reference_code}, from template Living room`, draft.total_price, draft.total_weight));
  const wanted: Values = {
    ...(await valuesOf(karl, draft)),
    width: 1800,
    height: 1500,
    opening_type: 'double_sash',
    colour_outside: 'outside_anthracite',
    glazing: 'sound',
    safety_glass: true,
    security_class: 'rc2',
    shutter: true,
    shutter_drive: 'radio_motor',
  };
  delete wanted.hinge_side;

  print(
    '  What would it cost larger, in anthracite, sound-proof, burglar-proof, and with a shutter that has a motor?',
  );
  const preview = await shop.call('entry_preview', { manufacturing_type_id, selections: wanted });
  print(pc.dim(sum('base price', preview.base_price, preview.base_weight)));
  const byId = new Map(form.map((field) => [field.id, field]));
  /** An option says little without its question. */
  const asked = (code: string, name: string) => {
    const { node_type, parent_id } = form.find((field) => field.code === code) ?? {};
    const question = node_type === 'option' ? byId.get(parent_id ?? '')?.name : undefined;
    return question ? `${question}: ${name}` : name;
  };
  for (const { code, name, price, weight } of preview.lines) {
    print(pc.dim(sum(asked(code, name), price, weight)));
  }
  print(sum('in all', preview.total_price, preview.total_weight));
  expect(
    'the price is the base price and its lines, to the cent',
    preview.is_valid &&
      cents([preview.base_price, ...preview.lines.map(({ price }) => price)]) ===
        cents([preview.total_price]),
  );
  const withoutShutter = await shop.call('entry_preview', {
    manufacturing_type_id,
    selections: { ...wanted, shutter: false },
  });
  expect(
    'without the shutter nobody is asked for its motor, and nobody pays for it',
    withoutShutter.fields.some(({ code, is_visible }) => code === 'shutter_drive' && !is_visible) &&
      !withoutShutter.lines.some(({ code }) => code === 'radio_motor'),
  );
  const kept = one(
    await dataOf(shop.from('configurations').select('total_price').eq('id', draft.id)),
    'the draft',
  );
  expect(
    `none of it was written: the draft is at ${euros(kept.total_price)}`,
    kept.total_price === draft.total_price,
  );

  const tooMuch = {
    ...wanted,
    width: 9000,
    shape: 'arch',
    colour_outside: 'outside_special',
    ral_code: 'pink',
  };
  await expectRefusal(
    'he saves it 9 m wide, with an arch, in pink',
    'values_invalid',
    shop.call('update_entry', { configuration_id: draft.id, selections: tooMuch }).catch((error: unknown) => {
      if (error instanceof InvalidInputError) {
        for (const [field, message] of Object.entries(error.fields))
          print(pc.dim(`    ${field}: ${message}`));
      }
      throw error;
    }),
  );
  await expectRefusal(
    'he writes the price himself',
    '42501',
    shop.from('configurations').update({ total_price: 1 }).eq('id', draft.id),
  );
  await expectRefusal(
    'he has one made for a customer who is not his',
    'customer_authorization',
    shop.call('save_entry', {
      manufacturing_type_id,
      name: 'Mine',
      selections: wanted,
      customer_id: viennese,
    }),
  );
  await shop.call('update_entry', { configuration_id: draft.id, selections: wanted });
  const window = await shop.call('save_configuration', { id: draft.id });
  expect(
    `${window.reference_code} is saved at ${euros(window.total_price)}, as the preview said`,
    window.status === 'saved' && window.total_price === preview.total_price,
  );

  const door = await shop.call('save_configuration', {
    id: (await begin(karl, 'Villa', 'Front door')).id,
  });
  expect(
    `so is ${door.reference_code}, a door from template Villa: ${euros(door.total_price)}`,
    door.status === 'saved',
  );
  return { window, door };
}

async function quote(
  { eva, bernd, karl, viennese }: Market,
  { window, door }: Wishes,
): Promise<Row<'create_quote'>> {
  heading('19. Eva quotes it');
  const { manufacturing_type_id } = window;
  await expectRefusal(
    'for a customer in Vienna, whom she does not look after, she makes nothing',
    'customer_authorization',
    eva.client.call('save_entry', {
      manufacturing_type_id,
      name: 'Not mine',
      selections: await valuesOf(eva, window),
      customer_id: viennese,
    }),
  );
  const order = { configuration_ids: [window.id, door.id], quantities: [6, 1] };
  await expectRefusal(
    'she takes off more than it costs',
    'discount_invalid',
    eva.client.call('create_quote', { ...order, discount: 100_000 }),
  );
  const draft = await eva.client.call('create_quote', { ...order, discount: 800 });
  const items = await dataOf(
    eva.client
      .from('quote_items')
      .select('description, quantity, unit_price, line_total')
      .eq('quote_id', draft.id)
      .order('position'),
  );
  for (const { description, quantity, unit_price, line_total } of items) {
    print(sum(`${quantity} × ${description}`, line_total));
    if (quantity > 1) print(pc.dim(`      ${euros(unit_price)} each`));
  }
  print(pc.dim(sum('subtotal', draft.subtotal)));
  print(pc.dim(sum('discount', -draft.discount_amount)));
  print(pc.dim(sum(`${draft.tax_rate} % tax`, draft.tax_amount)));
  print(sum(draft.number, draft.total));
  expect(
    'six windows and a door, less the discount, with the tax that Moser has settled on',
    draft.subtotal === Math.round((6 * window.total_price + door.total_price) * 100) / 100 &&
      draft.total === Math.round((draft.subtotal - 800) * 120) / 100,
  );
  await expectRefusal(
    'Karl accepts it while it is a draft, which he does not see',
    'quote_not_found',
    karl.client.call('accept_quote', { id: draft.id }),
  );
  await expectRefusal(
    'Eva orders from it',
    'quote_not_accepted',
    eva.client.call('create_order', { quote_id: draft.id }),
  );

  await eva.client.call('send_quote', { id: draft.id });
  await expectRefusal(
    'sent, it is frozen: she changes the discount',
    'quote_frozen',
    eva.client.call('update_quote', { id: draft.id, discount: 0 }),
  );
  const type = one(
    await dataOf(
      bernd.client
        .from('manufacturing_types')
        .update({ base_price: 260 })
        .eq('id', manufacturing_type_id)
        .select('base_price'),
    ),
    'the product',
  );
  const dearer = await karl.client.call('entry_preview', {
    manufacturing_type_id,
    selections: await valuesOf(karl, window),
  });
  const sent = one(await dataOf(karl.client.from('quotes').select('total').eq('id', draft.id)), 'the quote');
  expect(
    `Bernd raises the base price to ${euros(type.base_price)}: the window is at ${euros(dearer.total_price)}, the quote where it was`,
    dearer.total_price > window.total_price && sent.total === draft.total,
  );
  return draft;
}

async function make(
  { anna, bernd, eva, karl, aigner }: Market,
  { id: quote_id }: Row<'create_quote'>,
): Promise<void> {
  heading('20. Karl accepts, Moser makes it');
  const accepted = await karl.client.call('accept_quote', { id: quote_id });
  const order = await eva.client.call('create_order', { quote_id });
  expect(
    `${accepted.number} is accepted, ${order.number} is ${order.status}: ${euros(order.total)}`,
    accepted.status === 'accepted' && order.status === 'confirmed' && order.total === accepted.total,
  );
  await expectRefusal(
    'Eva orders it twice',
    'quote_already_ordered',
    eva.client.call('create_order', { quote_id }),
  );
  const { id } = order;
  const turn = (status: 'production' | 'shipped' | 'installed' | 'cancelled') =>
    bernd.client.call('change_order_status', { id, status });
  await expectRefusal('Bernd says that it is installed', 'transition_not_allowed', turn('installed'));
  await turn('production');
  await expectRefusal('that it is on its way, half made', 'order_items_open', turn('shipped'));
  const items = await dataOf(bernd.client.from('order_items').select('id').eq('order_id', id));
  for (const item of items) {
    await bernd.client.call('change_order_item_status', { id: item.id, status: 'in_production' });
    await bernd.client.call('change_order_item_status', { id: item.id, status: 'completed' });
  }
  await turn('shipped');
  await expectRefusal('he cancels what is on its way', 'transition_not_allowed', turn('cancelled'));
  await turn('installed');

  const seen = one(
    await dataOf(
      karl.client
        .from('orders')
        .select('status, confirmed_at, production_at, shipped_at, installed_at')
        .eq('id', id),
    ),
    'the order',
  );
  const moments = [seen.confirmed_at, seen.production_at, seen.shipped_at, seen.installed_at];
  printTable(
    ['confirmed', 'in production', 'shipped', 'installed'].map((label, place): [string, string] => [
      label,
      (moments[place] ?? '–').slice(11, 23),
    ]),
  );
  expect(
    `Karl sees it, ${seen.status}, each step with its time`,
    seen.status === 'installed' &&
      moments.every((moment, place) => moment !== null && moment >= (moments[place - 1] ?? '')),
  );
  await expectRefusal(
    'Anna deletes the customer',
    'customer_in_use',
    anna.client.call('delete_customer', { id: aigner }),
  );
  const statistics = await dataOf(
    anna.client.from('template_statistics').select('name, uses, orders').gt('uses', 0).order('name'),
  );
  expect(
    `of the templates, ${statistics.map(({ name, orders }) => `${name} led to ${orders} order`).join(', ')}`,
    statistics.length === 2 && statistics.every(({ uses, orders }) => uses === 1 && orders === 1),
  );
}

/**
 * The demo's part about sales: a window maker's products and customers, a builder who signs up, puts a window together
 * and has it quoted, made and installed; and what is refused on the way.
 *
 * @param stack the running stack
 * @param houses the organizations and their people
 * @param url connection string of role `postgres`
 */
export async function sales(stack: Stack, houses: Houses, url: string): Promise<void> {
  const market = await openShop(stack, houses, url);
  const wishes = await configure(market);
  await make(market, await quote(market, wishes));
}
