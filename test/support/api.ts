import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, inject } from 'vitest';
import { createRowhouseClient, type RowhouseClient } from '../../src/client/index.ts';
import { adminApi } from '../../src/stack/admin-api.ts';
import { startAuth } from '../../src/stack/auth.ts';
import { loadConfig } from '../../src/stack/config.ts';
import { startGateway } from '../../src/stack/gateway.ts';
import { startRest } from '../../src/stack/rest.ts';
import { loadSecrets } from '../../src/stack/secrets.ts';
import { startTokenHook, withTokenHook } from '../../src/stack/token-hook.ts';
import { openPool, type Database } from './database.ts';
import './places/index.ts';
import { urlOf } from './places/template.ts';

const configFile = fileURLToPath(new URL('../../supabase/config.toml', import.meta.url));
const password = 'correct horse battery';

/** What a request of the API is made of, beside its path. */
export interface ApiRequest {
  method?: string;
  /** The bearer token. Without one the request carries no more than the publishable key. */
  token?: string;
  /** Another key than the publishable one; null for none. */
  key?: string | null;
  headers?: Record<string, string>;
  /** Sent as JSON; text is sent as it is. */
  body?: unknown;
}

/** What the API answered. */
export interface ApiAnswer {
  status: number;
  /** Parsed where it is JSON. */
  body: unknown;
  headers: Headers;
}

/** Somebody with an account and a token. */
export interface Person {
  id: string;
  email: string;
  token: string;
}

/** The stack's own front, in front of a test file's database: gateway, auth server, REST API. No edge functions. */
export interface Api {
  url: string;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  /** One request without a library between; the path begins after the address, as in `/rest/v1/plants`. */
  request(path: string, request?: ApiRequest): Promise<ApiAnswer>;
  /** One request to a table or a view, or to a function as `rpc/name`. */
  rest(path: string, request?: ApiRequest): Promise<ApiAnswer>;
  /** Calls a function of the API. */
  call(name: string, token: string | undefined, args?: object): Promise<ApiAnswer>;
  /** Signs a new user up with a password, as a browser does. */
  signUp(metadata?: Record<string, unknown>): Promise<Person>;
  /** Signs a user in with the password that `signUp` gave them; returns the new access token. */
  signIn(email: string): Promise<string>;
  /** The access token that the auth server would issue to a user at this moment, hook and all. */
  issue(userId: string): Promise<string>;
  /** Signs any claims. Without a secret or an algorithm it takes the stack's own. */
  sign(
    claims: JWTPayload,
    options?: { secret?: string; header?: Partial<JWTHeaderParameters> },
  ): Promise<string>;
  /** The typed client, as a front end makes it: anonymous until it signs in. */
  client(key?: string): RowhouseClient;
  /** Makes the REST API see a schema that has changed. */
  reload(): Promise<void>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text === '' ? undefined : text;
  }
}

/**
 * Puts the stack's HTTP front before the test file's own database, on a free port, so that what is tested over HTTP runs
 * in every place that the database tests run in. The object is filled before the first test runs.
 *
 * @param db the database of `useDatabase()`
 */
export function useApi(db: Database): Api {
  const handle = {} as Api;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const template = inject('template');
    const database = new URL(db.url).pathname.slice(1);
    const addressOf = (name: string) =>
      urlOf(template.superuserUrl, database, { name, password: template.password });
    const log = () => undefined;
    const keys = await loadSecrets();
    const config = await loadConfig(configFile);

    const gateway = await startGateway(0, log);
    closing.unshift(() => gateway.close());
    const apiUrl = () => gateway.url;
    const pool = openPool(addressOf('supabase_auth_admin'), 4);
    closing.push(() => pool.end());
    const auth = startAuth({ url: addressOf('supabase_auth_admin'), keys, apiUrl, config, log });
    closing.push(() => auth.close());
    const rest = await startRest({
      superuserUrl: urlOf(template.superuserUrl, database),
      url: addressOf('authenticator'),
      keys,
      config,
      log,
    });
    closing.push(() => rest.close());
    const admin = adminApi({
      pool,
      keys,
      apiUrl,
      siteUrl: config.auth.site_url,
      minimumPasswordLength: config.auth.minimum_password_length,
      log,
    });
    const hook = {
      pool,
      jwtSecret: keys.jwtSecret,
      issuer: () => `${gateway.url}/auth/v1`,
      hook: config.tokenHook,
      log,
    };
    const absent = () => Promise.resolve(new Response(null, { status: 404 }));
    gateway.open({
      auth: withTokenHook(hook, (request) => auth.fetch(request)),
      admin: (request) => admin.fetch(request),
      rest: (request) => rest.fetch(request),
      functions: absent,
      health: absent,
    });
    const throughHook = startTokenHook(hook);

    const request: Api['request'] = async (path, { method, token, key, headers, body } = {}) => {
      const response = await fetch(`${gateway.url}${path}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        redirect: 'manual',
        headers: {
          ...(key === null ? {} : { apikey: key ?? keys.publishableKey }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: response.status, body: parsed(await response.text()), headers: response.headers };
    };
    const sessionFrom = async (path: string, body: object) => {
      const answer = await request(path, { body });
      const session = answer.body as { access_token?: string; user?: { id: string } };
      if (session.access_token === undefined || session.user === undefined) {
        throw new Error(`${path} gave no session: ${JSON.stringify(answer.body)}`);
      }
      return { token: session.access_token, id: session.user.id };
    };
    const sign: Api['sign'] = (claims, { secret = keys.jwtSecret, header } = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header })
        .sign(new TextEncoder().encode(secret));
    const seconds = () => Math.floor(Date.now() / 1000);

    Object.assign(handle, {
      url: gateway.url,
      publishableKey: keys.publishableKey,
      secretKey: keys.secretKey,
      jwtSecret: keys.jwtSecret,
      request,
      rest: (path, options) => request(`/rest/v1/${path}`, options),
      call: (name, token, args = {}) =>
        request(`/rest/v1/rpc/${name}`, { body: args, ...(token === undefined ? {} : { token }) }),
      signUp: async (metadata = {}) => {
        const email = `${randomUUID()}@example.com`;
        return { email, ...(await sessionFrom('/auth/v1/signup', { email, password, data: metadata })) };
      },
      signIn: async (email) =>
        (await sessionFrom('/auth/v1/token?grant_type=password', { email, password })).token,
      issue: async (userId) =>
        throughHook(
          await sign({
            sub: userId,
            aud: 'authenticated',
            role: 'authenticated',
            iat: seconds(),
            exp: seconds() + config.auth.jwt_expiry,
            session_id: randomUUID(),
          }),
          'password',
        ),
      sign,
      client: (key = keys.publishableKey) =>
        createRowhouseClient(gateway.url, key, { auth: { persistSession: false, autoRefreshToken: false } }),
      reload: () => rest.reload(),
    } satisfies Api);
  });

  afterAll(async () => {
    for (const close of closing) await close();
  });
  return handle;
}
