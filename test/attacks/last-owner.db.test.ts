import { expect, test } from 'vitest';
import type { Person } from '../support/api.ts';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import {
  addMemberPerson,
  addOrganization,
  addPerson,
  addRegentRole,
  addSuperadmin,
  expectRefused,
  outcome,
  renewed,
  valueOf,
} from './street.ts';

const db = useDatabase();
const api = useApi(db);

/** An organization with its owner and two who hold every permission that an owner has. */
async function scene() {
  const founder = await addPerson(db, api);
  const id = await addOrganization(db, 'Owned', founder.id);
  await addRegentRole(db, id);
  const [one, two] = await Promise.all([
    addMemberPerson(db, api, id, 'regent'),
    addMemberPerson(db, api, id, 'regent'),
  ]);
  return { id, owner: await renewed(api, founder), one, two };
}

const grantOf = (organizationId: string, { id }: Person) =>
  valueOf<string>(
    db,
    'select id as value from public.user_roles where organization_id = $1 and user_id = $2',
    [organizationId, id],
  );

const owners = (organizationId: string) =>
  valueOf<number>(
    db,
    `select count(*)::integer as value from public.user_roles as held
     join public.members as member using (organization_id, user_id)
     where held.organization_id = $1 and held.role_code = 'owner' and member.status = 'active'`,
    [organizationId],
  );

test('the last owner is neither removed, suspended nor demoted, by who may, by themself, or by a superadmin', async () => {
  const { id, owner, one } = await scene();
  const grant = await grantOf(id, owner);
  for (const { token } of [one, owner]) {
    expectRefused(await api.call('remove_member', token, { user_id: owner.id }), 409, 'last_owner');
    expectRefused(await api.call('revoke_role', token, { id: grant }), 409, 'last_owner');
  }
  expectRefused(await api.call('suspend_member', one.token, { user_id: owner.id }), 409, 'last_owner');
  expectRefused(await api.call('suspend_member', owner.token, { user_id: owner.id }), 409, 'own_membership');
  expectRefused(
    await api.call('grant_role', owner.token, {
      user_id: owner.id,
      role_code: 'owner',
      expires_at: '2999-01-01T00:00:00Z',
    }),
    400,
    'owner_unbounded',
  );
  const superadmin = await addSuperadmin(db, api);
  await api.call('switch_organization', superadmin.token, { id });
  const { token } = await renewed(api, superadmin);
  expectRefused(await api.call('remove_member', token, { user_id: owner.id }), 409, 'last_owner');
  expect(await owners(id)).toBe(1);
});

test('allowed: an owner leaves when there is another', async () => {
  const { id, owner, one } = await scene();
  const made = await api.call('grant_role', owner.token, { user_id: one.id, role_code: 'owner' });
  expect(made.status).toBe(200);
  expect((await api.call('remove_member', owner.token, { user_id: owner.id })).status).toBe(200);
  expect(await owners(id)).toBe(1);
});

test('two who take away the last two owners at once: one is refused, by each pair of ways, and an owner stays', async () => {
  const ways = ['remove_member', 'suspend_member', 'revoke_role'] as const;
  for (const first of ways) {
    for (const second of ways) {
      const { id, owner, one, two } = await scene();
      const other = await addMemberPerson(db, api, id, 'owner');
      const act = async (way: (typeof ways)[number], by: Person, target: Person) => {
        const args = way === 'revoke_role' ? { id: await grantOf(id, target) } : { user_id: target.id };
        return () => api.call(way, by.token, args);
      };
      const acts = await Promise.all([act(first, one, owner), act(second, two, other)]);
      const answers = await Promise.all(acts.map((go) => go()));
      expect(answers.map(outcome).sort(), `${first} and ${second}`).toEqual(['PT409 last_owner', 'ok']);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      expect(await owners(id)).toBe(1);
    }
  }
});

test('an admin takes no owner away and makes none, also where there are two', async () => {
  const { id, owner } = await scene();
  const other = await addMemberPerson(db, api, id, 'owner');
  const admin = await addMemberPerson(db, api, id, 'admin');
  const grant = await grantOf(id, other);
  const attempts: [string, object][] = [
    ['remove_member', { user_id: other.id }],
    ['suspend_member', { user_id: other.id }],
    ['revoke_role', { id: grant }],
    ['grant_role', { user_id: admin.id, role_code: 'owner' }],
    ['create_role', { code: 'usurper', name: 'Usurper', permissions: ['organization.own'] }],
    ['update_role', { code: 'admin', permissions: ['organization.*'] }],
  ];
  for (const [name, args] of attempts) {
    expectRefused(await api.call(name, admin.token, args), 403, 'grant_exceeds_own', name);
  }
  expect(await owners(id)).toBe(2);
  // Twin
  expect((await api.call('remove_member', owner.token, { user_id: other.id })).status).toBe(200);
});
