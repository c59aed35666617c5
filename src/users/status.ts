import type pg from 'pg';
import { z } from 'zod';

const status = z.object({
  total_auth_users: z.coerce.number(),
  profiles: z.coerce.number(),
  missing_profiles: z.coerce.number(),
  inactive_profiles: z.coerce.number(),
  superadmins: z.coerce.number(),
  open_failures: z.coerce.number(),
});

const run = z.object({
  source: z.string(),
  mode: z.string(),
  outcome: z.string(),
  started_at: z.date(),
  created_profiles: z.coerce.number().nullable(),
  failed_creations: z.coerce.number().nullable(),
});

const problem = z.object({
  problem: z.string(),
  object: z.string(),
  user_id: z.string().nullable(),
  detail: z.string(),
  remedy: z.string(),
});

/** Where users and profiles stand. */
export interface UserStatus extends z.infer<typeof status> {
  last_run: z.infer<typeof run> | null;
  /** The rows of check_user_integrity(); empty means sound. */
  problems: z.infer<typeof problem>[];
}

/**
 * Counts users and profiles, finds the last sync and checks integrity. Changes nothing.
 *
 * @param client a connection as role `postgres`
 */
export async function userStatus(client: pg.ClientBase): Promise<UserStatus> {
  const counted = await client.query(
    `select
       (select count(*) from auth.users) as total_auth_users,
       count(*) as profiles,
       (select count(*) from private.users_without_profile()) as missing_profiles,
       count(*) filter (where not is_active) as inactive_profiles,
       count(*) filter (where platform_role = 'superadmin') as superadmins,
       (select count(*) from private.profile_failures where resolved_at is null) as open_failures
     from public.user_profiles`,
  );
  const runs = await client.query(
    `select source, mode, outcome, started_at, created_profiles, failed_creations
     from private.sync_runs order by started_at desc limit 1`,
  );
  const problems = await client.query(`select * from public.check_user_integrity()`);
  return {
    ...status.parse(counted.rows[0]),
    last_run: runs.rows[0] ? run.parse(runs.rows[0]) : null,
    problems: z.array(problem).parse(problems.rows),
  };
}
