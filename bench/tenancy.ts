import { interleave, timed } from './support/measure.ts';
import { byStatus, count, insert, newest, pointRead, update } from './support/orders.ts';
import { type Place, progress, withPlace } from './support/place.ts';
import { type Bench, comparison, type Comparison, percentiles } from './support/report.ts';
import { type Case, request, send, settings, type Side } from './support/requests.ts';
import {
  type Caller,
  makeTenants,
  managerOf,
  managerOfMany,
  rowsPerOrganization,
  severalOrganizations,
  userIn,
} from './support/tenants.ts';

/** A pair is two medians of this many turns each. */
const turnsPerRound = 15;
/** Pairs until connections, plans and caches are as warm as in a pool that has been at work. */
const warmUps = 7;
const cases = [pointRead, newest, count, byStatus, insert, update];

/** Whose turn it is, and which of their rows: the same for both sides, because each counts its own turns. */
function turns(callers: Caller[]) {
  const turn: Record<Side, number> = { ours: 0, floor: 0 };
  return (side: Side) => {
    const index = (turn[side] += 1);
    const caller = callers[index % callers.length];
    if (!caller) throw new Error('There are no callers.');
    return { caller, pick: (index * 0.6180339887) % 1 };
  };
}

function check(what: Case, side: Side, found: number) {
  if (found !== what.rows) throw new Error(`${what.name}, ${side}: ${found} rows instead of ${what.rows}.`);
}

/** Compares whole requests: each begins, says who it is, sends the statement as PostgREST writes it, and commits. */
async function compareRequests(place: Place, what: Case, callers: Caller[], rounds: number, session: string) {
  const client = await place.open('bench', 'authenticator');
  await client.query(session);
  const next = turns(callers);
  const side = (side: Side) => () =>
    timed(async () => {
      const { caller, pick } = next(side);
      check(what, side, await request(client, caller, what.request(side, caller, pick), what.isWrite));
    });
  return interleave(rounds, { ours: side('ours'), floor: side('floor') }, warmUps, turnsPerRound);
}

/** Compares the statement alone, in a session that is already somebody's. */
async function compareStatements(
  place: Place,
  what: Case,
  callers: Caller[],
  rounds: number,
  session: string,
) {
  const client = await place.open('bench', 'authenticator');
  await client.query(session);
  const next = turns(callers);
  const turn = (side: Side) => async () => {
    const { caller, pick } = next(side);
    await send(client, settings(caller, what.isWrite ? 'POST' : 'GET', false));
    return timed(async () => check(what, side, await send(client, what.statement(side, caller, pick))));
  };
  return interleave(rounds, { ours: turn('ours'), floor: turn('floor') }, warmUps, turnsPerRound);
}

/** The token hook as the auth server calls it, for the user with the most organizations. */
async function measureHook(place: Place, calls: number) {
  const client = await place.open('bench', 'supabase_auth_admin');
  const user = userIn(Math.max(...severalOrganizations));
  const event = JSON.stringify({
    user_id: user,
    authentication_method: 'password',
    claims: { sub: user, role: 'authenticated', aal: 'aal1', email: 'ada.lovelace@example.com' },
  });
  const call: number[] = [];
  const whole: number[] = [];
  for (let done = -50; done < calls; done += 1) {
    const started = performance.now();
    await client.query('begin');
    const called = performance.now();
    const { rows } = await client.query<{ organization: string }>({
      name: 'hook',
      text: `select public.custom_access_token_hook($1) #>> '{claims,organization_id}' as organization`,
      values: [event],
    });
    const answered = performance.now();
    await client.query('commit');
    if (!rows[0]?.organization) throw new Error('The hook named no organization.');
    if (done >= 0) {
      call.push(answered - called);
      whole.push(performance.now() - started);
    }
  }
  return { call, whole };
}

/** Both sides must have written the same, each row into the organization of its caller. */
async function checkRows(place: Place) {
  const client = await place.open('bench');
  const { rows } = await client.query<{ organization_id: string }>(
    `select organization_id
     from
       (select organization_id, count(*) as ours from public.visits group by organization_id) as ours
       full join (select organization_id, count(*) as floor from bench.visits group by organization_id) as floor
         using (organization_id)
     where ours is distinct from floor`,
  );
  if (rows.length > 0) throw new Error(`${rows.length} organizations have more rows on one side.`);
}

async function measure(place: Place, scale: number) {
  const organizations = Math.max(...severalOrganizations, Math.ceil(1000 * scale));
  const rounds = Math.ceil(200 * scale);
  await makeTenants(place, organizations);
  const callers = Array.from({ length: Math.min(200, organizations) }, (_, index) =>
    managerOf(Math.floor((index * organizations) / 200) % organizations, organizations),
  );

  const options = { unit: 'ms', ratioOf: 'rate' as const };
  const target = { atLeast: 0.9 };
  const requests: Comparison[] = [];
  const unflushed: Comparison[] = [];
  const statements: Comparison[] = [];
  const several: Comparison[] = [];
  const noWait = 'set synchronous_commit = off';

  for (const what of cases) {
    progress(what.name);
    const whole = await compareRequests(place, what, callers, rounds, '');
    requests.push(comparison(`${what.name}, a request`, whole, { ...options, target }));
    if (what.isWrite) {
      const pairs = await compareRequests(place, what, callers, rounds, noWait);
      unflushed.push(comparison(`${what.name}, a request, without waiting for the disk`, pairs, options));
    }
    const alone = await compareStatements(place, what, callers, rounds, noWait);
    const suffix = what.isWrite ? ', without waiting for the disk' : '';
    statements.push(comparison(`${what.name}, the statement alone${suffix}`, alone, options));
    if (what !== newest) continue;
    for (const count of severalOrganizations) {
      const theirs = Array.from({ length: count }, (_, index) => managerOfMany(count, index, organizations));
      const pairs = await compareRequests(place, what, theirs, rounds, '');
      several.push(
        comparison(`${what.name}, a request of a user in ${count} organizations`, pairs, {
          ...options,
          target,
        }),
      );
    }
  }

  await checkRows(place);
  progress('the token hook');
  const hook = await measureHook(place, Math.ceil(2000 * scale));
  const most = Math.max(...severalOrganizations);
  const under = { atMost: 1 };
  return {
    comparisons: [...requests, ...several, ...unflushed, ...statements],
    figures: [
      ...percentiles(`token hook, user in ${most} organizations`, hook.call, 'ms', under),
      ...percentiles('the same with its transaction, whose commit waits for the disk', hook.whole, 'ms'),
    ],
    notes: [
      `public.visits: ${(organizations * rowsPerOrganization).toLocaleString('en')} rows of ${organizations.toLocaleString('en')} organizations, made a tenant table by private.secure_table, without its audit trigger; beside it bench.visits without policies. Five members per organization, in four roles; callers are ${callers.length} managers of as many organizations, in turn.`,
      'A request is what PostgREST sends for one: begin, set_config of role, claims (over 600 bytes) and headers, the statement around which it puts its own, commit; four messages, prepared, as authenticator. Both sides do that; the floor names the organization by hand, and its user has no row-level security to pass.',
      "The statement alone is the same without all of that, in a session that already is the caller's: there what the policies take weighs most. In a loop that keeps the processor's caches warm a read takes some 25 microseconds longer, of which parsing the claims is 10; between messages of a request, whose pauses let the caches cool, some 40. A list is planned anew for each request, because PostgREST sends its limit as a parameter; the policies make that longer, too.",
      'A count with count=exact names the table twice, and the policies look twice. An update looks five times: where the row is found and where the new row is checked.',
    ],
  };
}

export const bench: Bench = {
  description: 'reads and writes behind row-level security, over the filter written by hand without it',
  run: (scale) => withPlace(['bench'], {}, (place) => measure(place, scale)),
};
