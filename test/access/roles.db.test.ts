import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser } from '../support/roles.ts';
import { addMember, addRole, call, found, inside, type Organization } from '../tenancy/organizations.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;

beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
});

/** Calls a function as the owner of Acme. */
const owner = (client: pg.ClientBase, name: string, args: Record<string, unknown> = {}) =>
  asUser(client, inside(acme, acme.owner), (session) => call(session, name, args), { commit: true });

async function expandedOf(
  client: pg.ClientBase,
  code: string,
  { id }: Organization = acme,
): Promise<string[]> {
  const { rows } = await client.query<{ permission: string }>(
    'select permission from private.role_permissions where organization_id = $1 and role_code = $2 order by permission',
    [id, code],
  );
  return rows.map(({ permission }) => permission);
}

describe("an organization's own roles", () => {
  test('are created, changed and deleted', async () => {
    await db.inRollback(async (client) => {
      expect(
        await owner(client, 'create_role', {
          code: 'night_shift',
          name: ' Night  shift ',
          description: ' Works at night. ',
          permissions: ['plants.*', 'members.read'],
        }),
      ).toMatchObject({ organization_id: acme.id, is_system: false, description: 'Works at night.' });
      expect(await expandedOf(client, 'night_shift')).toEqual([
        'members.read',
        'plants.manage',
        'plants.read',
      ]);
      expect(
        await owner(client, 'update_role', { code: 'night_shift', permissions: ['plants.read'] }),
      ).toMatchObject({
        permissions: ['plants.read'],
        description: 'Works at night.',
      });
      expect(await expandedOf(client, 'night_shift')).toEqual(['plants.read']);
      expect(await owner(client, 'update_role', { code: 'night_shift', name: 'Nights' })).toMatchObject({
        name: 'Nights',
        permissions: ['plants.read'],
      });
      expect(await owner(client, 'delete_role', { code: 'night_shift' })).toMatchObject({ name: 'Nights' });
      expect(await expandedOf(client, 'night_shift')).toEqual([]);
      await expectRefusal(owner(client, 'delete_role', { code: 'night_shift' }), 404, 'role_not_found');
    });
  });

  test('are deleted when nobody has them', async () => {
    await db.inRollback(async (client) => {
      await addRole(client, acme, 'own', []);
      const user = await addMember(client, acme, { roles: ['own'] });
      await expectRefusal(owner(client, 'delete_role', { code: 'own' }), 409, 'role_in_use');
      await client.query('delete from public.user_roles where user_id = $1', [user]);
      expect(await owner(client, 'delete_role', { code: 'own' })).toMatchObject({ code: 'own' });
    });
  });

  test.each([
    ['create_role', 400, 'code_invalid', { code: 'No Capitals' }],
    ['create_role', 400, 'code_invalid', { code: '1st' }],
    ['create_role', 400, 'code_invalid', { code: 'x'.repeat(51) }],
    ['create_role', 400, 'name_invalid', { name: '  ' }],
    ['create_role', 400, 'description_invalid', { description: 'x'.repeat(1001) }],
    ['create_role', 400, 'permissions_invalid', { permissions: ['plants.fly'] }],
    ['create_role', 400, 'permissions_invalid', { permissions: ['rockets.*'] }],
    ['create_role', 400, 'permissions_invalid', { permissions: ['*'] }],
    ['create_role', 400, 'permissions_invalid', { permissions: ['%.read'] }],
    ['create_role', 400, 'permissions_invalid', { permissions: [null] }],
    ['create_role', 400, 'permissions_invalid', { permissions: null }],
    [
      'create_role',
      400,
      'permissions_invalid',
      { permissions: Array.from({ length: 501 }, () => 'plants.read') },
    ],
    ['create_role', 409, 'role_exists', { code: 'viewer' }],
    ['update_role', 400, 'name_invalid', { code: 'own', name: '  ' }],
    ['update_role', 400, 'permissions_invalid', { code: 'own', permissions: ['plants.fly'] }],
    ['update_role', 404, 'role_not_found', { code: 'betas_own', name: 'Mine' }],
    ['delete_role', 404, 'role_not_found', { code: 'betas_own' }],
  ])('%s refuses with %i %s: %j', async (name, status, code, args) => {
    await db.inRollback(async (client) => {
      await addRole(client, acme, 'own', []);
      await addRole(client, beta, 'betas_own', []);
      const given = name === 'create_role' ? { code: 'new', name: 'New', ...args } : args;
      await expectRefusal(owner(client, name, given), status, code);
    });
  });
});

describe('system roles', () => {
  test('are born with each organization, the same', async () => {
    const { rows } = await db.query<{ roles: string }>(
      `select jsonb_agg(to_jsonb(role) - 'organization_id' - 'created_at' - 'updated_at' order by code)::text as roles
       from public.roles as role where is_system group by organization_id`,
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual(rows[1]);
  });

  test("keep their name and cannot be deleted; what they hold, but for the owner's, may change", async () => {
    await db.inRollback(async (client) => {
      await expectRefusal(owner(client, 'delete_role', { code: 'viewer' }), 409, 'system_role');
      await expectRefusal(
        owner(client, 'update_role', { code: 'viewer', name: 'Watcher' }),
        409,
        'system_role',
      );
      await expectRefusal(
        owner(client, 'update_role', { code: 'owner', permissions: [] }),
        409,
        'system_role',
      );
      expect(
        await owner(client, 'update_role', { code: 'viewer', name: 'Viewer', permissions: ['audit.read'] }),
      ).toMatchObject({ permissions: ['audit.read'], is_system: true });
      expect(await expandedOf(client, 'viewer')).toEqual(['audit.read']);
      expect(await expandedOf(client, 'viewer', beta)).not.toContain('audit.read');
    });
  });

  test('clients write no role past the functions', async () => {
    const attempts = [
      `insert into public.roles (code, name) values ('own', 'Own')`,
      `update public.roles set permissions = '{audit.read}'`,
      `delete from public.roles`,
      `insert into public.user_roles (user_id, role_code) values ('${acme.owner}', 'admin')`,
      `update public.user_roles set role_code = 'owner'`,
      `insert into public.user_plant_access (user_id, plant_id) values ('${acme.owner}', '${acme.owner}')`,
      `insert into public.members (user_id) values ('${acme.owner}')`,
      `update public.members set status = 'active'`,
      `insert into public.permissions (code, description) values ('x.y', 'X')`,
      `insert into private.role_permissions values ('${acme.id}', 'viewer', 'audit.read')`,
    ];
    for (const sql of attempts) {
      const attempt = asUser(db, inside(acme, acme.owner), (client) => client.query(sql));
      await expect(attempt, sql).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('a module that comes later', () => {
  const define = (
    client: pg.ClientBase,
    descriptions: Record<string, string>,
    holders: Record<string, string[]>,
  ) =>
    client.query('select private.define_permissions($1, $2)', [
      JSON.stringify(descriptions),
      JSON.stringify(holders),
    ]);

  test('gives its permissions to the system roles of all organizations, present and future', async () => {
    await db.inRollback(async (client) => {
      await define(
        client,
        { 'pumps.read': 'Read pumps.', 'pumps.repair': 'Repair pumps.' },
        { owner: ['pumps.*'], operator: ['pumps.read'] },
      );
      const later = await found(client, 'Later');
      for (const organization of [acme, beta, later]) {
        expect(await expandedOf(client, 'owner', organization)).toEqual(
          expect.arrayContaining(['plants.read', 'pumps.read', 'pumps.repair']),
        );
        expect(await expandedOf(client, 'operator', organization)).toContain('pumps.read');
        expect(await expandedOf(client, 'operator', organization)).not.toContain('pumps.repair');
        expect(await expandedOf(client, 'viewer', organization)).not.toContain('pumps.read');
      }
    });
  });

  test('who holds module.* holds what is added to it later; who holds its permissions does not', async () => {
    await db.inRollback(async (client) => {
      await addRole(client, acme, 'all_of_it', ['plants.*']);
      await addRole(client, acme, 'each_of_it', ['plants.read', 'plants.manage']);
      await define(client, { 'plants.close': 'Close plants.' }, {});
      expect(await expandedOf(client, 'all_of_it')).toContain('plants.close');
      expect(await expandedOf(client, 'owner')).toContain('plants.close');
      expect(await expandedOf(client, 'each_of_it')).not.toContain('plants.close');
    });
  });

  test('may be defined again, and leaves as it came', async () => {
    await db.inRollback(async (client) => {
      const everything = async () =>
        (
          await client.query<{ all: string }>(
            `select jsonb_build_object(
               'roles', (select jsonb_agg(jsonb_build_array(organization_id, code, permissions) order by organization_id, code) from public.roles),
               'system', (select jsonb_agg(jsonb_build_array(code, permissions) order by code) from private.system_roles),
               'expanded', (select jsonb_agg(granted order by organization_id, role_code, permission) from private.role_permissions as granted),
               'catalog', (select jsonb_agg(permission order by code) from public.permissions as permission)
             )::text as all`,
          )
        ).rows[0]?.all;
      const before = await everything();
      const both = () => define(client, { 'pumps.read': 'Read pumps.' }, { owner: ['pumps.*'] });
      await both();
      const after = await everything();
      expect(after).not.toBe(before);
      await both();
      expect(await everything()).toBe(after);
      await addRole(client, acme, 'plumber', ['pumps.read']);
      const plumbing = await everything();
      await client.query(`select private.undefine_permissions('pumps')`);
      expect(await expandedOf(client, 'plumber')).toEqual([]);
      expect(await expandedOf(client, 'owner')).not.toContain('pumps.read');
      // When the module comes back, so does what roles held of it.
      await both();
      expect(await everything()).toBe(plumbing);

      await client.query(`select private.undefine_permissions('pumps')`);
      await client.query(`delete from public.roles where code = 'plumber'`);
      await client.query(
        `update public.roles set permissions = array_remove(permissions, 'pumps.*') where 'pumps.*' = any (permissions)`,
      );
      expect(await everything()).toBe(before);
    });
  });

  test('takes no code that is none', async () => {
    await db.inRollback(async (client) => {
      for (const code of ['Pumps.read', 'pumps', 'pumps.*', 'pumps.read.all']) {
        await client.query('savepoint defined');
        await expect(define(client, { [code]: 'X' }, {})).rejects.toMatchObject({ code: '23514' });
        await client.query('rollback to savepoint defined');
      }
    });
  });
});

test('everybody who is signed in reads the catalog, and nobody else', async () => {
  await db.inRollback(async (client) => {
    const read = (user: string) =>
      asUser(client, user, (session) =>
        session.query('select code, module, description from public.permissions'),
      );
    expect((await read(acme.owner)).rows).toContainEqual(
      expect.objectContaining({ code: 'plants.manage', module: 'plants' }),
    );
    await call(client, 'deactivate_user', { id: acme.owner, reason: 'x' });
    expect((await read(acme.owner)).rows).toEqual([]);
  });
});
