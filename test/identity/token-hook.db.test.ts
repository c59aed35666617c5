import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();

/** Calls the hook as the auth server does. */
async function hook(event: unknown, before = 'select 1'): Promise<Record<string, unknown> | undefined> {
  const client = await db.superuser();
  await client.query('begin');
  try {
    await client.query(before);
    await client.query('set local role supabase_auth_admin');
    const { rows } = await client.query<{ answer: Record<string, unknown> }>(
      'select public.custom_access_token_hook($1) as answer',
      [JSON.stringify(event)],
    );
    return rows[0]?.answer;
  } finally {
    await client.query('rollback');
  }
}

test('the token of a user says its role on the platform, and keeps its other claims', async () => {
  const id = await insertAuthUser(db.pool);
  const event = { user_id: id, claims: { sub: id, aud: 'authenticated', role: 'authenticated' } };
  expect(await hook(event)).toEqual({
    user_id: id,
    claims: { ...event.claims, platform_role: 'user', organization_id: null, organization_role: null },
  });
  await db.query(`select public.update_user($1, platform_role => 'superadmin')`, [id]);
  expect(await hook(event)).toMatchObject({ claims: { platform_role: 'superadmin' } });
});

test('a claim that the event brings along is overwritten', async () => {
  const id = await insertAuthUser(db.pool);
  expect(await hook({ user_id: id, claims: { platform_role: 'superadmin' } })).toMatchObject({
    claims: { platform_role: 'user' },
  });
});

test('being issued a token is being seen, and not being changed', async () => {
  const id = await insertAuthUser(db.pool);
  const client = await db.superuser();
  await client.query('set role supabase_auth_admin');
  await client.query('select public.custom_access_token_hook($1)', [
    JSON.stringify({ user_id: id, claims: {} }),
  ]);
  const { rows } = await db.query(
    'select last_seen_at > created_at as is_seen, updated_at = created_at as is_unchanged from public.user_profiles where user_id = $1',
    [id],
  );
  expect(rows).toEqual([{ is_seen: true, is_unchanged: true }]);
});

test.each([
  ['a user without a profile', { user_id: '00000000-0000-4000-8000-00000000dead', claims: { sub: 'x' } }],
  ['no user id', { claims: { sub: 'x' } }],
  ['a user id that is none', { user_id: 'nobody', claims: { sub: 'x' } }],
])('never fails: %s', async (_, event) => {
  expect(await hook(event)).toMatchObject({ claims: { sub: 'x' } });
});

test('never fails: the table is gone', async () => {
  const event = { user_id: '00000000-0000-4000-8000-00000000dead', claims: { sub: 'x' } };
  expect(await hook(event, 'drop table public.user_profiles cascade')).toEqual(event);
});
