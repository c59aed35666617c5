import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon, asUser } from '../support/roles.ts';
import { addMember, found, inside, type Organization, promote } from '../tenancy/organizations.ts';
import { actFor, addCustomer, assign, queryAs } from './customers.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;
/** Members of acme by what they are; salesmen and buyers have a customer each. */
const members = {} as Record<
  'manager' | 'clerk' | 'viewer' | 'seller' | 'buyer' | 'nurse' | 'nobody',
  string
>;
const customers = {} as Record<'sold' | 'bought' | 'other' | 'foreign', string>;

beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
  for (const [name, roles] of Object.entries({
    manager: ['manager'],
    clerk: ['data_entry'],
    viewer: ['viewer'],
    seller: ['salesman'],
    buyer: [],
    nurse: ['instructor'],
    nobody: [],
  })) {
    members[name as keyof typeof members] = await addMember(db.pool, acme, { roles });
  }
  customers.sold = await addCustomer(db.pool, acme, { contact_person: 'Sold', email: 'sold@example.com' });
  customers.bought = await addCustomer(db.pool, acme, { contact_person: 'Bought' });
  customers.other = await addCustomer(db.pool, acme, { contact_person: 'Other' });
  customers.foreign = await addCustomer(db.pool, beta, { contact_person: 'Foreign' });
  await assign(db.pool, acme, members.seller, customers.sold);
  await actFor(db.pool, acme, members.buyer, customers.bought);
});

type Who = keyof typeof members;

const as = <Row extends pg.QueryResultRow>(
  where: Parameters<typeof queryAs>[0],
  who: Who,
  text: string,
  values: unknown[] = [],
) => queryAs<Row>(where, acme, members[who], text, values, 'pool' in where ? {} : { commit: true });

const namesSeenBy = async (where: Parameters<typeof queryAs>[0], who: Who) =>
  (
    await as<{ contact_person: string }>(
      where,
      who,
      'select contact_person from public.customers order by contact_person',
    )
  ).map(({ contact_person }) => contact_person);

describe('reading customers', () => {
  test.each<[Who, string[]]>([
    ['manager', ['Bought', 'Other', 'Sold']],
    ['clerk', ['Bought', 'Other', 'Sold']],
    ['viewer', ['Bought', 'Other', 'Sold']],
    ['seller', ['Sold']],
    ['buyer', ['Bought']],
    ['nurse', []],
    ['nobody', []],
  ])('a %s sees %j', async (who, expected) => {
    expect(await namesSeenBy(db, who)).toEqual(expected);
  });

  test('nobody sees those of another organization, a superadmin those of the one that they chose', async () => {
    const owner = inside(beta, beta.owner);
    const list = 'select contact_person from public.customers';
    const seen = async (caller: Parameters<typeof asUser>[1]) =>
      (await asUser(db, caller, (client) => client.query<{ contact_person: string }>(list))).rows;
    expect(await seen(owner)).toEqual([{ contact_person: 'Foreign' }]);
    expect(await seen(inside(acme, beta.owner))).toEqual([]);
    const root = await promote(db.pool, await addMember(db.pool, beta));
    expect(await seen(inside(acme, root))).toHaveLength(3);
    await expect(asAnon(db, (client) => client.query(list))).rejects.toMatchObject({ code: '42501' });
  });

  test('a salesman who loses the role, or the assignment, sees nothing more', async () => {
    for (const [table, column] of [
      ['user_roles', 'user_id'],
      ['customer_assignments', 'user_id'],
    ]) {
      await db.inRollback(async (client) => {
        expect(await namesSeenBy(client, 'seller')).toEqual(['Sold']);
        await client.query(`delete from public.${table} where ${column} = $1`, [members.seller]);
        expect(await namesSeenBy(client, 'seller')).toEqual([]);
      });
    }
  });

  test('a user who has several customers sees all of them, and one that is shared is seen by all who act for it', async () => {
    await db.inRollback(async (client) => {
      await actFor(client, acme, members.buyer, customers.other);
      await actFor(client, acme, members.nobody, customers.other);
      expect(await namesSeenBy(client, 'buyer')).toEqual(['Bought', 'Other']);
      expect(await namesSeenBy(client, 'nobody')).toEqual(['Other']);
    });
  });

  test('a user who acts for a customer in two organizations sees the one of the token', async () => {
    await db.inRollback(async (client) => {
      await addMember(client, beta, { user: members.buyer });
      await actFor(client, beta, members.buyer, customers.foreign);
      expect(await namesSeenBy(client, 'buyer')).toEqual(['Bought']);
    });
  });

  test('who is suspended sees nothing, whomever they act for', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        `update public.members set status = 'suspended', suspended_at = now() where user_id = any ($1)`,
        [[members.buyer, members.seller]],
      );
      expect(await namesSeenBy(client, 'buyer')).toEqual([]);
      expect(await namesSeenBy(client, 'seller')).toEqual([]);
      const { rows } = await asUser(client, inside(acme, members.buyer), (session) =>
        session.query('select private.own_customer_ids() as ids'),
      );
      expect(rows).toEqual([{ ids: [] }]);
    });
  });
});

describe('writing customers', () => {
  const insert = `insert into public.customers (contact_person, email) values ('New', 'new@example.com')`;

  test.each<[Who, boolean]>([
    ['manager', true],
    ['clerk', true],
    ['viewer', false],
    ['seller', false],
    ['buyer', false],
    ['nobody', false],
  ])('a %s adds one: %s', async (who, may) => {
    await db.inRollback(async (client) => {
      if (!may) await expect(as(client, who, insert)).rejects.toMatchObject({ code: '42501' });
      else {
        await as(client, who, insert);
        expect(await namesSeenBy(client, who)).toContain('New');
      }
    });
  });

  test.each<[Who, Exclude<keyof typeof customers, 'foreign'>[]]>([
    ['manager', ['sold', 'bought', 'other']],
    ['clerk', ['sold', 'bought', 'other']],
    ['viewer', []],
    ['seller', ['sold']],
    ['buyer', []],
    ['nobody', []],
  ])('a %s changes %j', async (who, expected) => {
    const changed = await as<{ id: string }>(
      db,
      who,
      `update public.customers set phone = '1' where true returning id`,
    );
    expect(changed.map(({ id }) => id).sort()).toEqual(expected.map((name) => customers[name]).sort());
  });

  test('what the database keeps is written by nobody, by whatever verb, not even to their own customer', async () => {
    const kept = [
      ...['organization_id', 'id', 'total_bookings', 'total_spent', 'first_booking_at', 'last_booking_at'],
      ...['search_text', 'search_words', 'created_at', 'updated_at'],
    ];
    for (const who of ['manager', 'seller', 'buyer'] as const) {
      for (const name of kept) {
        for (const statement of [
          `insert into public.customers (contact_person, ${name}) values ('x', default)`,
          `update public.customers set ${name} = default`,
          `insert into public.customers (contact_person, email) values ('x', 'sold@example.com')
           on conflict (organization_id, email) do update set ${name} = default`,
        ]) {
          await expect(as(db, who, statement), `${who}: ${statement}`).rejects.toMatchObject({
            code: '42501',
          });
        }
      }
    }
  });

  test('all of it is read at once by who may read', async () => {
    expect(await as(db, 'manager', 'select * from public.customers')).toHaveLength(3);
    expect(await as(db, 'seller', 'select * from public.customers')).toHaveLength(1);
  });

  test('who only looks after a customer does not say whose address acts for it', async () => {
    const takeOver = `update public.customers set email = 'mine@example.com' where email = 'sold@example.com' returning id`;
    await expectRefusal(as(db, 'seller', takeOver), 403, 'permission_required');
    await db.inRollback(async (client) => {
      expect(await as(client, 'manager', takeOver)).toHaveLength(1);
    });
  });

  test('an address is there once in an organization, and says nothing about another', async () => {
    await db.inRollback(async (client) => {
      await addCustomer(client, beta, { email: 'new@example.com' });
      await as(client, 'manager', insert);
      await expect(as(client, 'manager', insert)).rejects.toMatchObject({ code: '23505' });
      // As it is written, it is compared.
      await expect(
        as(client, 'manager', `insert into public.customers (email) values (' NEW@example.com ')`),
      ).rejects.toMatchObject({ code: '23505' });
    });
  });
});

describe('what is written is normalized', () => {
  /** Writes a row both ways, inserted and updated, which must come to the same; returns what is there then. */
  const write = async (values: Record<string, unknown>) => {
    const names = Object.keys(values);
    const holes = names.map((_, index) => `$${index + 1}`).join(', ');
    const written = (statement: string, ...more: unknown[]) =>
      as(db, 'manager', `${statement} returning ${names.join(', ')}`, [...Object.values(values), ...more]);
    const inserted = await written(`insert into public.customers (${names.join(', ')}) values (${holes})`);
    const updated = await written(
      `update public.customers set (${names.join(', ')}) = row(${holes}) where id = $${names.length + 1}`,
      customers.other,
    );
    expect(updated).toEqual(inserted);
    return inserted[0];
  };

  test('blanks go, the address is lower case, what is empty is null', async () => {
    expect(
      await write({
        company_name: ' Acme \t Tools ',
        contact_person: 'Ada\nLovelace',
        email: '\u00a0Ada@Example.COM ',
        phone: '  ',
        tax_id: '',
        payment_terms: ' 30 days ',
        notes: '\n Two\n lines \n',
        emergency_contact_name: ' Bob',
        emergency_contact_phone: '',
      }),
    ).toEqual({
      company_name: 'Acme Tools',
      contact_person: 'Ada Lovelace',
      email: 'ada@example.com',
      phone: null,
      tax_id: null,
      payment_terms: '30 days',
      notes: 'Two\n lines',
      emergency_contact_name: 'Bob',
      emergency_contact_phone: null,
    });
  });

  test.each([
    [{ email: 'nobody' }, 'customers_email_wellformed'],
    [{ email: 'a@b.example\r\nBcc: c@d.example' }, 'customers_email_wellformed'],
    [{ contact_person: ' ' }, 'customers_someone_to_address'],
    [{ contact_person: 'x'.repeat(201) }, 'customers_contact_person_length'],
    [{ contact_person: 'x', customer_type: 'rich' }, 'customers_customer_type_known'],
    [{ contact_person: 'x', address: '[]' }, 'customers_address_object'],
    [{ contact_person: 'x', tags: [null] }, 'customers_tags_few'],
  ])('%j is refused by %s', async (values, constraint) => {
    await expect(write(values)).rejects.toMatchObject({ code: '23514', constraint });
  });
});

describe('who acts for a customer and who looks after it', () => {
  const tables = ['customer_users', 'customer_assignments'] as const;

  test.each(tables)('%s: written with customers.manage alone, never changed', async (table) => {
    const add = `insert into public.${table} (customer_id, user_id) values ($1, $2)`;
    for (const who of ['clerk', 'viewer', 'seller', 'buyer', 'nobody'] as const) {
      await db.inRollback(async (client) => {
        // Nobody makes themself a user of a customer, or its salesman.
        await expect(as(client, who, add, [customers.other, members[who]])).rejects.toMatchObject({
          code: '42501',
        });
        const gone = await as(client, who, `delete from public.${table} returning customer_id`);
        expect(gone).toEqual([]);
      });
    }
    await db.inRollback(async (client) => {
      await as(client, 'manager', add, [customers.other, members.nobody]);
      await expect(
        as(client, 'manager', `update public.${table} set customer_id = $1`, [customers.other]),
      ).rejects.toMatchObject({ code: '42501' });
      await expect(
        as(
          client,
          'manager',
          `insert into public.${table} (organization_id, customer_id, user_id) values ($1, $2, $3)`,
          [acme.id, customers.other, members.viewer],
        ),
      ).rejects.toMatchObject({ code: '42501' });
      const gone = await as(
        client,
        'manager',
        `delete from public.${table} where user_id = $1 returning user_id`,
        [members.nobody],
      );
      expect(gone).toEqual([{ user_id: members.nobody }]);
    });
  });

  test.each(tables)('%s: customers and users of other organizations cannot be in it', async (table) => {
    const add = `insert into public.${table} (customer_id, user_id) values ($1, $2)`;
    const stranger = await addMember(db.pool, beta);
    for (const values of [
      [customers.foreign, members.nobody],
      [customers.other, stranger],
      [randomUUID(), members.nobody],
      [customers.other, randomUUID()],
      // A user is no customer.
      [members.nobody, members.nobody],
    ]) {
      await expect(as(db, 'manager', add, values)).rejects.toMatchObject({ code: '23503' });
    }
  });

  test('users see their own rows, staff who read customers all of them', async () => {
    const count = async (who: Who, table: string) =>
      (await as(db, who, `select customer_id from public.${table}`)).length;
    expect(await count('viewer', 'customer_users')).toBe(1);
    expect(await count('viewer', 'customer_assignments')).toBe(1);
    expect(await count('buyer', 'customer_users')).toBe(1);
    expect(await count('buyer', 'customer_assignments')).toBe(0);
    expect(await count('seller', 'customer_assignments')).toBe(1);
    expect(await count('seller', 'customer_users')).toBe(0);
  });

  test('go with the membership', async () => {
    await db.inRollback(async (client) => {
      await client.query('delete from public.members where user_id = any ($1)', [
        [members.buyer, members.seller],
      ]);
      for (const table of tables) {
        expect((await client.query(`select from public.${table}`)).rowCount).toBe(0);
      }
    });
  });
});

describe('health notes', () => {
  const add = `insert into public.customer_health_notes (customer_id, kind, note) values ($1, 'medical', 'Asthma')`;

  test('are read and written with customers.health, and by no other permission', async () => {
    await db.inRollback(async (client) => {
      await as(client, 'nurse', add, [customers.bought]);
      expect(await as(client, 'nurse', 'select note from public.customer_health_notes')).toEqual([
        { note: 'Asthma' },
      ]);
      for (const who of ['manager', 'clerk', 'viewer', 'seller', 'buyer', 'nobody'] as const) {
        expect(await as(client, who, 'select note from public.customer_health_notes')).toEqual([]);
        await expect(as(client, who, add, [customers.bought])).rejects.toMatchObject({ code: '42501' });
        const changed = await as(
          client,
          who,
          `update public.customer_health_notes set note = 'x' returning id`,
        );
        expect(changed).toEqual([]);
      }
      expect(
        await as(
          client,
          'nurse',
          `update public.customer_health_notes set note = 'None' returning kind, note`,
        ),
      ).toEqual([{ kind: 'medical', note: 'None' }]);
      expect(
        await as(client, 'nurse', 'delete from public.customer_health_notes returning note'),
      ).toHaveLength(1);
    });
  });

  test('are of customers of the organization', async () => {
    await expect(as(db, 'nurse', add, [customers.foreign])).rejects.toMatchObject({ code: '23503' });
  });

  test('are in the audit log without what they say', async () => {
    await db.inRollback(async (client) => {
      await as(client, 'nurse', add, [customers.bought]);
      const { rows } = await client.query(
        `select actor_id, action, after ->> 'note' as note, after ->> 'kind' as kind from public.audit_logs
         where table_name = 'customer_health_notes'`,
      );
      expect(rows).toEqual([
        { actor_id: members.nurse, action: 'create', note: '[redacted]', kind: 'medical' },
      ]);
    });
  });
});

test('each change of a customer is in the audit log, with who made it and without the search columns', async () => {
  await db.inRollback(async (client) => {
    await as(client, 'seller', `update public.customers set phone = ' 12 ' where id = $1`, [customers.sold]);
    const { rows } = await client.query(
      `select organization_id, actor_id, action, before, after from public.audit_logs
       where table_name = 'customers' and action = 'update'`,
    );
    expect(rows).toEqual([
      {
        organization_id: acme.id,
        actor_id: members.seller,
        action: 'update',
        before: { phone: null },
        after: { phone: '12' },
      },
    ]);
  });
});

describe('private.require_customer', () => {
  /** As a function of a later module calls it: inside of a definer, for the caller. */
  async function require(client: pg.ClientBase, who: Who, id: string | null): Promise<unknown> {
    await client.query(
      `create or replace function public.probe(id uuid) returns uuid language sql security definer
       set search_path = '' as 'select (private.require_customer(id)).id';
       grant execute on function public.probe(uuid) to authenticated`,
    );
    const rows = await as<{ id: string }>(client, who, 'select public.probe($1) as id', [id]);
    return rows[0]?.id;
  }

  test('gives staff any customer of the organization, and says of others that there are none', async () => {
    await db.inRollback(async (client) => {
      expect(await require(client, 'viewer', customers.other)).toBe(customers.other);
      const answers = [
        await expectRefusal(require(client, 'viewer', customers.foreign), 404, 'customer_not_found'),
        await expectRefusal(require(client, 'viewer', randomUUID()), 404, 'customer_not_found'),
        await expectRefusal(require(client, 'viewer', null), 404, 'customer_not_found'),
      ];
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    });
  });

  test('gives others their own, and does not tell whether there are more', async () => {
    await db.inRollback(async (client) => {
      expect(await require(client, 'seller', customers.sold)).toBe(customers.sold);
      expect(await require(client, 'buyer', customers.bought)).toBe(customers.bought);
      for (const who of ['seller', 'buyer', 'nobody'] as const) {
        const answers = [
          await expectRefusal(require(client, who, customers.other), 403, 'customer_authorization'),
          await expectRefusal(require(client, who, customers.foreign), 403, 'customer_authorization'),
          await expectRefusal(require(client, who, randomUUID()), 403, 'customer_authorization'),
          await expectRefusal(require(client, who, null), 403, 'customer_authorization'),
        ];
        expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      }
    });
  });

  test('leaves a trace of who was refused in the log of the server', async () => {
    await db.inRollback(async (client) => {
      const logged: string[] = [];
      client.on('notice', ({ message }) => logged.push(message ?? ''));
      await client.query(`set local client_min_messages = 'log'`);
      await expectRefusal(require(client, 'buyer', customers.other), 403, 'customer_authorization');
      const event = logged.find((message) => message.startsWith('rowhouse: security event '));
      expect(JSON.parse(event?.replace('rowhouse: security event ', '') ?? 'null')).toMatchObject({
        event: 'access.denied',
        code: 'customer_authorization',
        actor_id: members.buyer,
        organization_id: acme.id,
        details: { customer_id: customers.other },
      });
    });
  });
});
