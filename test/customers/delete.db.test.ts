import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { addMember, found, type Organization } from '../tenancy/organizations.ts';
import { actFor, addCustomer, assign, callAs, countOf } from './customers.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;
let manager: string;
beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
  manager = await addMember(db.pool, acme, { roles: ['manager'] });
});

const remove = (client: pg.ClientBase, id: string | null, user = manager) =>
  callAs(client, acme, user, 'delete_customer', { id });

/** Tables as a module to come would bring them: one whose rows keep the customer, one whose rows go with it. */
const laterModule = `
  create table public.visits (
    organization_id text not null,
    id uuid not null default private.uuid_v7(),
    customer_id uuid,
    billed_to_id uuid,
    primary key (organization_id, id),
    foreign key (organization_id, customer_id) references public.customers (organization_id, id),
    foreign key (organization_id, billed_to_id) references public.customers (organization_id, id) on delete restrict
  );
  create table public.wishes (
    organization_id text not null,
    id uuid not null default private.uuid_v7(),
    customer_id uuid,
    primary key (organization_id, id),
    foreign key (organization_id, customer_id) references public.customers (organization_id, id) on delete cascade
  )`;

describe('a customer that nothing was made for', () => {
  test('goes with its users, assignments and health notes; the users stay', async () => {
    await db.inRollback(async (client) => {
      const id = await addCustomer(client, acme, { contact_person: 'Grace', email: 'grace@example.com' });
      const user = await addMember(client, acme);
      await actFor(client, acme, user, id);
      await assign(client, acme, manager, id);
      await client.query(
        `insert into public.customer_health_notes (organization_id, customer_id, kind, note) values ($1, $2, 'other', 'x')`,
        [acme.id, id],
      );
      expect(await remove(client, id)).toMatchObject({ id, contact_person: 'Grace' });
      expect(await countOf(client, acme, 'customers')).toBe(0);
      expect(await countOf(client, acme, 'customer_users')).toBe(0);
      expect(await countOf(client, acme, 'customer_assignments')).toBe(0);
      const { rows } = await client.query('select user_id from public.members where user_id = $1', [user]);
      expect(rows).toHaveLength(1);
      const { rows: logged } = await client.query(
        `select actor_id, before ->> 'email' as email from public.audit_logs
         where table_name = 'customers' and action = 'delete' and row_key = jsonb_build_object('id', $1::text)`,
        [id],
      );
      expect(logged).toEqual([{ actor_id: manager, email: 'grace@example.com' }]);
    });
  });

  test('cannot be deleted past the function', async () => {
    await db.inRollback(async (client) => {
      const id = await addCustomer(client, acme);
      await client.query(`set local role authenticated`);
      await expect(client.query('delete from public.customers where id = $1', [id])).rejects.toMatchObject({
        code: '42501',
      });
    });
  });
});

describe('a customer that something refers to', () => {
  test('stays, and the answer says what refers to it and what to do', async () => {
    await db.inRollback(async (client) => {
      await client.query(laterModule);
      const [id, other] = [await addCustomer(client, acme), await addCustomer(client, acme)];
      await client.query(
        `insert into public.visits (organization_id, customer_id, billed_to_id)
         values ($1, $2, null), ($1, $2, $3), ($1, $3, $2)`,
        [acme.id, id, other],
      );
      await client.query(
        'insert into public.wishes (organization_id, customer_id) values ($1, $2), ($1, $2)',
        [acme.id, id],
      );
      await client.query('savepoint before');
      const { message, hint } = await expectRefusal(remove(client, id), 409, 'customer_in_use');
      expect(message).toBe('The customer cannot be deleted: it has 3 visits.');
      expect(hint).toContain('is_active');
      expect(hint).toContain('merge_customers');
      const detail = await remove(client, id).then(
        () => '',
        (error: unknown) => (error as pg.DatabaseError).detail ?? '',
      );
      expect(JSON.parse(detail)).toEqual({ code: 'customer_in_use', references: { visits: 3 } });

      await client.query('delete from public.visits');
      expect(await remove(client, id)).toMatchObject({ id });
      expect((await client.query('select from public.wishes')).rowCount).toBe(0);
    });
  });

  test('is not counted for another, nor for one of another organization', async () => {
    await db.inRollback(async (client) => {
      await client.query(laterModule);
      const [id, other] = [await addCustomer(client, acme), await addCustomer(client, acme)];
      const foreign = await addCustomer(client, beta);
      await client.query(
        'insert into public.visits (organization_id, customer_id) values ($1, $2), ($3, $4)',
        [acme.id, other, beta.id, foreign],
      );
      expect(await remove(client, id)).toMatchObject({ id });
      await expectRefusal(remove(client, other), 409, 'customer_in_use');
    });
  });
});

test('takes customers.manage', async () => {
  await db.inRollback(async (client) => {
    const id = await addCustomer(client, acme);
    const clerk = await addMember(client, acme, { roles: ['data_entry'] });
    await expectRefusal(remove(client, id, clerk), 403, 'permission_required');
    expect(await remove(client, id)).toMatchObject({ id });
  });
});

test('one of another organization is one that does not exist', async () => {
  await db.inRollback(async (client) => {
    const answers = [];
    for (const id of [await addCustomer(client, beta), randomUUID(), null]) {
      answers.push(await expectRefusal(remove(client, id), 404, 'customer_not_found'));
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await countOf(client, beta, 'customers')).toBe(1);
  });
});
