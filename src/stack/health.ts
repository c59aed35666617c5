import type pg from 'pg';
import { doctor, type DoctorReport } from '../doctor/doctor.ts';
import { withConnection } from '../postgres/connect.ts';
import { identify, type Caller, type Keys } from './callers.ts';

/** What {@link healthCheck} needs. */
export interface HealthOptions {
  /** Any connections to the database: whether it answers. */
  pool: pg.Pool;
  postgresUrl: string;
  authenticatorUrl: string;
  keys: Keys;
  /** The edge functions that run. */
  functions: () => string[];
  log: (line: string) => void;
}

/** Anybody may ask, and looking costs the database something: callers share what was seen a moment ago. */
const shareMilliseconds = 10_000;

/** Whether a caller is an active superadmin at this moment, as the API would be told. */
async function isSuperadmin(url: string, caller: Caller): Promise<boolean> {
  if (caller.role !== 'authenticated') return false;
  return withConnection(url, async (client) => {
    await client.query('begin read only');
    await client.query(`select set_config('request.jwt.claims', $1, true)`, [JSON.stringify(caller.claims)]);
    await client.query('set local role authenticated');
    const { rows } = await client.query<{ answer: boolean }>('select public.is_superadmin() as answer');
    return rows[0]?.answer === true;
  });
}

/**
 * Makes what answers `/health`: 200 with status `ok` or `degraded` while the database answers, else 503 with
 * `unavailable`, so that a load balancer does not take out what can still serve. With the secret key or a superadmin's
 * token the answer has the doctor's report.
 *
 * @param options connections, keys and where to report what fails
 */
export function healthCheck(options: HealthOptions): (request: Request) => Promise<Response> {
  const { pool, postgresUrl, authenticatorUrl, keys, functions, log } = options;
  let latest: { at: number; report: Promise<DoctorReport> } | undefined;
  const examine = (): Promise<DoctorReport> => {
    if (latest === undefined || Date.now() - latest.at > shareMilliseconds) {
      const entry = { at: Date.now(), report: doctor(postgresUrl) };
      // What failed is not shared.
      entry.report.catch(() => {
        if (latest === entry) latest = undefined;
      });
      latest = entry;
    }
    return latest.report;
  };

  return async (request) => {
    const answers = await pool.query('select 1').then(
      () => true,
      () => false,
    );
    if (!answers) return Response.json({ status: 'unavailable', database: 'unreachable' }, { status: 503 });
    try {
      const caller = await identify(request, keys);
      const isTrusted =
        !('message' in caller) &&
        (caller.role === 'service_role' || (await isSuperadmin(authenticatorUrl, caller)));
      const { status, ...details } = await examine();
      const open = { status, database: 'ok' };
      return Response.json(isTrusted ? { ...open, functions: functions(), ...details } : open);
    } catch (error) {
      log(`health: ${(error as Error).message}`);
      return Response.json({ status: 'degraded', database: 'ok' });
    }
  };
}
