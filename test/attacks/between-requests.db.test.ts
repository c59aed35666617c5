import { describe, expect, test } from 'vitest';
import type { ApiAnswer, Person } from '../support/api.ts';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import {
  addMemberPerson,
  addOrganization,
  addPerson,
  addSuperadmin,
  claiming,
  expectRefused,
  outcome,
  renewed,
  useStreet,
} from './street.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);

/** An organization of the test's own, its owner, and an admin in the middle of their work. */
async function atWork() {
  const founder = await addPerson(db, api);
  const id = await addOrganization(db, 'Gamma', founder.id);
  const owner = await renewed(api, founder);
  const member = await addMemberPerson(db, api, id, 'admin');
  await db.query(`insert into public.plants (organization_id, code, name) values ($1, 'ONE', 'One')`, [id]);
  return { id, owner, member };
}

/** What one token opens at this moment. */
async function reach({ token, id }: Person) {
  const read = async (path: string) => (await api.rest(path, { token })).body as unknown[];
  return {
    plants: (await read('plants?select=code')).length,
    organizations: (await read('organizations?select=id')).length,
    roles: (await read('roles?select=code')).length > 0,
    log: (await read('audit_logs?select=id')).length > 0,
    self: (await read(`members?user_id=eq.${id}`)).length,
    list: outcome(await api.call('list_members', token)),
    usage: outcome(await api.call('organization_usage', token)),
    permissions: ((await api.call('my_permissions', token)).body as unknown[]).length > 0,
    may: (await api.call('check_permission', token, { code: 'plants.read' })).body,
    insert: outcome(
      await api.rest('plants?on_conflict=organization_id,code', {
        token,
        body: { code: 'TWO', name: 'Two' },
        headers: { prefer: 'resolution=merge-duplicates' },
      }),
    ),
    update: (
      (
        await api.rest('plants?code=eq.ONE', {
          token,
          method: 'PATCH',
          body: { name: 'Changed' },
          headers: { prefer: 'return=representation' },
        })
      ).body as unknown[]
    ).length,
    role: outcome(await api.call('update_role', token, { code: 'viewer', description: 'Looks.' })),
  };
}

const everything = {
  plants: expect.any(Number) as number,
  organizations: 1,
  roles: true,
  log: true,
  self: 1,
  list: 'ok',
  usage: 'ok',
  permissions: true,
  may: true,
  insert: 'ok',
  update: 1,
  role: 'ok',
};
const shut = {
  plants: 0,
  organizations: 0,
  roles: false,
  log: false,
  self: 0,
  list: 'PT403 organization_required',
  usage: 'PT403 organization_required',
  permissions: false,
  may: false,
  insert: '42501',
  update: 0,
  role: 'PT403 organization_required',
};

interface Scene {
  id: string;
  owner: Person;
  member: Person;
}

/** What happens between two requests, and what undoes it, where something does. */
const events: Record<
  string,
  [(scene: Scene) => Promise<ApiAnswer>, ((scene: Scene) => Promise<ApiAnswer>)?]
> = {
  'a member who is suspended': [
    ({ owner, member }) => api.call('suspend_member', owner.token, { user_id: member.id }),
    ({ owner, member }) => api.call('reactivate_member', owner.token, { user_id: member.id }),
  ],
  'a member who is removed': [
    ({ owner, member }) => api.call('remove_member', owner.token, { user_id: member.id }),
  ],
  'a member who leaves': [({ member }) => api.call('remove_member', member.token, { user_id: member.id })],
  'an organization that is suspended': [
    ({ id }) => api.call('suspend_organization', street.superadmin.token, { id, reason: 'test' }),
    ({ id }) => api.call('reactivate_organization', street.superadmin.token, { id }),
  ],
  'an organization that is cancelled': [
    ({ id }) => api.call('cancel_organization', street.superadmin.token, { id, reason: 'test' }),
    ({ id }) => api.call('reactivate_organization', street.superadmin.token, { id }),
  ],
  'an organization that is purged': [
    async ({ id }) => {
      await api.call('cancel_organization', street.superadmin.token, { id, reason: 'test' });
      return api.call('purge_organization', street.superadmin.token, { id, confirm_name: 'Gamma' });
    },
  ],
  'a user who is deactivated': [
    ({ member }) => api.call('deactivate_user', street.superadmin.token, { id: member.id, reason: 'test' }),
    ({ member }) => api.call('reactivate_user', street.superadmin.token, { id: member.id }),
  ],
  'a user who is deleted': [
    ({ member }) => api.call('delete_user', street.superadmin.token, { id: member.id }),
  ],
};

describe('between two requests of one token, the door is shut at once to', () => {
  test.each(Object.entries(events))('%s', async (_, [happens, isUndone]) => {
    const scene = await atWork();
    expect(await reach(scene.member)).toEqual(everything);
    expect([200, 204]).toContain((await happens(scene)).status);
    expect(await reach(scene.member)).toEqual(shut);
    if (isUndone) {
      expect([200, 204]).toContain((await isUndone(scene)).status);
      expect(await reach(scene.member)).toEqual(everything);
    }
  });
});

describe('between two requests of one token, a right is gone at once', () => {
  const mayManage = async (token: string) =>
    outcome(
      await api.call('create_role', token, {
        code: `r${Date.now()}${Math.floor(Math.random() * 1e6)}`,
        name: 'R',
        permissions: [],
      }),
    );

  test('when the role is revoked, expires, loses the permission, or is bound to a plant', async () => {
    const losses: Record<string, (scene: Scene) => Promise<unknown>> = {
      revoked: async ({ id, owner, member }) => {
        const { rows } = await db.query<{ id: string }>(
          'select id from public.user_roles where organization_id = $1 and user_id = $2',
          [id, member.id],
        );
        return api.call('revoke_role', owner.token, { id: rows[0]?.id });
      },
      expired: ({ id, member }) =>
        db.query(
          `update public.user_roles set expires_at = now() - interval '1 second' where organization_id = $1 and user_id = $2`,
          [id, member.id],
        ),
      narrowed: ({ owner }) =>
        api.call('update_role', owner.token, { code: 'admin', permissions: ['plants.read'] }),
    };
    for (const [what, lose] of Object.entries(losses)) {
      const scene = await atWork();
      expect(await mayManage(scene.member.token), what).toBe('ok');
      await lose(scene);
      expect(await mayManage(scene.member.token), what).toBe('PT403 permission_required');
      expect((await api.rest('audit_logs?select=id', { token: scene.member.token })).body, what).toEqual([]);
      // Twin: the owner’s is still there.
      expect(await mayManage(scene.owner.token), what).toBe('ok');
    }
  });

  test('when a superadmin is one no more', async () => {
    const former = await addSuperadmin(db, api);
    const token = await claiming(api, former, { organization_id: street.a.id });
    expect((await api.call('list_organizations', token)).status).toBe(200);
    expect((await api.rest('plants', { token })).body).toHaveLength(2);
    expect(await mayManage(token)).toBe('ok');

    const demoted = await api.call('update_user', street.superadmin.token, {
      id: former.id,
      platform_role: 'user',
    });
    expect(demoted.status).toBe(200);
    for (const [name, args] of [
      ['list_organizations', {}],
      ['list_users', {}],
      ['suspend_organization', { id: street.a.id, reason: 'revenge' }],
      ['cancel_organization', { id: street.a.id, reason: 'revenge' }],
      ['purge_organization', { id: street.a.id, confirm_name: 'Acme' }],
      ['update_user', { id: former.id, platform_role: 'superadmin' }],
    ] as const) {
      expectRefused(await api.call(name, token, args), 403, 'superadmin_required', name);
    }
    expect((await api.rest('plants', { token })).body).toEqual([]);
    expectRefused(await api.call('list_members', token), 403, 'organization_required');
    expectRefused(
      await api.call('switch_organization', token, { id: street.a.id }),
      404,
      'organization_not_found',
    );
  });

  test('a superadmin works on in a suspended organization, and its members do not', async () => {
    const { id, owner } = await atWork();
    const token = await claiming(api, street.superadmin, { organization_id: id });
    await api.call('suspend_organization', street.superadmin.token, { id, reason: 'test' });
    expect((await api.rest('plants?select=code', { token })).body).toEqual([{ code: 'ONE' }]);
    expect((await api.rest('plants?select=code', { token: owner.token })).body).toEqual([]);
    // A member may not lift it.
    expectRefused(await api.call('reactivate_organization', owner.token, { id }), 403, 'superadmin_required');
  });

  test('a session that is refreshed gets no organization back', async () => {
    const person = await api.signUp();
    const id = await addOrganization(db, 'Delta', person.id);
    const client = api.client();
    const password = 'correct horse battery';
    await client.auth.signInWithPassword({ email: person.email, password });
    expect((await client.from('roles').select('code')).data?.length).toBeGreaterThan(0);
    await db.query(`select public.suspend_organization($1, 'test')`, [id]);
    expect((await client.from('roles').select('code')).data).toEqual([]);
    expect((await client.auth.refreshSession()).error).toBeNull();
    expect((await client.from('roles').select('code')).data).toEqual([]);
    await db.query('select public.reactivate_organization($1)', [id]);
    await client.auth.refreshSession();
    expect((await client.from('roles').select('code')).data?.length).toBeGreaterThan(0);
  });
});
