import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Person } from '../support/api.ts';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import {
  addMemberPerson,
  addPerson,
  digest,
  expectRefused,
  hash,
  outcome,
  useStreet,
  valueOf,
} from './street.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);

const stateOf = async () => ({
  // What the functions refuse is not in a table; whoever is refused has changed nothing.
  tables: await digest(db, 'audit_logs'),
  granted: await valueOf(
    db,
    `select count(*) || md5(string_agg(t::text, '' order by t::text)) as value from private.role_permissions as t`,
  ),
});

describe('by writing to tables', () => {
  /** Rows by which somebody would make themself more than they are. */
  const wishes = (self: Person): Record<string, object[]> => ({
    user_roles: [
      { user_id: self.id, role_code: 'owner' },
      { user_id: self.id, role_code: 'admin', granted_by: street.a.owner.id },
    ],
    roles: [
      { code: 'god', name: 'God', permissions: ['members.*'] },
      { code: 'customer', name: 'Customer', permissions: ['members.manage'] },
      { code: 'viewer', permissions: ['members.manage'] },
    ],
    members: [
      { user_id: self.id, status: 'active' },
      { user_id: self.id, joined_at: '2020-01-01', status: 'active' },
    ],
    user_plant_access: [{ user_id: self.id, plant_id: street.a.plantId, access_level: 'admin' }],
    user_profiles: [
      { user_id: self.id, platform_role: 'superadmin' },
      { user_id: self.id, is_active: true },
      { user_id: self.id, current_organization_id: street.b.id },
    ],
    organizations: [
      { id: street.a.id, status: 'active' },
      { id: street.a.id, tier: 'enterprise' },
      { id: street.a.id, max_users: 100000 },
      { id: street.a.id, features: { ai: true } },
      { id: street.a.id, created_by: self.id },
    ],
    permissions: [{ code: 'members.rule', description: 'x' }],
    invitations: [
      {
        id: randomUUID(),
        email: self.email,
        role_codes: ['owner'],
        token_hash: hash('x'),
        expires_at: '2999-01-01',
      },
    ],
  });

  const verbs: [string, string, Record<string, string>][] = [
    ['inserting', 'POST', {}],
    ['upserting', 'POST', { prefer: 'resolution=merge-duplicates' }],
    ['inserting what may be there', 'POST', { prefer: 'resolution=ignore-duplicates' }],
    ['changing', 'PATCH', {}],
    ['replacing', 'PUT', {}],
    ['deleting', 'DELETE', {}],
  ];

  describe.each(['viewer', 'steward', 'admin', 'owner', 'pending'] as const)('as %s', (role) => {
    test.each(verbs)('%s', async (_, method, headers) => {
      const before = await stateOf();
      const self = street.a[role];
      for (const [table, rows] of Object.entries(wishes(self))) {
        for (const row of rows) {
          const [column, value] = Object.entries(row)[0] as [string, string];
          const answer = await api.rest(method === 'POST' ? table : `${table}?${column}=eq.${value}`, {
            method,
            headers,
            token: self.token,
            ...(method === 'DELETE' ? {} : { body: row }),
          });
          expect(
            answer.status,
            `${method} ${table} ${JSON.stringify(row)}: ${JSON.stringify(answer.body)}`,
          ).toBeGreaterThanOrEqual(400);
          expect(answer.status, `${method} ${table} ${JSON.stringify(answer.body)}`).toBeLessThan(500);
        }
      }
      expect(await stateOf()).toEqual(before);
    });
  });

  test('allowed: what is one’s own to change', async () => {
    const rename = await api.rest(`organizations?id=eq.${street.a.id}`, {
      method: 'PATCH',
      token: street.a.admin.token,
      body: { industry: 'Bricks' },
      headers: { prefer: 'return=representation' },
    });
    expect(rename.body).toMatchObject([{ industry: 'Bricks' }]);
    const profile = await api.rest(`user_profiles?user_id=eq.${street.a.viewer.id}`, {
      method: 'PATCH',
      token: street.a.viewer.token,
      body: { display_name: 'A viewer' },
      headers: { prefer: 'return=representation' },
    });
    expect(profile.body).toMatchObject([{ display_name: 'A viewer' }]);
  });
});

describe('by functions, as somebody who manages members and holds little', () => {
  const invitation = (role_codes: string[], email = `${randomUUID()}@example.com`) => ({
    id: randomUUID(),
    email,
    token_hash: hash(randomUUID()),
    role_codes,
  });

  /** What a steward tries, and what it is refused with. */
  const attempts = (): [string, string, Record<string, unknown>, string][] => {
    const { a } = street;
    const self = a.steward.id;
    const exceeds = 'PT403 grant_exceeds_own';
    return [
      ['granting oneself owner', 'grant_role', { user_id: self, role_code: 'owner' }, exceeds],
      ['granting oneself admin', 'grant_role', { user_id: self, role_code: 'admin' }, exceeds],
      ['granting oneself manager', 'grant_role', { user_id: self, role_code: 'manager' }, exceeds],
      [
        'granting oneself admin for a minute',
        'grant_role',
        { user_id: self, role_code: 'admin', expires_at: '2999-01-01T00:00:00Z' },
        exceeds,
      ],
      [
        'granting oneself admin at a plant',
        'grant_role',
        { user_id: self, role_code: 'admin', plant_id: a.plantId },
        exceeds,
      ],
      ['granting a friend admin', 'grant_role', { user_id: a.viewer.id, role_code: 'admin' }, exceeds],
      [
        'a role with a permission that one lacks',
        'create_role',
        { code: 'more', name: 'More', permissions: ['plants.manage'] },
        exceeds,
      ],
      [
        'a role with a whole module of which one holds part',
        'create_role',
        { code: 'more', name: 'More', permissions: ['plants.*'] },
        exceeds,
      ],
      [
        'a role with a whole module of which one holds all for now',
        'create_role',
        { code: 'more', name: 'More', permissions: ['members.*'] },
        exceeds,
      ],
      [
        'a role with everything',
        'create_role',
        { code: 'more', name: 'More', permissions: ['*'] },
        'PT400 permissions_invalid',
      ],
      [
        'a role with every module',
        'create_role',
        { code: 'more', name: 'More', permissions: ['*.*'] },
        'PT400 permissions_invalid',
      ],
      [
        'a role with a pattern of SQL',
        'create_role',
        { code: 'more', name: 'More', permissions: ['%'] },
        'PT400 permissions_invalid',
      ],
      [
        'a role with a pattern of an action',
        'create_role',
        { code: 'more', name: 'More', permissions: ['plants.m*'] },
        'PT400 permissions_invalid',
      ],
      [
        'a role with null in it',
        'create_role',
        { code: 'more', name: 'More', permissions: [null] },
        'PT400 permissions_invalid',
      ],
      [
        'a role in the place of one that is there',
        'create_role',
        { code: 'admin', name: 'Admin', permissions: ['plants.read'] },
        'PT409 role_exists',
      ],
      [
        'more in one’s own role',
        'update_role',
        { code: 'steward', permissions: ['members.manage', 'plants.manage'] },
        exceeds,
      ],
      [
        'all of a module in one’s own role',
        'update_role',
        { code: 'steward', permissions: ['members.*', 'roles.read', 'plants.read'] },
        exceeds,
      ],
      [
        'more in the role of those without one',
        'update_role',
        { code: 'customer', permissions: ['organization.manage'] },
        exceeds,
      ],
      ['less in the role of those above', 'update_role', { code: 'admin', permissions: [] }, exceeds],
      [
        'another owner’s role',
        'update_role',
        { code: 'owner', permissions: ['plants.read'] },
        'PT409 system_role',
      ],
      ['deleting the role of those above', 'delete_role', { code: 'admin' }, exceeds],
      ['inviting an owner', 'create_invitation', invitation(['owner']), exceeds],
      ['inviting an admin', 'create_invitation', invitation(['viewer', 'admin']), exceeds],
      ['inviting oneself', 'create_invitation', invitation(['plant_manager'], a.steward.email), exceeds],
      ['suspending an owner', 'suspend_member', { user_id: a.owner.id }, exceeds],
      ['removing an owner', 'remove_member', { user_id: a.owner.id }, exceeds],
      ['removing an admin', 'remove_member', { user_id: a.admin.id }, exceeds],
      ['suspending and approving oneself', 'suspend_member', { user_id: self }, 'PT409 own_membership'],
      ['approving oneself', 'approve_member', { user_id: self }, 'PT409 own_membership'],
      ['reactivating oneself', 'reactivate_member', { user_id: self }, 'PT409 own_membership'],
      [
        'access to a plant that one has not',
        'grant_plant_access',
        { user_id: self, plant_id: a.plantId, access_level: 'admin' },
        exceeds,
      ],
      [
        'access to read it',
        'grant_plant_access',
        { user_id: self, plant_id: a.plantId, access_level: 'read' },
        exceeds,
      ],
      [
        'making oneself a superadmin',
        'update_user',
        { id: self, platform_role: 'superadmin' },
        'PT403 superadmin_required',
      ],
      [
        'an organization of one’s own',
        'create_organization',
        { name: 'Own', slug: 'own' },
        'PT403 superadmin_required',
      ],
      [
        'letting everybody found one',
        'update_platform_settings',
        { allow_organization_sign_up: true },
        'PT403 superadmin_required',
      ],
      [
        'a larger plan',
        'update_organization',
        { id: a.id, max_users: 1000, tier: 'enterprise' },
        'PT403 superadmin_required',
      ],
    ];
  };

  test('every path is refused, by its code, and nothing has changed', async () => {
    const before = await stateOf();
    const outcomes: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const [what, name, args, refusal] of attempts()) {
      outcomes[what] = outcome(await api.call(name, street.a.steward.token, args));
      expected[what] = refusal;
    }
    expect(outcomes).toEqual(expected);
    expect(await stateOf()).toEqual(before);
  });

  test('taking the role of an owner or an admin away is refused', async () => {
    const before = await stateOf();
    for (const holder of [street.a.owner.id, street.a.admin.id]) {
      const id = await valueOf<string>(
        db,
        'select id as value from public.user_roles where organization_id = $1 and user_id = $2',
        [street.a.id, holder],
      );
      expectRefused(await api.call('revoke_role', street.a.steward.token, { id }), 403, 'grant_exceeds_own');
    }
    expect(await stateOf()).toEqual(before);
  });

  test('who manages no members is refused at the door: each function, as a viewer and as a customer', async () => {
    const customer = await addMemberPerson(db, api, street.a.id);
    const before = await stateOf();
    for (const { token } of [street.a.viewer, customer]) {
      for (const [what, name, args, refusal] of attempts()) {
        const expected = refusal.includes('superadmin') ? refusal : 'PT403 permission_required';
        expect(outcome(await api.call(name, token, args)), what).toBe(expected);
      }
    }
    // One’s own membership is one’s own to end, and nobody else’s.
    expectRefused(
      await api.call('remove_member', street.a.viewer.token, { user_id: street.a.steward.id }),
      403,
      'permission_required',
    );
    expect(await stateOf()).toEqual(before);
  });

  test('a role that is bound to a plant, or has expired, manages nobody', async () => {
    const { a } = street;
    const bound = await addMemberPerson(db, api, a.id);
    await db.query(
      'insert into public.user_plant_access (organization_id, user_id, plant_id) values ($1, $2, $3)',
      [a.id, bound.id, a.plantId],
    );
    await db.query(
      `insert into public.user_roles (organization_id, user_id, role_code, plant_id) values ($1, $2, 'admin', $3)`,
      [a.id, bound.id, a.plantId],
    );
    const late = await addMemberPerson(db, api, a.id);
    await db.query(
      `insert into public.user_roles (organization_id, user_id, role_code, granted_at, expires_at) values ($1, $2, 'admin', now() - interval '2 days', now() - interval '1 second')`,
      [a.id, late.id],
    );
    const before = await stateOf();
    for (const { token, id } of [bound, late]) {
      expectRefused(
        await api.call('grant_role', token, { user_id: id, role_code: 'viewer' }),
        403,
        'permission_required',
      );
      expectRefused(
        await api.call('create_role', token, { code: 'x', name: 'X', permissions: [] }),
        403,
        'permission_required',
      );
    }
    expect(await stateOf()).toEqual(before);
  });

  test('a role that ends cannot be made one that lasts: by oneself, for a friend, or in an invitation', async () => {
    const { a } = street;
    const temporary = await addMemberPerson(db, api, a.id);
    await db.query(
      `insert into public.user_roles (organization_id, user_id, role_code, expires_at) values ($1, $2, 'admin', now() + interval '1 hour')`,
      [a.id, temporary.id],
    );
    const before = await stateOf();
    for (const user_id of [temporary.id, a.viewer.id]) {
      for (const expires_at of [null, '2999-01-01T00:00:00Z', 'infinity']) {
        const args = { user_id, role_code: 'admin', expires_at };
        expectRefused(await api.call('grant_role', temporary.token, args), 403, 'grant_exceeds_own');
      }
    }
    expectRefused(
      await api.call('create_invitation', temporary.token, invitation(['admin'])),
      403,
      'grant_exceeds_own',
    );
    expect(await stateOf()).toEqual(before);
    // Twin: for as long as they have it themself.
    const soon = new Date(Date.now() + 600_000).toISOString();
    const granted = await api.call('grant_role', temporary.token, {
      user_id: a.viewer.id,
      role_code: 'admin',
      expires_at: soon,
    });
    expect(granted.status).toBe(200);
    const { id } = granted.body as { id: string };
    expect((await api.call('revoke_role', a.owner.token, { id })).status).toBe(200);
  });

  test('who waits for approval, or is suspended, does nothing for themself', async () => {
    const { a } = street;
    for (const [name, args] of [
      ['approve_member', { user_id: a.pending.id }],
      ['grant_role', { user_id: a.pending.id, role_code: 'viewer' }],
      ['remove_member', { user_id: a.pending.id }],
    ] as const) {
      expectRefused(await api.call(name, a.pending.token, args), 403, 'organization_required');
    }
  });

  test('an invitation to oneself is none: who belongs already accepts nothing', async () => {
    const friend = await addPerson(db, api);
    const token = randomUUID();
    expectRefused(
      await api.call('create_invitation', street.a.owner.token, {
        ...invitation(['owner'], street.a.owner.email),
        token_hash: hash(token),
      }),
      409,
      'already_member',
    );
    // In other letters, or with spaces, the address is the same.
    expectRefused(
      await api.call('create_invitation', street.a.owner.token, {
        ...invitation(['owner'], ` ${street.a.owner.email.toUpperCase()} `),
        token_hash: hash(token),
      }),
      409,
      'already_member',
    );
    // Twin: somebody else’s
    const made = await api.call('create_invitation', street.a.owner.token, {
      ...invitation(['viewer'], friend.email),
      token_hash: hash(token),
    });
    expect(made.status).toBe(200);
    expect((await api.call('accept_invitation', friend.token, { token })).status).toBe(200);
  });

  test('allowed: handing on what one holds', async () => {
    const { a } = street;
    const made = await api.call('create_role', a.steward.token, {
      code: 'deputy',
      name: 'Deputy',
      permissions: ['members.read', 'plants.read'],
    });
    expect(made.status).toBe(200);
    const granted = await api.call('grant_role', a.steward.token, {
      user_id: a.viewer.id,
      role_code: 'deputy',
    });
    expect(granted.status).toBe(200);
    const changed = await api.call('update_role', a.steward.token, {
      code: 'deputy',
      permissions: ['roles.read'],
    });
    expect(changed.status).toBe(200);
    expect(
      (await api.call('revoke_role', a.steward.token, { id: (granted.body as { id: string }).id })).status,
    ).toBe(200);
    expect((await api.call('create_invitation', a.steward.token, invitation(['deputy']))).status).toBe(200);
    expect((await api.call('delete_role', a.steward.token, { code: 'deputy' })).status).toBe(200);
  });
});
