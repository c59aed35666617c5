import { createRowhouseClient, type RowhouseClient } from '../../src/client/index.ts';

function environment(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

const stateless = { autoRefreshToken: false, persistSession: false, detectSessionInUrl: false };

/** A client with the service role: everything is open to it, so what it does for a caller is checked first. */
export function serviceClient(): RowhouseClient {
  return createRowhouseClient(environment('SUPABASE_URL'), environment('SUPABASE_SERVICE_ROLE_KEY'), {
    auth: stateless,
  });
}

/** A client that acts as whoever sent the request, with their rights and no more. */
export function callerClient(request: Request): RowhouseClient {
  return createRowhouseClient(environment('SUPABASE_URL'), environment('SUPABASE_ANON_KEY'), {
    auth: stateless,
    global: { headers: { Authorization: request.headers.get('authorization') ?? '' } },
  });
}
