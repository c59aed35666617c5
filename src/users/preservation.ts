import type pg from 'pg';
import { z } from 'zod';

const profileOutcome = z.object({
  user_id: z.string(),
  display_name: z.string(),
  outcome: z.enum(['preserved', 'changed', 'lost']),
  changed_columns: z.array(z.string()),
});

/** What a sync did to one profile that existed before it. */
export type ProfileOutcome = z.infer<typeof profileOutcome>;

/** The proof that a sync leaves existing profiles alone. */
export interface PreservationReport {
  checked: number;
  preserved: number;
  /** Profiles that the sync would create. */
  would_create: number;
  /** Profiles that are no longer what they were; empty is the good answer. */
  changed: ProfileOutcome[];
  /** The profiles that were asked for, each with its outcome. */
  requested: ProfileOutcome[];
  /** Ids that were asked for and have no profile. */
  unknown: string[];
}

/**
 * Runs a sync in a transaction that is rolled back, and compares every existing profile, column by column, with what it
 * was before. Changes nothing.
 *
 * @param client a connection as role `postgres`, outside a transaction
 * @param ids the profiles to list one by one; changed ones are always listed
 */
export async function preservationReport(
  client: pg.ClientBase,
  ids: string[] = [],
): Promise<PreservationReport> {
  // Repeatable read: what other sessions change meanwhile must not be taken for the work of the sync.
  await client.query('begin isolation level repeatable read');
  try {
    await client.query(
      `create temporary table profiles_before on commit drop as
       select user_id, to_jsonb(profile) as profile from public.user_profiles as profile`,
    );
    const synced = await client.query<{ created_profiles: string }>(
      `select created_profiles from public.sync_user_profiles()`,
    );
    const compared = `
      select
        before.user_id,
        before.profile ->> 'display_name' as display_name,
        case
          when after.user_id is null then 'lost'
          when to_jsonb(after) = before.profile then 'preserved'
          else 'changed'
        end as outcome,
        array(
          select key from jsonb_each(before.profile) as was (key, value)
          where after.user_id is not null and to_jsonb(after) -> key is distinct from value
          order by key
        ) as changed_columns
      from profiles_before as before left join public.user_profiles as after on after.user_id = before.user_id`;
    const totals = await client.query<{ checked: string; preserved: string }>(
      `select count(*) as checked, count(*) filter (where outcome = 'preserved') as preserved from (${compared}) as all_profiles`,
    );
    const listed = await client.query(
      `select * from (${compared}) as listed where outcome <> 'preserved' or user_id = any ($1::uuid[]) order by user_id`,
      [ids],
    );
    const outcomes = z.array(profileOutcome).parse(listed.rows);
    const wanted = new Set(ids.map((id) => id.toLowerCase()));
    const known = new Set(outcomes.map((outcome) => outcome.user_id));
    return {
      checked: Number(totals.rows[0]?.checked),
      preserved: Number(totals.rows[0]?.preserved),
      would_create: Number(synced.rows[0]?.created_profiles),
      changed: outcomes.filter((outcome) => outcome.outcome !== 'preserved'),
      requested: outcomes.filter((outcome) => wanted.has(outcome.user_id)),
      unknown: [...wanted].filter((id) => !known.has(id)),
    };
  } finally {
    await client.query('rollback').catch(() => undefined);
  }
}
