import { decodeJwt, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { startStack } from '../../src/stack/start.ts';
import { useStack } from '../support/stack.ts';
import { asSuperuser, clientOf } from './clients.ts';

const stack = useStack();

const password = 'correct horse battery';
let count = 0;
const newEmail = () => `someone-${++count}@example.com`;

async function signUp(email = newEmail()) {
  const client = clientOf(stack);
  const { data, error } = await client.auth.signUp({
    email,
    password,
    options: { data: { full_name: 'Zoë' } },
  });
  if (error || !data.session || !data.user) throw error ?? new Error('no session');
  return { client, email, user: data.user, session: data.session };
}

describe('signing up and in', () => {
  test('a user signs up, signs in, refreshes, changes and signs out', async () => {
    const { client, email, user } = await signUp();
    expect(user.email).toBe(email);

    const signedIn = await client.auth.signInWithPassword({ email, password });
    expect(signedIn.error).toBeNull();

    const refreshed = await client.auth.refreshSession();
    expect(refreshed.error).toBeNull();
    expect(refreshed.data.session?.access_token).not.toBe(signedIn.data.session?.access_token);

    const changed = await client.auth.updateUser({ data: { full_name: 'Zoë B.' } });
    expect(changed.data.user?.user_metadata.full_name).toBe('Zoë B.');

    expect((await client.auth.signOut()).error).toBeNull();
    const again = await clientOf(stack).auth.signInWithPassword({ email, password: 'something else' });
    expect(again.error?.code).toBe('invalid_credentials');
  });

  test('a token holds the claims of GoTrue and is signed with the secret of the stack', async () => {
    const { session, user, email } = await signUp();
    expect(decodeJwt(session.access_token)).toMatchObject({
      iss: `${stack.apiUrl}/auth/v1`,
      sub: user.id,
      aud: 'authenticated',
      role: 'authenticated',
      email,
      phone: '',
      aal: 'aal1',
      is_anonymous: false,
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: { full_name: 'Zoë' },
      amr: [{ method: 'password' }],
    });
  });

  test('a sign-up writes auth.users as supabase_auth_admin', async () => {
    await asSuperuser(
      stack,
      `create function public.note_writer() returns trigger language plpgsql security invoker set search_path = '' as $$
       begin
         new.raw_app_meta_data := new.raw_app_meta_data || jsonb_build_object('writer', current_user);
         return new;
       end $$;
       grant execute on function public.note_writer() to supabase_auth_admin;
       create trigger note_writer before insert on auth.users for each row execute function public.note_writer();`,
    );
    const { user } = await signUp();
    await asSuperuser(stack, 'drop function public.note_writer() cascade');
    expect(user.app_metadata.writer).toBe('supabase_auth_admin');
  });

  test('metadata is stored as what it is', async () => {
    const { user } = await signUp();
    const rows = await asSuperuser(
      stack,
      `select raw_user_meta_data ->> 'full_name' as name, raw_app_meta_data ->> 'provider' as provider,
         (select identity_data ->> 'email' from auth.identities where user_id = users.id) = email as has_identity
       from auth.users where id = $1`,
      [user.id],
    );
    expect(rows).toEqual([{ name: 'Zoë', provider: 'email', has_identity: true }]);
  });

  test('a banned user gets no token, and none after the ban for a session that was open', async () => {
    const { client, email, user } = await signUp();
    await asSuperuser(stack, `update auth.users set banned_until = now() + interval '1 hour' where id = $1`, [
      user.id,
    ]);
    const signedIn = await clientOf(stack).auth.signInWithPassword({ email, password });
    expect(signedIn.error).toMatchObject({ status: 400, code: 'user_banned' });
    const refreshed = await client.auth.refreshSession();
    expect(refreshed.error).toMatchObject({ code: 'user_banned' });
    expect(await asSuperuser(stack, 'select id from auth.sessions where user_id = $1', [user.id])).toEqual(
      [],
    );
  });

  test('requests change no grant and no definition in the database', async () => {
    const catalog = `
      select md5(string_agg(item, ';' order by item)) as digest from (
        select 'r' || oid || relname || coalesce(relacl::text, '') from pg_class
        union all select 'n' || oid || nspname || coalesce(nspacl::text, '') from pg_namespace
        union all select 'd' || oid || coalesce(defaclacl::text, '') from pg_default_acl
        union all select 'p' || oid || coalesce(proacl::text, '') || prosrc from pg_proc
        union all select 'a' || oid || rolname || rolbypassrls from pg_roles
      ) as items (item)`;
    const fresh = await startStack();
    try {
      const before = await asSuperuser(fresh, catalog);
      const client = clientOf(fresh);
      expect((await client.auth.signUp({ email: newEmail(), password })).error).toBeNull();
      expect((await client.from('no_such_table').select()).status).toBe(404);
      expect((await client.from('user_profiles').select()).status).not.toBe(500);
      expect(await asSuperuser(fresh, catalog)).toEqual(before);
    } finally {
      await fresh.stop();
    }
  });
});

describe('the custom access token hook', () => {
  async function withHook(body: string, run: () => Promise<void>) {
    const [before] = await asSuperuser<{ definition: string | null }>(
      stack,
      `select pg_get_functiondef(to_regprocedure('public.custom_access_token_hook(jsonb)')) as definition`,
    );
    await asSuperuser(
      stack,
      `create or replace function public.custom_access_token_hook(event jsonb) returns jsonb
       language plpgsql set search_path = '' as $hook$ begin ${body} end $hook$;
       revoke execute on function public.custom_access_token_hook(jsonb) from public, anon, authenticated;
       grant execute on function public.custom_access_token_hook(jsonb) to supabase_auth_admin;`,
    );
    try {
      await run();
    } finally {
      await asSuperuser(stack, before?.definition ?? 'drop function public.custom_access_token_hook(jsonb)');
    }
  }
  /** supabase-js keeps the body of a server error to itself. */
  const signInPlainly = async (email: string): Promise<unknown> => {
    const response = await fetch(`${stack.apiUrl}/auth/v1/token?grant_type=password`, {
      method: 'POST',
      headers: { apikey: stack.publishableKey, 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    return response.json();
  };
  const addsClaim = `return jsonb_build_object('claims', (event -> 'claims') || jsonb_build_object(
    'organization_id', 'ABC-123-X', 'method', event -> 'authentication_method', 'caller', current_user));`;

  test('its claims are in the token of a sign-up, a sign-in and a refresh', async () => {
    await withHook(addsClaim, async () => {
      const { client, email, session } = await signUp();
      const signedIn = await client.auth.signInWithPassword({ email, password });
      const refreshed = await client.auth.refreshSession();
      const claims = [session, signedIn.data.session, refreshed.data.session].map((each) =>
        decodeJwt(each?.access_token ?? ''),
      );
      expect(claims.map((each) => each.organization_id)).toEqual(['ABC-123-X', 'ABC-123-X', 'ABC-123-X']);
      expect(claims.map((each) => each.method)).toEqual(['password', 'password', 'token_refresh']);
      expect(claims[0]?.caller).toBe('supabase_auth_admin');
    });
  });

  test('a token that it made works for the auth server and the REST API', async () => {
    await withHook(addsClaim, async () => {
      const { client, session, user } = await signUp();
      expect((await client.auth.getUser()).data.user?.id).toBe(user.id);
      await asSuperuser(
        stack,
        `create function public.what_i_am() returns jsonb language sql set search_path = '' as
           $$ select auth.jwt() || jsonb_build_object('current', current_user, 'uid', auth.uid()) $$;
         grant execute on function public.what_i_am() to authenticated;`,
      );
      await stack.reload();
      const answer: { data: unknown } = await client.rpc('what_i_am');
      expect(answer.data).toMatchObject({
        organization_id: 'ABC-123-X',
        current: 'authenticated',
        uid: user.id,
      });
      expect(session.expires_in).toBe(3600);
    });
  });

  test('its refusal is the answer, and leaves no session', async () => {
    const { client, email, user } = await signUp();
    await withHook(
      `return '{"error": {"http_code": 403, "message": "Not on Sundays."}}'::jsonb;`,
      async () => {
        const { error } = await client.auth.signInWithPassword({ email, password });
        expect(error).toMatchObject({ status: 403, message: 'Not on Sundays.' });
        const sessions = await asSuperuser(stack, 'select id from auth.sessions where user_id = $1', [
          user.id,
        ]);
        expect(sessions).toHaveLength(1);
      },
    );
  });

  test('an error in it is a server error that names the hook', async () => {
    const { email } = await signUp();
    await withHook(`raise exception 'broken on purpose';`, async () => {
      expect(await signInPlainly(email)).toMatchObject({
        code: 500,
        error_code: 'unexpected_failure',
        msg: expect.stringContaining('custom_access_token_hook: broken on purpose') as string,
      });
    });
  });

  test('it cannot drop a claim that a token needs', async () => {
    const { email } = await signUp();
    await withHook(`return jsonb_build_object('claims', (event -> 'claims') - 'sub');`, async () => {
      expect(await signInPlainly(email)).toMatchObject({
        code: 500,
        msg: expect.stringContaining('output claims do not conform') as string,
      });
    });
  });

  test('nobody but the auth server can call it', async () => {
    await withHook(addsClaim, async () => {
      await stack.reload();
      const { client } = await signUp();
      const { error, status } = await client.rpc('custom_access_token_hook', { event: {} });
      expect(status).toBe(403);
      expect(error?.code).toBe('42501');
    });
  });
});

describe('keys and tokens', () => {
  const whoAmI = async (headers: Record<string, string>) => {
    const response = await fetch(`${stack.apiUrl}/rest/v1/rpc/current_role_name`, {
      method: 'POST',
      headers,
    });
    return { status: response.status, body: (await response.json()) as unknown };
  };

  beforeAll(async () => {
    await asSuperuser(
      stack,
      `create function public.current_role_name() returns text language sql set search_path = '' as
         $$ select current_user::text || ' ' || current_setting('statement_timeout') $$;
       create function public.fail_plainly() returns void language plpgsql set search_path = '' as
         $$ begin raise exception 'plainly'; end $$;
       create function public.refuse() returns void language plpgsql set search_path = '' as
         $$ begin raise sqlstate 'PT409' using message = 'No.', detail = '{"code": "no"}', hint = 'Ask again.'; end $$;
       create function public.take_long() returns void language sql set search_path = '' as $$ select pg_sleep(20) $$;
       grant execute on function public.current_role_name(), public.fail_plainly(), public.refuse(), public.take_long()
         to anon, authenticated, service_role;`,
    );
    await stack.reload();
  });

  test('no key and the publishable key are anon, with its statement timeout', async () => {
    expect(await whoAmI({})).toEqual({ status: 200, body: 'anon 3s' });
    expect(await whoAmI({ apikey: stack.publishableKey })).toEqual({ status: 200, body: 'anon 3s' });
    const authorization = `Bearer ${stack.publishableKey}`;
    expect(await whoAmI({ authorization })).toEqual({ status: 200, body: 'anon 3s' });
    expect(await whoAmI({ apikey: stack.publishableKey, authorization })).toEqual({
      status: 200,
      body: 'anon 3s',
    });
  });

  test('the secret key is service_role, as key and as bearer', async () => {
    const authorization = `Bearer ${stack.secretKey}`;
    for (const headers of [
      { apikey: stack.secretKey },
      { authorization },
      { apikey: stack.secretKey, authorization },
    ]) {
      expect((await whoAmI(headers)).body).toMatch(/^service_role /);
    }
  });

  test('the token of a user is authenticated, with its statement timeout', async () => {
    const { session } = await signUp();
    const authorization = `Bearer ${session.access_token}`;
    expect(await whoAmI({ apikey: stack.publishableKey, authorization })).toMatchObject({
      body: 'authenticated 8s',
    });
  });

  test('a wrong key, a forged, an expired and an unsigned token are refused', async () => {
    const sign = (secret: string, expires: string) =>
      new SignJWT({ role: 'service_role', sub: 'x' })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime(expires)
        .sign(new TextEncoder().encode(secret));
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa('{"role":"service_role"}')}.`;
    const tokens = [
      await sign('another secret, long enough for HS256', '1h'),
      await sign(stack.jwtSecret, '-1m'),
      unsigned,
    ];
    for (const token of tokens) expect((await whoAmI({ authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await whoAmI({ apikey: 'sb_secret_wrong' })).status).toBe(401);
  });

  test('a token cannot name a role of the platform', async () => {
    const token = await new SignJWT({ role: 'supabase_admin' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(stack.jwtSecret));
    expect((await whoAmI({ authorization: `Bearer ${token}` })).body).toMatchObject({ code: '42501' });
  });

  test('a refusal keeps its status, code, detail and hint; a plain error is a 400', async () => {
    const client = clientOf(stack);
    const refused = await client.rpc('refuse');
    expect(refused).toMatchObject({
      status: 409,
      error: { code: 'PT409', message: 'No.', details: '{"code": "no"}', hint: 'Ask again.' },
    });
    expect(await client.rpc('fail_plainly')).toMatchObject({
      status: 400,
      error: { code: 'P0001', message: 'plainly' },
    });
  });

  test('a statement that takes too long is cut off', async () => {
    const response = await clientOf(stack).rpc('take_long');
    expect(response).toMatchObject({ status: 500, error: { code: '57014' } });
  });
});

describe('the gateway', () => {
  test('says that it is well', async () => {
    const response = await fetch(`${stack.apiUrl}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ok', database: 'ok' });
  });

  test('answers the preflight of a browser', async () => {
    const response = await fetch(`${stack.apiUrl}/rest/v1/anything`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:5173',
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'apikey, authorization, content-profile, prefer, x-client-info',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(response.headers.get('access-control-allow-headers')).toContain('content-profile');
  });

  test('lets a browser read an error', async () => {
    const response = await fetch(`${stack.apiUrl}/rest/v1/no_such_table`, {
      headers: { origin: 'http://localhost' },
    });
    expect(response.status).toBe(404);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({ code: 'PGRST205' });
  });

  test('refuses a body of more than 10 MB', async () => {
    const response = await fetch(`${stack.apiUrl}/auth/v1/signup`, {
      method: 'POST',
      headers: { apikey: stack.publishableKey, 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(11 * 1024 * 1024) }),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ message: 'The request is larger than 10 MB.' });
  });

  test('shows neither the schemas of the platform nor what is behind it', async () => {
    const headers = { apikey: stack.secretKey, 'accept-profile': 'auth' };
    expect((await fetch(`${stack.apiUrl}/rest/v1/users`, { headers })).status).toBe(406);
    for (const path of [
      '/_system/config',
      '/_system/introspect',
      '/',
      '/realtime/v1/api',
      '/rest/v1/../../_system/config',
    ]) {
      expect((await fetch(`${stack.apiUrl}${path}`)).status).toBe(404);
    }
  });

  test('keeps JSON values as they are', async () => {
    await asSuperuser(
      stack,
      `create table public.papers (id integer primary key, content jsonb, tags text[]);
       grant select, insert on public.papers to service_role;`,
    );
    await stack.reload();
    const client = clientOf(stack, stack.secretKey);
    const contents = [{ a: [1, { b: null }] }, [1, 'two'], 'text', 3.5, null];
    const papers = contents.map((content, id) => ({ id, content, tags: ['x', 'y, z'] }));
    expect((await client.from('papers').insert(papers)).error).toBeNull();
    expect((await client.from('papers').select().order('id')).data).toEqual(papers);
  });

  test('sees a table after the database said that its schema changed', async () => {
    await asSuperuser(
      stack,
      `create table public.newcomers (id integer primary key, name text not null check (name <> ''));
       alter table public.newcomers enable row level security;
       grant select, insert on public.newcomers to service_role;
       notify pgrst, 'reload schema';`,
    );
    const client = clientOf(stack, stack.secretKey);
    await expect
      .poll(async () => (await client.from('newcomers').insert({ id: 1, name: 'Ada' })).status, {
        timeout: 5000,
      })
      .toBe(201);
    expect((await client.from('newcomers').select()).data).toEqual([{ id: 1, name: 'Ada' }]);
    expect(await client.from('newcomers').insert({ id: 2, name: '' })).toMatchObject({
      status: 400,
      error: { code: '23514' },
    });
    expect(await client.from('newcomers').insert({ id: 1, name: 'B' })).toMatchObject({
      status: 409,
      error: { code: '23505' },
    });
    expect((await clientOf(stack).from('newcomers').select()).data).toEqual([]);
  });
});
