import { timingSafeEqual } from 'node:crypto';
import { errors, jwtVerify, type JWTPayload } from 'jose';

/** Who sends a request: the claims that the database sees, `role` among them. */
export interface Caller {
  role: string;
  claims: JWTPayload;
  /** Whether the request carried a key or token at all. */
  known: boolean;
}

/** Why a request's key or token was not accepted, in PostgREST's words. */
export interface Rejection {
  code: string;
  message: string;
}

/** The keys that a stack accepts. */
export interface Keys {
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
}

/** The headers by which callers present a key. */
export interface Credentials {
  apikey: string | undefined;
  bearer: string | undefined;
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Takes the key and the token out of a request.
 *
 * @param request any request to the gateway
 */
export function credentialsOf(request: Request): Credentials {
  const apikey =
    request.headers.get('apikey') ?? new URL(request.url).searchParams.get('apikey') ?? undefined;
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  return { apikey, bearer };
}

async function readToken(token: string, keys: Keys): Promise<Caller | Rejection> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(keys.jwtSecret), {
      algorithms: ['HS256'],
      clockTolerance: 0,
    });
    const role = typeof payload.role === 'string' ? payload.role : 'anon';
    return { role, claims: { ...payload, role }, known: true };
  } catch (error) {
    return error instanceof errors.JWTExpired
      ? { code: 'PGRST303', message: 'JWT expired' }
      : { code: 'PGRST301', message: 'JWT cannot be verified' };
  }
}

/**
 * Turns an API key or a signed token into a caller.
 *
 * @param key `sb_publishable_…`, `sb_secret_…`, or a token signed with the stack's secret
 * @param keys what the stack accepts
 */
export async function readKey(key: string, keys: Keys): Promise<Caller | Rejection> {
  if (same(key, keys.publishableKey)) return { role: 'anon', claims: { role: 'anon' }, known: true };
  if (same(key, keys.secretKey)) {
    return { role: 'service_role', claims: { role: 'service_role' }, known: true };
  }
  if (key.startsWith('sb_')) return { code: 'PGRST301', message: 'Invalid API key' };
  return readToken(key, keys);
}

/**
 * Says who sends a request. The bearer token decides, as with PostgREST; the key counts where there is no token.
 * A request without either is anonymous.
 *
 * @param request any request to the gateway
 * @param keys what the stack accepts
 * @returns the caller, or why its key or token is refused (an answer with status 401)
 */
export async function identify(request: Request, keys: Keys): Promise<Caller | Rejection> {
  const { apikey, bearer } = credentialsOf(request);
  const fromKey = apikey === undefined ? undefined : await readKey(apikey, keys);
  if (fromKey && 'message' in fromKey) return fromKey;
  // supabase-js sends the key a second time, as the bearer, while nobody is signed in.
  const isToken = bearer !== undefined && bearer !== apikey && !(fromKey && bearer.startsWith('sb_'));
  if (isToken) return readKey(bearer, keys);
  return fromKey ?? { role: 'anon', claims: { role: 'anon' }, known: false };
}
