import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser, type Caller } from '../support/roles.ts';
import { addMember, call, found, inside, type Organization, verifiedUser } from '../tenancy/organizations.ts';
import {
  addType,
  type Catalogue,
  type Configuration,
  saveEntry,
  windowTree,
  windowValues,
} from './catalogue.ts';
import { addColleague, addCustomer, valueOf } from './documents.ts';

const db = useDatabase();

let here: Organization;
let there: Organization;
let window: Catalogue;
let guest: { id: string; organization_id: string };
let manager: Caller;
let seller: Caller & { id: string };
let templates: Record<'open' | 'internal' | 'retired', string>;
beforeAll(async () => {
  [here, there] = [await found(db.pool, 'Here'), await found(db.pool, 'There')];
  window = await addType(db.pool, here, { name: 'Window', nodes: windowTree });
  const user = await verifiedUser(db.pool, 'guest@example.com');
  guest = { id: await addMember(db.pool, here, { user }), organization_id: here.id };
  manager = await addColleague(db.pool, here, 'manager');
  seller = await addColleague(db.pool, here, 'salesman');
  const add = async (name: string, is_public: boolean, is_active: boolean) => {
    const id = await valueOf<string>(db.pool, 'private.uuid_v7()');
    await db.query(
      `insert into public.configuration_templates (organization_id, id, manufacturing_type_id, name, is_public, is_active)
       values ($1, $2, $3, $4, $5, $6)`,
      [here.id, id, window.type, name, is_public, is_active],
    );
    await db.query(
      `insert into public.template_selections
         (organization_id, template_id, manufacturing_type_id, attribute_node_id, string_value, numeric_value, boolean_value)
       values
         ($1, $2, $3, $4, null, 1500, null), ($1, $2, $3, $5, null, 1000, null),
         ($1, $2, $3, $6, 'pvc', null, null), ($1, $2, $3, $7, null, null, true)`,
      [
        here.id,
        id,
        window.type,
        window.ids.width,
        window.ids.height,
        window.ids.material,
        window.ids.shutter,
      ],
    );
    return id;
  };
  templates = {
    open: await add('Open', true, true),
    internal: await add('Internal', false, true),
    retired: await add('Retired', true, false),
  };
});

const apply = (client: pg.ClientBase, template_id: string, customer?: string) =>
  call(client, 'apply_template', {
    template_id,
    name: 'From a template',
    ...(customer === undefined ? {} : { customer_id: customer }),
  }) as Promise<Configuration>;

const usage = async (client: pg.ClientBase) => {
  await client.query('set local role none');
  const { rows } = await client.query<Record<string, unknown>>(
    `select template_id, usage_type, used_by, quoted_at is not null as is_quoted, ordered_at is not null as is_ordered
     from public.template_usage order by id`,
  );
  return rows;
};

describe('apply_template', () => {
  test('begins a draft of the customer of the caller, with its values, priced, and records the use', async () => {
    await asUser(db, guest, async (client) => {
      const draft = await apply(client, templates.open);
      expect(draft).toMatchObject({
        name: 'From a template',
        status: 'draft',
        template_id: templates.open,
        total_price: 365,
        total_weight: 38.75,
      });
      const own = (await call(client, 'get_or_create_customer')) as { id: string };
      expect(draft.customer_id).toBe(own.id);
      expect(await call(client, 'save_configuration', { id: draft.id })).toMatchObject({ status: 'saved' });
      expect(await usage(client)).toEqual([
        {
          template_id: templates.open,
          usage_type: 'customer_start',
          used_by: guest.id,
          is_quoted: false,
          is_ordered: false,
        },
      ]);
      const values = await valueOf(client, 'private.configuration_values($1, $2)', [here.id, draft.id]);
      expect(values).toEqual({ width: 1500, height: 1000, material: 'pvc', shutter: true });
    });
  });

  test('is help by staff for a customer that is assigned to them, also with a template that customers do not see', async () => {
    const customer = await addCustomer(db.pool, here, { staff: [seller.id] });
    const other = await addCustomer(db.pool, here);
    await asUser(db, seller, async (client) => {
      expect(await apply(client, templates.internal, customer)).toMatchObject({ customer_id: customer });
      expect(await usage(client)).toMatchObject([{ usage_type: 'sales_assist', used_by: seller.id }]);
    });
    const attempt = asUser(db, seller, (client) => apply(client, templates.internal, other));
    await expectRefusal(attempt, 403, 'customer_authorization');
    const for_other = asUser(db, guest, (client) => apply(client, templates.open, other));
    await expectRefusal(for_other, 403, 'customer_authorization');
  });

  test('prices by the tree of the moment, not of the template', async () => {
    await asUser(db, guest, async (client) => {
      await client.query('set local role none');
      await client.query('update public.manufacturing_types set base_price = 300 where id = $1', [
        window.type,
      ]);
      await client.query('set local role authenticated');
      expect(await apply(client, templates.open)).toMatchObject({ total_price: 472.5 });
    });
  });

  test('knows no template that is retired, hidden from the caller, or of another organization', async () => {
    const attempts: [Caller, string][] = [
      [guest, templates.retired],
      [manager, templates.retired],
      [guest, templates.internal],
      [inside(there, there.owner), templates.open],
    ];
    for (const [caller, template] of attempts) {
      await expectRefusal(
        asUser(db, caller, (client) => apply(client, template)),
        404,
        'template_not_found',
      );
    }
    const inactive = asUser(db, guest, async (client) => {
      await client.query('set local role none');
      await client.query('update public.manufacturing_types set is_active = false where id = $1', [
        window.type,
      ]);
      await client.query('set local role authenticated');
      return apply(client, templates.open);
    });
    await expectRefusal(inactive, 404, 'manufacturing_type_not_found');
  });
});

test('a template succeeds when what began with it is quoted and ordered', async () => {
  await asUser(db, guest, async (client) => {
    const drafts = [
      await apply(client, templates.open),
      await apply(client, templates.open),
      await apply(client, templates.open),
    ];
    for (const { id } of drafts) await call(client, 'save_configuration', { id });
    await client.query('set local role none');
    const move = (status: string, list: Configuration[]) =>
      client.query('update public.configurations set status = $2 where id = any ($1)', [
        list.map(({ id }) => id),
        status,
      ]);
    await move('quoted', drafts.slice(0, 2));
    await move('ordered', drafts.slice(0, 1));
    expect((await usage(client)) as unknown[]).toMatchObject([
      { is_quoted: true, is_ordered: true },
      { is_quoted: true, is_ordered: false },
      { is_quoted: false, is_ordered: false },
    ]);
    const { rows } = await asUser(client, manager, (session) =>
      session.query(
        `select uses::integer, quotes::integer, orders::integer, success_rate::float
         from public.template_statistics where template_id = any ($1) order by uses desc`,
        [[templates.open, templates.retired]],
      ),
    );
    expect(rows).toEqual([
      { uses: 3, quotes: 2, orders: 1, success_rate: 33.33 },
      { uses: 0, quotes: 0, orders: 0, success_rate: null },
    ]);
  });
});

describe('create_template', () => {
  test('makes one of the values of a configuration, for who has sales.catalog', async () => {
    const customer = await addCustomer(db.pool, here);
    await asUser(db, manager, async (client) => {
      const model = await saveEntry(client, window.type, windowValues, { customer });
      const args = {
        configuration_id: model.id,
        name: 'Like this',
        template_type: 'premium',
        is_public: true,
      };
      const made = (await call(client, 'create_template', args)) as { id: string };
      expect(made).toMatchObject({
        name: 'Like this',
        template_type: 'premium',
        is_public: true,
        is_active: true,
      });
      expect(await apply(client, made.id, customer)).toMatchObject({ total_price: 365 });
      await client.query('savepoint made');
      await expectRefusal(call(client, 'create_template', args), 409, 'template_exists');
      await client.query('rollback to savepoint made');
      await expectRefusal(call(client, 'create_template', { ...args, name: ' ' }), 400, 'name_invalid');
      await client.query('rollback to savepoint made');
      const cheap = call(client, 'create_template', { ...args, name: 'Cheap', template_type: 'cheap' });
      await expectRefusal(cheap, 400, 'template_type_invalid');
    });
  });

  test('is for nobody else, and of nothing that the caller does not see', async () => {
    const saved = await asUser(db, guest, (client) => saveEntry(client, window.type, windowValues), {
      commit: true,
    });
    const make = (caller: Caller) =>
      asUser(db, caller, (client) =>
        call(client, 'create_template', { configuration_id: saved.id, name: 'Theirs' }),
      );
    await expectRefusal(make(guest), 403, 'permission_required');
    await expectRefusal(make(await addColleague(db.pool, here, 'data_entry')), 403, 'permission_required');
    await expectRefusal(make(inside(there, there.owner)), 404, 'configuration_not_found');
    expect(await make(manager)).toMatchObject({ name: 'Theirs', is_public: false });
  });
});

describe('values of a template', () => {
  const write = (client: pg.ClientBase, code: string, column: string, value: unknown) =>
    client.query(
      `insert into public.template_selections (template_id, manufacturing_type_id, attribute_node_id, ${column})
       values ($1, $2, $3, $4)
       on conflict (organization_id, template_id, attribute_node_id) do update set ${column} = excluded.${column}`,
      [templates.internal, window.type, window.ids[code], value],
    );

  test.each<[string, string, unknown]>([
    ['colour', 'string_value', 'red'],
    ['motor', 'boolean_value', true],
    ['width', 'numeric_value', 900],
    ['material', 'string_value', 'oak'],
  ])('%s takes a %s', async (code, column, value) => {
    const { rowCount } = await asUser(db, manager, (client) => write(client, code, column, value));
    expect(rowCount).toBe(1);
  });

  test.each<[string, string, unknown]>([
    ['colour', 'numeric_value', 3],
    ['motor', 'string_value', 'yes'],
    ['material', 'string_value', 'beech'],
    ['area', 'numeric_value', 2],
    ['size', 'string_value', 'large'],
    ['oak', 'boolean_value', true],
  ])('%s takes no %s %s', async (code, column, value) => {
    const attempt = asUser(db, manager, (client) => write(client, code, column, value));
    await expectRefusal(attempt, 400, 'attribute_invalid');
  });

  test('are written by nobody without sales.catalog', async () => {
    for (const caller of [guest, seller]) {
      const attempt = asUser(db, caller, (client) => write(client, 'colour', 'string_value', 'red'));
      await expect(attempt).rejects.toMatchObject({ code: '42501' });
    }
  });
});
