import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { addMember, addPlant, found, type Organization, promote } from '../tenancy/organizations.ts';
import { actFor, addCustomer, assign, callAllAs, callAs, queryAs } from './customers.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;
let manager: string;
let customer: string;
beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
  manager = await addMember(db.pool, acme, { roles: ['manager'] });
  customer = await addCustomer(db.pool, acme, { contact_person: 'Grace', email: 'grace@example.com' });
});

const reasons = z.array(z.object({ source: z.string(), is_granted: z.boolean(), explanation: z.string() }));
const sources = ['membership', 'superadmin', 'permission', 'mapping', 'assignment', 'email'];

async function explain(client: pg.ClientBase, user: string, id = customer, asker = manager) {
  const rows = reasons.parse(
    await callAllAs(client, acme, asker, 'explain_customer_access', { user_id: user, customer_id: id }),
  );
  return new Map(rows.map((row) => [row.source, row]));
}

/** Whether the policies show the customer to the user. */
const reaches = async (client: pg.ClientBase, user: string) =>
  (await queryAs(client, acme, user, 'select id from public.customers where id = $1', [customer])).length > 0;

/** Ways to be a user, and the ways to the customer that they open. */
const users: Record<string, [make: (client: pg.ClientBase) => Promise<string>, granted: string[]]> = {
  'a member without anything': [(client) => addMember(client, acme), ['membership']],
  'staff who read all customers': [
    (client) => addMember(client, acme, { roles: ['viewer'] }),
    ['membership', 'permission'],
  ],
  'a user of the customer': [
    async (client) => {
      const user = await addMember(client, acme);
      await actFor(client, acme, user, customer);
      return user;
    },
    ['membership', 'mapping'],
  ],
  'a salesman who looks after it': [
    async (client) => {
      const user = await addMember(client, acme, { roles: ['salesman'] });
      await assign(client, acme, user, customer);
      return user;
    },
    ['membership', 'assignment'],
  ],
  'a salesman who does not': [(client) => addMember(client, acme, { roles: ['salesman'] }), ['membership']],
  'who is assigned and is no salesman any more': [
    async (client) => {
      const user = await addMember(client, acme);
      await assign(client, acme, user, customer);
      return user;
    },
    ['membership'],
  ],
  'a superadmin who is a member': [
    async (client) => promote(client, await addMember(client, acme)),
    ['membership', 'superadmin'],
  ],
  'staff who are suspended, and act for it': [
    async (client) => {
      const user = await addMember(client, acme, { roles: ['viewer', 'salesman'], status: 'suspended' });
      await actFor(client, acme, user, customer);
      await assign(client, acme, user, customer);
      return user;
    },
    [],
  ],
  'whose role has expired': [
    async (client) => {
      const user = await addMember(client, acme, { roles: ['viewer'] });
      await client.query(
        `update public.user_roles set granted_at = now() - interval '2 days', expires_at = now() - interval '1 day'
         where user_id = $1`,
        [user],
      );
      return user;
    },
    ['membership'],
  ],
  'whose role counts at one plant alone': [
    async (client) => {
      const user = await addMember(client, acme);
      const plant = await addPlant(client, acme);
      await client.query(
        `insert into public.user_plant_access (organization_id, user_id, plant_id, access_level) values ($1, $2, $3, 'read')`,
        [acme.id, user, plant],
      );
      await client.query(
        `insert into public.user_roles (organization_id, user_id, role_code, plant_id) values ($1, $2, 'viewer', $3)`,
        [acme.id, user, plant],
      );
      return user;
    },
    ['membership'],
  ],
  'a user who is deactivated': [
    async (client) => {
      const user = await addMember(client, acme, { roles: ['viewer'] });
      await client.query(`select public.deactivate_user($1, 'x')`, [user]);
      return user;
    },
    [],
  ],
};

describe.each(Object.entries(users))('%s', (_, [make, granted]) => {
  test(`is told: ${granted.join(', ') || 'nothing counts'}; and the policies agree`, async () => {
    await db.inRollback(async (client) => {
      const user = await make(client);
      const rows = await explain(client, user);
      expect([...rows.keys()]).toEqual(sources);
      expect([...rows.values()].filter((row) => row.is_granted).map(({ source }) => source)).toEqual(granted);
      for (const { explanation } of rows.values()) expect(explanation).toMatch(/^[A-Z].*\.$/);
      expect(await reaches(client, user)).toBe(granted.some((source) => source !== 'membership'));
    });
  });
});

describe('the sentence', () => {
  const sentence = async (client: pg.ClientBase, user: string, source: string, id = customer) =>
    (await explain(client, user, id)).get(source)?.explanation;

  test('names the roles', async () => {
    await db.inRollback(async (client) => {
      const user = await addMember(client, acme, { roles: ['viewer', 'supervisor', 'salesman'] });
      await assign(client, acme, user, customer);
      expect(await sentence(client, user, 'permission')).toBe(
        'The member holds customers.read, by supervisor, viewer.',
      );
      expect(await sentence(client, user, 'assignment')).toContain('by salesman');
    });
  });

  test('says what a role without its half is missing', async () => {
    await db.inRollback(async (client) => {
      const user = await addMember(client, acme);
      await assign(client, acme, user, customer);
      expect(await sentence(client, user, 'assignment')).toContain('none of their roles holds');
      const seller = await addMember(client, acme, { roles: ['salesman'] });
      expect(await sentence(client, seller, 'assignment')).toContain('but the customer is not assigned');
    });
  });

  test('says what get_or_create_customer would make of the address, and it does', async () => {
    await db.inRollback(async (client) => {
      const user = await addMember(client, acme, { account: { email: 'Grace@example.com' } });
      expect(await sentence(client, user, 'email')).toBe('The user has no verified e-mail address.');
      await client.query('update auth.users set email_confirmed_at = now() where id = $1', [user]);
      expect(await sentence(client, user, 'email')).toContain('would be adopted');
      expect(await reaches(client, user)).toBe(false);
      await callAs(client, acme, user, 'get_or_create_customer');
      expect(await reaches(client, user)).toBe(true);
      expect(await sentence(client, user, 'email')).toContain('already');
      expect((await explain(client, user)).get('mapping')).toMatchObject({ is_granted: true });
    });
  });

  test('says when the address is of no use', async () => {
    await db.inRollback(async (client) => {
      const user = await addMember(client, acme);
      await client.query('update auth.users set email_confirmed_at = now() where id = $1', [user]);
      const nameless = await addCustomer(client, acme);
      expect(await sentence(client, user, 'email')).toContain('is not the customer');
      expect(await sentence(client, user, 'email', nameless)).toContain('has no e-mail address');
      await client.query(`update auth.users set email = 'grace@example.com' where id = $1`, [user]);
      await actFor(client, acme, user, nameless);
      expect(await sentence(client, user, 'email')).toContain('stays with that');
      expect(await sentence(client, user, 'mapping')).toContain('another customer');
      expect(await callAs(client, acme, user, 'get_or_create_customer')).toMatchObject({ id: nameless });
    });
  });
});

describe('is refused', () => {
  test('without customers.manage', async () => {
    await db.inRollback(async (client) => {
      const clerk = await addMember(client, acme, { roles: ['data_entry'] });
      await expectRefusal(explain(client, clerk, customer, clerk), 403, 'permission_required');
    });
  });

  test('for who is no member, a superadmin and a user of another organization among them', async () => {
    await db.inRollback(async (client) => {
      const stranger = await addMember(client, beta);
      const root = await promote(client, await addMember(client, beta));
      const answers = [];
      for (const user of [stranger, root, randomUUID()]) {
        answers.push(await expectRefusal(explain(client, user), 404, 'member_not_found'));
      }
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    });
  });

  test('for a customer of another organization, as for none', async () => {
    await db.inRollback(async (client) => {
      const foreign = await addCustomer(client, beta);
      const answers = [
        await expectRefusal(explain(client, manager, foreign), 404, 'customer_not_found'),
        await expectRefusal(explain(client, manager, randomUUID()), 404, 'customer_not_found'),
      ];
      expect(answers[0]).toEqual(answers[1]);
    });
  });
});
