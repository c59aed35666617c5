import type pg from 'pg';
import { interleave, timed } from './measure.ts';
import { type Place, progress } from './place.ts';
import { type Comparison, comparison, type Target } from './report.ts';
import { settings, type Side, type Statement } from './requests.ts';
import type { Caller } from './tenants.ts';

/** Pairs until connections, plans and caches are as warm as in a pool that has been at work. */
const warmUps = 7;

/** Who asks, and with which statements. */
export interface Asked {
  caller: Caller;
  statements: Statement[];
}

/** Two ways to the same. */
export interface Matter {
  name: string;
  database: string;
  isWrite: boolean;
  /** Whether its commit waits for the disk, so that it is measured without that as well. */
  isDurable?: boolean;
  ratioOf: 'time' | 'rate';
  target?: Target;
  /** A pair is two medians of this many turns each. */
  turnsPerRound: number;
  /** In how many turns the answers are compared, before time is taken. */
  checks: number;
  /** Ours is sent as the caller, the floor as bench_reader, whom no policy and no missing grant holds up. */
  ask: (side: Side, turn: number) => Asked;
  /** What both answers must have in common. */
  essence: (body: unknown) => unknown;
}

/** PostgREST's statement around a call of a function: named arguments out of one JSON object, the answer as JSON. */
export function callOf(
  name: string,
  types: Record<string, string>,
  values: Record<string, unknown>,
): Statement {
  const given = Object.keys(values);
  const call = `public.${name}(${given.map((key) => `${key} := pgrst_body.${key}`).join(', ')})`;
  const body = given.map((key) => `${key} ${types[key] ?? 'text'}`).join(', ');
  const source =
    given.length === 0
      ? `select pgrst_call.* from ${call} as pgrst_call`
      : `select pgrst_call.*
         from
           (select $1::json as json_data) as pgrst_payload,
           lateral (select * from json_to_record(pgrst_payload.json_data) as _ (${body}) limit 1) as pgrst_body,
           lateral ${call} as pgrst_call`;
  return { text: answered(source), values: given.length === 0 ? [] : [JSON.stringify(values)] };
}

/** PostgREST's statement around the answer of a function that returns one row; the floor's rows are answered so as well. */
export const answered = (source: string) =>
  `with pgrst_source as (${source})
   select
     null::bigint as total_result_set, 1 as page_total, coalesce((json_agg(_postgrest_t) -> 0)::text, 'null') as body,
     nullif(current_setting('response.headers', true), '') as response_headers,
     nullif(current_setting('response.status', true), '') as response_status
   from (select pgrst_source.* from pgrst_source) as _postgrest_t`;

/** The same around a list. */
export const listed = (source: string) =>
  `with pgrst_source as (${source})
   select
     null::bigint as total_result_set, pg_catalog.count(_postgrest_t) as page_total,
     coalesce(json_agg(_postgrest_t), '[]')::text as body,
     nullif(current_setting('response.headers', true), '') as response_headers,
     nullif(current_setting('response.status', true), '') as response_status
   from (select * from pgrst_source) as _postgrest_t`;

/** Who asks, as a request says it: ours as authenticated, the floor with the same claims and headers as the other role. */
function identity(side: Side, caller: Caller, method: string, isLocal: boolean): Statement {
  const ours = settings(caller, method, isLocal);
  return side === 'ours' ? ours : { ...ours, text: ours.text.replace(`'authenticated'`, `'bench_reader'`) };
}

/** Names each text once, so that it is prepared once per connection. */
const names = new Map<string, string>();
async function ask(client: pg.Client, { text, values }: Statement): Promise<Answer> {
  const name = names.get(text) ?? `sales_${names.size}`;
  names.set(text, name);
  const { rows } = await client.query<Answer>({ name, text, values });
  return rows[0] ?? {};
}

type Answer = Record<string, unknown>;

/** A request as PostgREST makes it: one transaction, with who asks, and what. */
export async function requestOf(
  client: pg.Client,
  side: Side,
  asked: Asked,
  isWrite: boolean,
): Promise<Answer> {
  await client.query(`begin isolation level read committed read ${isWrite ? 'write' : 'only'}`);
  await ask(client, identity(side, asked.caller, isWrite ? 'POST' : 'GET', true));
  const answer: Answer = {};
  for (const statement of asked.statements) Object.assign(answer, await ask(client, statement));
  await client.query('commit');
  return answer;
}

/** Opens a session that may ask for either side, and makes sure that the floor passes the policies and ours does not. */
async function openSession(place: Place, matter: Matter, session: string): Promise<pg.Client> {
  const client = await place.open(matter.database, 'authenticator');
  for (const side of ['ours', 'floor'] as const) {
    await client.query('begin');
    await ask(client, identity(side, matter.ask(side, 0).caller, 'GET', true));
    const { rows } = await client.query<{ is_held: boolean }>(
      `select row_security_active('public.customers') as is_held`,
    );
    await client.query('commit');
    if (rows[0]?.is_held !== (side === 'ours'))
      throw new Error(`Policies do not tell ours from the floor: ${side}.`);
  }
  if (session) await client.query(session);
  return client;
}

/** Each side counts its own turns, so that both ask the same. They go on from one measurement to the next. */
function turnsOf(matter: Matter) {
  const turn: Record<Side, number> = { ours: 0, floor: 0 };
  return (side: Side): Asked => matter.ask(side, (turn[side] += 1));
}

/** Both sides have to answer the same, or a fast one proves nothing. */
async function checkAnswers(client: pg.Client, matter: Matter, next: (side: Side) => Asked): Promise<void> {
  for (let turn = 1; turn <= matter.checks; turn += 1) {
    const answers: string[] = [];
    for (const side of ['ours', 'floor'] as const) {
      const { body } = await requestOf(client, side, next(side), matter.isWrite);
      answers.push(JSON.stringify(matter.essence(JSON.parse(String(body)) as unknown)));
    }
    if (answers[0] !== answers[1]) {
      throw new Error(`${matter.name}: ours answers ${answers[0] ?? ''}, the floor ${answers[1] ?? ''}.`);
    }
  }
}

/** Compares whole requests, which is what has the target, and the statements alone, in a transaction that has begun. */
export async function compare(place: Place, matter: Matter, rounds: number): Promise<Comparison[]> {
  progress(matter.name);
  const next = turnsOf(matter);
  const found: Comparison[] = [];
  const options = { unit: 'ms', ratioOf: matter.ratioOf };
  const measureRequests = async (session: string) => {
    const client = await openSession(place, matter, session);
    await checkAnswers(client, matter, next);
    const side = (side: Side) => async () => {
      const asked = next(side);
      return timed(() => requestOf(client, side, asked, matter.isWrite));
    };
    return interleave(rounds, { ours: side('ours'), floor: side('floor') }, warmUps, matter.turnsPerRound);
  };

  const whole = await measureRequests('');
  found.push(
    comparison(`${matter.name}, a request`, whole, {
      ...options,
      ...(matter.target ? { target: matter.target } : {}),
    }),
  );
  if (matter.isDurable) {
    const unflushed = await measureRequests('set synchronous_commit = off');
    found.push(comparison(`${matter.name}, a request, without waiting for the disk`, unflushed, options));
  }
  const client = await openSession(place, matter, 'set synchronous_commit = off');
  const turn = (side: Side) => async () => {
    const { caller, statements } = next(side);
    await client.query('begin');
    await ask(client, identity(side, caller, 'POST', true));
    const time = await timed(async () => {
      for (const statement of statements) await ask(client, statement);
    });
    await client.query('commit');
    return time;
  };
  const alone = await interleave(
    rounds,
    { ours: turn('ours'), floor: turn('floor') },
    warmUps,
    matter.turnsPerRound,
  );
  found.push(comparison(`${matter.name}, the statement alone`, alone, options));
  return found;
}
