import type pg from 'pg';
import type { Caller } from './tenants.ts';

/** Ours has row-level security; the floor has the filter of the organization written by hand. */
export type Side = 'ours' | 'floor';

/** A statement with its values. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** What a caller wants, as each side says it. */
export interface Case {
  name: string;
  isWrite: boolean;
  /** How many rows it must find or touch. */
  rows: number;
  /** The statement alone. `pick` is from 0 up to 1, and the same for both sides. */
  statement: (side: Side, caller: Caller, pick: number) => Statement;
  /** The same as PostgREST writes it. */
  request: (side: Side, caller: Caller, pick: number) => Statement;
}

const headers = JSON.stringify({
  host: 'abcdefghijklmnopqrst.supabase.co',
  accept: '*/*',
  'accept-profile': 'public',
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'x-client-info': 'supabase-js-web/2.109.0',
  'x-forwarded-for': '203.0.113.7',
});

/** PostgREST's statement around a read, and around what it counts when the client asks for the total. */
export const wrapRead = (source: string, counted?: string) =>
  `with pgrst_source as (${source})${counted ? `, pgrst_source_count as (${counted})` : ''}
   select
     ${counted ? '(select pg_catalog.count(*) from pgrst_source_count)' : 'null::bigint'} as total_result_set,
     pg_catalog.count(_postgrest_t) as page_total,
     coalesce(json_agg(_postgrest_t), '[]') as body,
     nullif(current_setting('response.headers', true), '') as response_headers,
     nullif(current_setting('response.status', true), '') as response_status
   from (select * from pgrst_source) as _postgrest_t`;

/** PostgREST's statement around a write that returns nothing (Prefer: return=minimal). */
export const wrapWrite = (source: string) =>
  `with pgrst_source as (${source} returning 1)
   select
     '' as total_result_set,
     pg_catalog.count(_postgrest_t) as page_total,
     array[]::text[] as header,
     '' as body,
     nullif(current_setting('response.headers', true), '') as response_headers,
     nullif(current_setting('response.status', true), '') as response_status
   from (select * from pgrst_source) as _postgrest_t`;

/** Names each text once, so that it is prepared once per connection. */
const names = new Map<string, string>();
function nameOf(text: string): string {
  const name = names.get(text) ?? `bench_${names.size}`;
  names.set(text, name);
  return name;
}

/** Sends a prepared statement and returns how many rows it found or touched. */
export async function send(client: pg.Client, { text, values }: Statement): Promise<number> {
  const { rows, rowCount } = await client.query<{ total_result_set?: string; page_total?: string }>({
    name: nameOf(text),
    text,
    values,
  });
  const said = rows[0]?.total_result_set || rows[0]?.page_total;
  return said === undefined ? (rowCount ?? 0) : Number(said);
}

/** The settings of a request, for its transaction or (`isLocal` false) for the session. */
export const settings = (caller: Caller, method: string, isLocal: boolean): Statement => ({
  text: `select
      set_config('search_path', '"public", "extensions"', $1), set_config('role', 'authenticated', $1),
      set_config('request.jwt.claims', $2, $1), set_config('request.method', $3, $1),
      set_config('request.path', '/orders', $1), set_config('request.headers', $4, $1),
      set_config('request.cookies', '{}', $1)`,
  values: [isLocal, caller.claims, method, headers],
});

/** A request as PostgREST makes it: one transaction of four messages. Returns how many rows it found or touched. */
export async function request(
  client: pg.Client,
  caller: Caller,
  statement: Statement,
  isWrite: boolean,
): Promise<number> {
  await client.query(`begin isolation level read committed read ${isWrite ? 'write' : 'only'}`);
  await send(client, settings(caller, isWrite ? 'POST' : 'GET', true));
  const found = await send(client, statement);
  await client.query('commit');
  return found;
}
