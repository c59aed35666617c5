import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon, asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import {
  addMember,
  call,
  found,
  type Organization,
  promote,
  verifiedUser,
} from '../tenancy/organizations.ts';
import { actFor, addCustomer, callAs, countOf } from './customers.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;
beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
});

const email = 'grace@example.com';

/** A member without any role, whose address is verified. */
async function verifiedMember(
  client: pg.ClientBase | pg.Pool,
  organization = acme,
  address = email,
): Promise<string> {
  return addMember(client, organization, { user: await verifiedUser(client, address) });
}

const own = (client: pg.ClientBase, user: string, organization = acme) =>
  callAs(client, organization, user, 'get_or_create_customer');

describe('a member who acts for nobody yet', () => {
  test('gets a new customer with their name and verified address, and the same one ever after', async () => {
    await db.inRollback(async (client) => {
      const grace = await verifiedMember(client, acme, 'Grace.Hopper@Example.com');
      const first = await own(client, grace);
      expect(first).toMatchObject({
        organization_id: acme.id,
        contact_person: 'Grace.Hopper',
        company_name: null,
        email: 'grace.hopper@example.com',
        customer_type: 'residential',
        is_active: true,
        total_bookings: 0,
      });
      expect(await own(client, grace)).toEqual(first);
      expect(await countOf(client, acme, 'customers')).toBe(1);
      expect(await countOf(client, acme, 'customer_users')).toBe(1);
    });
  });

  test('adopts the customer that has their verified address, whatever its case, and changes nothing in it', async () => {
    await db.inRollback(async (client) => {
      const id = await addCustomer(client, acme, {
        email: ' GRACE@example.com ',
        company_name: 'Navy',
        customer_type: 'corporate',
      });
      // The same address in another organization is another customer.
      await addCustomer(client, beta, { email });
      const grace = await verifiedMember(client, acme, 'Grace@Example.COM');
      expect(await own(client, grace)).toMatchObject({
        id,
        email,
        company_name: 'Navy',
        contact_person: null,
        customer_type: 'corporate',
      });
      expect(await countOf(client, acme, 'customers')).toBe(1);
      await addMember(client, beta, { user: grace });
      expect(await own(client, grace, beta)).not.toMatchObject({ id });
      expect(await countOf(client, beta, 'customers')).toBe(1);
    });
  });

  test('without any address, by phone alone, gets a new one without an address', async () => {
    await db.inRollback(async (client) => {
      const phoner = await addMember(client, acme, { account: { email: null, phone: '436641234567' } });
      expect(await own(client, phoner)).toMatchObject({ email: null, phone: null });
      const other = await addMember(client, acme, { account: { email: null, phone: '436641234568' } });
      expect(await own(client, other)).toMatchObject({ email: null });
      expect(await countOf(client, acme, 'customers')).toBe(2);
    });
  });

  test('who acts for several gets the first', async () => {
    await db.inRollback(async (client) => {
      const grace = await verifiedMember(client);
      const [late, early] = [await addCustomer(client, acme), await addCustomer(client, acme)];
      await actFor(client, acme, grace, late);
      await actFor(client, acme, grace, early);
      await client.query(
        `update public.customer_users set created_at = created_at - interval '1 day' where customer_id = $1`,
        [early],
      );
      expect(await own(client, grace)).toMatchObject({ id: early });
    });
  });

  test('shares a customer with others who have its address or are added to it', async () => {
    await db.inRollback(async (client) => {
      const id = await addCustomer(client, acme, { email });
      const [grace, colleague] = [await verifiedMember(client), await addMember(client, acme)];
      await actFor(client, acme, colleague, id);
      expect(await own(client, grace)).toMatchObject({ id });
      // No address of theirs has been verified, and none is needed: somebody has said whom they act for.
      expect(await own(client, colleague)).toMatchObject({ id });
    });
  });
});

describe('an address that is not verified', () => {
  /** What somebody gets who has signed up with the address, and has not received the mail. */
  async function attack(client: pg.ClientBase, account: Parameters<typeof insertAuthUser>[1] = { email }) {
    const attacker = await addMember(client, acme, { account });
    return { attacker, attempt: own(client, attacker) };
  }

  test('reaches nothing, and cannot tell whether there is such a customer', async () => {
    const answers = await Promise.all(
      [true, false].map((isThere) =>
        db.inRollback(async (client) => {
          if (isThere) await addCustomer(client, acme, { email });
          const { attacker, attempt } = await attack(client);
          const answer = await expectRefusal(attempt, 403, 'email_not_verified');
          expect(await countOf(client, acme, 'customers')).toBe(isThere ? 1 : 0);
          expect(await countOf(client, acme, 'customer_users')).toBe(0);
          const { rows } = await asUser(client, { id: attacker, organization_id: acme.id }, (session) =>
            session.query('select id from public.customers'),
          );
          expect(rows).toEqual([]);
          return answer;
        }),
      ),
    );
    expect(answers[0]).toEqual(answers[1]);
  });

  test('is one, whatever the user says of themself, and for an anonymous user', async () => {
    await db.inRollback(async (client) => {
      await addCustomer(client, acme, { email });
      const liar = await attack(client, {
        email,
        raw_user_meta_data: { email, email_verified: true, email_confirmed_at: '2026-01-01' },
      });
      await expectRefusal(liar.attempt, 403, 'email_not_verified');
    });
    await db.inRollback(async (client) => {
      const anonymous = await attack(client, { email: null, is_anonymous: true });
      await expectRefusal(anonymous.attempt, 403, 'email_not_verified');
      const half = await addMember(client, acme, { account: { email, is_anonymous: true } });
      await client.query('update auth.users set email_confirmed_at = now() where id = $1', [half]);
      await expectRefusal(own(client, half), 403, 'email_not_verified');
    });
  });

  test('would open the customer if nobody asked for the verification: that check is what stops it', async () => {
    await db.inRollback(async (client) => {
      const id = await addCustomer(client, acme, { email, notes: 'What only they may know.' });
      const { rows } = await client.query<{ source: string }>(
        `select pg_get_functiondef('private.verified_email(uuid)'::regprocedure) as source`,
      );
      const sound = rows[0]?.source ?? '';
      const broken = sound.replace('account.email_confirmed_at is not null', 'true');
      expect(broken).not.toBe(sound);
      await client.query(broken);
      const { attempt } = await attack(client);
      expect(await attempt).toMatchObject({ id, notes: 'What only they may know.' });
    });
  });

  test('links as soon as it is verified', async () => {
    await db.inRollback(async (client) => {
      const id = await addCustomer(client, acme, { email });
      const grace = await addMember(client, acme, { account: { email } });
      await expectRefusal(own(client, grace), 403, 'email_not_verified');
      await client.query('update auth.users set email_confirmed_at = now() where id = $1', [grace]);
      expect(await own(client, grace)).toMatchObject({ id });
    });
  });
});

describe('who is no member', () => {
  test('has no customer: nobody, an outsider, a suspended and a removed member, a superadmin', async () => {
    await db.inRollback(async (client) => {
      await expect(
        asAnon(client, (session) => call(session, 'get_or_create_customer')),
      ).rejects.toMatchObject({ code: '42501' });
      const outsider = await verifiedMember(client, beta);
      await expectRefusal(own(client, outsider), 403, 'organization_required');
      const root = await promote(client, await verifiedUser(client, 'root@example.com'));
      await expectRefusal(own(client, root), 403, 'customer_authorization');

      const member = await verifiedMember(client, acme, 'member@example.com');
      await own(client, member);
      await client.query(
        `update public.members set status = 'suspended', suspended_at = now() where user_id = $1`,
        [member],
      );
      await expectRefusal(own(client, member), 403, 'organization_required');
      await client.query('delete from public.members where user_id = $1', [member]);
      await expectRefusal(own(client, member), 403, 'organization_required');
      // The customer stays for the staff, without the user.
      expect(await countOf(client, acme, 'customers')).toBe(1);
      expect(await countOf(client, acme, 'customer_users')).toBe(0);
    });
  });

  test('a superadmin who is a member has one as everybody does', async () => {
    await db.inRollback(async (client) => {
      const root = await promote(client, await verifiedMember(client));
      expect(await own(client, root)).toMatchObject({ email });
    });
  });
});

test('an account that no customer can be made of is told so, with the constraint', async () => {
  await db.inRollback(async (client) => {
    // Quoted local parts are addresses to an auth server.
    const odd = await verifiedMember(client, acme, '"grace hopper"@example.com');
    const { message, hint } = await expectRefusal(own(client, odd), 422, 'customer_creation_failed');
    expect(message).toBe('The customer could not be created.');
    expect(hint).toContain('by hand');
    await expect(own(client, odd)).rejects.toMatchObject({
      detail: expect.stringContaining('"constraint": "customers_email_wellformed"') as unknown,
    });
    expect(await countOf(client, acme, 'customer_users')).toBe(0);
    // By hand: somebody adds them to a customer, and they are in.
    const id = await addCustomer(client, acme);
    await actFor(client, acme, odd, id);
    expect(await own(client, odd)).toMatchObject({ id });
  });
});

describe('at once', () => {
  const answerOf = async (attempt: Promise<unknown>) => (await attempt) as { id: string };

  // Without an address no unique key stands behind the lock.
  test.each([
    ['with a verified address', 'Mailed', 'fifty@example.com'],
    ['without an address', 'Phoned', null],
  ])(
    'fifty first calls of one user %s make one customer and one mapping, and all return it',
    async (_, name, address) => {
      const crowd = db.crowd(50);
      const here = await found(db.pool, name);
      const user =
        address === null
          ? await addMember(db.pool, here, { account: { email: null, phone: '436641112233' } })
          : await verifiedMember(db.pool, here, address);
      const answers = await Promise.all(
        Array.from({ length: 50 }, () =>
          answerOf(callAs({ pool: crowd }, here, user, 'get_or_create_customer')),
        ),
      );
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      expect(await countOf(db.pool, here, 'customers')).toBe(1);
      expect(await countOf(db.pool, here, 'customer_users')).toBe(1);
    },
  );

  test('a first call and staff who enter the same address agree on one customer', async () => {
    const crowd = db.crowd(24);
    const here = await found(db.pool, 'Both');
    const staff = await addMember(db.pool, here, { roles: ['manager'] });
    for (let round = 0; round < 10; round += 1) {
      const address = `both${round}@example.com`;
      const user = await verifiedMember(db.pool, here, address);
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          answerOf(
            index % 2 === 0
              ? callAs({ pool: crowd }, here, user, 'get_or_create_customer')
              : callAs({ pool: crowd }, here, staff, 'find_or_create_customer', { email: address }),
          ),
        ),
      );
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    }
    expect(await countOf(db.pool, here, 'customers')).toBe(10);
    expect(await countOf(db.pool, here, 'customer_users')).toBe(10);
  });

  test('a known user waits for nobody who changes the customer or makes another', async () => {
    const here = await found(db.pool, 'Locks');
    const grace = await verifiedMember(db.pool, here, 'locks@example.com');
    const { id } = await answerOf(callAs(db, here, grace, 'get_or_create_customer'));
    const blocker = await db.pool.connect();
    try {
      await blocker.query('begin');
      await blocker.query('select from public.customers where id = $1 for update', [id]);
      await blocker.query('select from public.customer_users where user_id = $1 for update', [grace]);
      await blocker.query(
        `select pg_advisory_xact_lock(hashtextextended(format('get_or_create_customer %s %s', $1::text, $2::text), 0))`,
        [here.id, grace],
      );
      const answer = await asUser(db, { id: grace, organization_id: here.id }, async (session) => {
        await session.query(`set local lock_timeout = '1ms'`);
        return call(session, 'get_or_create_customer');
      });
      expect(answer).toMatchObject({ id });
    } finally {
      await blocker.query('rollback');
      blocker.release();
    }
  });
});
