import { beforeAll, describe, expect, test } from 'vitest';
import { seed } from '../../src/migrations/seed.ts';
import { withConnection } from '../../src/postgres/connect.ts';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import { call } from '../tenancy/organizations.ts';

const db = useDatabase();
const organization_id = 'DEMO0001';
const window = 'uPVC window Donau 82';
const door = 'Aluminium entrance door Freinberg';

type Values = Record<string, string | number | boolean>;

interface Preview {
  is_valid: boolean;
  total_price: number;
  total_weight: number;
  fields: { code: string; is_visible: boolean; value: unknown; messages: string[] }[];
  lines: { code: string; price: number; weight: number }[];
  messages: Record<string, string[]>;
}

let karl: string;
const types: Record<string, string> = {};
const templates: Record<string, Values> = {};

beforeAll(async () => {
  await withConnection(db.url, seed);
  const { rows: people } = await db.query<{ id: string }>(
    `select id from auth.users where email = 'karl@aigner.example'`,
  );
  karl = people[0]?.id ?? '';
  const { rows: products } = await db.query<{ id: string; name: string }>(
    'select id, name from public.manufacturing_types where organization_id = $1',
    [organization_id],
  );
  for (const { id, name } of products) types[name] = id;
  const { rows } = await db.query<{ name: string; values: Values }>(
    `select template.name, jsonb_object_agg(
       node.code, coalesce(to_jsonb(chosen.string_value), to_jsonb(chosen.numeric_value), to_jsonb(chosen.boolean_value))
     ) as values
     from public.configuration_templates as template
       join public.template_selections as chosen
         on chosen.organization_id = template.organization_id and chosen.template_id = template.id
       join public.attribute_nodes as node
         on node.organization_id = chosen.organization_id and node.id = chosen.attribute_node_id
     where template.organization_id = $1
     group by template.name`,
    [organization_id],
  );
  for (const { name, values } of rows) templates[name] = values;
});

/** What a customer sees for some values. */
const preview = (product: string, values: Values): Promise<Preview> =>
  asUser(
    db,
    { id: karl, organization_id },
    (client) =>
      call(client, 'entry_preview', {
        manufacturing_type_id: types[product],
        selections: JSON.stringify(values),
      }) as Promise<Preview>,
  );

/** The lines of a preview by the code of what they are for. */
const prices = ({ lines }: Preview) => Object.fromEntries(lines.map(({ code, price }) => [code, price]));

const visible = ({ fields }: Preview, code: string) =>
  fields.find((field) => field.code === code)?.is_visible;

describe('the catalogue', () => {
  test('has two products of at least 40 attributes between them, beside headings and options', async () => {
    const { rows } = await db.query<{ attributes: number; conditional: number }>(
      `select count(*) filter (where node_type not in ('category', 'option'))::integer as attributes,
         count(*) filter (where display_condition is not null)::integer as conditional
       from public.attribute_nodes where organization_id = $1 group by manufacturing_type_id order by 1`,
      [organization_id],
    );
    expect(Object.keys(types).sort()).toEqual([door, window]);
    expect(rows).toEqual([
      { attributes: 30, conditional: 14 },
      { attributes: 43, conditional: 21 },
    ]);
  });

  test('uses every kind of node, of value and of impact', async () => {
    const kinds = async (column: string) => {
      const { rows } = await db.query<{ kind: string }>(
        `select distinct ${column} as kind from public.attribute_nodes
         where organization_id = $1 and ${column} is not null order by 1`,
        [organization_id],
      );
      return rows.map(({ kind }) => kind);
    };
    expect(await kinds('node_type')).toEqual([
      'attribute',
      'category',
      'component',
      'option',
      'technical_spec',
    ]);
    expect(await kinds('data_type')).toEqual([
      'boolean',
      'dimension',
      'formula',
      'number',
      'selection',
      'string',
    ]);
    expect(await kinds('price_impact_type')).toEqual(['fixed', 'formula', 'none', 'percentage']);
    expect(await kinds('weight_impact_type')).toEqual(['fixed', 'formula', 'none']);
  });

  test('begins with defaults that are complete and valid', async () => {
    for (const [product, id] of Object.entries(types)) {
      const { rows } = await db.query<{ values: Values }>(
        `select jsonb_object_agg(code, default_value) as values from public.attribute_nodes
         where organization_id = $1 and manufacturing_type_id = $2 and default_value is not null`,
        [organization_id, id],
      );
      expect(await preview(product, rows[0]?.values ?? {})).toMatchObject({ is_valid: true, messages: {} });
    }
  });
});

describe('the templates', () => {
  test('are three, one of each kind, for everybody', async () => {
    const { rows } = await db.query(
      `select template.template_type, template.name, product.name as product
       from public.configuration_templates as template
         join public.manufacturing_types as product
           on product.organization_id = template.organization_id and product.id = template.manufacturing_type_id
       where template.organization_id = $1 and template.is_public and template.is_active
       order by 1`,
      [organization_id],
    );
    expect(rows).toEqual([
      { template_type: 'economy', name: 'Cellar and garage', product: window },
      { template_type: 'premium', name: 'Villa', product: door },
      { template_type: 'standard', name: 'Living room', product: window },
    ]);
  });

  // Worked out by hand from the price list. Lines are rounded to cents, halves away from zero.
  test('Cellar and garage: 0.48 m², 2.8 m around, 0.205296 m² of glass', async () => {
    const found = await preview(window, templates['Cellar and garage'] ?? {});
    expect(found).toMatchObject({ is_valid: true, messages: {} });
    expect(prices(found)).toEqual({
      frame_profile: 39.76, // 2.8 × 14.20
      two_seals: 3.22, // 2.8 × 1.15
      double: 9.44, // 0.205296 × 46 = 9.443616
    });
    expect(found.total_price).toBe(262.42); // 210 + 39.76 + 3.22 + 9.44
    expect(found.total_weight).toBe(18.786); // 6 + 2.8 × 3.1 + 4.106
  });

  test('Living room: 1.8204 m², 5.42 m around, 1.236536 m² of glass', async () => {
    const found = await preview(window, templates['Living room'] ?? {});
    expect(found).toMatchObject({ is_valid: true, messages: {} });
    expect(prices(found)).toEqual({
      frame_profile: 76.96, // 5.42 × 14.20 = 76.964
      three_seals: 14.36, // 5.42 × 2.65 = 14.363
      triple: 97.69, // 1.236536 × 79 = 97.686344
      spacer_warm_edge: 8.5, // 4.476 × 1.90 = 8.5044
      sill_aluminium: 31.98, // 1.23 × 26
      sill_depth: 4.43, // 30 × 1230 / 1,000,000 × 120 = 4.428
      installation: 161.43, // 72 + 5.42 × 16.50
      removal: 67.77, // 35 + 1.8204 × 18 = 67.7672
    });
    expect(found.total_price).toBe(673.12);
    expect(found.total_weight).toBe(61.62); // 6 + 16.802 + 37.096 + 1.722
  });

  test('Villa: 2.7 m², 6.9 m around, percentages of 1,990', async () => {
    const found = await preview(door, templates.Villa ?? {});
    expect(found).toMatchObject({ is_valid: true, messages: {} });
    expect(prices(found)).toEqual({
      side_panel_width: 508.13, // 120 + 0.5 × 2.25 × 345 = 508.125
      leaf_body: 499.5, // 2.7 × 185
      mm_93: 179.1, // 9 %
      glass_strip: 390,
      door_glass_satinato: 85,
      outside_special: 238.8, // 12 %
      two_colours: 99.5, // 5 %
      bar_1600: 240,
      lock_motor: 560,
      access_fingerprint: 490,
      rc3: 278.6, // 14 %
      hinges_hidden: 149.25, // 7.5 %
      threshold_flat: 72,
      installation: 485.6, // 320 + 6.9 × 24
      removal: 95,
    });
    expect(found.total_price).toBe(6360.48);
    expect(found.total_weight).toBe(177.55); // 52 + 38.25 + 64.8 + 8.1 + 4 + 2.6 + 1.8 + 6
  });
});

describe('what is chosen', () => {
  /** A window with all there is: 2.7 m², 6.6 m around, 1.976896 m² of glass. */
  const large: Values = {
    width: 1800,
    height: 1500,
    shape: 'rectangular',
    core_insulation: true,
    gasket: 'three_seals',
    colour_outside: 'outside_anthracite',
    colour_inside: 'inside_as_outside',
    glazing: 'sound',
    spacer: 'spacer_aluminium',
    safety_glass: true,
    opening_type: 'double_sash',
    handle: 'handle_lockable',
    security_class: 'rc2',
    shutter: true,
    shutter_drive: 'radio_motor',
    shutter_colour: 'slats_anthracite',
    installation: true,
    storey: 5,
  };

  test('a large window is reinforced, and carried up', async () => {
    const found = await preview(window, large);
    expect(found).toMatchObject({ is_valid: true, messages: {} });
    expect(prices(found)).toEqual({
      frame_profile: 93.72, // 6.6 × 14.20
      reinforcement: 30.36, // 6.6 × 4.60
      core_insulation: 38.94, // 6.6 × 5.90
      three_seals: 17.49, // 6.6 × 2.65
      outside_anthracite: 25.2, // 12 % of 210
      inside_as_outside: 12.6, // 6 %
      sound: 253.04, // 1.976896 × 128 = 253.042688
      safety_glass: 84.02, // 1.976896 × 42.50 = 84.01808
      double_sash: 79.8, // 38 %
      handle_lockable: 32,
      rc2: 128.5, // 79 + 6.6 × 7.50
      shutter: 262.7, // 98 + 2.7 × 61
      radio_motor: 268,
      slats_anthracite: 8.4, // 4 %
      installation: 180.9, // 72 + 6.6 × 16.50
      carrying: 25,
    });
    expect(found.total_price).toBe(1750.67);
  });

  test('a motor is for who takes a shutter', async () => {
    const found = await preview(window, { ...large, shutter: false });
    expect(visible(found, 'shutter_drive')).toBe(false);
    expect(Object.keys(prices(found))).not.toContain('radio_motor');
    expect(found.total_price).toBe(1211.57); // 1,750.67 - 262.70 - 268 - 8.40
  });

  test.each([
    ['narrower than 600 mm', 599, false],
    ['of 600 mm', 600, true],
    ['of 1600 mm', 1600, true],
    ['wider than 1600 mm', 1601, false],
  ])('an arch %s', async (_, width, isValid) => {
    const found = await preview(window, {
      ...large,
      width,
      shape: 'arch',
      arch_rise: 300,
      opening_type: 'fixed',
    });
    expect(found.is_valid).toBe(isValid);
    expect(found.messages.shape !== undefined).toBe(!isValid);
    expect(prices(found).arch).toBe(isValid ? 180 + width * 0.12 : undefined);
  });

  test('a fixed window has neither hinges nor handle, and costs less', async () => {
    const found = await preview(window, { ...large, opening_type: 'fixed' });
    expect([visible(found, 'hinge_side'), visible(found, 'handle')]).toEqual([false, false]);
    expect(found.total_price).toBe(1600.87); // 1,750.67 - 79.80 - 32 - 38
  });

  test('each window has the U-value of its glass', async () => {
    const uValues = async (glazing: string) =>
      (await preview(window, { ...large, glazing })).fields
        .filter(({ code, is_visible }) => code.startsWith('u_value') && is_visible)
        .map(({ code, value }) => [code, value]);
    // (1.1 × 2.7 + 0.06 × 5.656) / 2.7 = 1.2257; (0.6 × 1.976896 + 1.1 × 0.723104 + 0.04 × 5.656) / 2.7 = 0.8177
    expect(await uValues('double')).toEqual([['u_value_double', 1.23]]);
    expect(await uValues('triple')).toEqual([['u_value_triple', 0.82]]);
  });

  test.each<[string, string, Values, string[]]>([
    ['a window of 9 m', window, { ...large, width: 9000 }, ['width']],
    ['RC 2 without laminated glass', window, { ...large, safety_glass: false }, ['security_class']],
    [
      'a colour that is no RAL colour',
      window,
      { ...large, colour_outside: 'outside_special', ral_code: 'pink' },
      ['ral_code'],
    ],
    [
      'a special colour without its code',
      window,
      { ...large, colour_outside: 'outside_special' },
      ['ral_code'],
    ],
    ['two sashes in 90 cm', window, { ...large, width: 900 }, ['opening_type']],
    ['an option of another question', window, { ...large, glazing: 'rc2' }, ['glazing']],
  ])('%s is not valid', async (_, product, values, fields) => {
    const found = await preview(product, values);
    expect(found.is_valid).toBe(false);
    expect(Object.keys(found.messages)).toEqual(fields);
  });

  test.each([
    ['three side panels', { side_panels: 3, side_panel_width: 400 }, 'side_panels'],
    ['a handle that 77 mm cannot hold', { thickness: 'mm_77', pull: 'recessed' }, 'pull'],
    ['RC 3 in glass', { design: 'full_glass', security_class: 'rc3' }, 'security_class'],
    ['no e-mail address', { contact_email: 'karl at home' }, 'contact_email'],
  ])('a door with %s is not valid', async (_, values, field) => {
    const found = await preview(door, { ...templates.Villa, ...values });
    expect(Object.keys(found.messages)).toEqual([field]);
  });
});

describe('the customers', () => {
  test('are 200 of all kinds, whom nobody can write to or call', async () => {
    const { rows } = await db.query(
      `select count(*)::integer as customers,
         count(*) filter (where email ~ '^[a-z.]+@[a-z]+\\.example$')::integer as fictional_addresses,
         count(*) filter (where phone ~ '^\\+43 [1-9][0-9]{0,3} 0000 [0-9]{3}$' or phone ~ '^\\+49 89 99998 [0-9]{3}$')::integer
           as fictional_numbers,
         count(distinct phone)::integer as numbers,
         count(distinct coalesce(company_name, contact_person))::integer as names,
         count(*) filter (where address ?& array['street', 'postal_code', 'city', 'country'])::integer as addresses,
         count(*) filter (where customer_type in ('residential', 'individual') and company_name is null
           or customer_type not in ('residential', 'individual') and company_name is not null)::integer as fitting
       from public.customers where organization_id = $1`,
      [organization_id],
    );
    expect(rows).toEqual([
      {
        customers: 200,
        fictional_addresses: 200,
        fictional_numbers: 200,
        numbers: 200,
        names: 200,
        addresses: 200,
        fitting: 200,
      },
    ]);
    const { rows: kinds } = await db.query(
      `select customer_type, count(*)::integer as customers from public.customers
       where organization_id = $1 group by customer_type order by customer_type`,
      [organization_id],
    );
    expect(kinds).toEqual([
      { customer_type: 'commercial', customers: 40 },
      { customer_type: 'contractor', customers: 41 },
      { customer_type: 'corporate', customers: 20 },
      { customer_type: 'individual', customers: 20 },
      { customer_type: 'residential', customers: 79 },
    ]);
  });

  test('Eva sees those in Linz; Karl and Lisa see the one that they share', async () => {
    const seenBy = async (email: string) => {
      const { rows } = await db.query<{ id: string }>('select id from auth.users where email = $1', [email]);
      return asUser(db, { id: rows[0]?.id ?? '', organization_id }, async (client) => {
        const { rows: seen } = await client.query<{ who: string }>(
          `select distinct coalesce(address ->> 'city', '') || case when $1 then '' else company_name end as who
           from public.customers`,
          [email.startsWith('eva')],
        );
        return seen.map(({ who }) => who);
      });
    };
    expect(await seenBy('eva@moser.example')).toEqual(['Linz']);
    expect(await seenBy('karl@aigner.example')).toEqual(['LinzAigner Bau GmbH']);
    expect(await seenBy('lisa@aigner.example')).toEqual(['LinzAigner Bau GmbH']);
  });

  test('are the same on every machine', async () => {
    const { rows } = await db.query(
      `select company_name, contact_person, phone, address, customer_type, tax_id, payment_terms, customer_since::text, tags
       from public.customers where organization_id = $1 and email = 'florian@berger.example'`,
      [organization_id],
    );
    expect(rows).toEqual([
      {
        company_name: 'Baumeister Berger GmbH',
        contact_person: 'Florian Berger',
        phone: '+43 1 0000 052',
        address: { street: 'Hauptstraße 54', postal_code: '1070', city: 'Wien', country: 'AT' },
        customer_type: 'contractor',
        tax_id: 'ATU00000052',
        payment_terms: '14 days 2 %, 30 days net',
        customer_since: '2019-09-20',
        tags: ['renovation', 'trade fair'],
      },
    ]);
  });
});

describe('the quotes and orders', () => {
  test('are in every status that does not take time', async () => {
    const statuses = async (table: string) => {
      const { rows } = await db.query<{ status: string }>(
        `select distinct status from public.${table} where organization_id = $1 order by status`,
        [organization_id],
      );
      return rows.map(({ status }) => status);
    };
    expect(await statuses('configurations')).toEqual(['draft', 'ordered', 'quoted', 'saved']);
    expect(await statuses('quotes')).toEqual(['accepted', 'draft', 'rejected', 'sent']);
    expect(await statuses('orders')).toEqual([
      'cancelled',
      'confirmed',
      'installed',
      'production',
      'shipped',
    ]);
  });

  test('have the prices of their templates, less what was taken off, with 20 % tax', async () => {
    const { rows } = await db.query(
      `select item.description, item.quantity, item.unit_price, quote.subtotal, quote.discount_amount, quote.tax_amount,
         quote.total, quote.currency
       from public.quote_items as item
         join public.quotes as quote on quote.organization_id = item.organization_id and quote.id = item.quote_id
       where item.organization_id = $1 and item.description like '%Ground floor'`,
      [organization_id],
    );
    expect(rows).toEqual([
      {
        description: 'uPVC window Donau 82: Ground floor',
        quantity: '9.000',
        unit_price: '673.12',
        subtotal: '6058.08', // 9 × 673.12
        discount_amount: '250.00',
        tax_amount: '1161.62', // 5,808.08 × 20 % = 1,161.616
        total: '6969.70',
        currency: 'EUR',
      },
    ]);
  });
});
