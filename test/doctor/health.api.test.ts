import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRowhouseClient } from '../../src/client/index.ts';
import { asSuperuser, eventually } from '../stack/clients.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();
const tokens = { user: '', superadmin: '' };

const newClient = (key = stack.publishableKey) =>
  createRowhouseClient(stack.apiUrl, key, { auth: { persistSession: false, autoRefreshToken: false } });

async function signUp(): Promise<{ id: string; token: string }> {
  const { data, error } = await newClient().auth.signUp({
    email: `${randomUUID()}@example.com`,
    password: 'correct horse battery',
  });
  if (error || !data.session) throw error ?? new Error('There is no session.');
  return { id: data.session.user.id, token: data.session.access_token };
}

beforeAll(async () => {
  const [user, superadmin] = [await signUp(), await signUp()];
  await asSuperuser(stack, `select public.update_user($1, platform_role => 'superadmin')`, [superadmin.id]);
  tokens.user = user.token;
  tokens.superadmin = superadmin.token;
});

type Headers = Record<string, string>;
const bearer = (token: string): Headers => ({
  apikey: stack.publishableKey,
  authorization: `Bearer ${token}`,
});

async function ask(address: string, headers: Headers, method = 'GET') {
  const response = await fetch(address, { method, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const doors = [
  { name: 'the stack’s /health', address: () => `${stack.apiUrl}/health`, detail: 'checks' },
  { name: 'the edge function health', address: () => `${stack.functionsUrl}/health`, detail: 'queues' },
];

describe.each(doors)('$name', ({ address, detail }) => {
  const callers: { who: string; headers: () => Headers; sees: boolean }[] = [
    { who: 'the publishable key', headers: () => ({ apikey: stack.publishableKey }), sees: false },
    { who: 'a signed-in user', headers: () => bearer(tokens.user), sees: false },
    { who: 'a superadmin', headers: () => bearer(tokens.superadmin), sees: true },
    { who: 'the secret key', headers: () => ({ apikey: stack.secretKey }), sees: true },
  ];

  test.each(callers)('tells $who the status; the details: $sees', async ({ headers, sees }) => {
    const { status, body } = await ask(address(), headers());
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'ok' });
    expect(detail in body).toBe(sees);
    if (!sees) expect(Object.keys(body).filter((key) => key !== 'database')).toEqual(['status']);
  });
});

describe('the stack’s /health', () => {
  test('tells the status to whoever asks, and no more to a false token', async () => {
    expect((await ask(`${stack.apiUrl}/health`, {})).body).toEqual({ status: 'ok', database: 'ok' });
    const forged = await ask(`${stack.apiUrl}/health`, bearer('a.b.c'));
    expect(forged.body).toEqual({ status: 'ok', database: 'ok' });
  });
});

describe('the edge function health', () => {
  test('asks for a key', async () => {
    expect((await ask(`${stack.functionsUrl}/health`, {})).status).toBe(401);
  });

  test('takes POST and GET and nothing else', async () => {
    const headers = { apikey: stack.publishableKey };
    expect((await ask(`${stack.functionsUrl}/health`, headers, 'POST')).body).toEqual({ status: 'ok' });
    expect((await ask(`${stack.functionsUrl}/health`, headers, 'DELETE')).status).toBe(405);
  });

  test('is typed in the client', async () => {
    const answer = await newClient(stack.secretKey).invoke('health', undefined);
    expect(answer.status).toBe('ok');
    expect(answer.queues?.map(({ queue }) => queue)).toEqual([
      'bookings',
      'notifications',
      'payments',
      'user_sync',
    ]);
    expect(answer.problems).toEqual([]);
  });
});

// What was seen is shared for ten seconds, so this comes last.
test('both say so when something is wrong, and only the superadmin what', async () => {
  await asSuperuser(stack, 'alter table auth.users disable trigger _100_create_profile');
  await signUp();
  for (const { address } of doors) {
    const status = async () => (await ask(address(), { apikey: stack.publishableKey })).body;
    await eventually(async () => (await status()).status === 'degraded', 15_000);
    expect(JSON.stringify(await status())).not.toContain('profile');
    expect(JSON.stringify((await ask(address(), bearer(tokens.superadmin))).body)).toContain(
      'user_without_profile',
    );
  }
});
