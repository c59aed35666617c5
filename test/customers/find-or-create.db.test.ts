import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon } from '../support/roles.ts';
import { addMember, call, found, type Organization } from '../tenancy/organizations.ts';
import { addCustomer, assign, callAs, countOf, queryAs } from './customers.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;
let manager: string;
let seller: string;
beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
  manager = await addMember(db.pool, acme, { roles: ['manager'] });
  seller = await addMember(db.pool, acme, { roles: ['salesman'] });
});

const email = 'grace@example.com';
const findOrCreate = (client: pg.ClientBase, args: Record<string, unknown>, user = manager) =>
  callAs(client, acme, user, 'find_or_create_customer', { email, ...args });

describe('an address that is new', () => {
  test('makes a customer: residential, or corporate with a company', async () => {
    await db.inRollback(async (client) => {
      expect(
        await findOrCreate(client, { email: ' Grace@Example.COM', name: '  Grace   Hopper ', phone: '1 2' }),
      ).toMatchObject({
        organization_id: acme.id,
        email,
        contact_person: 'Grace Hopper',
        phone: '1 2',
        company_name: null,
        customer_type: 'residential',
      });
      expect(await findOrCreate(client, { email: 'office@navy.example', company: 'Navy' })).toMatchObject({
        company_name: 'Navy',
        contact_person: null,
        customer_type: 'corporate',
      });
      expect(await findOrCreate(client, { email: 'blank@example.com', company: ' ' })).toMatchObject({
        company_name: null,
        customer_type: 'residential',
      });
    });
  });

  test('creates no login and links nobody, not even a user who has the address', async () => {
    await db.inRollback(async (client) => {
      await addMember(client, acme, { account: { email } });
      const count = 'select count(*)::integer as count from auth.users';
      const before = await client.query(count);
      await findOrCreate(client, {});
      expect((await client.query(count)).rows).toEqual(before.rows);
      expect(await countOf(client, acme, 'customer_users')).toBe(0);
    });
  });
});

describe('an address that is known', () => {
  test('finds the customer of this organization, fills what is empty and overwrites nothing', async () => {
    await db.inRollback(async (client) => {
      await addCustomer(client, beta, { email, phone: '999' });
      const id = await addCustomer(client, acme, { email, contact_person: 'Grace' });
      expect(
        await findOrCreate(client, {
          email: 'GRACE@EXAMPLE.COM',
          name: 'Somebody',
          phone: '123',
          company: 'Navy',
        }),
      ).toMatchObject({
        id,
        contact_person: 'Grace',
        phone: '123',
        company_name: 'Navy',
        // It was there before it had a company.
        customer_type: 'residential',
      });
      expect(await findOrCreate(client, { name: 'Else', phone: '456', company: 'Army' })).toMatchObject({
        id,
        contact_person: 'Grace',
        phone: '123',
        company_name: 'Navy',
      });
      expect(await countOf(client, acme, 'customers')).toBe(1);
      const { rows } = await client.query('select phone from public.customers where organization_id = $1', [
        beta.id,
      ]);
      expect(rows).toEqual([{ phone: '999' }]);
    });
  });

  test('is no change where there is nothing to fill: neither the row nor the audit log notices', async () => {
    await db.inRollback(async (client) => {
      const id = await addCustomer(client, acme, { email, contact_person: 'Grace' });
      const state = async () =>
        (
          await client.query<Record<string, unknown>>(
            `select xmin, updated_at, (select count(*) from public.audit_logs where table_name = 'customers') as logged
             from public.customers where id = $1`,
            [id],
          )
        ).rows;
      const before = await state();
      expect(await findOrCreate(client, { name: 'Else', company: '  ' })).toMatchObject({ id });
      expect(await state()).toEqual(before);
    });
  });
});

describe('who may', () => {
  test('takes customers.write or customers.assigned', async () => {
    await db.inRollback(async (client) => {
      const viewer = await addMember(client, acme, { roles: ['viewer'] });
      const stranger = await addMember(client, beta, { roles: ['manager'] });
      await expectRefusal(findOrCreate(client, {}, viewer), 403, 'permission_required');
      await expectRefusal(findOrCreate(client, {}, stranger), 403, 'organization_required');
      await expect(
        asAnon(client, (session) => call(session, 'find_or_create_customer', { email })),
      ).rejects.toMatchObject({ code: '42501' });
      expect(await findOrCreate(client, {})).toMatchObject({ email });
    });
  });

  test('who has assigned customers alone is assigned the one that they enter', async () => {
    await db.inRollback(async (client) => {
      const made = await findOrCreate(client, { name: 'Grace' }, seller);
      expect(made).toMatchObject({ email });
      const list = 'select email from public.customers';
      expect(await queryAs(client, acme, seller, list)).toEqual([{ email }]);
      expect(await findOrCreate(client, { phone: '1' }, seller)).toMatchObject({ phone: '1' });
      // Who may write all of them is assigned nothing.
      await findOrCreate(client, { email: 'other@example.com' });
      expect(await countOf(client, acme, 'customer_assignments')).toBe(1);
    });
  });

  test('and is refused the customer of somebody else, which stays as it is, until it is assigned', async () => {
    await db.inRollback(async (client) => {
      const id = await addCustomer(client, acme, { email });
      await expectRefusal(findOrCreate(client, { phone: '1' }, seller), 403, 'customer_authorization');
      const { rows } = await client.query('select phone from public.customers where id = $1', [id]);
      expect(rows).toEqual([{ phone: null }]);
      await assign(client, acme, seller, id);
      expect(await findOrCreate(client, { phone: '1' }, seller)).toMatchObject({ id, phone: '1' });
    });
  });
});

test.each([
  ['email_invalid', { email: null }],
  ['email_invalid', { email: ' ' }],
  ['email_invalid', { email: 'grace' }],
  ['email_invalid', { email: 'a@b, c@d' }],
  ['email_invalid', { email: 'grace@example.com\r\nBcc: all@example.com' }],
  ['email_invalid', { email: `${'a'.repeat(64)}@${'b'.repeat(400)}` }],
  ['name_invalid', { name: 'x'.repeat(201) }],
  ['phone_invalid', { phone: '1'.repeat(51) }],
  ['company_invalid', { company: 'x'.repeat(201) }],
])('what no customer can have is refused as %s: %j', async (code, args) => {
  await db.inRollback(async (client) => {
    await expectRefusal(findOrCreate(client, args), 400, code);
    expect(await countOf(client, acme, 'customers')).toBe(0);
  });
});

test('what quotes, patterns and SQL there are in a name is kept as text', async () => {
  await db.inRollback(async (client) => {
    const name = `Robert'); drop table "customers"; -- %_\\ $1 \${x}`;
    expect(await findOrCreate(client, { name })).toMatchObject({ contact_person: name });
    expect(await countOf(client, acme, 'customers')).toBe(1);
  });
});

test('32 calls at once with one address make one customer, filled once', async () => {
  const crowd = db.crowd(32);
  const here = await found(db.pool, 'Here');
  const staff = await addMember(db.pool, here, { roles: ['manager'] });
  const answers = (await Promise.all(
    Array.from({ length: 32 }, (_, index) =>
      callAs({ pool: crowd }, here, staff, 'find_or_create_customer', {
        email: index % 2 === 0 ? 'one@example.com' : 'ONE@example.com ',
        name: `Caller ${index}`,
      }),
    ),
  )) as { id: string; contact_person: string }[];
  expect(new Set(answers.map(({ id, contact_person }) => `${id} ${contact_person}`)).size).toBe(1);
  expect(await countOf(db.pool, here, 'customers')).toBe(1);
});
