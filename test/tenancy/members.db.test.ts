import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { inTransaction, useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import {
  addMember,
  call,
  claimsOf,
  events,
  found,
  inside,
  invitationToken,
  type Organization,
  promote,
  verifiedUser,
} from './organizations.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;
let admin: string;
let viewer: string;
let neighbour: string;
let superadmin: string;

beforeAll(async () => {
  superadmin = await promote(db.pool, await insertAuthUser(db.pool));
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
  admin = await addMember(db.pool, acme, {
    roles: ['admin'],
    account: { raw_user_meta_data: { full_name: 'Ada Admin' } },
  });
  viewer = await addMember(db.pool, acme, {
    roles: ['viewer'],
    account: { email: 'vera@acme.test', raw_user_meta_data: { full_name: 'Vera 100%_Viewer' } },
  });
  neighbour = await addMember(db.pool, beta, {
    roles: ['viewer'],
    account: { email: 'nick@beta.test', raw_user_meta_data: { full_name: 'Nick Neighbour' } },
  });
});

/** Calls a function as a member of Acme, and keeps what it did in the surrounding transaction. */
const as = (client: pg.ClientBase, user: string, name: string, args: Record<string, unknown> = {}) =>
  asUser(client, inside(acme, user), (session) => call(session, name, args), { commit: true });

async function statusOf(client: pg.ClientBase, user: string): Promise<string | undefined> {
  const { rows } = await client.query<{ status: string }>(
    'select status from public.members where organization_id = $1 and user_id = $2',
    [acme.id, user],
  );
  return rows[0]?.status;
}

describe('the way of a member', () => {
  test('asks to join, is approved, suspended, let in again, removed; each is dated and logged', async () => {
    await db.inRollback(async (client) => {
      const user = await addMember(client, acme, { status: 'pending' });
      const active = () =>
        asUser(client, inside(acme, user), (session) => session.query('select from public.members')).then(
          ({ rowCount }) => rowCount === 1,
        );
      expect(await active()).toBe(false);
      expect(await as(client, admin, 'approve_member', { user_id: user })).toMatchObject({
        status: 'active',
        approved_by: admin,
        suspended_at: null,
      });
      expect(await active()).toBe(true);
      const joined = await as(client, admin, 'suspend_member', { user_id: user });
      expect(joined).toMatchObject({ status: 'suspended', approved_by: admin });
      expect(await active()).toBe(false);
      expect(await as(client, admin, 'reactivate_member', { user_id: user })).toMatchObject({
        status: 'active',
        suspended_at: null,
        joined_at: (joined as { joined_at: string }).joined_at,
      });
      expect(await active()).toBe(true);
      expect(await as(client, admin, 'remove_member', { user_id: user })).toMatchObject({ status: 'active' });
      expect(await active()).toBe(false);
      expect(await statusOf(client, user)).toBeUndefined();

      const { rows } = await client.query(
        `select action, actor_id from public.audit_logs
         where table_name = 'members' and row_key = jsonb_build_object('user_id', $1::uuid) order by at, id`,
        [user],
      );
      expect(rows).toEqual([
        { action: 'create', actor_id: null },
        ...['update', 'update', 'update', 'delete'].map((action) => ({ action, actor_id: admin })),
      ]);
    });
  });

  test('a suspended member keeps the roles for when they return; a removed one does not', async () => {
    await db.inRollback(async (client) => {
      const roles = async () =>
        (await client.query('select from public.user_roles where user_id = $1', [viewer])).rowCount;
      await as(client, admin, 'suspend_member', { user_id: viewer });
      expect(await roles()).toBe(1);
      await as(client, admin, 'remove_member', { user_id: viewer });
      expect(await roles()).toBe(0);
    });
  });

  test('who is removed works elsewhere from the next token on', async () => {
    await db.inRollback(async (client) => {
      await addMember(client, beta, { user: viewer });
      await asUser(client, viewer, (session) => call(session, 'switch_organization', { id: acme.id }), {
        commit: true,
      });
      expect(await claimsOf(client, viewer)).toMatchObject({ organization_id: acme.id });
      await as(client, admin, 'remove_member', { user_id: viewer });
      expect(await claimsOf(client, viewer)).toMatchObject({ organization_id: beta.id });
    });
  });

  test('everybody may leave; nobody approves, suspends or reactivates themselves', async () => {
    await db.inRollback(async (client) => {
      for (const name of ['suspend_member', 'approve_member', 'reactivate_member']) {
        await expectRefusal(as(client, admin, name, { user_id: admin }), 409, 'own_membership');
      }
      expect(await as(client, viewer, 'remove_member', { user_id: viewer })).toMatchObject({
        user_id: viewer,
      });
      expect(await as(client, admin, 'remove_member', { user_id: admin })).toMatchObject({ user_id: admin });
    });
  });

  test('rejecting is for those who wait', async () => {
    await db.inRollback(async (client) => {
      const user = await addMember(client, acme, { status: 'pending' });
      await expectRefusal(
        as(client, admin, 'reject_member', { user_id: viewer }),
        409,
        'member_status_conflict',
      );
      expect(await as(client, admin, 'reject_member', { user_id: user })).toMatchObject({
        status: 'pending',
      });
      expect(await statusOf(client, user)).toBeUndefined();
    });
  });

  test.each([
    ['active', 'approve_member'],
    ['active', 'reactivate_member'],
    ['pending', 'suspend_member'],
    ['pending', 'reactivate_member'],
    ['suspended', 'suspend_member'],
    ['suspended', 'approve_member'],
    ['suspended', 'reject_member'],
  ] as const)('a member who is %s: %s is refused', async (status, name) => {
    await db.inRollback(async (client) => {
      const user = await addMember(client, acme, { status });
      await expectRefusal(as(client, admin, name, { user_id: user }), 409, 'member_status_conflict');
      expect(await statusOf(client, user)).toBe(status);
    });
  });

  test.each(['approve_member', 'reject_member', 'suspend_member', 'reactivate_member', 'remove_member'])(
    '%s: somebody of another organization and nobody at all are the same',
    async (name) => {
      const answers = [];
      for (const user_id of [neighbour, beta.owner, '00000000-0000-4000-8000-00000000dead', null]) {
        const attempt = asUser(db, inside(acme, admin), (client) => call(client, name, { user_id }));
        answers.push(await expectRefusal(attempt, 404, 'member_not_found'));
      }
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    },
  );

  test.each(['approve_member', 'reject_member', 'suspend_member', 'reactivate_member', 'remove_member'])(
    '%s takes members.manage, in the organization of the token',
    async (name) => {
      const attempt = (caller: Parameters<typeof asUser>[1]) =>
        asUser(db, caller, (client) => call(client, name, { user_id: viewer }));
      const other = await addMember(db.pool, acme, { roles: ['manager'] });
      await expectRefusal(attempt(inside(acme, other)), 403, 'permission_required');
      // An owner of Beta, whose token says Acme: in neither.
      await expectRefusal(attempt(inside(acme, beta.owner)), 403, 'organization_required');
      await expectRefusal(attempt(inside(beta, beta.owner)), 404, 'member_not_found');
    },
  );

  test('who may do what the caller may not is not touched', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        `insert into public.roles (organization_id, code, name, permissions) values ($1, 'people', 'People', '{members.manage}')`,
        [acme.id],
      );
      const clerk = await addMember(client, acme, { roles: ['people'] });
      for (const [name, user] of [
        ['suspend_member', admin],
        ['remove_member', acme.owner],
        ['suspend_member', viewer],
      ] as const) {
        await expectRefusal(as(client, clerk, name, { user_id: user }), 403, 'grant_exceeds_own');
      }
      const plain = await addMember(client, acme, { roles: ['customer'] });
      expect(await as(client, clerk, 'suspend_member', { user_id: plain })).toMatchObject({
        status: 'suspended',
      });
      const suspended = await addMember(client, acme, { roles: ['admin'], status: 'suspended' });
      await expectRefusal(
        as(client, clerk, 'reactivate_member', { user_id: suspended }),
        403,
        'grant_exceeds_own',
      );
    });
  });
});

describe('the dates of a member fit the status', () => {
  test.each([
    [`status = 'pending'`],
    [`joined_at = null`],
    [`status = 'suspended'`],
    [`suspended_at = now()`],
    [`status = 'gone'`],
  ])('%s alone is refused', async (change) => {
    const attempt = db.query(`update public.members set ${change} where user_id = '${viewer}'`);
    await expect(attempt).rejects.toMatchObject({ code: '23514' });
  });
});

describe('the copies that a member holds', () => {
  test('follow the organization and the user, and cannot be given another value', async () => {
    await db.inRollback(async (client) => {
      const copies = async () =>
        (
          await client.query<{ copy: string }>(
            `select concat_ws(' ', organization_status, user_is_active) as copy from public.members where user_id = $1`,
            [viewer],
          )
        ).rows[0]?.copy;
      expect(await copies()).toBe('active t');
      await call(client, 'suspend_organization', { id: acme.id, reason: 'x' });
      expect(await copies()).toBe('suspended t');
      await call(client, 'deactivate_user', { id: viewer, reason: 'x' });
      expect(await copies()).toBe('suspended f');
      await call(client, 'reactivate_organization', { id: acme.id });
      await call(client, 'reactivate_user', { id: viewer });
      expect(await copies()).toBe('active t');
      for (const lie of [`organization_status = 'suspended'`, `user_is_active = false`]) {
        await client.query('savepoint lie');
        const attempt = client.query(`update public.members set ${lie} where user_id = $1`, [viewer]);
        await expect(attempt).rejects.toMatchObject({ code: '23503' });
        await client.query('rollback to savepoint lie');
      }
      // Whether the member may come in is copied on to the roles.
      const open = async () =>
        (
          await client.query<{ open: boolean }>(
            'select member_is_open as open from public.user_roles where user_id = $1',
            [viewer],
          )
        ).rows[0]?.open;
      expect(await open()).toBe(true);
      await as(client, admin, 'suspend_member', { user_id: viewer });
      expect(await open()).toBe(false);
      await as(client, admin, 'reactivate_member', { user_id: viewer });
      expect(await open()).toBe(true);
      // A row that is born with a lie is corrected.
      await call(client, 'suspend_organization', { id: acme.id, reason: 'x' });
      const late = await insertAuthUser(client);
      const { rows } = await client.query(
        `insert into public.members (organization_id, user_id, organization_status, user_is_active)
         values ($1, $2, 'active', false) returning organization_status, user_is_active`,
        [acme.id, late],
      );
      expect(rows).toEqual([{ organization_status: 'suspended', user_is_active: true }]);
      const { rows: held } = await client.query(
        `insert into public.user_roles (organization_id, user_id, role_code, member_is_open)
         values ($1, $2, 'viewer', true) returning member_is_open`,
        [acme.id, late],
      );
      expect(held).toEqual([{ member_is_open: false }]);
    });
  });
});

describe('max_users', () => {
  let small: Organization;
  let room: string;

  beforeAll(async () => {
    small = await found(db.pool, 'Small', { max_users: 3 });
    room = await addMember(db.pool, small);
  });

  const refused = (attempt: Promise<unknown>) => expectRefusal(attempt, 409, 'limit_reached');

  test('the last place is given, the next one is refused, by each function that lets somebody in', async () => {
    await db.inRollback(async (client) => {
      const owner = (name: string, args: Record<string, unknown>) =>
        asUser(client, inside(small, small.owner), (session) => call(session, name, args), { commit: true });
      const [first, second] = [
        await addMember(client, small, { status: 'pending' }),
        await addMember(client, small, { status: 'pending' }),
      ];
      const suspended = await addMember(client, small, { status: 'suspended' });
      expect(await owner('approve_member', { user_id: first })).toMatchObject({ status: 'active' });
      await refused(owner('approve_member', { user_id: second }));
      await refused(owner('reactivate_member', { user_id: suspended }));

      const invited = await verifiedUser(client, 'guest@example.com');
      const { id, token, token_hash } = invitationToken();
      await owner('create_invitation', { id, email: 'guest@example.com', token_hash });
      const accept = () =>
        asUser(client, invited, (session) => call(session, 'accept_invitation', { token }), { commit: true });
      await refused(accept());

      await client.query(
        `update public.organizations set allow_self_registration = true, requires_approval = false where id = $1`,
        [small.id],
      );
      const joiner = await insertAuthUser(client);
      await refused(
        asUser(client, joiner, (session) => call(session, 'join_organization', { slug: 'small' })),
      );

      await owner('suspend_member', { user_id: first });
      expect(await accept()).toMatchObject({ member_status: 'active' });
    });
  });

  test.each([
    [
      'two in one insert',
      `insert into public.members (organization_id, user_id, status, joined_at)
       select $1, user_id, 'active', now() from public.user_profiles where user_id = any ($2)`,
    ],
    [
      'two in one update',
      `insert into public.members (organization_id, user_id) select $1, unnest($2::uuid[]);
       update public.members set status = 'active', joined_at = now() where organization_id = $1 and status = 'pending'`,
    ],
    [
      'members moved from another organization',
      `insert into public.members (organization_id, user_id, status, joined_at)
       select '$3', unnest($2::uuid[]), 'active', now();
       update public.members set organization_id = $1 where organization_id = '$3' and user_id = any ($2)`,
    ],
  ])('also the operator, writing the table itself, is refused: %s', async (_, statements) => {
    await db.inRollback(async (client) => {
      const users = [await insertAuthUser(client), await insertAuthUser(client)];
      const sql = statements
        .replaceAll('$1', `'${small.id}'`)
        .replaceAll('$2', `'{${users.join()}}'::uuid[]`)
        .replaceAll('$3', beta.id);
      await refused(client.query(sql));
    });
  });

  test('a smaller plan throws nobody out, and lets nobody in', async () => {
    await db.inRollback(async (client) => {
      await call(client, 'update_organization', { id: small.id, max_users: 1 });
      expect(
        await asUser(client, inside(small, room), (session) => call(session, 'my_organizations')),
      ).toMatchObject({
        member_status: 'active',
      });
      const user = await addMember(client, small, { status: 'pending' });
      const approve = () =>
        asUser(client, inside(small, small.owner), (session) =>
          call(session, 'approve_member', { user_id: user }),
        );
      await refused(approve());
      await call(client, 'update_organization', { id: small.id, max_users: 3 });
      expect(await approve()).toMatchObject({ status: 'active' });
    });
  });

  test('holds under fifty activations at once', async () => {
    const crowded = await found(db.pool, 'Crowded', { max_users: 20 });
    const waiting: string[] = [];
    for (let index = 0; index < 50; index += 1) {
      waiting.push(await addMember(db.pool, crowded, { status: 'pending' }));
    }
    const outcomes = await Promise.allSettled(
      waiting.map((user_id) =>
        asUser(db, inside(crowded, crowded.owner), (client) => call(client, 'approve_member', { user_id }), {
          commit: true,
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(19);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') await refused(Promise.reject(outcome.reason as Error));
    }
    const { rows } = await db.query(
      `select count(*)::integer as active from public.members where organization_id = $1 and status = 'active'`,
      [crowded.id],
    );
    expect(rows).toEqual([{ active: 20 }]);
  });
});

/** Of two at once, one is done and the other refused by a rule: no deadlock, no failure. */
function expectOneRefused(outcomes: PromiseSettledResult<unknown>[]): void {
  const refusals = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  expect(refusals).toEqual([expect.objectContaining({ code: expect.stringMatching(/^PT4/) as unknown })]);
}

describe('the last active owner', () => {
  const paths: [string, (client: pg.ClientBase) => Promise<unknown>][] = [
    ['removed by a superadmin', (client) => as(client, superadmin, 'remove_member', { user_id: acme.owner })],
    ['leaves', (client) => as(client, acme.owner, 'remove_member', { user_id: acme.owner })],
    [
      'suspended by a superadmin',
      (client) => as(client, superadmin, 'suspend_member', { user_id: acme.owner }),
    ],
    [
      'role revoked',
      async (client) => {
        const { rows } = await client.query<{ id: string }>(
          `select id from public.user_roles where user_id = $1 and role_code = 'owner'`,
          [acme.owner],
        );
        return as(client, superadmin, 'revoke_role', { id: rows[0]?.id });
      },
    ],
    ['user deleted by a superadmin', (client) => call(client, 'delete_user', { id: acme.owner })],
    [
      'user deleted by the auth server',
      (client) => client.query('delete from auth.users where id = $1', [acme.owner]),
    ],
    [
      'role changed in the table',
      (client) =>
        client.query(`update public.user_roles set role_code = 'viewer' where user_id = $1`, [acme.owner]),
    ],
    [
      'role deleted in the table',
      (client) => client.query('delete from public.user_roles where user_id = $1', [acme.owner]),
    ],
    [
      'suspended in the table',
      (client) =>
        client.query(
          `update public.members set status = 'suspended', suspended_at = now() where user_id = $1`,
          [acme.owner],
        ),
    ],
    [
      'all members suspended at once',
      (client) =>
        client.query(
          `update public.members set status = 'suspended', suspended_at = now() where organization_id = $1`,
          [acme.id],
        ),
    ],
    [
      'removed in the table',
      (client) => client.query('delete from public.members where user_id = $1', [acme.owner]),
    ],
  ];

  test.each(paths)('%s: refused; with a second one, allowed', async (_, path) => {
    await db.inRollback(async (client) => {
      await client.query('savepoint alone');
      await expectRefusal(path(client), 409, 'last_owner');
      await client.query('rollback to savepoint alone');

      // An owner who is shut out, and one of another organization, do not count.
      await addMember(client, acme, { roles: ['owner'], status: 'suspended' });
      await addMember(client, beta, { roles: ['owner'] });
      await client.query('savepoint alone');
      await expectRefusal(path(client), 409, 'last_owner');
      await client.query('rollback to savepoint alone');

      // For the update of all at once, nobody is left; it stays refused.
      await addMember(client, acme, { roles: ['owner'] });
      if (_ === 'all members suspended at once') await expectRefusal(path(client), 409, 'last_owner');
      else await path(client);
    });
  });

  test('two owners who remove each other at the same time: one stays', async () => {
    for (let round = 0; round < 5; round += 1) {
      const duo = await found(db.pool, `Duo${round}`);
      const second = await addMember(db.pool, duo, { roles: ['owner'] });
      const remove = (caller: string, user_id: string) =>
        asUser(db, inside(duo, caller), (client) => call(client, 'remove_member', { user_id }), {
          commit: true,
        });
      const outcomes = await Promise.allSettled([remove(duo.owner, second), remove(second, duo.owner)]);
      expectOneRefused(outcomes);
      const { rows } = await db.query(
        `select count(*)::integer as owners from public.user_roles
         where organization_id = $1 and role_code = 'owner'`,
        [duo.id],
      );
      expect(rows).toEqual([{ owners: 1 }]);
    }
  });

  test('two owners who are demoted by two statements of the operator at the same time: one stays', async () => {
    const duo = await found(db.pool, 'Demoted');
    const second = await addMember(db.pool, duo, { roles: ['owner'] });
    const demote = (user: string) =>
      inTransaction(db.pool, 'commit', (client) =>
        client.query('delete from public.user_roles where organization_id = $1 and user_id = $2', [
          duo.id,
          user,
        ]),
      );
    const outcomes = await Promise.allSettled([demote(duo.owner), demote(second)]);
    expectOneRefused(outcomes);
  });
});

describe('join_organization()', () => {
  const join = (client: pg.ClientBase, user: string, slug = 'beta') =>
    asUser(client, user, (session) => call(session, 'join_organization', { slug }), { commit: true });

  const openTo = (client: pg.ClientBase, values: string) =>
    client.query(`update public.organizations set ${values} where id = $1`, [beta.id]);

  test('waits for approval, or is in at once, as the organization wishes', async () => {
    await db.inRollback(async (client) => {
      await openTo(client, 'allow_self_registration = true');
      const [patient, quick] = [await insertAuthUser(client), await insertAuthUser(client)];
      expect(await join(client, patient)).toMatchObject({
        slug: 'beta',
        member_status: 'pending',
        role_codes: [],
        is_current: false,
      });
      await openTo(client, 'requires_approval = false');
      expect(await join(client, quick)).toMatchObject({ member_status: 'active', is_current: true });
      await expectRefusal(join(client, quick), 409, 'already_member');
      await expectRefusal(join(client, patient), 409, 'already_member');
      await call(client, 'deactivate_user', { id: quick, reason: 'x' });
      await expectRefusal(join(client, quick), 401, 'not_authenticated');
    });
  });

  test('a suspended member cannot come back by the link', async () => {
    await db.inRollback(async (client) => {
      await openTo(client, 'allow_self_registration = true, requires_approval = false');
      const user = await addMember(client, beta, { status: 'suspended' });
      await expectRefusal(join(client, user), 409, 'already_member');
    });
  });

  test('what does not exist, is not open, or is suspended, is the same', async () => {
    await db.inRollback(async (client) => {
      const user = await insertAuthUser(client);
      const answers = [
        await expectRefusal(join(client, user, 'no-such'), 404, 'organization_not_found'),
        await expectRefusal(join(client, user), 404, 'organization_not_found'),
      ];
      await openTo(client, 'allow_self_registration = true');
      await call(client, 'suspend_organization', { id: beta.id, reason: 'x' });
      answers.push(await expectRefusal(join(client, user), 404, 'organization_not_found'));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      await call(client, 'reactivate_organization', { id: beta.id });
      expect(await join(client, user)).toMatchObject({ member_status: 'pending' });
    });
  });
});

describe('list_members()', () => {
  const list = (client: pg.ClientBase, user: string, args: Record<string, unknown> = {}) =>
    as(client, user, 'list_members', args);

  test('lists those of the organization by name, with their roles, and nobody else', async () => {
    await db.inRollback(async (client) => {
      const all = (await list(client, viewer, { per_page: 100 })) as {
        members: { user_id: string }[];
        total: number;
      };
      const ids = all.members.map((member) => member.user_id);
      expect(ids).toContain(acme.owner);
      expect(ids).not.toContain(neighbour);
      expect(ids).not.toContain(beta.owner);
      expect(all.total).toBe(ids.length);
      expect(all.members).toContainEqual(
        expect.objectContaining({
          user_id: viewer,
          display_name: 'Vera 100%_Viewer',
          email: 'vera@acme.test',
          role_codes: ['viewer'],
          status: 'active',
        }),
      );
      const { rows } = await client.query(
        `select count(*)::integer as total from public.members where organization_id = $1`,
        [acme.id],
      );
      expect(rows).toEqual([{ total: all.total }]);
      expect(await list(client, viewer, { page: 1000 })).toMatchObject({ members: [], total: all.total });
    });
  });

  test.each([
    [{ search: 'VERA@acme' }, 1],
    [{ search: '100%_v' }, 1],
    [{ search: '%' }, 1],
    [{ search: 'nick' }, 0],
    [{ search: 'nick@beta.test' }, 0],
    [{ status: 'suspended' }, 0],
    [{ status: 'active', search: 'Vera 100' }, 1],
  ])('finds %j', async (args, total) => {
    await db.inRollback(async (client) => {
      expect(await list(client, viewer, args)).toMatchObject({ total });
    });
  });

  test.each([
    ['per_page_invalid', { per_page: 0 }],
    ['per_page_invalid', { per_page: 101 }],
    ['page_invalid', { page: 0 }],
    ['status_invalid', { status: 'gone' }],
    ['search_invalid', { search: 'x'.repeat(201) }],
  ])('refuses %s: %j', async (code, args) => {
    await db.inRollback((client) => expectRefusal(list(client, viewer, args), 400, code));
  });

  test('takes members.read; everybody sees their own row in the table', async () => {
    await db.inRollback(async (client) => {
      const plain = await addMember(client, acme);
      await expectRefusal(list(client, plain), 403, 'permission_required');
      const seen = (user: string) =>
        asUser(client, inside(acme, user), (session) => session.query('select user_id from public.members'));
      expect((await seen(plain)).rows).toEqual([{ user_id: plain }]);
      expect((await seen(viewer)).rowCount).toBeGreaterThan(2);
    });
  });
});

test('no event of one organization is in the log of another', async () => {
  await db.inRollback(async (client) => {
    await asUser(client, beta.owner, (session) => call(session, 'switch_organization', { id: beta.id }), {
      commit: true,
    });
    expect(await events(client, 'organization.switched')).toHaveLength(1);
    const read = (organization: Organization, user: string) =>
      asUser(client, inside(organization, user), (session) =>
        session.query(`select distinct organization_id from public.audit_logs`),
      );
    expect((await read(acme, acme.owner)).rows).toEqual([{ organization_id: acme.id }]);
    expect((await read(beta, beta.owner)).rows).toEqual([{ organization_id: beta.id }]);
  });
});
