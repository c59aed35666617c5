import type pg from 'pg';
import { z } from 'zod';

/** What a sync found and did. Durations are in milliseconds. */
export interface SyncReport {
  outcome: 'done' | 'failed' | 'interrupted';
  total_auth_users: number;
  existing_profiles: number;
  missing_profiles: number;
  created_profiles: number;
  failed_creations: number;
  duration_ms: number;
}

/** How far a sync is; handed to `onBatch` after each batch. */
export interface SyncProgress {
  /** Users without a profile that this run has looked at. */
  done: number;
  /** Users without a profile when it began. */
  missing: number;
  created: number;
  failed: number;
}

/** How to run a sync. */
export interface SyncOptions {
  /** Only look: create nothing. */
  dryRun?: boolean;
  /** Profiles per transaction. */
  batchSize?: number;
  /** Aborting ends the run after the batch that is under way. */
  signal?: AbortSignal;
  onBatch?: (progress: SyncProgress) => void;
}

/** The batch size when none is given: large enough that round trips do not matter, small enough to be interrupted. */
export const defaultBatchSize = 10_000;

const counts = z.object({ total: z.coerce.number(), missing: z.coerce.number() });
const batch = z.object({
  last_user_id: z.string().nullable(),
  found_missing: z.coerce.number(),
  created: z.coerce.number(),
  failed: z.coerce.number(),
});

/**
 * Creates the profiles that are missing, batch by batch, each in a transaction of its own: an interrupted run leaves
 * whole batches, and the next one goes on. Existing profiles are not touched. Every run is recorded in
 * private.sync_runs.
 *
 * @param client a connection as role `postgres`, outside a transaction
 * @returns the counts, and whether it got to the end
 * @throws what the database raises; the run is then recorded as failed, if it still can be
 */
export async function syncProfiles(client: pg.ClientBase, options: SyncOptions = {}): Promise<SyncReport> {
  const { dryRun = false, batchSize = defaultBatchSize, signal, onBatch } = options;
  const started = await client.query<{ id: string }>(
    `select private.start_sync_run('command_line', $1) as id`,
    [dryRun ? 'dry_run' : 'sync'],
  );
  const runId = started.rows[0]?.id;
  const report: SyncReport = {
    outcome: 'done',
    total_auth_users: 0,
    existing_profiles: 0,
    missing_profiles: 0,
    created_profiles: 0,
    failed_creations: 0,
    duration_ms: 0,
  };
  const finish = async (outcome: SyncReport['outcome']) => {
    report.outcome = outcome;
    const { rows } = await client.query<{ duration_ms: string }>(
      `select (private.finish_sync_run($1, $2, row($3, $4, $5, $6, $7, 0)::public.user_sync_report)).duration_ms`,
      [
        runId,
        outcome,
        report.total_auth_users,
        report.existing_profiles,
        report.missing_profiles,
        report.created_profiles,
        report.failed_creations,
      ],
    );
    report.duration_ms = Number(rows[0]?.duration_ms ?? 0);
    return report;
  };

  try {
    const counted = await client.query(
      `select (select count(*) from auth.users) as total,
              (select count(*) from private.users_without_profile()) as missing`,
    );
    const { total, missing } = counts.parse(counted.rows[0]);
    report.total_auth_users = total;
    report.missing_profiles = missing;
    report.existing_profiles = total - missing;

    let after: string | null = null;
    let done = 0;
    for (;;) {
      if (signal?.aborted) return await finish('interrupted');
      const { rows } = await client.query(`select * from private.sync_profile_batch($1, $2, $3)`, [
        after,
        batchSize,
        dryRun,
      ]);
      const result = batch.parse(rows[0]);
      if (result.last_user_id === null) break;
      after = result.last_user_id;
      done += result.found_missing;
      report.created_profiles += result.created;
      report.failed_creations += result.failed;
      onBatch?.({
        done,
        missing,
        created: report.created_profiles,
        failed: report.failed_creations,
      });
    }
    return await finish(report.failed_creations > 0 ? 'failed' : 'done');
  } catch (error) {
    await finish('failed').catch(() => undefined);
    throw error;
  }
}
