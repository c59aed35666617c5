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
  callAll,
  found,
  inside,
  invitationToken,
  type Organization,
} from './organizations.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;

beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
});

describe('two organizations hold the same, and learn nothing of each other', () => {
  test('the same invited address, plant code, role code, member and plant id', async () => {
    await db.inRollback(async (client) => {
      const shared = await insertAuthUser(client, { email: 'shared@example.com' });
      const answers = [];
      const plantId = '0190f7a4-0000-7000-8000-000000000001';
      for (const organization of [acme, beta]) {
        await addMember(client, organization, { user: shared });
        await client.query(
          `insert into public.plants (organization_id, id, code, name) values ($1, $2, 'SAME', 'Same')`,
          [organization.id, plantId],
        );
        const answer = await asUser(
          client,
          inside(organization, organization.owner),
          async (session) => {
            const { token_hash } = invitationToken();
            await call(session, 'create_role', { code: 'same', name: 'Same', permissions: ['plants.read'] });
            await call(session, 'grant_role', { user_id: shared, role_code: 'same', plant_id: plantId });
            return call(session, 'create_invitation', {
              id: '0190f7a4-0000-7000-8000-000000000002',
              email: 'new@example.com',
              token_hash,
              role_codes: ['same'],
            });
          },
          { commit: true },
        );
        answers.push(answer);
      }
      expect(answers[0]).toEqual(answers[1]);

      // And each sees one of each.
      for (const organization of [acme, beta]) {
        const { rows } = await asUser(client, inside(organization, organization.owner), (session) =>
          session.query(
            `select (select count(*)::integer from public.plants where code = 'SAME') as plants,
               (select count(*)::integer from public.roles where code = 'same') as roles,
               (select count(*)::integer from public.invitations where email = 'new@example.com') as invitations,
               (select count(*)::integer from public.user_roles where user_id = $1) as grants`,
            [shared],
          ),
        );
        expect(rows).toEqual([{ plants: 1, roles: 1, invitations: 1, grants: 1 }]);
      }
    });
  });

  test('a plant of one cannot be run by a member of the other, nor be granted to one', async () => {
    await db.inRollback(async (client) => {
      const stranger = await addMember(client, beta);
      const theirs = await addPlant(client, beta);
      const run = (manager: string) =>
        asUser(client, inside(acme, acme.owner), (session) =>
          session.query(`insert into public.plants (code, name, manager_id) values ('X', 'X', $1)`, [
            manager,
          ]),
        );
      await expect(run(stranger)).rejects.toMatchObject({ code: '23503' });
      // The same answer for nobody at all.
      await expect(run('00000000-0000-4000-8000-00000000dead')).rejects.toMatchObject({ code: '23503' });
      expect((await run(acme.owner)).rowCount).toBe(1);

      const grant = (args: Record<string, unknown>) =>
        asUser(client, inside(acme, acme.owner), (session) => call(session, 'grant_plant_access', args));
      await expectRefusal(grant({ user_id: acme.owner, plant_id: theirs }), 404, 'plant_not_found');
      const own = await addPlant(client, acme);
      await expectRefusal(grant({ user_id: stranger, plant_id: own }), 404, 'member_not_found');
    });
  });

  test('the roles of one change nothing in the other', async () => {
    await db.inRollback(async (client) => {
      const user = await insertAuthUser(client);
      await addMember(client, acme, { user, roles: ['viewer'] });
      await addMember(client, beta, { user, roles: ['viewer'] });
      await asUser(
        client,
        inside(acme, acme.owner),
        (session) => call(session, 'update_role', { code: 'viewer', permissions: ['plants.*'] }),
        { commit: true },
      );
      const mine = (organization: Organization) =>
        asUser(client, inside(organization, user), (session) => callAll(session, 'my_permissions'));
      expect(await mine(acme)).toEqual([
        { permission: 'plants.manage', plant_id: null },
        { permission: 'plants.read', plant_id: null },
      ]);
      expect(await mine(beta)).not.toContainEqual({ permission: 'plants.manage', plant_id: null });
    });
  });

  test('an owner of one is nobody in the other, whatever the token says', async () => {
    await db.inRollback(async (client) => {
      await addRole(client, beta, 'secret_role', []);
      const asked = await asUser(client, inside(beta, acme.owner), async (session) => {
        const tables: (number | null)[] = [];
        for (const table of [
          'organizations',
          'members',
          'plants',
          'roles',
          'user_roles',
          'user_plant_access',
          'audit_logs',
        ]) {
          tables.push((await session.query(`select from public.${table}`)).rowCount);
        }
        return {
          permissions: await callAll(session, 'my_permissions'),
          may: await call(session, 'check_permission', { code: 'plants.read' }),
          tables,
        };
      });
      expect(asked).toEqual({ permissions: [], may: false, tables: [0, 0, 0, 0, 0, 0, 0] });
    });
  });
});
