import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  ConflictError,
  createRowhouseClient,
  ForbiddenError,
  InvalidInputError,
  NotAuthenticatedError,
  NotFoundError,
  type RowhouseClient,
  type RowhouseClientOptions,
  RowhouseError,
  UnavailableError,
} from '../../src/client/index.ts';
import { freePort } from '../../src/postgres/ports.ts';
import { asSuperuser } from '../stack/clients.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();
const password = 'correct horse battery';
const stateless = { persistSession: false, autoRefreshToken: false };

/** A client, as a front end makes one, that also counts what it sends. */
function newClient(options: RowhouseClientOptions = {}, key = stack.publishableKey) {
  const sent: string[] = [];
  const client = createRowhouseClient(stack.apiUrl, key, {
    auth: stateless,
    ...options,
    global: {
      ...options.global,
      fetch: (input, init) => {
        sent.push(input instanceof Request ? input.url : String(input));
        return fetch(input, init);
      },
    },
  });
  return { client, sent };
}

/** A client of somebody who has just signed up. */
async function signedUp(
  name: string,
): Promise<{ client: RowhouseClient; sent: string[]; id: string; email: string }> {
  const { client, sent } = newClient();
  const email = `${randomUUID()}@example.com`;
  const { data, error } = await client.auth.signUp({
    email,
    password,
    options: { data: { full_name: name } },
  });
  if (error) throw error;
  return { client, sent, email, id: data.user?.id ?? '' };
}

async function errorOf(promise: Promise<unknown>): Promise<RowhouseError> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof RowhouseError)) throw new Error(`This was no RowhouseError: ${String(thrown)}`);
  return thrown;
}

let ada: Awaited<ReturnType<typeof signedUp>>;
let grace: Awaited<ReturnType<typeof signedUp>>;

beforeAll(async () => {
  ada = await signedUp('Ada Lovelace');
  grace = await signedUp('Grace Hopper');
  await asSuperuser(
    stack,
    `update public.user_profiles set platform_role = 'superadmin' where user_id = $1`,
    [ada.id],
  );
});

describe('a user', () => {
  test('reads their own profile, typed, and no other', async () => {
    const { data, error } = await grace.client
      .from('user_profiles')
      .select('user_id, display_name, platform_role');
    expect(error).toBeNull();
    expect(data).toEqual([{ user_id: grace.id, display_name: 'Grace Hopper', platform_role: 'user' }]);
  });

  test('calls functions without input, with some of it, and with all', async () => {
    expect(await ada.client.call('is_superadmin')).toBe(true);
    expect(await grace.client.call('is_superadmin')).toBe(false);
    expect((await ada.client.call('list_users')).total).toBe(2);
    const page = await ada.client.call('list_users', {
      search: 'hopper',
      role: 'user',
      status: 'active',
      page: 1,
    });
    expect(page).toMatchObject({ total: 1, page: 1, users: [{ id: grace.id, profile_status: 'present' }] });
    expect(await ada.client.call('get_user', { id: grace.id })).toMatchObject({
      display_name: 'Grace Hopper',
    });
  });

  test('is sent what the schema made of the input', async () => {
    const user = await ada.client.call('update_user', { id: grace.id, display_name: '  Grace B. Hopper  ' });
    expect(user.display_name).toBe('Grace B. Hopper');
  });
});

describe('inviting', () => {
  test('a superadmin gets a link that signs the invited person in', async () => {
    const email = `${randomUUID()}@example.com`;
    const invited = await ada.client.invoke('invite-user', { email, full_name: 'Katherine Johnson' });
    expect(invited).toMatchObject({ email, user_id: expect.any(String) as string });

    const answer = await fetch(invited.action_link, { redirect: 'manual' });
    expect(answer.status).toBe(303);
    const session = new URLSearchParams(new URL(answer.headers.get('location') ?? '').hash.slice(1));
    const { client } = newClient();
    await client.auth.setSession({
      access_token: session.get('access_token') ?? '',
      refresh_token: session.get('refresh_token') ?? '',
    });
    const { data } = await client.from('user_profiles').select('user_id, display_name').single();
    expect(data).toEqual({ user_id: invited.user_id, display_name: 'Katherine Johnson' });
  });

  test('somebody who has an account already is refused', async () => {
    const error = await errorOf(ada.client.invoke('invite-user', { email: grace.email }));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error).toMatchObject({ code: 'email_exists', status: 422 });
  });

  test('nobody else may', async () => {
    const input = { email: 'someone@example.com' };
    const error = await errorOf(grace.client.invoke('invite-user', input));
    expect(error).toBeInstanceOf(ForbiddenError);
    expect(error).toMatchObject({
      code: 'superadmin_required',
      status: 403,
      hint: 'Ask a superadmin of the platform.',
    });
    expect((await errorOf(newClient().client.invoke('invite-user', input))).status).toBeGreaterThanOrEqual(
      401,
    );
    const users = await asSuperuser(stack, `select from auth.users where email = $1`, [input.email]);
    expect(users).toHaveLength(0);
  });

  test('the function checks its input itself', async () => {
    const token = (await ada.client.auth.getSession()).data.session?.access_token ?? '';
    const response = await fetch(`${stack.functionsUrl}/invite-user`, {
      method: 'POST',
      headers: { apikey: stack.publishableKey, authorization: `Bearer ${token}` },
      body: JSON.stringify({ email: 'not an address', role: 'service_role' }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid_input' });
  });
});

describe('an input that is wrong', () => {
  const cases: [string, () => Promise<unknown>, string[]][] = [
    ['a missing field', () => grace.client.call('get_user', {} as never), ['id']],
    [
      'two wrong fields',
      () => grace.client.call('deactivate_user', { id: '1', reason: ' ' }),
      ['id', 'reason'],
    ],
    ['an unknown field', () => grace.client.call('list_users', { perPage: 1 } as never), ['input']],
    ['a number out of range', () => grace.client.call('list_users', { per_page: 101 }), ['per_page']],
    ['input where there is none', () => grace.client.call('is_superadmin', { id: 1 } as never), ['input']],
    [
      'a deep field',
      () => grace.client.call('complete_jobs', { queue: 'q', message_ids: [1, -1] }),
      ['message_ids.1'],
    ],
    ['no address', () => grace.client.invoke('invite-user', { email: 'Ada' }), ['email']],
  ];
  test.each(cases)('is refused before anything is sent: %s', async (_, send, fields) => {
    grace.sent.length = 0;
    const error = await errorOf(send());
    expect(error).toMatchObject({ name: 'InvalidInputError', code: 'invalid_input', status: 400 });
    expect(error instanceof InvalidInputError && Object.keys(error.fields)).toEqual(fields);
    expect(error.message).toMatch(/^The input of [a-z_-]+ is wrong\. /);
    expect(grace.sent).toEqual([]);
  });
});

describe('a refusal of the server', () => {
  test('of the input is an InvalidInputError', async () => {
    const error = await errorOf(ada.client.call('update_user', { id: grace.id, display_name: 'two\nlines' }));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error).toMatchObject({ code: 'display_name_invalid', status: 400 });
  });

  test('of a token that is none is a NotAuthenticatedError, from functions of both kinds', async () => {
    const { client } = newClient({ global: { headers: { Authorization: 'Bearer forged' } } });
    for (const send of [
      () => client.call('is_superadmin'),
      () => client.invoke('invite-user', { email: 'a@example.com' }),
    ]) {
      const error = await errorOf(send());
      expect(error).toBeInstanceOf(NotAuthenticatedError);
      expect(error.status).toBe(401);
      expect(error.message).not.toBe('The request failed.');
    }
  });

  test('of what the caller may not do is a ForbiddenError', async () => {
    const error = await errorOf(grace.client.call('list_users'));
    expect(error).toBeInstanceOf(ForbiddenError);
    expect(error).toMatchObject({ code: 'superadmin_required', status: 403 });
    expect(error.hint).toMatch(/superadmin/);
    expect(await errorOf(grace.client.call('jobs_overview'))).toMatchObject({ code: '42501', status: 403 });
  });

  test('of what is not there is a NotFoundError', async () => {
    const error = await errorOf(ada.client.call('get_user', { id: randomUUID() }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ code: 'user_not_found', status: 404 });
  });

  test('because of the state of things is a ConflictError', async () => {
    const error = await errorOf(ada.client.call('deactivate_user', { id: ada.id, reason: 'Trying it' }));
    expect(error).toBeInstanceOf(ConflictError);
    expect(error).toMatchObject({ code: 'own_account', status: 409 });
  });
});

test('where nobody listens, functions of both kinds throw an UnavailableError', async () => {
  const client = createRowhouseClient(`http://127.0.0.1:${await freePort()}`, stack.publishableKey, {
    auth: stateless,
  });
  for (const send of [
    () => client.call('is_superadmin'),
    () => client.invoke('invite-user', { email: 'a@example.com' }),
  ]) {
    const error = await errorOf(send());
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ code: 'no_answer', status: 0, message: 'The server did not answer.' });
  }
});

test('the secret key makes a client of the backend', async () => {
  const { client } = newClient({}, stack.secretKey);
  const overview = await client.call('jobs_overview');
  expect(overview).toMatchObject([
    { queue: 'bookings', dead_letters: 0 },
    { queue: 'notifications', dead_letters: 0 },
    { queue: 'payments', dead_letters: 0 },
    { queue: 'user_sync', dead_letters: 0 },
  ]);
  expect(await client.invoke('worker', {})).toEqual({ queues: [], done: 0, failed: 0, dead: 0 });
});

test('where the runtime has no WebSocket, realtime alone fails, with a reason', () => {
  const { client } = newClient();
  const subscribe = () => client.supabase.channel('news').subscribe();
  if ('WebSocket' in globalThis) expect(subscribe).not.toThrow();
  else expect(subscribe).toThrow('pass realtime.transport');
});
