import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { asAnon, asService, asUser, type Caller } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import {
  addMember,
  addPlant,
  addRole,
  call,
  callAll,
  found,
  inside,
  type Organization,
  promote,
} from '../tenancy/organizations.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;

beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
});

/** What a caller may, asked in each way that there is. */
async function asked(client: pg.ClientBase, caller: Caller, code: string, plant: string | null = null) {
  return asUser(client, caller, async (session) => {
    const { rows } = await session.query<{ has: boolean; listed: boolean }>(
      'select private.has_permission($1) as has, $1 = any (private.current_permissions()) as listed',
      [code],
    );
    const mine = (await callAll(session, 'my_permissions')) as {
      permission: string;
      plant_id: string | null;
    }[];
    return {
      ...rows[0],
      checked: await call(session, 'check_permission', { code, plant_id: plant }),
      mine: mine.filter(({ permission }) => permission === code).map(({ plant_id }) => plant_id),
    };
  });
}

const everywhere = { has: true, listed: true, checked: true, mine: [null] };
const nowhere = { has: false, listed: false, checked: false, mine: [] };

describe('user active → organization active → member active → role unexpired and in scope → permission', () => {
  const links: [string, string][] = [
    ['the user is deactivated', `select public.deactivate_user($user, 'x')`],
    ['the organization is suspended', `select public.suspend_organization($organization, 'x')`],
    ['the organization is cancelled', `select public.cancel_organization($organization, 'x')`],
    [
      'the member is suspended',
      `update public.members set status = 'suspended', suspended_at = now() where user_id = $user`,
    ],
    [
      'the member waits',
      `update public.members set status = 'pending', joined_at = null where user_id = $user`,
    ],
    ['the member is removed', `delete from public.members where user_id = $user`],
    ['the user is deleted', `delete from auth.users where id = $user`],
    ['the role has expired', `update public.user_roles set expires_at = now() where user_id = $user`],
    ['the role is taken away', `delete from public.user_roles where user_id = $user`],
    [
      'the role loses the permission',
      `update public.roles set permissions = '{}' where code = 'inspectors' and organization_id = $organization`,
    ],
    [
      'the role is deleted',
      `delete from public.roles where code = 'inspectors' and organization_id = $organization`,
    ],
    ['the permission leaves the catalog', `delete from public.permissions where code = 'audit.read'`],
  ];

  test.each(links)('broken: %s', async (_, statement) => {
    await db.inRollback(async (client) => {
      await addRole(client, acme, 'inspectors', ['audit.read']);
      const user = await addMember(client, acme, { roles: ['inspectors'] });
      expect(await asked(client, inside(acme, user), 'audit.read')).toEqual(everywhere);
      await client.query(
        statement.replaceAll('$user', `'${user}'`).replaceAll('$organization', `'${acme.id}'`),
      );
      expect(await asked(client, inside(acme, user), 'audit.read')).toEqual(nowhere);
    });
  });

  test('a role that has not expired yet counts', async () => {
    await db.inRollback(async (client) => {
      await addRole(client, acme, 'inspectors', ['audit.read']);
      const user = await addMember(client, acme, { roles: ['inspectors'] });
      await client.query(
        `update public.user_roles set expires_at = now() + interval '1 second' where user_id = $1`,
        [user],
      );
      expect(await asked(client, inside(acme, user), 'audit.read')).toEqual(everywhere);
    });
  });

  test("a token of another organization, of none, or with the member's id alone, opens nothing", async () => {
    await db.inRollback(async (client) => {
      const user = await addMember(client, acme, { roles: ['owner'] });
      for (const caller of [inside(beta, user), user, { id: user, organization_id: null }]) {
        expect(await asked(client, caller, 'audit.read')).toEqual(nowhere);
      }
      expect(await asked(client, inside(acme, user), 'audit.read')).toEqual(everywhere);
    });
  });

  test('a role that is bound to a plant counts there, and nowhere else', async () => {
    await db.inRollback(async (client) => {
      const [here, there] = [await addPlant(client, acme), await addPlant(client, acme)];
      const foreign = await addPlant(client, beta);
      const user = await addMember(client, acme);
      await asUser(
        client,
        inside(acme, acme.owner),
        (session) => call(session, 'grant_role', { user_id: user, role_code: 'supervisor', plant_id: here }),
        { commit: true },
      );
      const ask = (plant: string | null) => asked(client, inside(acme, user), 'members.read', plant);
      const bound = { has: false, listed: false, mine: [here] };
      expect(await ask(null)).toEqual({ ...bound, checked: false });
      expect(await ask(here)).toEqual({ ...bound, checked: true });
      expect(await ask(there)).toEqual({ ...bound, checked: false });
      expect(await ask(foreign)).toEqual({ ...bound, checked: false });

      // Who has a role for the whole organization has it at each plant of it, and at no other's.
      const manager = await addMember(client, acme, { roles: ['manager'] });
      const all = (plant: string) => asked(client, inside(acme, manager), 'members.read', plant);
      expect(await all(here)).toEqual(everywhere);
      expect(await all(foreign)).toEqual({ ...everywhere, checked: false });
      expect(await all('00000000-0000-4000-8000-00000000dead')).toEqual({ ...everywhere, checked: false });

      // Who loses the plant loses the roles there.
      await asUser(
        client,
        inside(acme, acme.owner),
        (session) => call(session, 'revoke_plant_access', { user_id: user, plant_id: here }),
        { commit: true },
      );
      expect(await ask(here)).toEqual(nowhere);
    });
  });

  test("a permission that does not exist is nobody's, also not an owner's or a superadmin's", async () => {
    await db.inRollback(async (client) => {
      const superadmin = await promote(client, await insertAuthUser(client));
      for (const user of [acme.owner, superadmin]) {
        for (const code of ['no.such', 'plants.*', '*', '', 'PLANTS.READ']) {
          expect(await asked(client, inside(acme, user), code)).toEqual(nowhere);
        }
        const unasked = await asUser(client, inside(acme, user), (session) =>
          call(session, 'check_permission', { code: null }),
        );
        expect(unasked).toBe(false);
      }
    });
  });
});

describe('who has no role', () => {
  test('is a customer: what that role holds, they hold', async () => {
    await db.inRollback(async (client) => {
      const user = await addMember(client, acme);
      expect(await asked(client, inside(acme, user), 'plants.read')).toEqual(nowhere);
      await client.query(
        `update public.roles set permissions = '{plants.read}' where organization_id = $1 and code = 'customer'`,
        [acme.id],
      );
      expect(await asked(client, inside(acme, user), 'plants.read')).toEqual(everywhere);
      // One with a role of their own is no customer, also where it counts at one plant alone.
      const plant = await addPlant(client, acme);
      const bound = await addMember(client, acme);
      await client.query(
        `insert into public.user_plant_access (organization_id, user_id, plant_id) values ($1, $2, $3)`,
        [acme.id, bound, plant],
      );
      expect(await asked(client, inside(acme, bound), 'plants.read')).toEqual(everywhere);
      await client.query(
        `insert into public.user_roles (organization_id, user_id, role_code, plant_id) values ($1, $2, 'partner', $3)`,
        [acme.id, bound, plant],
      );
      expect(await asked(client, inside(acme, bound), 'plants.read')).toEqual({ ...nowhere, mine: [plant] });
      // One whose roles have expired is a customer again.
      await client.query('update public.user_roles set expires_at = now() where user_id = $1', [bound]);
      expect(await asked(client, inside(acme, bound), 'plants.read')).toEqual(everywhere);
      // Neither is one who waits.
      const pending = await addMember(client, acme, { status: 'pending' });
      expect(await asked(client, inside(acme, pending), 'plants.read')).toEqual(nowhere);
    });
  });

  test('a superadmin may everything in every organization, and nothing without one', async () => {
    await db.inRollback(async (client) => {
      const superadmin = await promote(client, await insertAuthUser(client));
      const plant = await addPlant(client, beta);
      await call(client, 'suspend_organization', { id: beta.id, reason: 'x' });
      expect(await asked(client, inside(beta, superadmin), 'members.manage', plant)).toEqual(everywhere);
      expect(await asked(client, superadmin, 'members.manage')).toEqual(nowhere);
      await client.query(`update public.user_profiles set platform_role = 'user' where user_id = $1`, [
        superadmin,
      ]);
      const liar = { id: superadmin, organization_id: beta.id, platform_role: 'superadmin' };
      expect(await asked(client, liar, 'members.manage')).toEqual(nowhere);
    });
  });

  test('the service role and nobody have none: they are in no organization', async () => {
    const ask = (client: pg.ClientBase) => call(client, 'check_permission', { code: 'plants.read' });
    expect(await asService(db, ask)).toBe(false);
    expect(await asService(db, (client) => callAll(client, 'my_permissions'))).toEqual([]);
    await expect(asAnon(db, ask)).rejects.toMatchObject({ code: '42501' });
  });
});

describe('private.current_plant_ids()', () => {
  test('are those of the access level, and all with plants.manage', async () => {
    await db.inRollback(async (client) => {
      const plants = {
        read: await addPlant(client, acme),
        write: await addPlant(client, acme),
        admin: await addPlant(client, acme),
      };
      await addPlant(client, beta);
      const user = await addMember(client, acme, { roles: ['viewer'] });
      await addMember(client, beta, { user, roles: ['manager'] });
      for (const [level, plant] of Object.entries(plants)) {
        await client.query(
          `insert into public.user_plant_access (organization_id, user_id, plant_id, access_level) values ($1, $2, $3, $4)`,
          [acme.id, user, plant, level],
        );
      }
      const ids = (who: string, level: string | null) =>
        asUser(client, inside(acme, who), async (session) => {
          const { rows } = await session.query<{ ids: string[] }>(
            'select private.current_plant_ids($1) as ids',
            [level],
          );
          return rows[0]?.ids.sort();
        });
      expect(await ids(user, 'read')).toEqual(Object.values(plants).sort());
      expect(await ids(user, 'write')).toEqual([plants.write, plants.admin].sort());
      expect(await ids(user, 'admin')).toEqual([plants.admin]);
      expect(await ids(user, 'owner')).toEqual([]);
      expect(await ids(user, null)).toEqual([]);
      expect(await ids(acme.owner, 'admin')).toEqual(Object.values(plants).sort());
      expect(await ids(beta.owner, 'read')).toEqual([]);
    });
  });
});
