import { decodeJwt, SignJWT, type JWTPayload } from 'jose';
import type pg from 'pg';
import { z } from 'zod';
import { AuthError, authErrorResponse } from './auth-error.ts';

/** What {@link startTokenHook} needs. */
export interface TokenHookOptions {
  /** Connections as `supabase_auth_admin`. */
  pool: pg.Pool;
  jwtSecret: string;
  /** Who issues the tokens: the address of the auth server. */
  issuer: () => string;
  /** The SQL function `(event jsonb) returns jsonb`; absent when none is configured. */
  hook: { schema: string; name: string } | undefined;
  log: (line: string) => void;
}

interface SessionUser {
  email: string;
  phone: string;
  app_metadata: Record<string, unknown>;
  user_metadata: Record<string, unknown>;
  is_anonymous: boolean;
  is_banned: boolean;
}

/** What a token must still say after the hook, as GoTrue demands it. */
const claimsSchema = z.looseObject({
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number().int(),
  iat: z.number().int(),
  sub: z.string(),
  email: z.string(),
  phone: z.string(),
  role: z.string(),
  aal: z.string(),
  session_id: z.string(),
  is_anonymous: z.boolean(),
  app_metadata: z.record(z.string(), z.unknown()).optional(),
  user_metadata: z.record(z.string(), z.unknown()).optional(),
});

const refusalSchema = z.object({
  error: z.object({ http_code: z.number().int().optional(), message: z.string().optional() }),
});

const hookTimeoutMilliseconds = 2000;

async function readUser(client: pg.PoolClient, id: string): Promise<SessionUser> {
  const { rows } = await client.query<SessionUser>(
    `select coalesce(email, '') as email, coalesce(phone, '') as phone,
       coalesce(raw_app_meta_data, '{}') as app_metadata, coalesce(raw_user_meta_data, '{}') as user_metadata,
       is_anonymous, coalesce(banned_until > now(), false) as is_banned
     from auth.users where id = $1 and deleted_at is null`,
    [id],
  );
  const user = rows[0];
  if (!user) throw new AuthError(403, 'user_not_found', 'User from sub claim in JWT does not exist');
  if (user.is_banned) throw new AuthError(400, 'user_banned', 'User is banned');
  return user;
}

async function callHook(
  client: pg.PoolClient,
  hook: { schema: string; name: string },
  event: { user_id: string; claims: JWTPayload; authentication_method: string },
): Promise<JWTPayload> {
  const name = `"${hook.schema}"."${hook.name}"`;
  const found = await client.query<{ found: boolean }>('select to_regprocedure($1) is not null as found', [
    `${name}(jsonb)`,
  ]);
  if (!found.rows[0]?.found) return event.claims;
  let output: unknown;
  try {
    const { rows } = await client.query<{ output: unknown }>(`select ${name}($1::jsonb) as output`, [
      JSON.stringify(event),
    ]);
    output = rows[0]?.output;
  } catch (error) {
    throw new AuthError(
      500,
      'unexpected_failure',
      `Error running hook URI: pg-functions://postgres/${hook.schema}/${hook.name}: ${(error as Error).message}`,
    );
  }
  const refusal = refusalSchema.safeParse(output);
  if (refusal.success) {
    const status = refusal.data.error.http_code ?? 500;
    const known = status >= 400 && status <= 599 ? status : 500;
    const { message } = refusal.data.error;
    throw new AuthError(
      known,
      known === 500 ? 'unexpected_failure' : 'unknown',
      message ?? 'Refused by a hook.',
    );
  }
  const parsed = z.object({ claims: claimsSchema }).safeParse(output);
  if (!parsed.success) {
    throw new AuthError(
      500,
      'unexpected_failure',
      `output claims do not conform to the expected schema: ${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data.claims;
}

/**
 * Makes the function that turns an access token as `@supabase/lite` issues it into one as GoTrue issues it: all of
 * GoTrue's claims, changed by the custom access token hook, signed with the same secret. The session of a user who is
 * banned, or whom the hook refuses, is ended.
 *
 * @param options connections, secret and hook
 * @returns `(token, method) => token`; raises {@link AuthError} where GoTrue refuses
 */
export function startTokenHook(options: TokenHookOptions) {
  const { pool, issuer, hook } = options;
  const secret = new TextEncoder().encode(options.jwtSecret);

  return async (token: string, method: string): Promise<string> => {
    const issued = decodeJwt(token);
    const userId = String(issued.sub);
    const sessionId = String(issued.session_id);
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query(`set local statement_timeout = ${hookTimeoutMilliseconds}`);
      const user = await readUser(client, userId);
      const { is_banned: _, ...aboutUser } = user;
      const claims: JWTPayload = {
        iss: issuer(),
        ...issued,
        ...aboutUser,
        aal: 'aal1',
        amr: [{ method, timestamp: issued.iat }],
        session_id: sessionId,
      };
      const changed = hook
        ? await callHook(client, hook, { user_id: userId, claims, authentication_method: method })
        : claims;
      await client.query('commit');
      return await new SignJWT(changed).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(secret);
    } catch (error) {
      await client.query('rollback');
      await client.query('delete from auth.sessions where id = $1', [sessionId]);
      throw error;
    } finally {
      client.release();
    }
  };
}

const methodOfGrant: Record<string, string> = {
  password: 'password',
  refresh_token: 'token_refresh',
  pkce: 'oauth',
};

function authenticationMethod(url: URL): string {
  if (url.pathname === '/auth/v1/token')
    return methodOfGrant[url.searchParams.get('grant_type') ?? ''] ?? 'password';
  return url.pathname === '/auth/v1/signup' ? 'password' : 'otp';
}

async function replaceInBody(
  response: Response,
  replace: (token: string) => Promise<string>,
): Promise<Response> {
  const text = await response.text();
  let body: { access_token?: unknown } | undefined;
  try {
    body = JSON.parse(text) as { access_token?: unknown };
  } catch {
    // not a session
  }
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  if (!body || typeof body.access_token !== 'string')
    return new Response(text, { status: response.status, headers });
  const changed = { ...body, access_token: await replace(body.access_token) };
  return new Response(JSON.stringify(changed), { status: response.status, headers });
}

/** The link in a mail answers with a redirect that carries the session behind the `#`. */
async function replaceInRedirect(
  response: Response,
  kind: string,
  replace: (token: string) => Promise<string>,
): Promise<Response> {
  const target = response.headers.get('location');
  const [address, fragment] = target?.split('#') ?? [];
  if (!address || !fragment) return response;
  const session = new URLSearchParams(fragment);
  const token = session.get('access_token');
  if (token) {
    try {
      session.set('access_token', await replace(token));
      if (kind) session.set('type', kind);
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      for (const key of [...session.keys()]) session.delete(key);
      session.set('error', 'access_denied');
      session.set('error_code', error.errorCode);
      session.set('error_description', error.message);
    }
  }
  const headers = new Headers(response.headers);
  headers.set('location', `${address}#${session.toString()}`);
  return new Response(null, { status: response.status, headers });
}

/**
 * Wraps the auth server so that every access token that leaves it has passed the hook.
 *
 * @param options as for {@link startTokenHook}
 * @param next answers the request without the hook
 */
export function withTokenHook(options: TokenHookOptions, next: (request: Request) => Promise<Response>) {
  const issue = startTokenHook(options);
  return async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const response = await next(request);
    const replace = (token: string) => issue(token, authenticationMethod(url));
    try {
      if (response.headers.get('location')?.includes('access_token=')) {
        return await replaceInRedirect(response, url.searchParams.get('type') ?? '', replace);
      }
      return response.status === 200 ? await replaceInBody(response, replace) : response;
    } catch (error) {
      return authErrorResponse(error, options.log);
    }
  };
}
