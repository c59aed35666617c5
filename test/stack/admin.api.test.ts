import type { AdminUserAttributes } from '@supabase/supabase-js';
import { decodeJwt, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { useStack } from '../support/stack.ts';
import { asSuperuser, clientOf } from './clients.ts';

const stack = useStack();
const password = 'correct horse battery';
let count = 0;
const newEmail = () => `Person-${++count}@Example.com`;
const admin = () => clientOf(stack, stack.secretKey).auth.admin;

async function create(attributes: Parameters<ReturnType<typeof admin>['createUser']>[0] = {}) {
  const { data, error } = await admin().createUser({
    email: newEmail(),
    password,
    email_confirm: true,
    ...attributes,
  });
  if (error) throw error;
  return data.user;
}

describe('auth.admin', () => {
  test('creates a user who can sign in', async () => {
    const user = await create({ user_metadata: { full_name: 'Ada' }, app_metadata: { plan: 'gold' } });
    expect(user).toMatchObject({
      email: user.email?.toLowerCase(),
      role: 'authenticated',
      aud: 'authenticated',
      user_metadata: { full_name: 'Ada' },
      app_metadata: { plan: 'gold', provider: 'email', providers: ['email'] },
      identities: [{ provider: 'email', id: user.id, identity_data: { email: user.email, sub: user.id } }],
    });
    const signedIn = await clientOf(stack).auth.signInWithPassword({ email: user.email ?? '', password });
    expect(signedIn.error).toBeNull();
    expect(decodeJwt(signedIn.data.session?.access_token ?? '').app_metadata).toMatchObject({
      plan: 'gold',
    });
  });

  test('creates a user with a given id, by phone alone, and unconfirmed', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    expect((await create({ id })).id).toBe(id);
    const byPhone = await admin().createUser({ phone: '+49 151 2345678', password, phone_confirm: true });
    expect(byPhone.data.user).toMatchObject({
      phone: '491512345678',
      email: '',
      app_metadata: { provider: 'phone' },
    });
    const unconfirmed = await create({ email_confirm: false });
    const refused = await clientOf(stack).auth.signInWithPassword({
      email: unconfirmed.email ?? '',
      password,
    });
    expect(refused.error?.code).toBe('email_not_confirmed');
  });

  test('refuses what is taken, missing or malformed', async () => {
    const taken = await create();
    const cases = [
      [{ email: taken.email, password }, 422, 'email_exists'],
      [{ id: taken.id, email: newEmail() }, 422, 'conflict'],
      [{ password }, 400, 'validation_failed'],
      [{ email: 'no address' }, 400, 'validation_failed'],
      [{ phone: 'abc' }, 400, 'validation_failed'],
      [{ email: newEmail(), password: 'short' }, 422, 'weak_password'],
      [{ email: newEmail(), password: 'x'.repeat(73) }, 400, 'validation_failed'],
      [{ email: newEmail(), id: 'nonsense' }, 400, 'validation_failed'],
      [{ email: newEmail(), ban_duration: 'forever' }, 400, 'validation_failed'],
    ] as const;
    for (const [attributes, status, code] of cases) {
      const { error } = await admin().createUser(attributes as AdminUserAttributes);
      expect(error, JSON.stringify(attributes)).toMatchObject({ status, code });
    }
    const response = await fetch(`${stack.apiUrl}/auth/v1/admin/users`, {
      method: 'POST',
      headers: { apikey: stack.secretKey },
      body: '{"email":',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 400, error_code: 'bad_json' });
  });

  test('lists users page by page', async () => {
    for (let made = 0; made < 5; made++) await create();
    const all = await admin().listUsers({ perPage: 1000 });
    const total = all.data.users.length;
    const first = await admin().listUsers({ page: 1, perPage: 2 });
    const second = await admin().listUsers({ page: 2, perPage: 2 });
    expect(first.data).toMatchObject({ total, nextPage: 2, lastPage: Math.ceil(total / 2) });
    const ids = [...first.data.users, ...second.data.users].map((user) => user.id);
    expect(ids).toEqual(all.data.users.slice(0, 4).map((user) => user.id));
    const beyond = await admin().listUsers({ page: 1000, perPage: 2 });
    expect(beyond.data.users).toEqual([]);
  });

  test('reads one user, and says when there is none', async () => {
    const user = await create();
    expect((await admin().getUserById(user.id)).data.user).toEqual(user);
    const missing = await admin().getUserById('99999999-9999-4999-8999-999999999999');
    expect(missing.error).toMatchObject({ status: 404, code: 'user_not_found' });
  });

  test('changes a user', async () => {
    const user = await create({ user_metadata: { a: 1, b: 2 }, app_metadata: { c: 3 } });
    const email = newEmail();
    const { data, error } = await admin().updateUserById(user.id, {
      email,
      password: 'another long password',
      user_metadata: { b: null, d: 4 },
      app_metadata: { c: 5 },
    });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({
      email: email.toLowerCase(),
      user_metadata: { a: 1, d: 4 },
      app_metadata: { c: 5, provider: 'email' },
      identities: [{ identity_data: { email: email.toLowerCase() } }],
    });
    expect(data.user?.user_metadata).not.toHaveProperty('b');
    const signIn = (with_: string) => clientOf(stack).auth.signInWithPassword({ email, password: with_ });
    expect((await signIn(password)).error?.code).toBe('invalid_credentials');
    expect((await signIn('another long password')).error).toBeNull();
    const other = await create();
    expect((await admin().updateUserById(other.id, { email })).error).toMatchObject({
      status: 422,
      code: 'email_exists',
    });
  });

  test('bans a user, and lifts the ban', async () => {
    const user = await create();
    const banned = await admin().updateUserById(user.id, { ban_duration: '1h30m' });
    const until = Date.parse((banned.data.user as unknown as { banned_until: string }).banned_until);
    expect(until - Date.now()).toBeGreaterThan(89 * 60_000);
    const signIn = () => clientOf(stack).auth.signInWithPassword({ email: user.email ?? '', password });
    expect((await signIn()).error?.code).toBe('user_banned');
    await admin().updateUserById(user.id, { ban_duration: 'none' });
    expect((await signIn()).error).toBeNull();
  });

  test('deletes a user with everything that belongs to it', async () => {
    const user = await create();
    const client = clientOf(stack);
    await client.auth.signInWithPassword({ email: user.email ?? '', password });
    expect((await admin().deleteUser(user.id)).error).toBeNull();
    expect((await client.auth.getUser()).error).toMatchObject({ code: 'user_not_found' });
    expect(await asSuperuser(stack, 'select id from auth.users where id = $1', [user.id])).toEqual([]);
    expect((await admin().deleteUser(user.id)).error).toMatchObject({ status: 404 });
  });

  test('a soft deletion keeps the row and forgets who it was', async () => {
    const user = await create({ phone: '+4915100000001', user_metadata: { full_name: 'Ada' } });
    expect((await admin().deleteUser(user.id, true)).error).toBeNull();
    const [row] = await asSuperuser(stack, 'select * from auth.users where id = $1', [user.id]);
    expect(row).toMatchObject({
      deleted_at: expect.any(Date) as Date,
      raw_user_meta_data: {},
      encrypted_password: '',
    });
    expect(JSON.stringify(row)).not.toContain(user.email);
    expect(
      (await clientOf(stack).auth.signInWithPassword({ email: user.email ?? '', password })).error,
    ).not.toBeNull();
    expect((await create({ email: user.email ?? '' })).id).not.toBe(user.id);
  });

  test('is for the secret key and service_role alone', async () => {
    const sign = (role: string, secret = stack.jwtSecret) =>
      new SignJWT({ role })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(secret));
    const user = await create();
    const signedIn = await clientOf(stack).auth.signInWithPassword({ email: user.email ?? '', password });
    const userToken = signedIn.data.session?.access_token ?? '';
    const ask = async (headers: Record<string, string>, path = 'admin/users') =>
      (await fetch(`${stack.apiUrl}/auth/v1/${path}`, { headers })).status;
    expect(await ask({})).toBe(401);
    expect(await ask({ apikey: stack.publishableKey })).toBe(403);
    expect(await ask({ apikey: stack.publishableKey, authorization: `Bearer ${userToken}` })).toBe(403);
    expect(
      await ask({
        authorization: `Bearer ${await sign('service_role', 'not the secret of this stack, though long')}`,
      }),
    ).toBe(403);
    expect(await ask({ authorization: `Bearer ${await sign('service_role')}` })).toBe(200);
    expect(await ask({ apikey: stack.secretKey })).toBe(200);
    // A user's token counts for less than the secret key beside it.
    expect(await ask({ apikey: stack.secretKey, authorization: `Bearer ${userToken}` })).toBe(403);
    expect(await ask({ apikey: stack.publishableKey }, 'admin/audit')).toBe(403);
  });
});

describe('links', () => {
  test('an invitation link signs the invited user in, once', async () => {
    const email = newEmail();
    const { data, error } = await admin().generateLink({
      type: 'invite',
      email,
      options: { data: { full_name: 'Grace' }, redirectTo: 'http://127.0.0.1:3000/welcome' },
    });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email: email.toLowerCase(), invited_at: expect.any(String) as string });
    expect(data.properties).toMatchObject({
      verification_type: 'invite',
      redirect_to: 'http://127.0.0.1:3000/welcome',
    });
    expect(data.properties?.action_link).toContain(
      `${stack.apiUrl}/auth/v1/verify?token=${data.properties?.hashed_token}`,
    );

    const follow = () => fetch(data.properties?.action_link ?? '', { redirect: 'manual' });
    const answer = await follow();
    expect(answer.status).toBe(303);
    const [address, fragment] = (answer.headers.get('location') ?? '').split('#');
    expect(address).toBe('http://127.0.0.1:3000/welcome');
    const session = new URLSearchParams(fragment);
    expect(session.get('type')).toBe('invite');
    expect(decodeJwt(session.get('access_token') ?? '')).toMatchObject({
      sub: data.user?.id,
      amr: [{ method: 'otp' }],
    });

    const client = clientOf(stack);
    await client.auth.setSession({
      access_token: session.get('access_token') ?? '',
      refresh_token: session.get('refresh_token') ?? '',
    });
    expect((await client.auth.updateUser({ password })).error).toBeNull();
    expect((await clientOf(stack).auth.signInWithPassword({ email, password })).error).toBeNull();
    expect((await follow()).headers.get('location')).toContain('error_code=otp_expired');
  });

  test('an invitation can be accepted with its token or its digits', async () => {
    for (const way of ['token', 'digits']) {
      const email = newEmail();
      const { data } = await admin().generateLink({ type: 'invite', email });
      const client = clientOf(stack);
      const verified = await client.auth.verifyOtp(
        way === 'token'
          ? { type: 'invite', token_hash: data.properties?.hashed_token ?? '' }
          : { type: 'invite', email, token: data.properties?.email_otp ?? '' },
      );
      expect(verified.error).toBeNull();
      expect(verified.data.user?.id).toBe(data.user?.id);
    }
  });

  test('inviteUserByEmail creates the user and does not invite a member of long standing', async () => {
    const email = newEmail();
    const invited = await admin().inviteUserByEmail(email, { data: { full_name: 'Joan' } });
    expect(invited.data.user).toMatchObject({
      email: email.toLowerCase(),
      user_metadata: { full_name: 'Joan' },
    });
    expect((await admin().inviteUserByEmail(email)).error).toBeNull();
    const known = await create();
    expect((await admin().inviteUserByEmail(known.email ?? '')).error).toMatchObject({
      status: 422,
      code: 'email_exists',
    });
  });

  test('a magic link and a recovery link sign in who exists; a recovery of nobody is refused', async () => {
    const user = await create();
    for (const type of ['magiclink', 'recovery'] as const) {
      const { data } = await admin().generateLink({ type, email: user.email ?? '' });
      const answer = await fetch(data.properties?.action_link ?? '', { redirect: 'manual' });
      expect(answer.headers.get('location')).toMatch(/^http:\/\/127\.0\.0\.1:3000#access_token=/);
    }
    const nobody = await admin().generateLink({ type: 'recovery', email: newEmail() });
    expect(nobody.error).toMatchObject({ status: 404, code: 'user_not_found' });
  });

  test('a link leads to no foreign site, and a banned user gets no session from it', async () => {
    const user = await create();
    const make = async () => {
      const { data } = await admin().generateLink({
        type: 'magiclink',
        email: user.email ?? '',
        options: { redirectTo: 'https://evil.example/' },
      });
      const answer = await fetch(data.properties?.action_link ?? '', { redirect: 'manual' });
      return answer.headers.get('location') ?? '';
    };
    expect(await make()).toMatch(/^http:\/\/127\.0\.0\.1:3000#access_token=/);
    await admin().updateUserById(user.id, { ban_duration: '1h' });
    expect(await make()).toMatch(/^http:\/\/127\.0\.0\.1:3000#.*error_code=user_banned/);
  });
});
