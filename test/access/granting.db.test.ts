import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import {
  addMember,
  addPlant,
  addRole,
  call,
  found,
  inside,
  type Organization,
  promote,
} from '../tenancy/organizations.ts';

const db = useDatabase();
const nobody = '00000000-0000-4000-8000-00000000dead';
let acme: Organization;
let beta: Organization;
let admin: string;
/** Manages members, and holds besides that plants.read alone. */
let clerk: string;
let member: string;
let plant: string;
let foreignPlant: string;

beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
  await addRole(db.pool, acme, 'clerk', ['members.manage', 'members.read', 'plants.read']);
  await addRole(db.pool, acme, 'reader', ['plants.read']);
  await addRole(db.pool, acme, 'keeper', ['plants.manage']);
  await addRole(db.pool, acme, 'everything', ['plants.*']);
  await addRole(db.pool, beta, 'betas_own', []);
  admin = await addMember(db.pool, acme, { roles: ['admin'] });
  clerk = await addMember(db.pool, acme, { roles: ['clerk'] });
  member = await addMember(db.pool, acme);
  plant = await addPlant(db.pool, acme);
  foreignPlant = await addPlant(db.pool, beta);
});

const as = (client: pg.ClientBase, user: string, name: string, args: Record<string, unknown> = {}) =>
  asUser(client, inside(acme, user), (session) => call(session, name, args), { commit: true });

async function grantId(client: pg.ClientBase, user: string, role: string): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    'select id from public.user_roles where organization_id = $1 and user_id = $2 and role_code = $3',
    [acme.id, user, role],
  );
  return rows[0]?.id ?? nobody;
}

describe('nobody grants what they do not have', () => {
  const exceeding: [string, (client: pg.ClientBase) => Promise<unknown>][] = [
    [
      'a role with more',
      (client) => as(client, clerk, 'grant_role', { user_id: member, role_code: 'keeper' }),
    ],
    [
      'the owner, to oneself',
      (client) => as(client, clerk, 'grant_role', { user_id: clerk, role_code: 'owner' }),
    ],
    [
      'module.* instead of its permissions',
      (client) => as(client, clerk, 'grant_role', { user_id: member, role_code: 'everything' }),
    ],
    [
      'a role with more, at a plant',
      (client) => as(client, clerk, 'grant_role', { user_id: clerk, role_code: 'keeper', plant_id: plant }),
    ],
    [
      'taking a role with more',
      async (client) => as(client, clerk, 'revoke_role', { id: await grantId(client, admin, 'admin') }),
    ],
    [
      'a new role with more',
      (client) =>
        as(client, clerk, 'create_role', { code: 'new', name: 'New', permissions: ['plants.manage'] }),
    ],
    [
      'a new role with module.*',
      (client) => as(client, clerk, 'create_role', { code: 'new', name: 'New', permissions: ['plants.*'] }),
    ],
    [
      'more into a role',
      (client) =>
        as(client, clerk, 'update_role', { code: 'reader', permissions: ['plants.read', 'audit.read'] }),
    ],
    [
      "more into one's own role",
      (client) => as(client, clerk, 'update_role', { code: 'clerk', permissions: ['members.*'] }),
    ],
    [
      'taking permissions from a role above',
      (client) => as(client, clerk, 'update_role', { code: 'keeper', permissions: [] }),
    ],
    [
      'renaming a role above',
      (client) => as(client, clerk, 'update_role', { code: 'keeper', name: 'Janitor' }),
    ],
    ['deleting a role above', (client) => as(client, clerk, 'delete_role', { code: 'keeper' })],
    [
      'inviting with a role above',
      (client) =>
        as(client, clerk, 'create_invitation', {
          id: nobody,
          email: 'x@example.com',
          token_hash: '0'.repeat(64),
          role_codes: ['keeper'],
        }),
    ],
    [
      'access to a plant that one does not have',
      (client) => as(client, clerk, 'grant_plant_access', { user_id: clerk, plant_id: plant }),
    ],
    [
      'access to a plant by way of a role',
      (client) => as(client, clerk, 'grant_role', { user_id: clerk, role_code: 'reader', plant_id: plant }),
    ],
    ['suspending somebody above', (client) => as(client, clerk, 'suspend_member', { user_id: admin })],
    ['removing somebody above', (client) => as(client, clerk, 'remove_member', { user_id: admin })],
  ];

  test.each(exceeding)('%s is refused to one who manages members; an admin may', async (_, attempt) => {
    await db.inRollback(async (client) => {
      await client.query('savepoint attempt');
      await expectRefusal(attempt(client), 403, 'grant_exceeds_own');
      await client.query('rollback to savepoint attempt');
      // The twin: with what was missing, the same is done.
      await client.query(
        `update public.roles set permissions = '{audit.*,bookings.*,customers.*,members.*,organization.*,plants.*,roles.*,sales.*}'
         where organization_id = $1 and code = 'clerk'`,
        [acme.id],
      );
      expect(await attempt(client)).toBeDefined();
    });
  });

  const needing: [string, Record<string, unknown>][] = [
    ['grant_role', { user_id: nobody, role_code: 'customer' }],
    ['revoke_role', { id: nobody }],
    ['create_role', { code: 'x', name: 'X' }],
    ['update_role', { code: 'reader', name: 'X' }],
    ['delete_role', { code: 'reader' }],
    ['grant_plant_access', { user_id: nobody, plant_id: nobody }],
    ['revoke_plant_access', { user_id: nobody, plant_id: nobody }],
  ];

  test.each(needing)(
    '%s takes members.manage in the whole organization, and an organization',
    async (name, args) => {
      await db.inRollback(async (client) => {
        const manager = await addMember(client, acme, { roles: ['manager'] });
        await expectRefusal(as(client, manager, name, args), 403, 'permission_required');
        // Held at a plant, it is not held.
        const bound = await addMember(client, acme);
        await as(client, admin, 'grant_role', { user_id: bound, role_code: 'admin', plant_id: plant });
        await expectRefusal(as(client, bound, name, args), 403, 'permission_required');
        await expectRefusal(as(client, beta.owner, name, args), 403, 'organization_required');
        const without = asUser(client, acme.owner, (session) => call(session, name, args));
        await expectRefusal(without, 403, 'organization_required');
      });
    },
  );

  test('what is held for a while is not given for longer', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        `insert into public.user_roles (organization_id, user_id, role_code, expires_at)
         values ($1, $2, 'keeper', now() + interval '1 hour')`,
        [acme.id, clerk],
      );
      const grant = (expires: string | null, user = member) =>
        client.query<{ at: Date | null }>('select now() + $1::interval as at', [expires]).then(({ rows }) =>
          as(client, clerk, 'grant_role', {
            user_id: user,
            role_code: 'keeper',
            expires_at: rows[0]?.at ?? null,
          }),
        );
      await expectRefusal(grant(null), 403, 'grant_exceeds_own');
      await expectRefusal(grant('2 hours'), 403, 'grant_exceeds_own');
      await expectRefusal(grant(null, clerk), 403, 'grant_exceeds_own');
      await expectRefusal(
        as(client, clerk, 'update_role', { code: 'clerk', permissions: ['members.manage', 'plants.manage'] }),
        403,
        'grant_exceeds_own',
      );
      await expectRefusal(
        as(client, clerk, 'create_invitation', {
          id: nobody,
          email: 'x@example.com',
          token_hash: '0'.repeat(64),
          role_codes: ['keeper'],
        }),
        403,
        'grant_exceeds_own',
      );
      expect(await grant('30 minutes')).toMatchObject({ role_code: 'keeper' });
    });
  });

  test('a superadmin holds everything, in an organization that they are no member of too', async () => {
    await db.inRollback(async (client) => {
      const superadmin = await promote(client, await insertAuthUser(client));
      expect(
        await as(client, superadmin, 'grant_role', { user_id: member, role_code: 'owner' }),
      ).toMatchObject({
        granted_by: superadmin,
      });
      expect(
        await as(client, superadmin, 'create_role', { code: 'new', name: 'New', permissions: ['audit.*'] }),
      ).toMatchObject({ permissions: ['audit.*'] });
    });
  });
});

describe('grant_role()', () => {
  const grant = (client: pg.ClientBase, args: Record<string, unknown>) =>
    as(client, admin, 'grant_role', { user_id: member, role_code: 'viewer', ...args });

  test('gives it, notes who did, and changes the expiry of what is there', async () => {
    await db.inRollback(async (client) => {
      const first = await grant(client, { department: 'Sales', expires_at: '2099-01-01T00:00:00Z' });
      expect(first).toMatchObject({
        user_id: member,
        role_code: 'viewer',
        department: 'Sales',
        granted_by: admin,
      });
      const again = await grant(client, { department: 'Sales' });
      expect(again).toMatchObject({ id: (first as { id: string }).id, expires_at: null });
      // Another department is another grant.
      await grant(client, {});
      const { rows } = await client.query(
        'select department from public.user_roles where user_id = $1 order by department nulls first',
        [member],
      );
      expect(rows).toEqual([{ department: null }, { department: 'Sales' }]);
    });
  });

  test('at a plant, gives access to it, and leaves more access as it is', async () => {
    await db.inRollback(async (client) => {
      const level = async () =>
        (
          await client.query<{ access_level: string }>(
            'select access_level from public.user_plant_access where user_id = $1 and plant_id = $2',
            [member, plant],
          )
        ).rows[0]?.access_level;
      await grant(client, { plant_id: plant });
      expect(await level()).toBe('read');
      await as(client, admin, 'grant_plant_access', {
        user_id: member,
        plant_id: plant,
        access_level: 'admin',
      });
      await grant(client, { plant_id: plant, role_code: 'operator' });
      expect(await level()).toBe('admin');
    });
  });

  test('an owner is made by owners, without an end and without bounds', async () => {
    await db.inRollback(async (client) => {
      const by = (user: string, more: Record<string, unknown> = {}) =>
        as(client, user, 'grant_role', { user_id: member, role_code: 'owner', ...more });
      await expectRefusal(by(admin), 403, 'grant_exceeds_own');
      await expectRefusal(by(acme.owner, { department: 'Sales' }), 400, 'owner_unbounded');
      await expectRefusal(by(acme.owner, { expires_at: '2099-01-01' }), 400, 'owner_unbounded');
      await expectRefusal(by(acme.owner, { plant_id: plant }), 400, 'owner_unbounded');
      const { id } = (await by(acme.owner)) as { id: string };
      for (const [name, args] of [
        ['revoke_role', { id }],
        ['suspend_member', { user_id: member }],
        ['remove_member', { user_id: member }],
      ] as const) {
        await expectRefusal(as(client, admin, name, args), 403, 'grant_exceeds_own');
      }
      expect(await as(client, acme.owner, 'revoke_role', { id })).toMatchObject({ role_code: 'owner' });
    });
  });

  test.each([
    [400, 'expiry_invalid', { expires_at: '2020-01-01' }],
    [400, 'department_invalid', { department: '  ' }],
    [400, 'department_invalid', { department: 'x'.repeat(101) }],
    [404, 'member_not_found', { user_id: nobody }],
    [404, 'role_not_found', { role_code: 'no_such' }],
    [404, 'role_not_found', { role_code: null }],
    [404, 'plant_not_found', { plant_id: nobody }],
  ])('refuses with %i %s: %j', async (status, code, args) => {
    await db.inRollback((client) => expectRefusal(grant(client, args), status, code));
  });

  test('members, roles and plants of another organization are none, in the same words', async () => {
    await db.inRollback(async (client) => {
      const same = async (code: string, there: Record<string, unknown>, nowhere: Record<string, unknown>) => {
        const answers = [
          await expectRefusal(grant(client, there), 404, code),
          await expectRefusal(grant(client, nowhere), 404, code),
        ];
        expect(answers[0]).toEqual(answers[1]);
      };
      await same('member_not_found', { user_id: beta.owner }, { user_id: nobody });
      await same('role_not_found', { role_code: 'betas_own' }, { role_code: 'nowhere' });
      await same('plant_not_found', { plant_id: foreignPlant }, { plant_id: nobody });
    });
  });

  test('is in the audit log with who did it', async () => {
    await db.inRollback(async (client) => {
      const { id } = (await grant(client, {})) as { id: string };
      await as(client, admin, 'revoke_role', { id });
      const { rows } = await client.query(
        `select action, actor_id, organization_id from public.audit_logs
         where table_name = 'user_roles' and row_key = jsonb_build_object('id', $1::uuid) order by at, id`,
        [id],
      );
      expect(rows).toEqual(
        ['create', 'delete'].map((action) => ({ action, actor_id: admin, organization_id: acme.id })),
      );
    });
  });
});

describe('revoke_role()', () => {
  test('takes a grant of the organization; of another and of none are the same', async () => {
    await db.inRollback(async (client) => {
      const { rows } = await client.query<{ id: string }>(
        'select id from public.user_roles where organization_id = $1',
        [beta.id],
      );
      const answers = [];
      for (const id of [rows[0]?.id, nobody, null]) {
        answers.push(
          await expectRefusal(as(client, admin, 'revoke_role', { id }), 404, 'role_grant_not_found'),
        );
      }
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      const id = await grantId(client, clerk, 'clerk');
      expect(await as(client, admin, 'revoke_role', { id })).toMatchObject({
        user_id: clerk,
        role_code: 'clerk',
      });
      await expectRefusal(as(client, admin, 'revoke_role', { id }), 404, 'role_grant_not_found');
    });
  });
});

describe('access to plants', () => {
  const grant = (client: pg.ClientBase, user: string, args: Record<string, unknown>) =>
    as(client, user, 'grant_plant_access', { user_id: member, plant_id: plant, ...args });

  test('is given, changed and taken by those who have plants.manage', async () => {
    await db.inRollback(async (client) => {
      expect(await grant(client, admin, {})).toMatchObject({ access_level: 'read', granted_by: admin });
      expect(await grant(client, admin, { access_level: 'write' })).toMatchObject({ access_level: 'write' });
      const revoke = () => as(client, admin, 'revoke_plant_access', { user_id: member, plant_id: plant });
      expect(await revoke()).toMatchObject({ access_level: 'write' });
      await expectRefusal(revoke(), 404, 'plant_access_not_found');
    });
  });

  test("reaches no further than one's own, neither up nor down", async () => {
    await db.inRollback(async (client) => {
      await as(client, admin, 'grant_plant_access', {
        user_id: clerk,
        plant_id: plant,
        access_level: 'write',
      });
      expect(await grant(client, clerk, { access_level: 'write' })).toMatchObject({ access_level: 'write' });
      await expectRefusal(grant(client, clerk, { access_level: 'admin' }), 403, 'grant_exceeds_own');
      await grant(client, admin, { access_level: 'admin' });
      await expectRefusal(grant(client, clerk, { access_level: 'read' }), 403, 'grant_exceeds_own');
      const revoke = () => as(client, clerk, 'revoke_plant_access', { user_id: member, plant_id: plant });
      await expectRefusal(revoke(), 403, 'grant_exceeds_own');
      await grant(client, admin, { access_level: 'read' });
      expect(await revoke()).toMatchObject({ user_id: member });
    });
  });

  test('cannot be taken with a role there that one does not hold', async () => {
    await db.inRollback(async (client) => {
      await as(client, admin, 'grant_plant_access', { user_id: clerk, plant_id: plant });
      await as(client, admin, 'grant_role', { user_id: member, role_code: 'keeper', plant_id: plant });
      const revoke = (user: string) =>
        as(client, user, 'revoke_plant_access', { user_id: member, plant_id: plant });
      await expectRefusal(revoke(clerk), 403, 'grant_exceeds_own');
      expect(await revoke(admin)).toMatchObject({ user_id: member });
      expect(await grantId(client, member, 'keeper')).toBe(nobody);
    });
  });

  test.each([
    [400, 'access_level_invalid', { access_level: 'owner' }],
    [400, 'access_level_invalid', { access_level: null }],
    [404, 'member_not_found', { user_id: nobody }],
    [404, 'plant_not_found', { plant_id: nobody }],
  ])('refuses with %i %s: %j', async (status, code, args) => {
    await db.inRollback((client) => expectRefusal(grant(client, admin, args), status, code));
  });

  test('plants and members of another organization are none', async () => {
    await db.inRollback(async (client) => {
      await expectRefusal(grant(client, admin, { plant_id: foreignPlant }), 404, 'plant_not_found');
      await expectRefusal(grant(client, admin, { user_id: beta.owner }), 404, 'member_not_found');
      const revoke = (args: Record<string, unknown>) =>
        as(client, admin, 'revoke_plant_access', { user_id: member, plant_id: plant, ...args });
      await expectRefusal(revoke({ plant_id: foreignPlant }), 404, 'plant_access_not_found');
      await expectRefusal(revoke({ user_id: beta.owner }), 404, 'member_not_found');
    });
  });
});
