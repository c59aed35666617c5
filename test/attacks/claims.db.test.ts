import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import {
  addMember,
  addPerson,
  claiming,
  digest,
  expectRefused,
  nobody,
  outcome,
  renewed,
  tenantTables,
  useStreet,
} from './street.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);

let tables: { name: string; columns: string[] }[];
beforeAll(async () => {
  tables = await tenantTables(db);
});

/** What a token opens: every row of every tenant table that it can read, and what functions say of the organization. */
async function view(token: string) {
  const rows: unknown[] = [];
  for (const { name, columns } of tables) {
    const answer = await api.rest(`${name}?select=${columns.join(',')}`, { token });
    expect(answer.status, name).toBe(200);
    rows.push(...(answer.body as unknown[]));
  }
  const organizations = await api.rest('organizations?select=id', { token });
  rows.push(...(organizations.body as unknown[]));
  const members = await api.call('list_members', token);
  const usage = await api.call('organization_usage', token);
  const permissions = await api.call('my_permissions', token);
  const written = await api.rest('plants', { token, body: { code: 'INTRUDER', name: 'Intruder' } });
  await db.query(`delete from public.plants where code = 'INTRUDER'`);
  return {
    rows: rows.length,
    members: outcome(members),
    usage: outcome(usage),
    permissions: (permissions.body as unknown[]).length,
    written: outcome(written),
  };
}

const nothing = {
  rows: 0,
  members: 'PT403 organization_required',
  usage: 'PT403 organization_required',
  permissions: 0,
  written: '42501',
};

describe('a token that the auth server signed, and whose organization is not the caller’s', () => {
  test('opens nothing to an owner of another organization', async () => {
    expect(await view(await claiming(api, street.a.owner, { organization_id: street.b.id }))).toEqual(
      nothing,
    );
  });

  test('opens nothing to an admin, a member without a role, somebody who belongs nowhere, and nobody at all', async () => {
    const customer = await addPerson(db, api);
    await addMember(db, street.a.id, customer.id);
    for (const person of [street.a.admin, customer, street.stranger]) {
      expect(await view(await claiming(api, person, { organization_id: street.b.id }))).toEqual(nothing);
    }
    const token = await claiming(api, street.stranger, { organization_id: street.b.id, sub: nobody });
    expect(await view(token)).toEqual(nothing);
  });

  test('opens nothing to one who waits for approval there', async () => {
    expect(await view(await claiming(api, street.b.pending, { organization_id: street.b.id }))).toEqual(
      nothing,
    );
  });

  test('opens nothing to a superadmin who is deactivated, and everything to one who is active', async () => {
    const token = await claiming(api, street.superadmin, { organization_id: street.b.id });
    expect((await view(token)).rows).toBeGreaterThan(10);
    await db.query(`select public.deactivate_user($1, 'test')`, [street.superadmin.id]);
    expect(await view(token)).toEqual(nothing);
    await db.query('select public.reactivate_user($1)', [street.superadmin.id]);
  });

  test('of one that is not there opens nothing', async () => {
    for (const organization_id of ['ZZZZZZZZZ', 'PLATFORM']) {
      expect(await view(await claiming(api, street.a.owner, { organization_id }))).toEqual(nothing);
    }
  });

  test('allowed: who belongs to both works in the one that the token names, and sees nothing of the other', async () => {
    for (const [here, there] of [
      [street.a, street.b],
      [street.b, street.a],
    ] as const) {
      const token = await claiming(api, street.both, { organization_id: here.id });
      const { body } = await api.rest('members?select=organization_id,user_id', { token });
      const members = body as { organization_id: string; user_id: string }[];
      expect(members.length).toBeGreaterThan(3);
      expect(new Set(members.map((member) => member.organization_id))).toEqual(new Set([here.id]));
      expect(members.map((member) => member.user_id)).not.toContain(there.owner.id);
    }
  });
});

describe('an organization_id that is no text', () => {
  const shapes: [string, (id: string) => unknown][] = [
    ['a list of it', (id) => [id]],
    ['a list of several', (id) => [id, street.b.id]],
    ['an object', (id) => ({ id })],
    ['an object with the operator of a filter', (id) => ({ eq: id })],
    ['null', () => null],
    ['a number', () => 1],
    ['true', () => true],
    ['empty', () => ''],
    ['in lower case', (id) => id.toLowerCase()],
    ['with a space', (id) => `${id} `],
    ['with a zero byte written out', (id) => `${id}\\u0000`],
    ['a list in SQL', (id) => `{${id}}`],
    ['SQL', (id) => `' or '${id}' = '${id}`],
    ['a pattern', () => '%'],
    ['a regular expression', () => '.*'],
  ];

  test.each(shapes)('opens nothing, not even one’s own: %s', async (_, shape) => {
    expect(await view(await claiming(api, street.a.owner, { organization_id: shape(street.a.id) }))).toEqual(
      nothing,
    );
  });

  test('allowed: the plain text', async () => {
    const seen = await view(await claiming(api, street.a.owner, { organization_id: street.a.id }));
    expect(seen).toMatchObject({ members: 'ok', usage: 'ok', written: 'ok' });
    expect(seen.rows).toBeGreaterThan(20);
  });
});

describe('a subject that is no user', () => {
  const subjects: [string, unknown][] = [
    ['a word', 'service_role'],
    ['empty', ''],
    ['SQL', `' or true; --`],
    ['a number', 1],
    ['an object', { sub: 'x' }],
    ['true', true],
    ['a list', ['x']],
    ['null', null],
    ['an id that nobody has', nobody],
  ];

  test.each(subjects)('reads nothing, writes nothing, calls nothing: %s', async (_, sub) => {
    const before = await digest(db);
    const token = await claiming(api, street.a.owner, { sub });
    for (const path of ['plants', 'members', 'organizations', 'user_profiles', 'audit_logs']) {
      const answer = await api.rest(path, { token });
      expect(answer.status === 200 ? answer.body : answer.status, path).toEqual(
        answer.status === 200 ? [] : 400,
      );
    }
    for (const answer of [
      await api.rest('plants', { token, body: { code: 'SUB', name: 'Sub' } }),
      await api.rest('organizations?id=not.is.null', { token, method: 'PATCH', body: { industry: 'x' } }),
      await api.call('my_organizations', token),
      await api.call('list_members', token),
      await api.call('switch_organization', token, { id: street.a.id }),
      await api.call('remove_member', token, { user_id: street.a.viewer.id }),
      await api.call('list_users', token),
    ]) {
      expect([200, 204, 400, 401, 403]).toContain(answer.status);
      if (answer.status < 300) expect(answer.body ?? []).toEqual([]);
    }
    expect(await digest(db)).toEqual(before);
  });

  test('allowed: the user’s own id', async () => {
    const token = await claiming(api, street.a.owner, { sub: street.a.owner.id });
    expect((await api.rest('plants', { token })).body).toHaveLength(2);
  });
});

describe('claims elsewhere in the token', () => {
  test('metadata that names an organization, a role or an owner opens nothing', async () => {
    const metadata = {
      organization_id: street.b.id,
      role: 'service_role',
      organization_role: 'owner',
      platform_role: 'superadmin',
      claims: { organization_id: street.b.id },
    };
    const token = await claiming(api, street.stranger, {
      user_metadata: metadata,
      app_metadata: metadata,
      organizations: [street.b.id],
      organization: { id: street.b.id },
      organization_role: 'owner',
      platform_role: 'superadmin',
      permissions: ['members.manage'],
      org_id: street.b.id,
    });
    expect(await view(token)).toEqual(nothing);
    expect(await api.call('is_superadmin', token)).toMatchObject({ status: 200, body: false });
    expectRefused(await api.call('list_organizations', token), 403, 'superadmin_required');
    expectRefused(await api.call('list_users', token), 403, 'superadmin_required');
    expect(outcome(await api.call('claim_jobs', token, { queue: 'notifications' }))).toBe('42501');
  });

  test('a stale or swollen role of the organization gives a viewer no right of an owner', async () => {
    const token = await claiming(api, street.a.viewer, {
      organization_role: 'owner',
      platform_role: 'superadmin',
    });
    expectRefused(
      await api.call('remove_member', token, { user_id: street.a.admin.id }),
      403,
      'permission_required',
    );
    expect(outcome(await api.rest('plants', { token, body: { code: 'X', name: 'X' } }))).toBe('42501');
    expect(await api.rest('plants?select=code', { token })).toMatchObject({ status: 200 });
  });

  test.each([
    'postgres',
    'supabase_admin',
    'supabase_auth_admin',
    'authenticator',
    'none',
    '',
    'public',
    'pg_read_all_data',
    'authenticated; reset role',
    'AUTHENTICATED',
  ])('the database role %j is none that a token may name', async (role) => {
    const token = await claiming(api, street.a.owner, { role });
    for (const answer of [
      await api.rest('plants', { token }),
      await api.rest('plants', { token, body: { code: 'ROLE', name: 'Role' } }),
      await api.call('list_organizations', token),
      await api.call('claim_jobs', token, { queue: 'notifications' }),
    ]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
  });

  test.each([null, ['service_role'], { role: 'service_role' }, 7])(
    'the role %j is nobody’s',
    async (role) => {
      const token = await claiming(api, street.a.owner, { role });
      expect((await api.rest('plants', { token })).status).toBe(401);
      expect((await api.call('list_organizations', token)).status).toBe(401);
    },
  );
});

describe('what a sign-up or a change of one’s account says of roles and organizations', () => {
  const wishes = () => ({
    role: 'service_role',
    aud: 'service_role',
    organization_id: street.b.id,
    organization_role: 'owner',
    platform_role: 'superadmin',
    is_superadmin: true,
    is_super_admin: true,
    current_organization_id: street.b.id,
    app_metadata: { role: 'service_role', organization_id: street.b.id, platform_role: 'superadmin' },
  });

  async function expectPlain(token: string) {
    expect(decodeJwt(token)).toMatchObject({
      role: 'authenticated',
      aud: 'authenticated',
      organization_id: null,
      organization_role: null,
      platform_role: 'user',
    });
    expect(JSON.stringify(decodeJwt(token).app_metadata)).not.toMatch(/service_role|superadmin/);
    expect(await view(token)).toEqual(nothing);
    expectRefused(await api.call('list_organizations', token), 403, 'superadmin_required');
    expect(outcome(await api.call('claim_jobs', token, { queue: 'notifications' }))).toBe('42501');
    expect((await api.request('/auth/v1/admin/users', { token })).status).not.toBe(200);
  }

  test('in the metadata and beside it, changes nothing', async () => {
    const email = 'wishful@example.com';
    const password = 'correct horse battery';
    const signed = await api.request('/auth/v1/signup', {
      body: { email, password, data: wishes(), ...wishes() },
    });
    expect(signed.status).toBe(200);
    await expectPlain((signed.body as { access_token: string }).access_token);
    const token = await api.signIn(email);
    await expectPlain(token);

    const changed = await api.request('/auth/v1/user', {
      method: 'PUT',
      token,
      body: { data: wishes(), ...wishes() },
    });
    expect(changed.status).toBeLessThan(500);
    await expectPlain(await api.signIn(email));
    const { rows } = await db.query(
      `select account.role, account.raw_app_meta_data::text ~ 'service_role|superadmin' as is_swollen,
         profile.platform_role, profile.current_organization_id
       from auth.users as account join public.user_profiles as profile on profile.user_id = account.id
       where account.email = $1`,
      [email],
    );
    expect(rows).toEqual([
      { role: 'authenticated', is_swollen: false, platform_role: 'user', current_organization_id: null },
    ]);
  });

  test('as the current organization of one’s profile, is refused or without effect', async () => {
    const person = await addPerson(db, api);
    const change = (body: object) =>
      api.rest(`user_profiles?user_id=eq.${person.id}`, { method: 'PATCH', token: person.token, body });
    const attempt = await change({ current_organization_id: street.b.id });
    expect(attempt.status).toBeGreaterThanOrEqual(400);
    expect(decodeJwt((await renewed(api, person)).token)).toMatchObject({ organization_id: null });

    // Even past the API: the hook asks the members.
    await db.query('update public.user_profiles set current_organization_id = $2 where user_id = $1', [
      person.id,
      street.b.id,
    ]);
    expect(decodeJwt((await renewed(api, person)).token)).toMatchObject({ organization_id: null });
    expectRefused(
      await api.call('switch_organization', person.token, { id: street.b.id }),
      404,
      'organization_not_found',
    );
  });

  test('allowed: a member has the organization in the next token, and may choose among theirs', async () => {
    const person = await addPerson(db, api);
    await addMember(db, street.a.id, person.id, 'viewer');
    await addMember(db, street.b.id, person.id, 'viewer');
    for (const { id } of [street.a, street.b]) {
      expect((await api.call('switch_organization', person.token, { id })).status).toBe(200);
      expect(decodeJwt((await renewed(api, person)).token)).toMatchObject({
        organization_id: id,
        organization_role: 'viewer',
      });
    }
  });
});

describe('an organization that a request names beside its token', () => {
  test('in a header, a cookie, the address or the body has no effect', async () => {
    const headers = {
      'x-organization-id': street.b.id,
      'organization-id': street.b.id,
      'x-tenant-id': street.b.id,
      'x-rowhouse-organization': street.b.id,
      cookie: `organization_id=${street.b.id}; sb-access-token=${street.b.owner.token}`,
      'x-forwarded-host': `${street.b.slug}.example.com`,
      'x-user-id': street.b.owner.id,
      'x-hasura-role': 'service_role',
      'request.jwt.claims': JSON.stringify({ organization_id: street.b.id }),
    };
    const own = street.a.owner.token;
    const plain = await api.rest('plants?select=code&order=code', { token: own });
    expect((await api.rest('plants?select=code&order=code', { token: own, headers })).body).toEqual(
      plain.body,
    );
    expect((await api.rest('plants?select=code', { token: street.stranger.token, headers })).body).toEqual(
      [],
    );
    expectRefused(
      await api.request('/rest/v1/rpc/list_members', { token: street.stranger.token, headers, body: {} }),
      403,
      'organization_required',
    );

    // As a filter it only ever narrows.
    expect((await api.rest(`plants?organization_id=eq.${street.b.id}`, { token: own })).body).toEqual([]);
    expect(
      (
        await api.rest(`plants?or=(organization_id.eq.${street.b.id},code.eq.MAIN)&select=code`, {
          token: own,
        })
      ).body,
    ).toEqual([{ code: 'MAIN' }]);
    // As an argument there is no such function.
    for (const name of ['list_members', 'organization_usage', 'my_permissions', 'create_role']) {
      const answer = await api.call(name, own, { organization_id: street.b.id });
      expect(answer, name).toMatchObject({ status: 404, body: { code: 'PGRST202' } });
    }
    expect(await api.rest(`rpc/list_members?organization_id=${street.b.id}`, { token: own })).toMatchObject({
      status: 404,
    });
  });
});
