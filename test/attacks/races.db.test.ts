import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import { addInvitation, addMember, addOrganization, addRegentRole, valueOf } from './street.ts';

const db = useDatabase();

/** As many real connections as there are callers at once. */
const crowd = {} as { pool: pg.Pool };
beforeAll(() => {
  crowd.pool = db.crowd(50);
});

const rounds = Array.from({ length: 20 }, (_, index) => index);

/** A statement of the operator: `ok`, or its SQLSTATE. */
const operate = (statement: string, ...values: unknown[]): Promise<string> =>
  crowd.pool.query(statement, values).then(
    () => 'ok',
    (error: unknown) => (error as pg.DatabaseError).code ?? String(error),
  );

/** One call of a function by a member, in a transaction of its own: `ok`, or the code of the refusal. */
async function call(
  organizationId: string,
  userId: string,
  statement: string,
  ...values: unknown[]
): Promise<string> {
  try {
    await asUser(
      crowd,
      { id: userId, organization_id: organizationId },
      (client) => client.query(statement, values),
      { commit: true },
    );
    return 'ok';
  } catch (error) {
    const { code, detail } = error as { code?: string; detail?: string };
    return /"code": "(\w+)"/.exec(detail ?? '')?.[1] ?? code ?? String(error);
  }
}

const addUser = async () => {
  const id = await insertAuthUser(db.pool);
  await db.query('update auth.users set email_confirmed_at = now() where id = $1', [id]);
  return id;
};

/** An organization with members in some roles; the first is its owner. */
async function organization(options: { maxUsers?: number } = {}, ...roles: string[]) {
  const owner = await addUser();
  const id = await addOrganization(db, 'Race', owner, options.maxUsers);
  if (roles.includes('regent')) await addRegentRole(db, id);
  const members = await Promise.all(
    roles.map(async (role) => {
      const user = await addUser();
      await addMember(db, id, user, role);
      return user;
    }),
  );
  return { id, owner, members };
}

const grantOf = (organizationId: string, userId: string) =>
  valueOf<string>(
    db,
    'select id as value from public.user_roles where organization_id = $1 and user_id = $2',
    [organizationId, userId],
  );

const activeOwners = (organizationId: string) =>
  valueOf<number>(
    db,
    `select count(*)::integer as value from public.user_roles as held
     join public.members as member using (organization_id, user_id)
     where held.organization_id = $1 and held.role_code = 'owner' and member.status = 'active'`,
    [organizationId],
  );

const activeMembers = (organizationId: string) =>
  valueOf<number>(
    db,
    `select count(*)::integer as value from public.members where organization_id = $1 and status = 'active'`,
    [organizationId],
  );

const tally = (outcomes: string[]) =>
  Object.fromEntries(
    [...new Set(outcomes)].sort().map((one) => [one, outcomes.filter((o) => o === one).length]),
  );

describe('the limit of a plan holds', () => {
  test('when 50 members are let in at once: as many as there is room for, and the others are told', async () => {
    const { id, owner } = await organization({ maxUsers: 10 });
    const applicants = await Promise.all(Array.from({ length: 50 }, addUser));
    await db.query('insert into public.members (organization_id, user_id) select $1, unnest($2::uuid[])', [
      id,
      applicants,
    ]);
    const outcomes = await Promise.all(
      applicants.map((user) => call(id, owner, 'select public.approve_member($1)', user)),
    );
    expect(tally(outcomes)).toEqual({ limit_reached: 41, ok: 9 });
    expect(await activeMembers(id)).toBe(10);
  });

  test('when 50 come in by every door at once: approval, return, invitation, sign-up link', async () => {
    const { id, owner } = await organization({ maxUsers: 10 });
    await db.query(
      'update public.organizations set allow_self_registration = true, requires_approval = false where id = $1',
      [id],
    );
    const slug = await valueOf<string>(db, 'select slug as value from public.organizations where id = $1', [
      id,
    ]);
    const people = await Promise.all(Array.from({ length: 50 }, addUser));
    const attempts = await Promise.all(
      people.map(async (user, index): Promise<() => Promise<string>> => {
        switch (index % 4) {
          case 0:
            await db.query('insert into public.members (organization_id, user_id) values ($1, $2)', [
              id,
              user,
            ]);
            return () => call(id, owner, 'select public.approve_member($1)', user);
          case 1:
            await db.query(
              `insert into public.members (organization_id, user_id, status, joined_at, suspended_at)
               values ($1, $2, 'suspended', now(), now())`,
              [id, user],
            );
            return () => call(id, owner, 'select public.reactivate_member($1)', user);
          case 2: {
            const token = randomUUID();
            await addInvitation(db, id, owner, `${user}@example.com`, token);
            return () => call(id, user, 'select public.accept_invitation($1)', token);
          }
          default:
            return () => call(id, user, 'select public.join_organization($1)', slug);
        }
      }),
    );
    const outcomes = await Promise.all(attempts.map((attempt) => attempt()));
    expect(tally(outcomes)).toEqual({ limit_reached: 41, ok: 9 });
    expect(await activeMembers(id)).toBe(10);
  });
});

describe('of two last owners, one stays, however both are taken away at once', () => {
  const remove = 'select public.remove_member($1)';
  const suspend = 'select public.suspend_member($1)';
  const revoke = 'select public.revoke_role($1)';

  /** Two owners, and two who may take owners away; each takes one on. */
  const duels: [string, [how: string, statement: string], [how: string, statement: string]][] = [
    ['removed and removed', ['user', remove], ['user', remove]],
    ['suspended and suspended', ['user', suspend], ['user', suspend]],
    ['demoted and demoted', ['grant', revoke], ['grant', revoke]],
    ['removed and demoted', ['user', remove], ['grant', revoke]],
    ['suspended and removed', ['user', suspend], ['user', remove]],
  ];

  test.each(duels)('%s, 20 times', async (_, first, second) => {
    for (const round of rounds) {
      const { id, owner, members } = await organization({}, 'owner', 'regent', 'regent');
      const [other, one, two] = members as [string, string, string];
      const target = (how: string, user: string) =>
        how === 'user' ? Promise.resolve(user) : grantOf(id, user);
      const [a, b] = await Promise.all([target(first[0], owner), target(second[0], other)]);
      const outcomes = await Promise.all([call(id, one, first[1], a), call(id, two, second[1], b)]);
      expect(outcomes.sort(), `round ${round}`).toEqual(['last_owner', 'ok']);
      expect(await activeOwners(id)).toBe(1);
    }
  });

  test('both leave, 20 times', async () => {
    for (const round of rounds) {
      const { id, owner, members } = await organization({}, 'owner');
      const [other] = members as [string];
      const outcomes = await Promise.all([call(id, owner, remove, owner), call(id, other, remove, other)]);
      expect(outcomes.sort(), `round ${round}`).toEqual(['last_owner', 'ok']);
      expect(await activeOwners(id)).toBe(1);
    }
  });

  test('each removes the other, 20 times: who is gone does nothing any more', async () => {
    for (const round of rounds) {
      const { id, owner, members } = await organization({}, 'owner');
      const [other] = members as [string];
      const outcomes = await Promise.all([call(id, owner, remove, other), call(id, other, remove, owner)]);
      expect(outcomes, `round ${round}`).toContain('ok');
      expect(
        outcomes.find((one) => one !== 'ok'),
        `round ${round}`,
      ).toMatch(
        /^(last_owner|member_not_found|organization_required|permission_required|grant_exceeds_own)$/,
      );
      expect(await activeOwners(id)).toBe(1);
    }
  });
});

describe('an invitation is accepted once', () => {
  test('on two connections at once, 20 times', async () => {
    const { id, owner } = await organization();
    for (const round of rounds) {
      const user = await addUser();
      const token = randomUUID();
      await addInvitation(db, id, owner, `${user}@example.com`, token);
      const accept = () => call(id, user, 'select public.accept_invitation($1)', token);
      expect((await Promise.all([accept(), accept()])).sort(), `round ${round}`).toEqual([
        'invitation_used',
        'ok',
      ]);
    }
    expect(await activeMembers(id)).toBe(21);
  });

  test('or revoked, and not both, 20 times', async () => {
    const { id, owner } = await organization();
    for (const round of rounds) {
      const user = await addUser();
      const token = randomUUID();
      const invitation = await addInvitation(db, id, owner, `${user}@example.com`, token);
      const [accepted, revoked] = await Promise.all([
        call(id, user, 'select public.accept_invitation($1)', token),
        call(id, owner, 'select public.revoke_invitation($1)', invitation),
      ]);
      expect(
        [
          ['ok', 'invitation_not_found'],
          ['invitation_expired', 'ok'],
        ],
        `round ${round}`,
      ).toContainEqual([accepted, revoked]);
    }
  });
});

describe('changes of one member at once leave what both meant, and no deadlock', () => {
  test('a role is revoked while the member is suspended, 20 times', async () => {
    for (const round of rounds) {
      const { id, owner, members } = await organization({}, 'admin', 'manager');
      const [admin, target] = members as [string, string];
      const grant = await grantOf(id, target);
      const outcomes = await Promise.all([
        call(id, owner, 'select public.revoke_role($1)', grant),
        call(id, admin, 'select public.suspend_member($1)', target),
      ]);
      expect(outcomes, `round ${round}`).toEqual(['ok', 'ok']);
      const state = await valueOf(
        db,
        `select member.status || ' ' || (select count(*) from public.user_roles as held
           where (held.organization_id, held.user_id) = (member.organization_id, member.user_id)) as value
         from public.members as member where member.organization_id = $1 and member.user_id = $2`,
        [id, target],
      );
      expect(state).toBe('suspended 0');
    }
  });

  test('an admin acts while their own role is revoked, 20 times: before it, or not at all', async () => {
    for (const round of rounds) {
      const { id, owner, members } = await organization({}, 'admin', 'manager');
      const [admin, target] = members as [string, string];
      const grant = await grantOf(id, admin);
      const [revoked, suspended] = await Promise.all([
        call(id, owner, 'select public.revoke_role($1)', grant),
        call(id, admin, 'select public.suspend_member($1)', target),
      ]);
      expect(revoked, `round ${round}`).toBe('ok');
      expect(suspended, `round ${round}`).toMatch(/^(ok|permission_required|grant_exceeds_own)$/);
    }
  });

  test('the organization is suspended while a member is let in, 20 times: nobody is in an organization that is shut', async () => {
    for (const round of rounds) {
      const { id, owner } = await organization();
      const user = await addUser();
      await db.query('insert into public.members (organization_id, user_id) values ($1, $2)', [id, user]);
      const [let_in] = await Promise.all([
        call(id, owner, 'select public.approve_member($1)', user),
        crowd.pool.query(`select public.suspend_organization($1, 'race')`, [id]),
      ]);
      expect(let_in, `round ${round}`).toMatch(
        /^(ok|organization_required|member_not_found|permission_required)$/,
      );
      const mirrors = await valueOf(
        db,
        "select string_agg(distinct organization_status, ',') as value from public.members where organization_id = $1",
        [id],
      );
      expect(mirrors).toBe('suspended');
    }
  });

  const userEnds: [string, string][] = [
    ['deactivated', `select public.deactivate_user($1, 'race')`],
    ['deleted', 'select public.delete_user($1)'],
  ];
  test.each(userEnds)(
    'a user is %s while they are removed from the organization that they work in, 20 times',
    async (_, end) => {
      for (const round of rounds) {
        const { id, owner, members } = await organization({}, 'manager');
        const [user] = members as [string];
        await db.query('update public.user_profiles set current_organization_id = $2 where user_id = $1', [
          user,
          id,
        ]);
        const [removed, ended] = await Promise.all([
          call(id, owner, 'select public.remove_member($1)', user),
          operate(end, user),
        ]);
        expect(removed, `round ${round}`).toMatch(/^(ok|member_not_found)$/);
        expect(ended, `round ${round}`).toBe('ok');
      }
    },
  );

  test('a user is deactivated while they accept, having asked to join before, 20 times', async () => {
    const { id, owner } = await organization();
    for (const round of rounds) {
      const user = await addUser();
      const token = randomUUID();
      await db.query('insert into public.members (organization_id, user_id) values ($1, $2)', [id, user]);
      await addInvitation(db, id, owner, `${user}@example.com`, token);
      const [accepted, ended] = await Promise.all([
        call(id, user, 'select public.accept_invitation($1)', token),
        operate(`select public.deactivate_user($1, 'race')`, user),
      ]);
      expect(accepted, `round ${round}`).toMatch(/^(ok|not_authenticated)$/);
      expect(ended, `round ${round}`).toBe('ok');
      const isActive = await valueOf(
        db,
        'select user_is_active as value from public.members where organization_id = $1 and user_id = $2',
        [id, user],
      );
      expect(isActive).toBe(false);
    }
  });

  test('a member is deactivated while their organization is purged, 20 times', async () => {
    for (const round of rounds) {
      const { id, members } = await organization({}, 'manager');
      const [user] = members as [string];
      await db.query('update public.user_profiles set current_organization_id = $2 where user_id = $1', [
        user,
        id,
      ]);
      await db.query(`select public.cancel_organization($1, 'race')`, [id]);
      const outcomes = await Promise.all([
        operate(`select public.purge_organization($1, 'Race')`, id),
        operate(`select public.deactivate_user($1, 'race')`, user),
      ]);
      expect(outcomes, `round ${round}`).toEqual(['ok', 'ok']);
    }
  });

  test('an owner is deactivated while another owner is removed, 20 times', async () => {
    for (const round of rounds) {
      const { id, owner, members } = await organization({}, 'owner', 'owner');
      const [second, third] = members as [string, string];
      const outcomes = await Promise.all([
        call(id, owner, 'select public.remove_member($1)', second),
        operate(`select public.deactivate_user($1, 'race')`, third),
        operate(`select public.deactivate_user($1, 'race')`, second),
      ]);
      expect(outcomes, `round ${round}`).toEqual(['ok', 'ok', 'ok']);
    }
  });
});
