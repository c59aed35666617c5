import type pg from 'pg';
import { z } from 'zod';
import { Failure } from '../failure.ts';

const values = z.record(z.string(), z.unknown()).nullable();

const entry = z.object({
  id: z.string(),
  at: z.date(),
  actor_id: z.string().nullable(),
  /** The actor's address at this moment; null for one who is gone, and for nobody. */
  actor_email: z.string().nullable(),
  actor_role: z.string(),
  action: z.string(),
  event: z.string().nullable(),
  table_name: z.string().nullable(),
  row_key: values,
  before: values,
  // What an event has to tell may be any JSON.
  after: z.unknown(),
  severity: z.string(),
  request_id: z.string().nullable(),
  ip: z.string().nullable(),
});

/** An entry of the audit log. */
export type AuditEntry = z.infer<typeof entry>;

/** Which entries of an organization's log are wanted. What is absent does not matter. */
export interface AuditFilter {
  since: Date;
  until?: Date | undefined;
  action?: string | undefined;
  table?: string | undefined;
  actor?: string | undefined;
  limit: number;
}

/** A part of the log. */
export interface AuditLog {
  /** The oldest first. */
  entries: AuditEntry[];
  /** Whether there are older ones that the limit has cut off. */
  has_more: boolean;
}

/**
 * Reads the newest entries of an organization's log that match.
 *
 * @param client a connection as role `postgres`
 * @param organization an id, also of an organization that was purged, or PLATFORM
 * @throws {Failure} when neither the database nor its log knows the organization
 */
export async function readAuditLog(
  client: pg.ClientBase,
  organization: string,
  filter: AuditFilter,
): Promise<AuditLog> {
  const known = await client.query<{ is_known: boolean }>(
    `select $1 = 'PLATFORM'
       or exists (select from public.organizations where id = $1)
       or exists (select from public.audit_logs where organization_id = $1) as is_known`,
    [organization],
  );
  if (!known.rows[0]?.is_known) {
    throw new Failure(
      `There is no organization ${organization}, and there never was one that the log knows.`,
      {
        hint: '`rowhouse org list` shows those that there are; PLATFORM is what was done outside of any.',
      },
    );
  }
  const { rows } = await client.query(
    `select log.id::text, log.at, log.actor_id, account.email as actor_email, log.actor_role, log.action, log.event,
       log.table_name, log.row_key, log.before, log.after, log.severity, log.request_id, host(log.ip) as ip
     from public.audit_logs as log left join auth.users as account on account.id = log.actor_id
     where log.organization_id = $1
       and log.at >= $2
       and log.at < coalesce($3::timestamptz, 'infinity')
       and ($4::text is null or log.action = $4)
       and ($5::text is null or log.table_name = $5)
       and ($6::uuid is null or log.actor_id = $6)
     order by log.at desc, log.id desc
     limit $7`,
    [
      organization,
      filter.since,
      filter.until ?? null,
      filter.action ?? null,
      filter.table ?? null,
      filter.actor ?? null,
      filter.limit + 1,
    ],
  );
  const found = z.array(entry).parse(rows);
  return { entries: found.slice(0, filter.limit).reverse(), has_more: found.length > filter.limit };
}
