import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCatalog } from '../../src/isolation/catalog.ts';
import { createFiller } from '../../src/isolation/rows.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon, asService, asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import {
  addMember,
  addPlant,
  call,
  callAll,
  events,
  found,
  inside,
  invitationToken,
  type Organization,
  promote,
} from './organizations.ts';

const db = useDatabase();
let superadmin: string;
let somebody: string;
let acme: Organization;
let beta: Organization;

beforeAll(async () => {
  superadmin = await promote(db.pool, await insertAuthUser(db.pool));
  somebody = await insertAuthUser(db.pool);
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
});

/** Calls a function as a user, and keeps what it did in the surrounding transaction. */
const as = (client: pg.ClientBase, user: string, name: string, args: Record<string, unknown> = {}) =>
  asUser(client, user, (session) => call(session, name, args), { commit: true });

/** What a member of an organization gets done: which of a read, a write and a function. */
async function worksIn(client: pg.ClientBase, organization: Organization, user: string): Promise<unknown> {
  return asUser(client, inside(organization, user), async (session) => {
    const own = await session.query('select from public.organizations');
    const renamed = await session.query(`update public.organizations set industry = 'Pools'`);
    const { rows } = await session.query<{ is_allowed: boolean }>(
      'select public.check_permission($1) as is_allowed',
      ['plants.manage'],
    );
    return { reads: own.rowCount, writes: renamed.rowCount, ...rows[0] };
  });
}
const open = { reads: 1, writes: 1, is_allowed: true };
const shut = { reads: 0, writes: 0, is_allowed: false };

describe('creating an organization', () => {
  test('gives it its sixteen system roles, its owner and its values, in one transaction', async () => {
    await db.inRollback(async (client) => {
      const created = await as(client, superadmin, 'create_organization', {
        name: '  Nordic   Pools ',
        slug: 'nordic-pools',
        owner_id: somebody,
        tier: 'enterprise',
        timezone: 'Europe/Oslo',
        max_users: 3,
      });
      expect(created).toMatchObject({
        slug: 'nordic-pools',
        tier: 'enterprise',
        timezone: 'Europe/Oslo',
        max_users: 3,
        max_properties: 100,
        status: 'active',
        allow_self_registration: false,
        requires_approval: true,
        created_by: superadmin,
      });
      const { id } = created as Organization;
      const { rows } = await client.query(
        `select member.user_id, member.status, held.role_code, profile.current_organization_id = $1 as is_current,
           (select count(*)::integer from public.roles where organization_id = $1 and is_system) as roles
         from public.members as member
           join public.user_roles as held using (organization_id, user_id)
           join public.user_profiles as profile using (user_id)
         where member.organization_id = $1`,
        [id],
      );
      expect(rows).toEqual([
        { user_id: somebody, status: 'active', role_code: 'owner', is_current: true, roles: 16 },
      ]);
      expect(await worksIn(client, { id } as Organization, somebody)).toEqual(open);
    });
  });

  test('is done by the service role and the operator, who must name an owner', async () => {
    await db.inRollback(async (client) => {
      const create = (args: Record<string, unknown>) =>
        asService(client, (session) =>
          call(session, 'create_organization', { name: 'X', slug: 'x', ...args }),
        );
      expect(await create({ owner_id: somebody })).toMatchObject({ slug: 'x', created_by: null });
      await expectRefusal(create({}), 400, 'owner_required');
    });
  });

  test('a superadmin who names nobody owns it', async () => {
    await db.inRollback(async (client) => {
      const created = await as(client, superadmin, 'create_organization', { name: 'Own', slug: 'own' });
      expect(await worksIn(client, created as Organization, superadmin)).toEqual(open);
    });
  });

  test('is refused to everybody else, unless the platform allows it for oneself', async () => {
    await db.inRollback(async (client) => {
      const create = (args: Record<string, unknown> = {}) =>
        asUser(client, somebody, (session) =>
          call(session, 'create_organization', { name: 'Mine', slug: 'mine', ...args }),
        );
      await expectRefusal(create(), 403, 'superadmin_required');
      expect(
        await as(client, superadmin, 'update_platform_settings', { allow_organization_sign_up: true }),
      ).toBe(true);
      expect(await create()).toMatchObject({
        slug: 'mine',
        tier: 'basic',
        max_users: 10,
        created_by: somebody,
      });
      expect(await create({ owner_id: somebody, timezone: 'Asia/Tokyo' })).toMatchObject({
        timezone: 'Asia/Tokyo',
      });
      for (const chosen of [
        { owner_id: superadmin },
        { id: 'LEGACY001' },
        { tier: 'enterprise' },
        { max_users: 1000 },
      ]) {
        await expectRefusal(create(chosen), 403, 'superadmin_required');
      }
      await as(client, superadmin, 'update_platform_settings', { allow_organization_sign_up: false });
      await expectRefusal(create(), 403, 'superadmin_required');
      expect(await events(client, 'platform.settings_changed')).toMatchObject([
        { organization_id: 'PLATFORM', actor_id: superadmin, after: { allow_organization_sign_up: true } },
        { organization_id: 'PLATFORM', actor_id: superadmin, after: { allow_organization_sign_up: false } },
      ]);
    });
  });

  test.each([
    ['name_invalid', { name: ' ' }],
    ['name_invalid', { name: null }],
    ['slug_invalid', { slug: null }],
    ['tier_invalid', { tier: 'gold' }],
    ['limits_invalid', { max_users: 0 }],
    ['slug_invalid', { slug: 'No-Capitals' }],
    ['slug_invalid', { slug: '-x' }],
    ['slug_invalid', { slug: 'x'.repeat(64) }],
    ['slug_invalid', { slug: '' }],
    ['timezone_invalid', { timezone: 'Mars/Olympus' }],
    ['timezone_invalid', { timezone: '../../etc/passwd' }],
    ['organization_id_invalid', { id: 'PLATFORM' }],
  ])('refuses %s: %j', async (code, args) => {
    const attempt = asUser(db, superadmin, (client) =>
      call(client, 'create_organization', { name: 'X', slug: 'x', ...args }),
    );
    await expectRefusal(attempt, 400, code);
  });

  test('refuses a slug that is taken, and an owner who is no user', async () => {
    const create = (args: Record<string, unknown>) =>
      asUser(db, superadmin, (client) => call(client, 'create_organization', { name: 'X', ...args }));
    await expectRefusal(create({ slug: 'acme' }), 409, 'organization_exists');
    const owner_id = '00000000-0000-4000-8000-00000000dead';
    await expectRefusal(create({ slug: 'x', owner_id }), 404, 'user_not_found');
  });
});

describe('changing an organization', () => {
  test('a superadmin changes the plan; what is left out stays', async () => {
    await db.inRollback(async (client) => {
      const change = (args: Record<string, unknown>) =>
        as(client, superadmin, 'update_organization', { id: acme.id, ...args });
      expect(
        await change({
          tier: 'professional',
          max_users: 7,
          max_properties: 0,
          features: '{"sms": true}',
        }),
      ).toMatchObject({
        name: 'Acme',
        slug: 'acme',
        tier: 'professional',
        max_users: 7,
        max_properties: 0,
        features: { sms: true },
      });
      expect(
        await change({ name: 'Acme & Sons', slug: 'acme-sons', timezone: 'Europe/Vienna' }),
      ).toMatchObject({
        name: 'Acme & Sons',
        slug: 'acme-sons',
        timezone: 'Europe/Vienna',
        tier: 'professional',
      });
      // Its own slug is not somebody else's.
      expect(await change({ slug: 'acme-sons' })).toMatchObject({ slug: 'acme-sons' });
    });
  });

  test.each([
    [400, 'name_invalid', { name: '' }],
    [400, 'slug_invalid', { slug: 'a b' }],
    [400, 'timezone_invalid', { timezone: 'Nowhere' }],
    [400, 'features_invalid', { features: '{"jets": true}' }],
    [400, 'features_invalid', { features: '{"sms": "yes"}' }],
    [400, 'features_invalid', { features: '[]' }],
    [400, 'tier_invalid', { tier: 'gold' }],
    [400, 'limits_invalid', { max_users: 0 }],
    [400, 'limits_invalid', { max_properties: -1 }],
    [409, 'organization_exists', { slug: 'beta' }],
    [404, 'organization_not_found', { id: 'NOSUCH001' }],
  ])('refuses with %i %s: %j', async (status, code, args) => {
    const attempt = asUser(db, superadmin, (client) =>
      call(client, 'update_organization', { id: acme.id, ...args }),
    );
    await expectRefusal(attempt, status, code);
  });

  test('its own people change its particulars in the table, and neither plan nor status nor id', async () => {
    const write = (column: string, value: string) =>
      asUser(db, inside(acme, acme.owner), (client) =>
        client.query(`update public.organizations set ${column} = $1`, [value]),
      );
    for (const [column, value] of Object.entries({
      name: 'Acme 2',
      contact_email: 'office@acme.test',
      address: '{"city": "Graz"}',
      timezone: 'Europe/Vienna',
      allow_self_registration: 'true',
    })) {
      expect((await write(column, value)).rowCount, column).toBe(1);
    }
    for (const [column, value] of Object.entries({
      id: 'STOLEN001',
      status: 'active',
      tier: 'enterprise',
      max_users: '1000',
      max_properties: '1000',
      features: '{"ai": true}',
      created_by: acme.owner,
      status_reason: 'x',
    })) {
      await expect(write(column, value), column).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('suspending, cancelling, reactivating', () => {
  test('members of a suspended organization read and write nothing; superadmins and the others still can', async () => {
    await db.inRollback(async (client) => {
      expect(await worksIn(client, acme, acme.owner)).toEqual(open);
      expect(
        await as(client, superadmin, 'suspend_organization', { id: acme.id, reason: ' Unpaid ' }),
      ).toMatchObject({ status: 'suspended', status_reason: 'Unpaid', cancelled_at: null });

      expect(await worksIn(client, acme, acme.owner)).toEqual(shut);
      expect(await worksIn(client, acme, superadmin)).toEqual(open);
      expect(await worksIn(client, beta, beta.owner)).toEqual(open);
      for (const [name, args] of [
        ['organization_usage', {}],
        ['list_members', {}],
        ['create_role', { code: 'x', name: 'X' }],
      ] as const) {
        const attempt = asUser(client, inside(acme, acme.owner), (session) => call(session, name, args));
        await expectRefusal(attempt, 403, 'organization_required');
      }

      expect(await as(client, superadmin, 'reactivate_organization', { id: acme.id })).toMatchObject({
        status: 'active',
        status_reason: null,
        suspended_at: null,
      });
      expect(await worksIn(client, acme, acme.owner)).toEqual(open);
    });
  });

  test('a cancelled organization keeps its rows, shuts its members out, and can come back', async () => {
    await db.inRollback(async (client) => {
      await as(client, superadmin, 'cancel_organization', { id: acme.id, reason: 'Moved away' });
      expect(await worksIn(client, acme, acme.owner)).toEqual(shut);
      expect(await worksIn(client, acme, superadmin)).toEqual(open);
      const { rows } = await client.query(
        'select status, cancelled_at = now() as is_dated from public.organizations where id = $1',
        [acme.id],
      );
      expect(rows).toEqual([{ status: 'cancelled', is_dated: true }]);
      await as(client, superadmin, 'reactivate_organization', { id: acme.id });
      expect(await worksIn(client, acme, acme.owner)).toEqual(open);
    });
  });

  test.each([
    ['active', 'reactivate_organization', 409],
    ['suspended', 'suspend_organization', 409],
    ['suspended', 'cancel_organization', undefined],
    ['cancelled', 'suspend_organization', 409],
    ['cancelled', 'cancel_organization', 409],
    ['cancelled', 'reactivate_organization', undefined],
  ])('from %s, %s', async (status, name, refused) => {
    await db.inRollback(async (client) => {
      const reason = { reason: 'x' };
      if (status === 'suspended') await call(client, 'suspend_organization', { id: acme.id, ...reason });
      if (status === 'cancelled') await call(client, 'cancel_organization', { id: acme.id, ...reason });
      const attempt = as(client, superadmin, name, {
        id: acme.id,
        ...(name === 'reactivate_organization' ? {} : reason),
      });
      if (refused) await expectRefusal(attempt, refused, 'organization_status_conflict');
      else expect(await attempt).toMatchObject({ id: acme.id });
    });
  });

  test.each([
    ['suspend_organization', '  ', 'reason_required'],
    ['cancel_organization', null, 'reason_required'],
    ['suspend_organization', 'x'.repeat(1001), 'reason_invalid'],
  ])('%s wants a reason', async (name, reason, code) => {
    const attempt = asUser(db, superadmin, (client) => call(client, name, { id: acme.id, reason }));
    await expectRefusal(attempt, 400, code);
  });
});

describe('purging', () => {
  /** Every table with a column for the organization, wherever it is, except the log, and how many rows each has. */
  async function rowsOf(client: pg.ClientBase, id: string): Promise<Record<string, number>> {
    const { rows: tables } = await client.query<{ name: string }>(
      `select col.attrelid::regclass::text as name
       from pg_attribute as col join pg_class as rel on rel.oid = col.attrelid
       where col.attname = 'organization_id' and rel.relkind in ('r', 'p') and not rel.relispartition
         and rel.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
         and rel.oid <> 'public.audit_logs'::regclass
       order by 1`,
    );
    const counts: Record<string, number> = {};
    for (const { name } of tables) {
      const { rows } = await client.query<{ count: number }>(
        `select count(*)::integer from ${name} where organization_id = $1`,
        [id],
      );
      counts[name] = rows[0]?.count ?? -1;
    }
    return counts;
  }

  async function fill(client: pg.ClientBase, organization: Organization): Promise<void> {
    const plant = await addPlant(client, organization, 'P1');
    const user = await addMember(client, organization, { roles: ['viewer'] });
    const caller = inside(organization, organization.owner);
    await asUser(
      client,
      caller,
      async (session) => {
        await call(session, 'grant_role', { user_id: user, role_code: 'supervisor', plant_id: plant });
        const { id, token_hash } = invitationToken();
        await call(session, 'create_invitation', { id, email: 'new@example.com', token_hash });
      },
      { commit: true },
    );
    // And a row in every table that modules have added.
    const filler = await createFiller(client, await readCatalog(client));
    const users = [user, organization.owner, await insertAuthUser(client)];
    const owner = {
      organization: organization.id,
      marker: `mark${organization.slug}`,
      idStem: 'deadbeef',
      users,
    };
    expect(await filler.fill(owner)).toEqual([]);
    // What is frozen, and history, goes as well.
    for (const [table, ...statuses] of [
      ['configurations', 'saved', 'quoted', 'ordered'],
      ['quotes', 'sent', 'accepted'],
      ['orders', 'production', 'shipped', 'installed'],
    ]) {
      for (const status of statuses) {
        await client.query(`update public.${table} set status = $2 where organization_id = $1`, [
          organization.id,
          status,
        ]);
      }
    }
  }

  test('deletes every row of a cancelled organization, leaves the others alone, and stays in the log', async () => {
    await db.inRollback(async (client) => {
      await fill(client, acme);
      await fill(client, beta);
      const before = await rowsOf(client, beta.id);
      const own = await rowsOf(client, acme.id);
      expect(
        Object.values(own).every((count) => count > 0),
        JSON.stringify(own),
      ).toBe(true);
      await call(client, 'cancel_organization', { id: acme.id, reason: 'Gone' });
      const deleted = await asUser(
        client,
        superadmin,
        (session) => callAll(session, 'purge_organization', { id: acme.id, confirm_name: 'Acme' }),
        { commit: true },
      );
      expect(deleted).toContainEqual({ resource: 'plants', used: own.plants, allowed: null });
      expect(deleted).toContainEqual({ resource: 'members', used: own.members, allowed: null });

      expect(new Set(Object.values(await rowsOf(client, acme.id)))).toEqual(new Set([0]));
      expect(await rowsOf(client, beta.id)).toEqual(before);
      const { rows: remains } = await client.query(
        `select from public.organizations where id = $1
         union all select from public.user_profiles where current_organization_id = $1`,
        [acme.id],
      );
      expect(remains).toEqual([]);
      // The people remain; they are the platform's.
      expect((await client.query('select from auth.users where id = $1', [acme.owner])).rowCount).toBe(1);

      expect(await events(client, 'organization.purged')).toMatchObject([
        {
          organization_id: acme.id,
          actor_id: superadmin,
          action: 'delete',
          severity: 'critical',
          after: { name: 'Acme', rows: { plants: own.plants, members: own.members, orders: 1 } },
        },
      ]);
      const { rows: logged } = await client.query<{ entries: number }>(
        'select count(*)::integer as entries from public.audit_logs where organization_id = $1',
        [acme.id],
      );
      expect(logged[0]?.entries).toBeGreaterThan(20);
    });
  });

  test('wants a cancelled organization and its exact name', async () => {
    await db.inRollback(async (client) => {
      const purge = (confirm_name: string | null) =>
        as(client, superadmin, 'purge_organization', { id: acme.id, confirm_name });
      await expectRefusal(purge('Acme'), 409, 'organization_not_cancelled');
      await call(client, 'suspend_organization', { id: acme.id, reason: 'x' });
      await expectRefusal(purge('Acme'), 409, 'organization_not_cancelled');
      await call(client, 'cancel_organization', { id: acme.id, reason: 'x' });
      for (const name of ['acme', ' Acme', '', null]) {
        await expectRefusal(purge(name), 400, 'confirmation_mismatch');
      }
      expect(
        await as(client, superadmin, 'purge_organization', { id: acme.id, confirm_name: 'Acme' }),
      ).toBeDefined();
    });
  });
});

describe('who may', () => {
  const functions: [string, Record<string, unknown>][] = [
    ['update_organization', { id: '', name: 'X' }],
    ['suspend_organization', { id: '', reason: 'x' }],
    ['reactivate_organization', { id: '' }],
    ['cancel_organization', { id: '', reason: 'x' }],
    ['purge_organization', { id: '', confirm_name: 'Acme' }],
    ['list_organizations', {}],
    ['update_platform_settings', { allow_organization_sign_up: true }],
  ];

  test.each(functions)('not even an owner may %s, and learns nothing of who exists', async (name, args) => {
    const answers = [];
    for (const id of [acme.id, beta.id, 'NOSUCH001']) {
      const asked = 'id' in args ? { ...args, id } : args;
      const attempt = asUser(db, inside(acme, acme.owner), (client) => call(client, name, asked));
      answers.push(await expectRefusal(attempt, 403, 'superadmin_required'));
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  test.each(functions)('a superadmin who is deactivated may not %s', async (name, args) => {
    await db.inRollback(async (client) => {
      await call(client, 'deactivate_user', { id: superadmin, reason: 'left' });
      const asked = 'id' in args ? { ...args, id: acme.id } : args;
      await expectRefusal(as(client, superadmin, name, asked), 403, 'superadmin_required');
    });
  });

  test.each(functions)('without a token nobody may %s', async (name, args) => {
    await expect(asAnon(db, (client) => call(client, name, args))).rejects.toMatchObject({ code: '42501' });
  });

  test.each(functions)('a claim of the role makes nobody one who may %s', async (name, args) => {
    const liar = {
      id: somebody,
      platform_role: 'superadmin',
      user_metadata: { platform_role: 'superadmin', role: 'service_role' },
      app_metadata: { platform_role: 'superadmin', role: 'service_role' },
    };
    const asked = 'id' in args ? { ...args, id: acme.id } : args;
    const attempt = asUser(db, liar, (client) => call(client, name, asked));
    await expectRefusal(attempt, 403, 'superadmin_required');
  });
});

describe('lists', () => {
  test('list_organizations() pages, counts and finds', async () => {
    await db.inRollback(async (client) => {
      await addPlant(client, acme);
      await addMember(client, acme, { status: 'pending' });
      await addMember(client, acme, { status: 'suspended' });
      await client.query(
        `update public.organizations set created_at = now() - interval '1 day' where id = $1`,
        [acme.id],
      );
      await call(client, 'suspend_organization', { id: beta.id, reason: 'x' });
      const list = (args: Record<string, unknown> = {}) => as(client, superadmin, 'list_organizations', args);
      expect(await list()).toMatchObject({
        total: 2,
        page: 1,
        per_page: 50,
        organizations: [
          { id: beta.id, status: 'suspended', active_members: 1, pending_members: 0, plants: 0 },
          { id: acme.id, status: 'active', active_members: 1, pending_members: 1, plants: 1, max_users: 50 },
        ],
      });
      expect(await list({ per_page: 1, page: 2 })).toMatchObject({
        total: 2,
        organizations: [{ id: acme.id }],
      });
      expect(await list({ page: 9 })).toMatchObject({ total: 2, organizations: [] });
      for (const [args, total] of [
        [{ status: 'active' }, 1],
        [{ status: 'cancelled' }, 0],
        [{ search: 'ACM' }, 1],
        [{ search: acme.id }, 1],
        [{ search: '%' }, 0],
        [{ search: '  ' }, 2],
      ] as const) {
        expect(await list(args), JSON.stringify(args)).toMatchObject({ total });
      }
      for (const [code, args] of [
        ['per_page_invalid', { per_page: 101 }],
        ['per_page_invalid', { per_page: null }],
        ['page_invalid', { page: 0 }],
        ['status_invalid', { status: 'gone' }],
        ['search_invalid', { search: 'x'.repeat(201) }],
      ] as const) {
        await expectRefusal(list(args), 400, code);
      }
    });
  });

  test('organization_usage() counts the rows of every tenant table, and only those of the organization', async () => {
    await db.inRollback(async (client) => {
      await addPlant(client, acme);
      await addPlant(client, beta);
      await addPlant(client, beta);
      const usage = (organization: Organization) =>
        asUser(client, inside(organization, organization.owner), (session) =>
          callAll(session, 'organization_usage'),
        );
      expect(await usage(acme)).toContainEqual({ resource: 'plants', used: 1, allowed: null });
      expect(await usage(beta)).toContainEqual({ resource: 'plants', used: 2, allowed: null });
      expect((await usage(acme))[0]).toEqual({ resource: 'active_members', used: 1, allowed: 50 });
      await client.query(
        `create table public.pumps (
           organization_id text not null default private.current_organization_id(),
           id integer not null,
           primary key (organization_id, id),
           foreign key (organization_id) references public.organizations (id) on delete cascade
         );
         insert into public.pumps values ('${acme.id}', 1), ('${acme.id}', 2), ('${beta.id}', 1)`,
      );
      expect(await usage(acme)).toContainEqual({ resource: 'pumps', used: 2, allowed: null });
    });
  });

  test("my_organizations() shows the caller theirs, with status and roles, and nobody else's", async () => {
    await db.inRollback(async (client) => {
      await addMember(client, acme, { user: somebody, roles: ['viewer', 'salesman'] });
      await addMember(client, beta, { user: somebody, status: 'pending' });
      const mine = (user: string) => asUser(client, user, (session) => callAll(session, 'my_organizations'));
      expect(await mine(somebody)).toEqual([
        expect.objectContaining({
          slug: 'acme',
          member_status: 'active',
          role_codes: ['salesman', 'viewer'],
        }),
        expect.objectContaining({ slug: 'beta', member_status: 'pending', role_codes: [] }),
      ]);
      expect(await mine(acme.owner)).toEqual([
        expect.objectContaining({ organization_id: acme.id, role_codes: ['owner'], is_current: true }),
      ]);
      expect(await mine(await insertAuthUser(client))).toEqual([]);
      await call(client, 'deactivate_user', { id: somebody, reason: 'x' });
      await expectRefusal(mine(somebody), 401, 'not_authenticated');
    });
  });
});
