import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { insertAuthUser } from '../support/users.ts';
import { addMember, found } from '../tenancy/organizations.ts';
import { type Entry, logged } from './logs.ts';

const db = useDatabase();

/** Calls the hook as the auth server does, and returns the claims and what was logged. All is undone. */
async function signIn(
  event: Record<string, unknown>,
  prepare = 'select',
): Promise<{ claims: unknown; entries: Entry[] }> {
  const superuser = await db.superuser();
  await superuser.query('begin');
  await superuser.query(prepare);
  let claims: unknown;
  const entries = await logged(superuser, async () => {
    await superuser.query('set local role supabase_auth_admin');
    const { rows } = await superuser.query<{ claims: unknown }>(
      `select public.custom_access_token_hook($1) -> 'claims' as claims`,
      [event],
    );
    claims = rows[0]?.claims;
    await superuser.query('reset role');
  });
  await superuser.query('rollback');
  return { claims, entries };
}

const eventOf = (user_id: string, authentication_method: string) => ({
  user_id,
  authentication_method,
  claims: { sub: user_id, session_id: '5b1c9c6e-3a52-4e0e-9a2f-6f0a1b2c3d4e' },
});

test('a sign-in is logged in the organization that the token names', async () => {
  const org = await found(db.pool, 'First', { id: 'TEST00001' });
  const member = await addMember(db.pool, org);
  const { claims, entries } = await signIn(eventOf(member, 'password'));
  expect(claims).toMatchObject({ organization_id: org.id });
  expect(entries).toMatchObject([
    {
      organization_id: org.id,
      actor_id: member,
      actor_role: 'supabase_auth_admin',
      action: 'login',
      event: 'user.signed_in',
      severity: 'info',
      after: { method: 'password', session_id: '5b1c9c6e-3a52-4e0e-9a2f-6f0a1b2c3d4e' },
    },
  ]);
});

test('one of a user without an organization is logged for the platform', async () => {
  const user = await insertAuthUser(db.pool);
  const { entries } = await signIn(eventOf(user, 'oauth'));
  expect(entries).toMatchObject([{ organization_id: 'PLATFORM', actor_id: user, event: 'user.signed_in' }]);
});

test('a token that is renewed is no sign-in', async () => {
  const user = await insertAuthUser(db.pool);
  expect((await signIn(eventOf(user, 'token_refresh'))).entries).toEqual([]);
  expect((await signIn({ user_id: user, claims: {} })).entries).toEqual([]);
});

test('a sign-in goes on when it cannot be logged', async () => {
  const user = await insertAuthUser(db.pool);
  const { claims, entries } = await signIn(
    eventOf(user, 'password'),
    `alter table public.audit_logs add constraint full_up check (event is distinct from 'user.signed_in')`,
  );
  expect(claims).toMatchObject({ sub: user, platform_role: 'user' });
  expect(entries).toEqual([]);
});
