import { App } from '@supabase/lite';
import { createPostgresConnection } from '@supabase/lite/postgres';
import { credentialsOf, readKey, type Keys } from './callers.ts';
import type { StackConfig } from './config.ts';
import { withLiteLog } from './lite-log.ts';

/** The auth server without its admin API and hooks: answers under `/auth/v1`. */
export interface AuthApi {
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** What {@link startAuth} needs. */
export interface AuthOptions {
  /** Connection string of `supabase_auth_admin`, who owns the schema `auth`. */
  url: string;
  keys: Keys;
  /** Address of the gateway. */
  apiUrl: () => string;
  config: StackConfig;
  log: (line: string) => void;
}

function jsonText(oid: number) {
  return {
    to: oid,
    from: [oid],
    serialize: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
    parse: (text: string) => JSON.parse(text) as unknown,
  };
}

/**
 * Kinds of verification that GoTrue knows and lite does not, and the kind that does the same to the same token.
 */
const sameVerification: Record<string, string> = { invite: 'signup', email: 'magiclink' };

async function inLitesWords(request: Request): Promise<Request> {
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  const { apikey, bearer } = credentialsOf(request);
  if (apikey === undefined && bearer?.startsWith('sb_')) headers.set('apikey', bearer);
  if (url.pathname !== '/auth/v1/verify') {
    return new Request(request, { headers });
  }
  const kind = sameVerification[url.searchParams.get('type') ?? ''];
  if (kind) url.searchParams.set('type', kind);
  if (request.method !== 'POST') return new Request(url, { method: request.method, headers });
  let body = await request.text();
  try {
    const parsed = JSON.parse(body) as { type?: unknown };
    const wanted = typeof parsed.type === 'string' ? sameVerification[parsed.type] : undefined;
    if (wanted) body = JSON.stringify({ ...parsed, type: wanted });
  } catch {
    // lite answers a body that is not JSON
  }
  headers.delete('content-length');
  return new Request(url, { method: 'POST', headers, body });
}

/**
 * Starts the auth server with `@supabase/lite`, as `supabase_auth_admin`, like GoTrue. No mail is sent: what it says
 * goes to the log.
 *
 * @param options connection, keys and configuration
 */
export function startAuth(options: AuthOptions): AuthApi {
  const { url, keys, apiUrl, config, log } = options;
  const connection = createPostgresConnection({
    url,
    postgresOptions: {
      max: 5,
      // lite hands metadata over as JSON text; encoded a second time it would be stored as a JSON string.
      types: { json: jsonText(114), jsonb: jsonText(3802) },
      onnotice: () => undefined,
      connection: { application_name: 'rowhouse auth' },
    },
  });
  const app = new App({
    connection,
    studio: { enabled: false },
    api: { enabled: false },
    db: { migrations: { enabled: false } },
    auth: {
      enabled: true,
      jwt_secret: keys.jwtSecret,
      publishable_key: keys.publishableKey,
      secret_key: keys.secretKey,
      jwt_expiry: config.auth.jwt_expiry,
      site_url: config.auth.site_url,
      additional_redirect_urls: config.auth.additional_redirect_urls,
      minimum_password_length: config.auth.minimum_password_length,
      enable_signup: config.auth.enable_signup,
      email: { enable_confirmations: config.auth.email.enable_confirmations },
    },
    options: {
      drivers: {
        email: {
          send(message) {
            // lite takes the address of the site for its own.
            const text = message.text?.replaceAll(`${config.auth.site_url}/auth/v1/`, `${apiUrl()}/auth/v1/`);
            log(`mail to ${message.to}: ${message.subject}\n${text ?? ''}`);
            return Promise.resolve();
          },
        },
      },
      server: {
        admin: false,
        disableStudio: true,
        disableFallback: false,
        apiKeys: {
          resolver: async (key) => {
            const caller = await readKey(key, keys);
            if ('message' in caller) return null;
            return { type: caller.role === 'service_role' ? 'secret' : 'publishable', claims: caller.claims };
          },
        },
      },
    },
  });
  return {
    async fetch(request) {
      const translated = await inLitesWords(request);
      return withLiteLog(log, () => app.fetch(translated));
    },
    close: () => connection.driver.end({ timeout: 2 }),
  };
}
