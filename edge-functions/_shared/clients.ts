import { createRowhouseClient, type RowhouseClient } from '../../src/client/index.ts';

function environment(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

/** What the audit log keeps of a request besides its user: where it came from, and its id. */
function traceOf(request: Request | undefined): Record<string, string> {
  return Object.fromEntries(
    ['x-forwarded-for', 'x-request-id'].flatMap((name) => {
      const value = request?.headers.get(name);
      return value == null ? [] : [[name, value]];
    }),
  );
}

const stateless = { autoRefreshToken: false, persistSession: false, detectSessionInUrl: false };

/**
 * A client with the service role: everything is open to it, so what it does for a caller is checked first.
 *
 * @param request whose origin the audit log is to keep
 */
export function serviceClient(request?: Request): RowhouseClient {
  return createRowhouseClient(environment('SUPABASE_URL'), environment('SUPABASE_SERVICE_ROLE_KEY'), {
    auth: stateless,
    global: { headers: traceOf(request) },
  });
}

/** A client that acts as whoever sent the request, with their rights and no more. */
export function callerClient(request: Request): RowhouseClient {
  return createRowhouseClient(environment('SUPABASE_URL'), environment('SUPABASE_ANON_KEY'), {
    auth: stateless,
    global: {
      headers: { ...traceOf(request), Authorization: request.headers.get('authorization') ?? '' },
    },
  });
}
