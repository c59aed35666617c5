import { z } from 'zod';
import type { RowhouseClient } from '../client/index.ts';

/** What a handler knows about the message that it works on. */
export interface Job<Payload> {
  queue: string;
  /** Effects are made once per queue and message id: private.is_first_effect. */
  messageId: number;
  /** Which attempt this is, from 1. */
  attempt: number;
  payload: Payload;
}

/** What the handlers of a worker work with. */
export interface WorkerContext {
  /** A client with the service role. */
  client: RowhouseClient;
  /** Aborted shortly before the message becomes visible to other workers; the attempt has failed then. */
  signal: AbortSignal;
}

/** Does the work of one kind of message. */
export interface Handler {
  payload: z.ZodType;
  run: (job: Job<unknown>, context: WorkerContext) => Promise<void>;
}

/**
 * Ties a handler to the shape of its payload.
 *
 * @param payload what a message of this kind carries; another shape goes to the dead letters at once
 * @param run does the work; throwing means that it failed and is to be tried again. It may be called twice
 *   for one message
 */
export function handler<Payload>(
  payload: z.ZodType<Payload>,
  run: (job: Job<Payload>, context: WorkerContext) => Promise<void>,
): Handler {
  return { payload, run: (job, context) => run({ ...job, payload: payload.parse(job.payload) }, context) };
}

/** How a worker runs. */
export interface WorkerOptions {
  client: RowhouseClient;
  /** By the kind of message. */
  handlers: Record<string, Handler>;
  /** Only this queue; without it, all that have something to read. */
  queue?: string | undefined;
  /** Aborting ends the run after the messages that are being worked on. */
  signal?: AbortSignal;
  /** Messages per claim. */
  batchSize?: number;
  /** For how many seconds a claimed batch is hidden from other workers, more than 5; a handler has 5 less. */
  visibilitySeconds?: number;
}

/** What a run of the worker did. */
export interface WorkerReport {
  queues: string[];
  done: number;
  /** Attempts that failed and will be repeated. */
  failed: number;
  /** Messages that were given up. */
  dead: number;
}

const claimedMessage = z.object({
  message_id: z.int(),
  kind: z.string().nullable(),
  payload: z.unknown(),
  attempt: z.int(),
});
type ClaimedMessage = z.infer<typeof claimedMessage>;

type Outcome = { ok: true } | { ok: false; error: string; isFinal: boolean };

/** Kept back from the time that a message is hidden, so that the outcome is told before another worker can claim it. */
const reportingSeconds = 5;

/** A handler that hears the signal may stop; one that does not is no longer waited for. */
async function inTime(work: Promise<void>, deadline: AbortSignal): Promise<void> {
  let late: () => void = () => undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    late = () => reject(new Error('The handler was not done in time.'));
    deadline.addEventListener('abort', late, { once: true });
  });
  try {
    await Promise.race([work, tooLate]);
  } finally {
    deadline.removeEventListener('abort', late);
  }
}

async function attempt(
  message: ClaimedMessage,
  queue: string,
  options: WorkerOptions,
  deadline: AbortSignal,
): Promise<Outcome> {
  const { client, handlers } = options;
  const kind = message.kind ?? '';
  const found = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;
  if (!found) {
    return { ok: false, error: `There is no handler for kind ${message.kind ?? '(none)'}.`, isFinal: true };
  }
  const payload = found.payload.safeParse(message.payload);
  if (!payload.success) {
    const problems = z.prettifyError(payload.error);
    return { ok: false, error: `The payload is not what ${kind} takes: ${problems}`, isFinal: true };
  }
  try {
    const job = { queue, messageId: message.message_id, attempt: message.attempt, payload: payload.data };
    await inTime(found.run(job, { client, signal: deadline }), deadline);
    return { ok: true };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error), isFinal: false };
  }
}

async function workOnQueue(queue: string, options: WorkerOptions, report: WorkerReport): Promise<void> {
  const { client, signal, batchSize = 10, visibilitySeconds = 60 } = options;
  while (!signal?.aborted) {
    const claimed = z.array(claimedMessage).parse(
      await client.call('claim_jobs', {
        queue,
        quantity: batchSize,
        visibility_seconds: visibilitySeconds,
      }),
    );
    if (claimed.length === 0) return;
    const deadline = AbortSignal.timeout((visibilitySeconds - reportingSeconds) * 1000);
    const outcomes = await Promise.all(
      claimed.map(async (message) => ({
        message,
        outcome: await attempt(message, queue, options, deadline),
      })),
    );
    const finished = outcomes.filter(({ outcome }) => outcome.ok).map(({ message }) => message.message_id);
    if (finished.length > 0) {
      await client.call('complete_jobs', { queue, message_ids: finished });
      report.done += finished.length;
    }
    for (const { message, outcome } of outcomes) {
      if (outcome.ok) continue;
      const fate = await client.call('fail_job', {
        queue,
        message_id: message.message_id,
        // PostgreSQL has no text with a NUL in it, and what failed must be on record all the same.
        error: outcome.error.replaceAll('\0', ''),
        is_final: outcome.isFinal,
        attempt: message.attempt,
      });
      if (fate === 'dead') report.dead += 1;
      if (fate === 'retry') report.failed += 1;
    }
  }
}

/**
 * Reads queues until they are empty: claims a batch, hands each message to the handler of its kind, archives what is
 * done, and reports what failed, which then comes back with backoff or goes to the dead letters. A worker that is
 * killed loses nothing: its messages become visible again.
 *
 * @returns what it did
 * @throws {RowhouseError} when the API cannot be reached; claimed messages come back by themselves
 */
export async function runWorker(options: WorkerOptions): Promise<WorkerReport> {
  const waiting = options.queue === undefined ? await options.client.call('waiting_queues') : [options.queue];
  const report: WorkerReport = { queues: [...waiting], done: 0, failed: 0, dead: 0 };
  for (const queue of waiting) await workOnQueue(queue, options, report);
  return report;
}
