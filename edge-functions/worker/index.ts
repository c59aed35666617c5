/**
 * The worker of the queues. Woken over HTTP with {"queue": "…"} (the embedded stack on a notice of the database, pg_cron
 * with pg_net on Supabase), or with an empty body for all queues. Only for the service role.
 */
import { edgeInputs } from '../../src/client/inputs.ts';
import { handlers } from '../../src/jobs/handlers.ts';
import { runWorker } from '../../src/jobs/worker.ts';
import { serviceClient } from '../_shared/clients.ts';
import { jsonHandler, refuse, respond } from '../_shared/respond.ts';
import { isServiceRole } from '../_shared/service-role.ts';

// Edge runtimes end a worker after a few minutes: stop claiming before that; whoever wakes it next goes on.
const runMilliseconds = 50_000;

// Told to end, it finishes what it has claimed and claims no more.
const ending = new AbortController();

const server = Deno.serve(
  jsonHandler(async (body, request) => {
    if (!isServiceRole(request)) {
      return refuse(403, 'service_role_required', 'Only the backend wakes the worker.');
    }
    const input = edgeInputs.worker.safeParse(body);
    if (!input.success) return refuse(400, 'invalid_input', 'The body is {"queue": "<name>"}, or empty.');
    const report = await runWorker({
      client: serviceClient(),
      handlers,
      queue: input.data?.queue,
      signal: AbortSignal.any([ending.signal, AbortSignal.timeout(runMilliseconds)]),
    });
    return respond(200, report);
  }),
);

addEventListener('beforeunload', () => ending.abort());
try {
  Deno.addSignalListener('SIGTERM', () => {
    ending.abort();
    void server.shutdown().then(() => Deno.exit(0));
  });
} catch {
  // Hosted runtimes deliver no signals; they announce the end with the event alone.
}
