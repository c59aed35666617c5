import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon, asService, asUser } from '../support/roles.ts';
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
  verifiedUser,
} from './organizations.ts';

const db = useDatabase();
const email = 'grace@example.com';
let acme: Organization;
let beta: Organization;
let admin: string;
let grace: string;

beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
  admin = await addMember(db.pool, acme, { roles: ['admin'] });
  grace = await verifiedUser(db.pool, email);
});

const as = (client: pg.ClientBase, user: string, name: string, args: Record<string, unknown> = {}) =>
  asUser(client, inside(acme, user), (session) => call(session, name, args), { commit: true });

/** Invites as the admin of Acme, and returns the token of the link with the id. */
async function invite(
  client: pg.ClientBase,
  args: Record<string, unknown> = {},
): Promise<{ id: string; token: string }> {
  const { id, token, token_hash } = invitationToken();
  await as(client, admin, 'create_invitation', { id, email, token_hash, ...args });
  return { id, token };
}

const accept = (client: pg.ClientBase, token: string, user = grace) =>
  asUser(client, user, (session) => call(session, 'accept_invitation', { token }), { commit: true });

describe('inviting', () => {
  test('keeps the hash of the token alone, for a week, and queues the mail in the same transaction', async () => {
    await db.inRollback(async (client) => {
      const { id, token, token_hash } = invitationToken();
      const opened = await as(client, admin, 'create_invitation', {
        id,
        email: '  Grace@EXAMPLE.com ',
        token_hash,
        role_codes: ['viewer', 'salesman', 'viewer'],
      });
      expect(opened).toEqual({
        invitation_id: id,
        email,
        role_codes: ['salesman', 'viewer'],
        plant_id: null,
        expires_at: expect.any(String) as string,
      });
      const { rows } = await client.query(
        `select token_hash, invited_by, expires_at = now() + interval '7 days' as is_a_week
         from public.invitations where id = $1`,
        [id],
      );
      expect(rows).toEqual([{ token_hash, invited_by: admin, is_a_week: true }]);
      const { rows: queued } = await client.query<{ message: unknown }>(
        `select message from pgmq.q_notifications`,
      );
      expect(queued).toMatchObject([
        { message: { kind: 'tenancy.invitation', payload: { organization_id: acme.id, invitation_id: id } } },
      ]);
      const { rows: written } = await client.query(
        `select to_jsonb(entry)::text as entry from public.audit_logs as entry where table_name = 'invitations'`,
      );
      for (const secret of [token, token_hash]) {
        expect(JSON.stringify(queued)).not.toContain(secret);
        expect(JSON.stringify(written)).not.toContain(secret);
      }
      expect(JSON.stringify(written)).toContain('[redacted]');
      expect(
        await asService(client, (session) =>
          callAll(session, 'invitation_to_send', { organization_id: acme.id, invitation_id: id }),
        ),
      ).toMatchObject([
        { invitation_id: id, email, organization_name: 'Acme', role_names: ['Salesperson', 'Viewer'] },
      ]);
    });
  });

  test('who manages members reads the invitations of the organization, without the hashes; nobody else does', async () => {
    await db.inRollback(async (client) => {
      const { id } = await invite(client);
      const read = (user: string, organization = acme, columns = 'id, email') =>
        asUser(client, inside(organization, user), (session) =>
          session.query(`select ${columns} from public.invitations`),
        );
      expect((await read(admin)).rows).toEqual([{ id, email }]);
      await expect(read(admin, acme, 'token_hash')).rejects.toMatchObject({ code: '42501' });
      const viewer = await addMember(client, acme, { roles: ['viewer'] });
      expect((await read(viewer)).rows).toEqual([]);
      expect((await read(beta.owner, beta)).rows).toEqual([]);
      expect((await read(beta.owner, acme)).rows).toEqual([]);
    });
  });

  test.each([
    [400, 'email_invalid', { email: 'nobody' }],
    [400, 'email_invalid', { email: null }],
    [400, 'email_invalid', { email: 'a@b\r\nBcc: c@d' }],
    [400, 'email_invalid', { id: null }],
    [400, 'token_hash_invalid', { token_hash: 'abc' }],
    [400, 'token_hash_invalid', { token_hash: null }],
    [400, 'token_hash_invalid', { token_hash: 'A'.repeat(64) }],
    [400, 'roles_invalid', { role_codes: Array.from({ length: 21 }, (_, index) => `role_${index}`) }],
    [404, 'role_not_found', { role_codes: ['viewer', 'no_such'] }],
    [404, 'plant_not_found', { plant_id: '00000000-0000-4000-8000-00000000dead' }],
  ])('refuses with %i %s: %j', async (status, code, args) => {
    await db.inRollback((client) => expectRefusal(invite(client, args), status, code));
  });

  test('roles and plants of another organization are none; an owner is not bound to a plant', async () => {
    await db.inRollback(async (client) => {
      await addRole(client, beta, 'betas_own', []);
      await expectRefusal(invite(client, { role_codes: ['betas_own'] }), 404, 'role_not_found');
      await expectRefusal(invite(client, { plant_id: await addPlant(client, beta) }), 404, 'plant_not_found');
      const plant_id = await addPlant(client, acme);
      await expectRefusal(invite(client, { role_codes: ['owner'], plant_id }), 400, 'owner_unbounded');
      expect(await invite(client, { role_codes: ['supervisor'], plant_id })).toBeDefined();
    });
  });

  test('takes members.manage, and every permission of the roles', async () => {
    await db.inRollback(async (client) => {
      const clerk = await addMember(client, acme, {
        roles: [await addRole(client, acme, 'clerk', ['members.manage', 'members.read'])],
      });
      const manager = await addMember(client, acme, { roles: ['manager'] });
      const { id, token_hash } = invitationToken();
      const by = (user: string, role_codes: string[]) =>
        as(client, user, 'create_invitation', { id, email, token_hash, role_codes });
      await expectRefusal(by(manager, []), 403, 'permission_required');
      await expectRefusal(by(clerk, ['viewer']), 403, 'grant_exceeds_own');
      await expectRefusal(by(clerk, ['owner']), 403, 'grant_exceeds_own');
      expect(await by(clerk, ['customer', 'clerk'])).toMatchObject({ role_codes: ['clerk', 'customer'] });
    });
  });

  test('a plant is given by those who have it', async () => {
    await db.inRollback(async (client) => {
      const clerk = await addMember(client, acme, {
        roles: [await addRole(client, acme, 'clerk', ['members.manage'])],
      });
      const plant_id = await addPlant(client, acme);
      const { id, token_hash } = invitationToken();
      const by = () => as(client, clerk, 'create_invitation', { id, email, token_hash, plant_id });
      await expectRefusal(by(), 403, 'grant_exceeds_own');
      await as(client, admin, 'grant_plant_access', { user_id: clerk, plant_id });
      expect(await by()).toMatchObject({ plant_id });
    });
  });

  test('an address that belongs to a member is refused; one of another organization is not known here', async () => {
    await db.inRollback(async (client) => {
      await addMember(client, beta, { user: grace });
      const { id } = await invite(client);
      expect(id).toBeDefined();
      await addMember(client, acme, { user: grace, status: 'suspended' });
      await expectRefusal(invite(client), 409, 'already_member');
    });
  });

  test('the latest link is the one that counts, and an id is used once', async () => {
    await db.inRollback(async (client) => {
      const first = await invite(client);
      const second = await invite(client);
      await expectRefusal(accept(client, first.token), 410, 'invitation_expired');
      await expectRefusal(
        invite(client, { id: second.id, email: 'other@example.com' }),
        409,
        'invitation_exists',
      );
      expect(await accept(client, second.token)).toMatchObject({ slug: 'acme' });
    });
  });

  test.each([
    ['a member sends', 'thirty', 30, (user: string) => user],
    ['an organization sends', 'a hundred', 100, () => null],
  ])('%s %s in an hour, and not one more', async (_, __, limit, sender) => {
    await db.inRollback(async (client) => {
      const fill = (count: number) =>
        client.query(
          `insert into public.invitations (organization_id, id, email, token_hash, invited_by)
           select $1, gen_random_uuid(), 'sent' || gen_random_uuid() || '@example.com', repeat('0', 64), $2
           from generate_series(1, $3)`,
          [acme.id, sender(admin), count],
        );
      await fill(limit - 1);
      await invite(client, { email: 'last@example.com' });
      await expectRefusal(invite(client, { email: 'next@example.com' }), 429, 'rate_limited');
      // Another organization has its own hour.
      const { id, token_hash } = invitationToken();
      const other = await asUser(client, inside(beta, beta.owner), (session) =>
        call(session, 'create_invitation', { id, email, token_hash }),
      );
      expect(other).toMatchObject({ email });
      await client.query(
        `update public.invitations set created_at = now() - interval '61 minutes' where organization_id = $1`,
        [acme.id],
      );
      expect(await invite(client, { email: 'next@example.com' })).toBeDefined();
    });
  });
});

describe('accepting', () => {
  test('joins with the roles, whatever the case of the address, and chooses the organization', async () => {
    await db.inRollback(async (client) => {
      const upper = await verifiedUser(client, 'Mixed.Case@Example.COM');
      const { id, token } = await invite(client, {
        email: 'mixed.case@example.com',
        role_codes: ['viewer', 'salesman'],
      });
      expect(await accept(client, token, upper)).toMatchObject({
        organization_id: acme.id,
        member_status: 'active',
        role_codes: ['salesman', 'viewer'],
        is_current: true,
      });
      const { rows } = await client.query(
        `select accepted_by, accepted_at is not null as is_accepted from public.invitations where id = $1`,
        [id],
      );
      expect(rows).toEqual([{ accepted_by: upper, is_accepted: true }]);
      const { rows: granted } = await client.query(
        'select distinct granted_by from public.user_roles where user_id = $1',
        [upper],
      );
      expect(granted).toEqual([{ granted_by: admin }]);
    });
  });

  test('an invitation to a plant gives access to it, and the roles there alone', async () => {
    await db.inRollback(async (client) => {
      const plant_id = await addPlant(client, acme);
      const { token } = await invite(client, { role_codes: ['supervisor'], plant_id });
      await accept(client, token);
      const { rows } = await client.query(
        `select held.plant_id, access.access_level from public.user_roles as held
         join public.user_plant_access as access using (organization_id, user_id, plant_id) where held.user_id = $1`,
        [grace],
      );
      expect(rows).toEqual([{ plant_id, access_level: 'read' }]);
      const may = (plant: string | null) =>
        asUser(client, inside(acme, grace), (session) =>
          call(session, 'check_permission', { code: 'members.read', plant_id: plant }),
        );
      expect([await may(plant_id), await may(null)]).toEqual([true, false]);
    });
  });

  test('works once', async () => {
    await db.inRollback(async (client) => {
      const { token } = await invite(client);
      await accept(client, token);
      await expectRefusal(accept(client, token), 409, 'invitation_used');
      // Also for those who have left since.
      await as(client, grace, 'remove_member', { user_id: grace });
      await expectRefusal(accept(client, token), 409, 'invitation_used');
    });
  });

  test('two acceptances at once: one wins, the other is told', async () => {
    const twice = await verifiedUser(db.pool, 'twice@example.com');
    const { id, token, token_hash } = invitationToken();
    await asUser(
      db,
      inside(beta, beta.owner),
      (client) => call(client, 'create_invitation', { id, email: 'twice@example.com', token_hash }),
      { commit: true },
    );
    const attempt = () =>
      asUser(db, twice, (client) => call(client, 'accept_invitation', { token }), { commit: true });
    const outcomes = await Promise.allSettled([attempt(), attempt(), attempt()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        await expectRefusal(Promise.reject(outcome.reason as Error), 409, 'invitation_used');
      }
    }
  });

  test('an expired, a revoked and one of a suspended organization are no longer open', async () => {
    await db.inRollback(async (client) => {
      const expired = await invite(client);
      await client.query(
        `update public.invitations set created_at = now() - interval '8 days', expires_at = now() where id = $1`,
        [expired.id],
      );
      await expectRefusal(accept(client, expired.token), 410, 'invitation_expired');
      const toSend = () =>
        asService(client, (session) =>
          callAll(session, 'invitation_to_send', { organization_id: acme.id, invitation_id: expired.id }),
        );
      expect(await toSend()).toEqual([]);

      const revoked = await invite(client);
      expect(await as(client, admin, 'revoke_invitation', { id: revoked.id })).toMatchObject({ email });
      await expectRefusal(accept(client, revoked.token), 410, 'invitation_expired');

      const open = await invite(client);
      await call(client, 'suspend_organization', { id: acme.id, reason: 'x' });
      await expectRefusal(accept(client, open.token), 410, 'invitation_expired');
      await call(client, 'reactivate_organization', { id: acme.id });
      expect(await accept(client, open.token)).toMatchObject({ slug: 'acme' });
    });
  });

  test("an unknown token and somebody else's are the same; an address that is not verified is told so", async () => {
    await db.inRollback(async (client) => {
      const { token } = await invite(client);
      const other = await verifiedUser(client, 'other@example.com');
      const answers = [
        await expectRefusal(accept(client, token, other), 404, 'invitation_not_found'),
        await expectRefusal(accept(client, 'no such token', other), 404, 'invitation_not_found'),
        await expectRefusal(accept(client, 'no such token'), 404, 'invitation_not_found'),
        await expectRefusal(accept(client, ''), 404, 'invitation_not_found'),
      ];
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      await client.query('update auth.users set email_confirmed_at = null where id = $1', [grace]);
      await expectRefusal(accept(client, token), 403, 'email_not_verified');
      // What the user says of themself counts for nothing.
      const liar = await insertAuthUser(client, { raw_user_meta_data: { email, email_verified: true } });
      await expectRefusal(accept(client, token, liar), 403, 'email_not_verified');
    });
  });

  test('the hash is no token', async () => {
    await db.inRollback(async (client) => {
      const { id, token_hash } = invitationToken();
      await as(client, admin, 'create_invitation', { id, email, token_hash });
      await expectRefusal(accept(client, token_hash), 404, 'invitation_not_found');
    });
  });

  test('a role that was deleted meanwhile is not granted; the others are', async () => {
    await db.inRollback(async (client) => {
      await addRole(client, acme, 'temp', []);
      const { token } = await invite(client, { role_codes: ['temp', 'viewer'] });
      await as(client, admin, 'delete_role', { code: 'temp' });
      expect(await accept(client, token)).toMatchObject({ role_codes: ['viewer'] });
    });
  });

  test('a plant that was deleted meanwhile takes its invitations along', async () => {
    await db.inRollback(async (client) => {
      const plant_id = await addPlant(client, acme);
      const { token } = await invite(client, { role_codes: ['supervisor'], plant_id });
      await asUser(
        client,
        inside(acme, admin),
        (session) => session.query('delete from public.plants where id = $1', [plant_id]),
        { commit: true },
      );
      await expectRefusal(accept(client, token), 404, 'invitation_not_found');
    });
  });

  test('who waits for approval is let in by an invitation; who is suspended is not', async () => {
    await db.inRollback(async (client) => {
      const { token } = await invite(client, { role_codes: ['viewer'] });
      await addMember(client, acme, { user: grace, status: 'pending' });
      await client.query('savepoint pending');
      expect(await accept(client, token)).toMatchObject({ member_status: 'active', role_codes: ['viewer'] });
      await client.query('rollback to savepoint pending');
      await client.query(
        `update public.members set status = 'suspended', joined_at = now(), suspended_at = now() where user_id = $1`,
        [grace],
      );
      await expectRefusal(accept(client, token), 409, 'already_member');
      const { rows } = await client.query(
        'select status from public.members where user_id = $1 and organization_id = $2',
        [grace, acme.id],
      );
      expect(rows).toEqual([{ status: 'suspended' }]);
    });
  });

  test.each([
    ['removed', (client: pg.ClientBase) => as(client, acme.owner, 'remove_member', { user_id: admin })],
    ['suspended', (client: pg.ClientBase) => as(client, acme.owner, 'suspend_member', { user_id: admin })],
    ['deleted', (client: pg.ClientBase) => call(client, 'delete_user', { id: admin })],
  ])('an invitation does not outlive the membership of who sent it: %s', async (_, leave) => {
    await db.inRollback(async (client) => {
      const { token } = await invite(client, { role_codes: ['admin'] });
      await client.query('savepoint sent');
      expect(await accept(client, token)).toMatchObject({ role_codes: ['admin'] });
      await client.query('rollback to savepoint sent');
      await leave(client);
      await expectRefusal(accept(client, token), 410, 'invitation_expired');
    });
  });

  test('a deactivated user accepts nothing', async () => {
    await db.inRollback(async (client) => {
      const { token } = await invite(client);
      await call(client, 'deactivate_user', { id: grace, reason: 'x' });
      await expectRefusal(accept(client, token), 401, 'not_authenticated');
    });
  });
});

describe('revoking', () => {
  test('takes members.manage; what is used, revoked, elsewhere or nowhere is the same', async () => {
    await db.inRollback(async (client) => {
      const open = await invite(client);
      const revoke = (id: string, user = admin) => as(client, user, 'revoke_invitation', { id });
      const viewer = await addMember(client, acme, { roles: ['viewer'] });
      await expectRefusal(revoke(open.id, viewer), 403, 'permission_required');
      const foreign = invitationToken();
      await asUser(
        client,
        inside(beta, beta.owner),
        (session) =>
          call(session, 'create_invitation', { id: foreign.id, email, token_hash: foreign.token_hash }),
        { commit: true },
      );
      const answers = [
        await expectRefusal(revoke(foreign.id), 404, 'invitation_not_found'),
        await expectRefusal(revoke('00000000-0000-4000-8000-00000000dead'), 404, 'invitation_not_found'),
      ];
      await accept(client, open.token);
      answers.push(await expectRefusal(revoke(open.id), 404, 'invitation_not_found'));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    });
  });
});

test('what the mail says is for the service role alone', async () => {
  const ask = (client: Parameters<typeof call>[0]) =>
    call(client, 'invitation_to_send', {
      organization_id: acme.id,
      invitation_id: '00000000-0000-4000-8000-00000000dead',
    });
  await expect(asUser(db, inside(acme, acme.owner), ask)).rejects.toMatchObject({ code: '42501' });
  await expect(asAnon(db, ask)).rejects.toMatchObject({ code: '42501' });
  expect(await asService(db, ask)).toBeUndefined();
});
