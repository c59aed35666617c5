/**
 * How the backend is: POST or GET by anyone with a key is answered {"status": "ok" | "degraded"}; a superadmin, or the
 * secret key, sees the queues and what is wrong with users as well. What is only to be had with a database connection
 * is for `rowhouse doctor`.
 */
import { RowhouseError } from '../../src/client/errors.ts';
import { callerClient, serviceClient } from '../_shared/clients.ts';
import { jsonHandler, respond } from '../_shared/respond.ts';
import { isServiceRole } from '../_shared/service-role.ts';

interface Examination {
  status: 'ok' | 'degraded';
  queues: unknown[];
  problems: unknown[];
}

const shownProblems = 20;
const longestWaitSeconds = 15 * 60;

/** Looking costs the database something, so callers share what was seen a moment ago. */
const shareMilliseconds = 10_000;
let latest: { at: number; examination: Promise<Examination> } | undefined;

async function examine(): Promise<Examination> {
  const client = serviceClient();
  const [queues, problems] = await Promise.all([
    client.call('jobs_overview'),
    client.call('check_user_integrity'),
  ]);
  const isBehind = queues.some(
    (queue) => Number(queue.dead_letters) > 0 || Number(queue.oldest_waiting_seconds) > longestWaitSeconds,
  );
  return {
    status: isBehind || problems.length > 0 ? 'degraded' : 'ok',
    queues,
    problems: problems.slice(0, shownProblems),
  };
}

function examination(): Promise<Examination> {
  if (latest === undefined || Date.now() - latest.at > shareMilliseconds) {
    const entry = { at: Date.now(), examination: examine() };
    // What failed is not shared.
    entry.examination.catch(() => {
      if (latest === entry) latest = undefined;
    });
    latest = entry;
  }
  return latest.examination;
}

async function maySeeDetails(request: Request): Promise<boolean> {
  if (isServiceRole(request)) return true;
  try {
    return await callerClient(request).call('is_superadmin');
  } catch (error) {
    // Without a user there is nobody to be a superadmin, and anon may not even ask.
    if (error instanceof RowhouseError && (error.status === 401 || error.status === 403)) return false;
    throw error;
  }
}

const handle = jsonHandler(async (_body, request) => {
  const isTrusted = await maySeeDetails(request);
  const { status, queues, problems } = await examination();
  return respond(200, isTrusted ? { status, queues, problems } : { status });
});

Deno.serve((request) =>
  request.method === 'GET'
    ? handle(new Request(request.url, { method: 'POST', headers: request.headers }))
    : handle(request),
);
