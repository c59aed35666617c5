import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asService, asUser, type Caller } from '../support/roles.ts';
import { call, found, inside, type Organization } from '../tenancy/organizations.ts';
import {
  addType,
  type Catalogue,
  type Configuration,
  saveEntry,
  updateEntry,
  windowTree,
  windowValues,
} from './catalogue.ts';
import { addColleague, addCustomer } from './documents.ts';

const db = useDatabase();

let here: Organization;
let there: Organization;
let window: Catalogue;
let clerk: Caller & { id: string };
let customer: string;
beforeAll(async () => {
  [here, there] = [await found(db.pool, 'Here'), await found(db.pool, 'There')];
  window = await addType(db.pool, here, { name: 'Window', nodes: windowTree });
  clerk = await addColleague(db.pool, here, 'data_entry');
  customer = await addCustomer(db.pool, here);
});

/** A saved configuration, in a transaction that is undone; the work is done as a clerk. */
function withSaved<T>(work: (client: pg.ClientBase, saved: Configuration) => Promise<T>): Promise<T> {
  return asUser(db, clerk, async (client) =>
    work(client, await saveEntry(client, window.type, windowValues, { customer })),
  );
}

const asOperator = (client: pg.ClientBase) => client.query('set local role none');

interface Snapshot {
  reason: string;
  revision: string;
  total_price: number;
  taken_by: string | null;
  data: Record<string, unknown>;
}

async function snapshotsOf(client: pg.ClientBase, { id }: Configuration): Promise<Snapshot[]> {
  const { rows } = await client.query<Snapshot>(
    `select reason, revision, total_price::float, taken_by, data
     from public.configuration_snapshots where configuration_id = $1 order by id`,
    [id],
  );
  return rows;
}

describe('a snapshot', () => {
  test('is taken when a configuration is saved, with everything by value', async () => {
    await withSaved(async (client, saved) => {
      expect(await snapshotsOf(client, saved)).toEqual([
        {
          reason: 'saved',
          revision: '2',
          total_price: 365,
          taken_by: clerk.id,
          data: {
            reference_code: saved.reference_code,
            name: 'Kitchen window',
            description: null,
            type: 'Window',
            category: null,
            currency: 'EUR',
            base_weight: 20,
            technical_data: { u_value: 0.87 },
            values: {
              width: { name: 'width', value: 1500, unit: 'mm' },
              height: { name: 'height', value: 1000, unit: 'mm' },
              material: { name: 'material', value: 'pvc', option: 'pvc' },
              colour: { name: 'colour', value: 'white' },
              shutter: { name: 'shutter', value: true },
            },
          },
        },
      ]);
    });
  });

  test('is taken each time: saved again, quoted, quoted at another price, ordered; and stays as it was', async () => {
    await withSaved(async (client, saved) => {
      await call(client, 'reopen_configuration', { id: saved.id });
      await updateEntry(client, saved.id, { ...windowValues, material: 'oak', width: 1000 }, 'Renamed');
      await call(client, 'save_configuration', { id: saved.id });
      await asOperator(client);
      const move = (status: string) =>
        client.query('update public.configurations set status = $2 where id = $1', [saved.id, status]);
      await move('quoted');
      await client.query('update public.manufacturing_types set base_price = 1000, name = $2 where id = $1', [
        window.type,
        'Portal',
      ]);
      await client.query(`update public.attribute_nodes set name = 'Holz' where id = $1`, [window.ids.oak]);
      const price = () =>
        client.query('select private.price_configurations($1, array[$2::uuid])', [here.id, saved.id]);
      await price();
      // Nothing has changed since.
      await price();
      await move('ordered');
      const taken = await snapshotsOf(client, saved);
      expect(
        taken.map(({ reason, total_price, data }) => [reason, total_price, data.type, data.name]),
      ).toEqual([
        ['saved', 365, 'Window', 'Kitchen window'],
        ['saved', 370, 'Window', 'Renamed'],
        ['quoted', 370, 'Window', 'Renamed'],
        ['quoted', 1250, 'Portal', 'Renamed'],
        ['ordered', 1250, 'Portal', 'Renamed'],
      ]);
      expect(
        taken.map(({ data }) => (data.values as { material: { option: string } }).material.option),
      ).toEqual(['pvc', 'Solid oak', 'Solid oak', 'Holz', 'Holz']);
    });
  });

  test('is one for each configuration of a statement', async () => {
    await withSaved(async (client, first) => {
      const second = await saveEntry(client, window.type, { ...windowValues, shutter: false }, { customer });
      await asOperator(client);
      await client.query(`update public.configurations set status = 'quoted' where id = any ($1)`, [
        [first.id, second.id],
      ]);
      const both = await Promise.all([snapshotsOf(client, first), snapshotsOf(client, second)]);
      expect(both.map((list) => list.map(({ reason, total_price }) => [reason, total_price]))).toEqual([
        [
          ['saved', 365],
          ['quoted', 365],
        ],
        [
          ['saved', 345],
          ['quoted', 345],
        ],
      ]);
    });
  });
});

describe('the price history', () => {
  test('has each change of a price, with who caused it', async () => {
    await withSaved(async (client, saved) => {
      await call(client, 'reopen_configuration', { id: saved.id });
      await updateEntry(client, saved.id, { ...windowValues, motor: true });
      // Another value, the same price.
      await updateEntry(client, saved.id, { ...windowValues, motor: true, colour: 'red' });
      await asOperator(client);
      await client.query(
        `update public.configuration_selections set boolean_value = false
         where configuration_id = $1 and attribute_node_id = $2`,
        [saved.id, window.ids.motor],
      );
      const { rows } = await client.query(
        `select old_price::float, new_price::float, revision, changed_by
         from public.price_history where configuration_id = $1 order by id`,
        [saved.id],
      );
      const line = (old_price: number | null, new_price: number) => ({
        old_price,
        new_price,
        revision: '2',
        changed_by: clerk.id,
      });
      expect(rows).toEqual([line(null, 365), line(365, 464.99), line(464.99, 365)]);
    });
  });
});

describe('snapshots and price history', () => {
  const tables = ['configuration_snapshots', 'price_history'];

  test.each(tables)('%s: nobody changes, deletes or empties it', async (table) => {
    await withSaved(async (client) => {
      for (const role of ['authenticated', 'service_role']) {
        await client.query(`savepoint role; set local role ${role}`);
        await expect(client.query(`delete from public.${table}`)).rejects.toMatchObject({ code: '42501' });
        await client.query('rollback to savepoint role');
      }
      await asOperator(client);
      await client.query('savepoint operator');
      for (const text of [
        `update public.${table} set organization_id = organization_id`,
        `delete from public.${table}`,
        `truncate public.${table}`,
      ]) {
        await expectRefusal(client.query(text), 403, 'append_only');
        await client.query('rollback to savepoint operator');
      }
    });
  });

  test.each(tables)('%s: staff of the organization reads it, nobody else does', async (table) => {
    await withSaved(async (client) => {
      await asOperator(client);
      const rows = async (caller: Caller) =>
        asUser(
          client,
          caller,
          async (session) => (await session.query(`select id from public.${table}`)).rows.length,
        );
      expect(await rows(clerk)).toBe(1);
      expect(await rows(inside(there, there.owner))).toBe(0);
    });
  });

  test('go with their organization', async () => {
    const gone = await found(db.pool, 'Gone');
    const { type } = await addType(db.pool, gone, { nodes: windowTree });
    const whose = await addCustomer(db.pool, gone);
    await asUser(
      db,
      inside(gone, gone.owner),
      async (client) => {
        const saved = await saveEntry(client, type, windowValues, { customer: whose });
        await client.query('set local role none');
        await client.query(`update public.configurations set status = 'quoted' where id = $1`, [saved.id]);
      },
      { commit: true },
    );
    await asService(db, async (client) => {
      await call(client, 'cancel_organization', { id: gone.id, reason: 'Over.' });
      await client.query('set local role none');
      await client.query('delete from public.organizations where id = $1', [gone.id]);
      const { rows } = await client.query(
        'select from public.configuration_snapshots where organization_id = $1 union all select from public.attribute_nodes where organization_id = $1',
        [gone.id],
      );
      expect(rows).toEqual([]);
    });
  });
});
