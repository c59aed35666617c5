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
  updateEntry,
  windowTree,
  windowValues,
} from './catalogue.ts';
import { addColleague, addCustomer, valueOf } from './documents.ts';

const db = useDatabase();

let here: Organization;
let there: Organization;
let window: Catalogue;
let guest: { id: string; organization_id: string };
let clerk: Caller;
beforeAll(async () => {
  [here, there] = [await found(db.pool, 'Here'), await found(db.pool, 'There')];
  window = await addType(db.pool, here, { name: 'Window', nodes: windowTree });
  const user = await verifiedUser(db.pool, 'guest@example.com');
  guest = { id: await addMember(db.pool, here, { user }), organization_id: here.id };
  clerk = await addColleague(db.pool, here, 'data_entry');
});

type Task = 'save_configuration' | 'reopen_configuration' | 'delete_configuration';

/** Calls a function that takes a configuration. */
const perform = (client: pg.ClientBase, task: Task, { id }: Configuration) =>
  call(client, task, { id }) as Promise<Configuration>;

/** A saved configuration of the guest, in a transaction that is undone; the work is done as the guest. */
function withSaved<T>(work: (client: pg.ClientBase, saved: Configuration) => Promise<T>): Promise<T> {
  return asUser(db, guest, async (client) =>
    work(client, await saveEntry(client, window.type, windowValues)),
  );
}

/** The same, reopened. */
function withDraft<T>(work: (client: pg.ClientBase, draft: Configuration) => Promise<T>): Promise<T> {
  return withSaved(async (client, saved) =>
    work(client, await perform(client, 'reopen_configuration', saved)),
  );
}

/** Continues as the operator who owns the database. */
const asOperator = (client: pg.ClientBase) => client.query('set local role none');

const valuesOf = (client: pg.ClientBase, { id }: Configuration) =>
  valueOf<unknown>(client, 'private.configuration_values($1, $2)', [here.id, id]);

describe('a draft', () => {
  test('takes other values, priced once and by all of them together', async () => {
    await withDraft(async (client, draft) => {
      expect(draft).toMatchObject({ status: 'draft', total_price: 365 });
      const changed = await updateEntry(
        client,
        draft.id,
        { width: 1000, height: 1000, material: 'oak' },
        'Bathroom',
      );
      expect(changed).toMatchObject({
        name: 'Bathroom',
        status: 'draft',
        total_price: 350,
        total_weight: 37.5,
      });
      expect(changed.technical_data).toEqual({ u_value: 1.3 });
      await asOperator(client);
      expect(await valuesOf(client, draft)).toEqual({ width: 1000, height: 1000, material: 'oak' });
      const { rows } = await client.query(
        'select old_price::float, new_price::float from public.price_history where configuration_id = $1 order by id',
        [draft.id],
      );
      expect(rows).toEqual([
        { old_price: null, new_price: 365 },
        { old_price: 365, new_price: 350 },
      ]);
    });
  });

  test('may be incomplete, not wrong, and is saved when it is neither', async () => {
    await withDraft(async (client, draft) => {
      const changed = await updateEntry(client, draft.id, { width: 1000 });
      expect(changed).toMatchObject({ name: draft.name, total_price: 200 });
      await client.query('savepoint incomplete');
      await expectRefusal(perform(client, 'save_configuration', draft), 400, 'values_invalid');
      await client.query('rollback to savepoint incomplete');
      await expectRefusal(updateEntry(client, draft.id, { width: 100 }), 400, 'values_invalid');
      await client.query('rollback to savepoint incomplete');
      await expectRefusal(updateEntry(client, draft.id, {}, '\n'), 400, 'name_invalid');
      await client.query('rollback to savepoint incomplete');
      await updateEntry(client, draft.id, windowValues);
      expect(await perform(client, 'save_configuration', draft)).toMatchObject({
        status: 'saved',
        total_price: 365,
      });
    });
  });

  test('without any value costs what its type costs', async () => {
    await withDraft(async (client, draft) => {
      expect(await updateEntry(client, draft.id, {})).toMatchObject({
        total_price: 200,
        total_weight: 20,
        technical_data: {},
      });
    });
  });

  test('is saved at the prices of the moment, without what is no longer shown', async () => {
    await withDraft(async (client, draft) => {
      await asOperator(client);
      await client.query('update public.manufacturing_types set base_price = 300 where id = $1', [
        window.type,
      ]);
      await client.query(
        `update public.attribute_nodes set display_condition = '{"field": "material", "operator": "equals", "value": "oak"}' where id = $1`,
        [window.ids.shutter],
      );
      await client.query('set local role authenticated');
      // 300 + 150 - 2.5 % of 300
      const saved = await perform(client, 'save_configuration', draft);
      expect(saved).toMatchObject({
        status: 'saved',
        base_price: 300,
        total_price: 442.5,
        saved_at: draft.saved_at,
      });
      await asOperator(client);
      expect(await valuesOf(client, draft)).toEqual({
        width: 1500,
        height: 1000,
        material: 'pvc',
        colour: 'white',
      });
    });
  });

  test('is deleted with its values and prices, unless it was saved once', async () => {
    await withDraft((client, draft) =>
      expectRefusal(perform(client, 'delete_configuration', draft), 409, 'configuration_snapshotted'),
    );
    const customer = await addCustomer(db.pool, here, { users: [guest.id] });
    const id = await valueOf<string>(db.pool, `private.insert_configuration($1, $2, $3, 'Never saved')`, [
      here.id,
      window.type,
      customer,
    ]);
    await asUser(db, guest, async (client) => {
      const draft = await updateEntry(client, id, { width: 800 });
      expect(await perform(client, 'delete_configuration', draft)).toMatchObject({ id, name: 'Never saved' });
      await asOperator(client);
      const { rows } = await client.query('select from public.price_history where configuration_id = $1', [
        id,
      ]);
      expect(rows).toEqual([]);
    });
  });
});

describe('what is saved', () => {
  test('is reopened before it changes; a draft stays one', async () => {
    await withSaved(async (client, saved) => {
      await client.query('savepoint saved');
      for (const attempt of [
        () => updateEntry(client, saved.id, windowValues),
        () => perform(client, 'save_configuration', saved),
        () => perform(client, 'delete_configuration', saved),
      ]) {
        await expectRefusal(attempt(), 409, 'configuration_not_draft');
        await client.query('rollback to savepoint saved');
      }
      expect(await perform(client, 'reopen_configuration', saved)).toMatchObject({ status: 'draft' });
      expect(await perform(client, 'reopen_configuration', saved)).toMatchObject({ status: 'draft' });
    });
  });

  test.each(['saved', 'quoted', 'ordered'])('and is %s keeps its values, whoever writes', async (status) => {
    await withSaved(async (client, { id }) => {
      await asOperator(client);
      if (status !== 'saved')
        await client.query(`update public.configurations set status = 'quoted' where id = $1`, [id]);
      if (status === 'ordered')
        await client.query(`update public.configurations set status = $2 where id = $1`, [id, status]);
      await client.query('savepoint before');
      for (const text of [
        `update public.configuration_selections set numeric_value = 800
         where configuration_id = $1 and attribute_node_id = '${window.ids.width}'`,
        'delete from public.configuration_selections where configuration_id = $1',
        `insert into public.configuration_selections
           (organization_id, configuration_id, manufacturing_type_id, attribute_node_id, boolean_value)
         select organization_id, id, manufacturing_type_id, '${window.ids.motor}', true
         from public.configurations where id = $1`,
      ]) {
        await expectRefusal(client.query(text, [id]), 409, 'configuration_not_draft');
        await client.query('rollback to savepoint before');
      }
    });
  });

  test('and ordered keeps its price; and quoted is priced again for another quote', async () => {
    await withSaved(async (client, { id }) => {
      await asOperator(client);
      await client.query(`update public.configurations set status = 'quoted' where id = $1`, [id]);
      await client.query('update public.manufacturing_types set base_price = 300 where id = $1', [
        window.type,
      ]);
      const price = async () => {
        await client.query('select private.price_configurations($1, array[$2::uuid])', [here.id, id]);
        return valueOf<string>(client, '(select total_price from public.configurations where id = $1)', [id]);
      };
      expect(await price()).toBe('472.50');
      await client.query(`update public.configurations set status = 'ordered' where id = $1`, [id]);
      await client.query('update public.manufacturing_types set base_price = 400 where id = $1', [
        window.type,
      ]);
      expect(await price()).toBe('472.50');
      const attempt = client.query('update public.configurations set total_price = 1 where id = $1', [id]);
      await expectRefusal(attempt, 409, 'configuration_not_draft');
    });
  });
});

test('a price is computed once for each statement on values, for all configurations that it touches', async () => {
  await withDraft(async (client, draft) => {
    const second = await perform(
      client,
      'reopen_configuration',
      await saveEntry(client, window.type, windowValues),
    );
    await asOperator(client);
    await client.query('create table public.calls (ids uuid[])');
    await client.query(`
      create function pg_temp.count_calls() returns trigger language plpgsql as $$
      begin
        insert into public.calls select array_agg(id order by id) from new_rows;
        return null;
      end $$`);
    await client.query(`
      create trigger counting after update on public.configurations
      referencing new table as new_rows for each statement execute function pg_temp.count_calls()`);
    await client.query(
      `update public.configuration_selections set numeric_value = 2 * numeric_value where attribute_node_id = $1`,
      [window.ids.height],
    );
    const { rows } = await client.query<{ ids: string[] }>('select ids from public.calls');
    expect(rows).toEqual([{ ids: [draft.id, second.id].sort() }]);
    const prices = await client.query(
      'select total_price::float from public.configurations where id = any ($1)',
      [[draft.id, second.id]],
    );
    expect(prices.rows).toEqual([{ total_price: 515 }, { total_price: 515 }]);
  });
});

describe('a configuration is changed', () => {
  const tasks: [string, (client: pg.ClientBase, saved: Configuration) => Promise<unknown>][] = [
    ['update_entry', (client, { id }) => updateEntry(client, id, windowValues)],
    ['save_configuration', (client, saved) => perform(client, 'save_configuration', saved)],
    ['reopen_configuration', (client, saved) => perform(client, 'reopen_configuration', saved)],
    ['delete_configuration', (client, saved) => perform(client, 'delete_configuration', saved)],
  ];
  let seller: Caller & { id: string };
  let viewer: Caller;
  let idle: Caller;
  let saved: Configuration;
  beforeAll(async () => {
    seller = await addColleague(db.pool, here, 'salesman');
    viewer = await addColleague(db.pool, here, 'viewer');
    idle = await addColleague(db.pool, here, 'salesman');
    const customer = await addCustomer(db.pool, here, { users: [guest.id], staff: [seller.id] });
    saved = await asUser(db, clerk, (client) => saveEntry(client, window.type, windowValues, { customer }), {
      commit: true,
    });
  });

  test.each(tasks)(
    'by %s, by whom it belongs to, whom it is assigned to, and staff with sales.write',
    async (name, task) => {
      for (const caller of [guest, seller, clerk]) {
        await asUser(db, caller, async (client) => {
          if (name !== 'reopen_configuration') await perform(client, 'reopen_configuration', saved);
          // What was saved once is not deleted by anybody.
          if (name === 'delete_configuration')
            await expectRefusal(task(client, saved), 409, 'configuration_snapshotted');
          else expect(await task(client, saved)).toMatchObject({ id: saved.id });
        });
      }
    },
  );

  test.each(tasks)('by %s, and by nobody else', async (_, task) => {
    const attempt = (caller: Caller) => asUser(db, caller, (client) => task(client, saved));
    await expectRefusal(attempt(viewer), 403, 'permission_required');
    await expectRefusal(attempt(idle), 404, 'configuration_not_found');
    await expectRefusal(attempt(inside(there, there.owner)), 404, 'configuration_not_found');
    const member = inside(here, await addMember(db.pool, here));
    await expectRefusal(attempt(member), 404, 'configuration_not_found');
  });

  test('by nobody past the functions: only name and description, of a draft', async () => {
    await withDraft(async (client, draft) => {
      await client.query('savepoint draft');
      for (const column of [
        'status',
        'total_price',
        'base_price',
        'customer_id',
        'reference_code',
        'technical_data',
      ]) {
        const attempt = client.query(`update public.configurations set ${column} = ${column} where id = $1`, [
          draft.id,
        ]);
        await expect(attempt, column).rejects.toMatchObject({ code: '42501' });
        await client.query('rollback to savepoint draft');
      }
      const write = client.query('update public.configuration_selections set numeric_value = 1');
      await expect(write).rejects.toMatchObject({ code: '42501' });
      await client.query('rollback to savepoint draft');
      const renamed = await client.query(`update public.configurations set name = 'Mine' where id = $1`, [
        draft.id,
      ]);
      expect(renamed.rowCount).toBe(1);
      await perform(client, 'save_configuration', draft);
      const late = client.query(`update public.configurations set name = 'Late' where id = $1`, [draft.id]);
      expect((await late).rowCount).toBe(0);
    });
  });
});

test('members read the configurations and values of their own customers, staff by permission', async () => {
  await withSaved(async (client, saved) => {
    const count = async (caller: Caller) => {
      await asOperator(client);
      return asUser(client, caller, async (session) => {
        const { rows } = await session.query(
          'select configuration_id from public.configuration_selections where configuration_id = $1',
          [saved.id],
        );
        return rows.length;
      });
    };
    expect(await count(guest)).toBe(5);
    expect(await count(clerk)).toBe(5);
    expect(await count(inside(here, await addMember(client, here)))).toBe(0);
    expect(await count(inside(there, there.owner))).toBe(0);
  });
});
