import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser, type Caller } from '../support/roles.ts';
import {
  addMember,
  callAll,
  found,
  inside,
  type Organization,
  verifiedUser,
} from '../tenancy/organizations.ts';
import {
  addType,
  type Catalogue,
  type Configuration,
  preview,
  saveEntry,
  windowTree,
  windowValues,
} from './catalogue.ts';
import { addColleague, addCustomer, valueOf } from './documents.ts';

const db = useDatabase();

let here: Organization;
let there: Organization;
let window: Catalogue;
let draftWindow: Catalogue;
let owner: Caller;
/** A member without a role, whose address is verified. */
let guest: { id: string; organization_id: string };
beforeAll(async () => {
  [here, there] = [await found(db.pool, 'Here'), await found(db.pool, 'There')];
  window = await addType(db.pool, here, { name: 'Window', nodes: windowTree });
  draftWindow = await addType(db.pool, here, { name: 'Next window', is_active: false, nodes: windowTree });
  owner = inside(here, here.owner);
  const user = await verifiedUser(db.pool, 'guest@example.com');
  guest = { id: await addMember(db.pool, here, { user }), organization_id: here.id };
});

/** What a member without a role sees for these values. */
const seen = (values: unknown, type = window.type) =>
  asUser(db, guest, (client) => preview(client, type, values));

/** What is wrong, by code. */
const wrong = async (values: unknown) => (await seen(values)).messages;

/** What a refusal says of the fields. */
async function fieldsOf(attempt: Promise<unknown>): Promise<unknown> {
  const known = attempt.catch((error: unknown) => error);
  await expectRefusal(attempt, 400, 'values_invalid');
  return (JSON.parse(((await known) as { detail: string }).detail) as { fields: unknown }).fields;
}

describe('entry_schema', () => {
  test('lists the form in the order of the tree, with what an empty one shows', async () => {
    const fields = await asUser(db, guest, (client) =>
      callAll(client, 'entry_schema', { manufacturing_type_id: window.type }),
    );
    expect(fields).toHaveLength(12);
    expect(fields[1]).toEqual({
      id: window.ids.width,
      parent_id: window.ids.size,
      code: 'width',
      path: 'size.width',
      depth: 2,
      name: 'width',
      description: null,
      help_text: null,
      node_type: 'attribute',
      data_type: 'dimension',
      unit: 'mm',
      ui_component: null,
      is_required: true,
      is_visible: true,
      default_value: null,
      validation_rules: { min: 300, max: 3000 },
      display_condition: null,
      price_impact_type: 'none',
      sort_order: 0,
    });
    const list = fields as { code: string; is_visible: boolean }[];
    expect(list.filter(({ is_visible }) => !is_visible).map(({ code }) => code)).toEqual([
      'pvc',
      'colour',
      'motor',
    ]);
  });
});

describe('entry_preview', () => {
  test('computes price, weight, lines, and what is shown', async () => {
    const { fields, ...totals } = await seen(windowValues);
    expect(totals).toEqual({
      is_valid: true,
      currency: 'EUR',
      base_price: 200,
      total_price: 365,
      base_weight: 20,
      total_weight: 38.75,
      lines: [
        { code: 'frame', name: 'frame', price: 150, weight: 18.75 },
        { code: 'pvc', name: 'pvc', price: -5, weight: 0 },
        { code: 'shutter', name: 'shutter', price: 20, weight: 0 },
      ],
      messages: {},
    });
    expect(fields.map(({ code, is_visible, value }) => [code, is_visible, value])).toEqual([
      ['size', true, null],
      ['width', true, 1500],
      ['height', true, 1000],
      ['area', true, 1.5],
      ['frame', true, null],
      ['material', true, 'pvc'],
      ['oak', true, null],
      ['pvc', true, null],
      ['colour', true, 'white'],
      ['shutter', true, true],
      ['motor', true, null],
      ['u_value', true, 0.87],
    ]);
  });

  test('writes nothing, and is what the API may call with GET', async () => {
    const volatility = await valueOf<string>(
      db.pool,
      `(select provolatile from pg_proc where oid = 'public.entry_preview(uuid, jsonb)'::regprocedure)`,
    );
    expect(volatility).toBe('s');
  });

  test('does not count what is hidden, whatever is sent for it', async () => {
    const with_motor = await seen({ ...windowValues, motor: true });
    expect(with_motor.total_price).toBe(464.99);
    const without_shutter = await seen({ ...windowValues, shutter: false, motor: true });
    expect(without_shutter).toMatchObject({ is_valid: true, total_price: 345 });
    const oak = await seen({ ...windowValues, material: 'oak', colour: 'far too long for a colour' });
    expect(oak).toMatchObject({ is_valid: true, total_price: 420, total_weight: 43.75 });
    expect(oak.fields.find(({ code }) => code === 'colour')).toEqual({
      code: 'colour',
      is_visible: false,
      value: null,
      messages: [],
    });
  });

  test('says what is wrong with each value, and computes from the others', async () => {
    expect(await wrong({})).toEqual({
      width: ['Is required.'],
      height: ['Is required.'],
      material: ['Is required.'],
    });
    expect(await wrong({ width: '', height: null, material: '' })).toEqual(await wrong({}));
    expect(
      await wrong({
        width: '1500',
        height: true,
        material: ['oak'],
        shutter: 'yes',
        area: 3,
        depth: 1,
        size: 'x',
      }),
    ).toEqual({
      width: ['Must be a number.'],
      height: ['Must be a number.'],
      material: ['Must be a text.'],
      shutter: ['Must be true or false.'],
      area: ['Is computed, and takes no value.'],
      selections: ['There is no attribute with a value of this code: depth, size.'],
    });
    expect(await wrong({ ...windowValues, width: 299 })).toEqual({ width: ['Must be at least 300.'] });
    expect(await wrong({ ...windowValues, height: 1e11 })).toMatchObject({
      height: ['Must be between -10,000,000,000 and 10,000,000,000.'],
    });
    expect(await wrong({ ...windowValues, height: 1e-11 })).toMatchObject({
      height: ['Must have at most 10 decimals.'],
    });
    expect(await wrong({ ...windowValues, colour: 'far too long for a colour' })).toEqual({
      colour: ['Must have at most 10 characters.'],
    });
    const lines = (await seen({ ...windowValues, material: 'none of them' })).lines.map(({ code }) => code);
    expect(lines).toEqual(['frame', 'shutter']);
  });

  test('offers the options whose conditions hold, and takes no other', async () => {
    const wide = { ...windowValues, width: 2000 };
    expect((await seen(wide)).fields.find(({ code }) => code === 'pvc')?.is_visible).toBe(false);
    expect(await wrong(wide)).toEqual({ material: ['This option cannot be chosen with the other values.'] });
    expect(await wrong({ ...wide, material: 'beech' })).toEqual({
      material: ['Must be one of the options.'],
    });
    // The code of an attribute is no option.
    expect(await wrong({ ...wide, material: 'width' })).toEqual({
      material: ['Must be one of the options.'],
    });
  });

  test('makes a message of a formula that fails, at the attribute that has it', async () => {
    const { messages, is_valid, lines } = await seen({ ...windowValues, height: 0 });
    expect(messages).toEqual({ u_value: ['A formula divides by zero.'] });
    expect(is_valid).toBe(false);
    expect(lines.map(({ code }) => code)).toEqual(['pvc', 'shutter']);
    const { ids } = await addType(db.pool, here, {
      name: 'Ratio',
      nodes: [
        {
          code: 'width',
          data_type: 'number',
          price_impact_type: 'formula',
          price_formula: '100 / (width - 1)',
          weight_impact_type: 'formula',
          weight_formula: '(0 - width) ^ 0.5',
        },
      ],
    });
    const type = await valueOf<string>(
      db.pool,
      '(select manufacturing_type_id from public.attribute_nodes where id = $1)',
      [ids.width],
    );
    expect((await seen({ width: 1 }, type)).messages).toEqual({
      width: [
        'The price cannot be computed: A formula divides by zero.',
        'The weight cannot be computed: A formula raises a negative number to a fractional power.',
      ],
    });
  });

  test('says so when all together come to less than nothing', async () => {
    const { type } = await addType(db.pool, here, {
      name: 'Gift',
      base_price: 5,
      nodes: [{ code: 'gift', data_type: 'boolean', price_impact_type: 'fixed', price_impact: -10 }],
    });
    expect(await seen({ gift: true }, type)).toMatchObject({ is_valid: false, total_price: -5 });
    await expectRefusal(
      asUser(db, guest, (client) => saveEntry(client, type, { gift: true })),
      400,
      'price_out_of_range',
    );
  });

  test('refuses what is no object, and what is too large, and answers to anything else', async () => {
    for (const values of [null, [], 'x', 7]) {
      expect(await fieldsOf(seen(values))).toEqual({
        selections: ['Values are an object: the value of each attribute under its code.'],
      });
    }
    expect(await fieldsOf(seen({ colour: 'x'.repeat(100_001) }))).toEqual({
      selections: ['Values have at most 100,000 bytes together.'],
    });
    const hostile = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`n${index}`, { a: [index] }]),
    );
    expect(Object.keys((await seen(hostile)).messages).sort()).toEqual([
      'height',
      'material',
      'selections',
      'width',
    ]);
    expect(await seen({ width: { a: 1 }, base_price: 1, "'; drop table": 1 })).toMatchObject({
      is_valid: false,
      base_price: 200,
    });
  });

  test('is for members of the organization: of what is sold, and for staff of what is prepared', async () => {
    const staff = await addColleague(db.pool, here, 'viewer');
    const stranger = inside(there, there.owner);
    const of = (caller: Caller, type: string) =>
      asUser(db, caller, (client) => preview(client, type, windowValues));
    expect(await of(staff, draftWindow.type)).toMatchObject({ total_price: 365 });
    await expectRefusal(of(guest, draftWindow.type), 404, 'manufacturing_type_not_found');
    await expectRefusal(of(stranger, window.type), 404, 'manufacturing_type_not_found');
    await expectRefusal(
      of({ ...guest, organization_id: there.id }, window.type),
      403,
      'organization_required',
    );
    const schema = asUser(db, stranger, (client) =>
      callAll(client, 'entry_schema', { manufacturing_type_id: window.type }),
    );
    await expectRefusal(schema, 404, 'manufacturing_type_not_found');
  });
});

describe('save_entry', () => {
  /** The values that are stored, by code. */
  const stored = (client: pg.ClientBase, { id }: Configuration) =>
    valueOf<unknown>(client, 'private.configuration_values($1, $2)', [here.id, id]);

  test('saves for the customer of the caller, who need not be there before: price, values and all', async () => {
    await asUser(db, guest, async (client) => {
      const saved = await saveEntry(
        client,
        window.type,
        { ...windowValues, motor: false, colour: '' },
        { name: ' Kitchen\n' },
      );
      expect(saved).toMatchObject({
        organization_id: here.id,
        manufacturing_type_id: window.type,
        name: 'Kitchen',
        status: 'saved',
        base_price: 200,
        total_price: 365,
        total_weight: 38.75,
        technical_data: { u_value: 0.87 },
        created_by: guest.id,
      });
      expect(saved.reference_code).toMatch(/^C-\d{8}-\d{3}$/);
      expect(saved.saved_at).not.toBeNull();
      const again = await saveEntry(client, window.type, windowValues);
      expect(again.customer_id).toBe(saved.customer_id);
      await client.query('set local role none');
      expect(await stored(client, saved)).toEqual({
        width: 1500,
        height: 1000,
        material: 'pvc',
        shutter: true,
        motor: false,
      });
      expect(await stored(client, again)).toEqual(windowValues);
    });
  });

  test('refuses with what is wrong by attribute, and leaves nothing', async () => {
    const attempt = asUser(db, guest, (client) =>
      saveEntry(client, window.type, { width: 100, height: 900, depth: 3 }),
    );
    expect(await fieldsOf(attempt)).toEqual({
      width: ['Must be at least 300.'],
      material: ['Is required.'],
      selections: ['There is no attribute with a value of this code: depth.'],
    });
    const nameless = asUser(db, guest, (client) =>
      saveEntry(client, window.type, windowValues, { name: ' \n' }),
    );
    await expectRefusal(nameless, 400, 'name_invalid');
    const inactive = asUser(db, owner, (client) => saveEntry(client, draftWindow.type, windowValues));
    await expectRefusal(inactive, 409, 'manufacturing_type_inactive');
    const { rows } = await db.query('select from public.configurations where organization_id = $1', [
      here.id,
    ]);
    expect(rows).toEqual([]);
  });

  test('saves what has no values at all, at its base price', async () => {
    const { type } = await addType(db.pool, here, { name: 'Sill', base_price: 12.5, nodes: [] });
    expect(await asUser(db, guest, (client) => saveEntry(client, type, {}))).toMatchObject({
      status: 'saved',
      total_price: 12.5,
      total_weight: 20,
    });
  });

  test('saves for another customer only for who may act for it', async () => {
    const seller = await addColleague(db.pool, here, 'salesman');
    const clerk = await addColleague(db.pool, here, 'data_entry');
    const viewer = await addColleague(db.pool, here, 'viewer');
    const assigned = await addCustomer(db.pool, here, { staff: [seller.id, viewer.id] });
    const shared = await addCustomer(db.pool, here, { users: [guest.id] });
    const other = await addCustomer(db.pool, here);
    const abroad = await addCustomer(db.pool, there);
    const save = (caller: Caller, customer: string) =>
      asUser(db, caller, (client) => saveEntry(client, window.type, windowValues, { customer }));

    expect(await save(seller, assigned)).toMatchObject({ customer_id: assigned });
    expect(await save(clerk, other)).toMatchObject({ customer_id: other, created_by: clerk.id });
    expect(await save(guest, shared)).toMatchObject({ customer_id: shared });
    await expectRefusal(save(guest, other), 403, 'customer_authorization');
    await expectRefusal(save(guest, abroad), 403, 'customer_authorization');
    await expectRefusal(save(seller, other), 403, 'customer_authorization');
    // Assigned, but without sales.assigned.
    await expectRefusal(save(viewer, assigned), 403, 'customer_authorization');
    await expectRefusal(save(clerk, abroad), 404, 'customer_not_found');
    await expectRefusal(save(inside(there, there.owner), other), 404, 'manufacturing_type_not_found');
  });

  test('does not open an existing customer to an address that is not verified', async () => {
    await db.query(
      `insert into public.customers (organization_id, contact_person, email) values ($1, 'Eve', 'eve@example.com')`,
      [here.id],
    );
    const attacker = await addMember(db.pool, here, { account: { email: 'eve@example.com' } });
    const attempt = asUser(db, inside(here, attacker), (client) =>
      saveEntry(client, window.type, windowValues),
    );
    await expectRefusal(attempt, 403, 'email_not_verified');
  });
});
