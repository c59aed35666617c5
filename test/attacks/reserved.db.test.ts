import { beforeAll, describe, expect, test } from 'vitest';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import { digest, expectRefused, nobody, outcome, useStreet } from './street.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);

/** The functions of the API that a role may call, from the catalog. */
async function functionsFor(role: string, where = 'true'): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select distinct proname as name from pg_proc
     where pronamespace = 'public'::regnamespace and has_function_privilege($1, oid, 'execute') and ${where}
     order by 1`,
    [role],
  );
  return rows.map(({ name }) => name);
}

/** The names and types of a function's arguments, those without a default first. */
async function argumentsOf(name: string): Promise<Record<string, unknown>> {
  const { rows } = await db.query<{ names: string[] | null; types: string[]; required: number }>(
    `select proargnames[1:pronargs] as names, array(select format_type(t, null) from unnest(proargtypes::oid[]) as t)::text[] as types,
       pronargs - pronargdefaults as required
     from pg_proc where pronamespace = 'public'::regnamespace and proname = $1`,
    [name],
  );
  const [row] = rows;
  const samples: Record<string, unknown> = {
    uuid: nobody,
    text: 'x',
    jsonb: {},
    integer: 1,
    bigint: 1,
    boolean: true,
    'text[]': [],
    'bigint[]': [1],
    'uuid[]': [nobody],
    'timestamp with time zone': '2999-01-01T00:00:00Z',
  };
  return Object.fromEntries(
    (row?.names ?? [])
      .slice(0, row?.required ?? 0)
      .map((arg, index) => [arg, samples[row?.types[index] ?? ''] ?? 'x']),
  );
}

describe('what is the service role’s', () => {
  let reserved: string[];
  beforeAll(async () => {
    const open = new Set(await functionsFor('authenticated'));
    reserved = (await functionsFor('service_role')).filter((name) => !open.has(name));
  });

  test('is refused to everybody else: each function, for an owner, a superadmin, somebody, and nobody', async () => {
    const before = await digest(db);
    expect(reserved).toEqual(
      expect.arrayContaining(['invitation_to_send', 'record_security_event', 'claim_jobs']),
    );
    for (const name of reserved) {
      const args = await argumentsOf(name);
      for (const { token } of [street.a.owner, street.superadmin, street.stranger]) {
        expect(await api.call(name, token, args), name).toMatchObject({
          status: 403,
          body: { code: '42501' },
        });
      }
      expect((await api.call(name, undefined, args)).status, name).toBe(401);
    }
    expect(await digest(db)).toEqual(before);
  });

  test('is the secret key’s, also as the bearer, and not when the token of a user comes with it', async () => {
    for (const request of [{ key: api.secretKey }, { key: null, token: api.secretKey }]) {
      const answer = await api.rest('rpc/claim_jobs', { ...request, body: { queue: 'notifications' } });
      expect(answer.status).toBe(200);
    }
    const mixed = await api.rest('rpc/claim_jobs', {
      key: api.secretKey,
      token: street.a.owner.token,
      body: { queue: 'notifications' },
    });
    expect(outcome(mixed)).toBe('42501');
  });

  test('makes no superadmin', async () => {
    const answer = await api.rest('rpc/update_user', {
      key: api.secretKey,
      body: { id: street.stranger.id, platform_role: 'superadmin' },
    });
    expectRefused(answer, 403, 'superadmin_required');
  });

  test('the auth server’s hook is nobody’s to call', async () => {
    for (const request of [{ token: street.superadmin.token }, { key: api.secretKey }]) {
      const answer = await api.rest('rpc/custom_access_token_hook', {
        ...request,
        body: { event: { user_id: street.b.owner.id, claims: {} } },
      });
      expect([401, 403, 404]).toContain(answer.status);
    }
  });
});

test('what is a superadmin’s is refused to owners, members and strangers: purging, cancelling, listing and the rest', async () => {
  const { a } = street;
  const before = await digest(db);
  const calls: Record<string, object> = {
    list_organizations: {},
    update_organization: { id: a.id, max_users: 500 },
    suspend_organization: { id: a.id, reason: 'x' },
    reactivate_organization: { id: a.id },
    cancel_organization: { id: a.id, reason: 'x' },
    purge_organization: { id: a.id, confirm_name: a.name },
    update_platform_settings: { allow_organization_sign_up: true },
    create_organization: { name: 'Own', slug: 'own' },
    list_users: {},
    get_user: { id: a.viewer.id },
    update_user: { id: a.viewer.id, display_name: 'x' },
    deactivate_user: { id: a.viewer.id, reason: 'x' },
    reactivate_user: { id: a.viewer.id },
    delete_user: { id: a.viewer.id },
    sync_user_profiles: {},
    check_user_integrity: {},
  };
  for (const [name, args] of Object.entries(calls)) {
    for (const { token } of [a.owner, a.viewer, a.pending, street.stranger]) {
      expectRefused(await api.call(name, token, args), 403, 'superadmin_required', name);
    }
    expect((await api.call(name, undefined, args)).status, name).toBe(401);
  }
  expect(await digest(db)).toEqual(before);
  // Twin
  expect(await api.call('list_organizations', street.superadmin.token)).toMatchObject({
    status: 200,
    body: { total: 2 },
  });
});

describe('what is not exposed', () => {
  const schemas = [
    'private',
    'auth',
    'pgmq',
    'cron',
    'pg_catalog',
    'information_schema',
    'extensions',
    'storage',
    'Public',
    '"public"',
    'public, private',
  ];
  test.each(schemas)('schema %j by Accept-Profile and Content-Profile', async (schema) => {
    const token = street.superadmin.token;
    for (const answer of [
      await api.rest('role_permissions', { token, headers: { 'accept-profile': schema } }),
      await api.rest('users', { token, headers: { 'accept-profile': schema } }),
      await api.rest('rpc/current_permissions', { token, headers: { 'accept-profile': schema } }),
      await api.rest('rpc/change_member', {
        token,
        headers: { 'content-profile': schema },
        body: { user_id: nobody, from_status: 'active', to_status: 'suspended' },
      }),
      await api.rest('platform_settings', {
        token,
        method: 'PATCH',
        headers: { 'content-profile': schema },
        body: { allow_organization_sign_up: true },
      }),
    ]) {
      expect(answer).toMatchObject({ status: 406, body: { code: 'PGRST106' } });
    }
    // With the secret key neither.
    expect(
      (await api.rest('users', { key: api.secretKey, headers: { 'accept-profile': schema } })).status,
    ).toBe(406);
  });

  test('functions of private, and triggers, by their names', async () => {
    const { rows } = await db.query<{ name: string }>(
      `select distinct inner_one.proname as name from pg_proc as inner_one
       where inner_one.pronamespace = 'private'::regnamespace
         and not exists (select from pg_proc as outer_one
           where outer_one.pronamespace = 'public'::regnamespace and outer_one.proname = inner_one.proname)
       order by 1`,
    );
    expect(rows.length).toBeGreaterThan(50);
    for (const { name } of rows) {
      for (const path of [`rpc/${name}`, `rpc/private.${name}`]) {
        const answer = await api.rest(path, { token: street.superadmin.token, body: {} });
        expect(answer.status, path).toBe(404);
      }
    }
  });

  test('tables of private, partitions of the log, and the catalog, by their names', async () => {
    const { rows } = await db.query<{ name: string }>(
      `select relname as name from pg_class
       where relnamespace = 'private'::regnamespace and relkind in ('r', 'p', 'v') order by 1`,
    );
    expect(rows.map(({ name }) => name)).toContain('audit_logs_default');
    for (const name of [...rows.map((row) => row.name), 'users', 'pg_class', 'pg_stats', 'pg_roles']) {
      for (const path of [name, `private.${name}`, `organizations?select=id,${name}(*)`]) {
        const answer = await api.rest(path, { token: street.superadmin.token });
        // 300: @supabase/lite finds several ways to auth.users, and goes none of them.
        expect([300, 400, 404], `${path}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
      }
    }
  });

  test('accounts, along the foreign keys that lead to them', async () => {
    const { rows } = await db.query<{ from: string; name: string }>(
      `select conrelid::regclass::text as from, conname as name from pg_constraint
       where contype = 'f' and conparentid = 0 and confrelid = 'auth.users'::regclass
         and connamespace = 'public'::regnamespace`,
    );
    expect(rows.length).toBeGreaterThan(4);
    for (const { from, name } of rows) {
      for (const far of [`users!${name}`, `users`, `auth.users`, `auth_users!${name}`]) {
        for (const columns of ['email', '*']) {
          const path = `${from.replace('public.', '')}?select=organization_id,far:${far}(${columns})`;
          for (const caller of [{ token: street.a.owner.token }, { token: street.superadmin.token }]) {
            const answer = await api.rest(
              path.replace('user_profiles?select=organization_id,', 'user_profiles?select=user_id,'),
              caller,
            );
            expect([300, 400, 403, 404], `${path}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
            expect(JSON.stringify(answer.body), path).not.toMatch(/@example\.com|\$2[aby]\$/);
          }
        }
      }
    }
  });
});

test('GET calls nothing that changes something', async () => {
  const before = await digest(db);
  const { a } = street;
  const args: Record<string, Record<string, string>> = {
    switch_organization: { id: a.id },
    suspend_member: { user_id: a.viewer.id },
    remove_member: { user_id: a.viewer.id },
    approve_member: { user_id: a.pending.id },
    revoke_role: { id: a.grantId },
    revoke_invitation: { id: a.invitationId },
    delete_role: { code: a.roleCode },
    create_role: { code: 'gotten', name: 'Gotten', permissions: '{}' },
    grant_role: { user_id: a.viewer.id, role_code: a.roleCode },
    update_role: { code: a.roleCode, name: 'Gotten' },
    reject_member: { user_id: a.pending.id },
    grant_plant_access: { user_id: a.viewer.id, plant_id: a.plantId, access_level: 'write' },
    revoke_plant_access: { user_id: a.viewer.id, plant_id: a.plantId },
  };
  for (const name of await functionsFor('authenticated', `provolatile = 'v'`)) {
    const given = args[name] ?? ((await argumentsOf(name)) as Record<string, string>);
    for (const method of ['GET', 'HEAD']) {
      const { status } = await api.rest(`rpc/${name}?${new URLSearchParams(given).toString()}`, {
        method,
        token: a.owner.token,
      });
      expect(status, `${method} ${name}`).toBeGreaterThanOrEqual(400);
      expect(status, `${method} ${name}`).toBeLessThan(500);
    }
  }
  expect(await digest(db)).toEqual(before);
  // Twin: what only reads is gotten.
  expect((await api.rest('rpc/my_permissions', { token: a.owner.token })).status).toBe(200);
});

describe('the audit log', () => {
  const entry = () => ({
    organization_id: street.a.id,
    actor_role: 'authenticated',
    action: 'system',
    event: 'forged.entry',
    at: new Date().toISOString(),
  });

  test('takes no writing by any verb, from a member, an owner, a superadmin, or the secret key', async () => {
    const before = await digest(db);
    const requests: [string, string, unknown, Record<string, string>][] = [
      ['POST', 'audit_logs', entry(), {}],
      ['POST', 'audit_logs', [entry(), entry()], { prefer: 'resolution=ignore-duplicates' }],
      ['POST', 'audit_logs', entry(), { prefer: 'resolution=merge-duplicates' }],
      ['PATCH', `audit_logs?organization_id=eq.${street.a.id}`, { actor_id: null }, {}],
      ['PUT', `audit_logs?id=eq.1`, entry(), {}],
      ['DELETE', `audit_logs?organization_id=eq.${street.a.id}`, undefined, {}],
      ['DELETE', 'audit_logs', undefined, {}],
    ];
    for (const [method, path, body, headers] of requests) {
      for (const caller of [
        { token: street.a.viewer.token },
        { token: street.a.owner.token },
        { token: street.superadmin.token },
        { key: api.secretKey },
      ]) {
        const answer = await api.rest(path, { method, body, headers, ...caller });
        expect(answer.status, `${method} ${JSON.stringify(answer.body)}`).toBeGreaterThanOrEqual(400);
        expect(answer.status, `${method} ${JSON.stringify(answer.body)}`).toBeLessThan(500);
      }
    }
    expect(await digest(db)).toEqual(before);
  });

  test('is read by who may, of their own organization; by nobody else', async () => {
    const read = async (token: string) =>
      (await api.rest('audit_logs?select=organization_id', { token })).body as { organization_id: string }[];
    const seen = await read(street.a.owner.token);
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen.map((row) => row.organization_id))).toEqual(new Set([street.a.id]));
    for (const person of [street.a.viewer, street.a.steward, street.stranger, street.a.pending]) {
      expect(await read(person.token)).toEqual([]);
    }
  });

  test('keeps no token of an invitation, and believes no header about who did it', async () => {
    const answer = await api.rest('plants', {
      token: street.a.owner.token,
      body: { code: 'LOGGED', name: 'Logged' },
      headers: {
        'x-request-id': `'); drop table x; --`,
        'x-forwarded-for': '6.6.6.6, <script>',
        'x-actor-id': street.b.owner.id,
      },
    });
    expect(answer.status).toBe(201);
    const { rows } = await db.query(
      `select actor_id, request_id from public.audit_logs where table_name = 'plants' and after ->> 'code' = 'LOGGED'`,
    );
    expect(rows).toEqual([{ actor_id: street.a.owner.id, request_id: null }]);
    const log = JSON.stringify((await db.query('select * from public.audit_logs')).rows);
    expect(log).not.toContain(street.a.invitationToken);
    expect(log).not.toMatch(/"token_hash":"[0-9a-f]{64}"/);
  });
});
