import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { z } from 'zod';
import { Failure } from '../failure.ts';

const unusableBooking = z.object({
  booking_id: z.string(),
  reference: z.string(),
  reason: z.enum(['missing_email', 'invalid_email']),
});

const batch = z.object({ examined: z.number(), linked: z.number(), created: z.number() });

const look = batch.extend({
  remaining: z.coerce.number(),
  unusable: z.array(unusableBooking),
});

/** An older booking that no customer can be found for. */
export type UnusableBooking = z.infer<typeof unusableBooking>;

/** What a backfill found and did; in a dry run, what it would have done. */
interface Counts {
  /** Older bookings that a customer can be found for. */
  examined: number;
  linked: number;
  /** Customers that it made. */
  created: number;
  /** What is left of them. */
  remaining: number;
}

/** What became of the older bookings of an organization. */
export interface OrganizationBackfill extends Counts {
  organization_id: string;
  unusable: UnusableBooking[];
}

/** What a backfill found and did. */
export interface BackfillReport extends Counts {
  /** `locked`: somebody else held on to what remains. */
  outcome: 'done' | 'interrupted' | 'locked';
  dry_run: boolean;
  unusable: number;
  /** Those that have older bookings without a customer. */
  organizations: OrganizationBackfill[];
}

/** How to run a backfill. */
export interface BackfillOptions {
  /** The only organization to look at. */
  organization?: string | undefined;
  /** Only look: link nothing. */
  dryRun?: boolean;
  /** Bookings per transaction. */
  batchSize?: number;
  /** Aborting ends the run after the batch that is under way. */
  signal?: AbortSignal;
  /** How long to wait for bookings that somebody else has locked. */
  patienceMs?: number;
  onBatch?: (progress: OrganizationBackfill) => void;
}

/** The batch size when none is given: a second or so, during which nobody else changes these bookings. */
export const defaultBatchSize = 1000;

async function organizationsOf(client: pg.ClientBase, only: string | undefined): Promise<string[]> {
  const { rows } = await client.query<{ id: string; has_older: boolean }>(
    `select
       organization.id,
       exists (
         select from public.bookings as booking
         where booking.organization_id = organization.id
           and booking.customer_id is null and booking.contact_problem is null
       ) or exists (
         select from public.bookings as booking
         where booking.organization_id = organization.id
           and booking.customer_id is null and booking.contact_problem is not null
       ) as has_older
     from public.organizations as organization
     where $1::text is null or organization.id = $1
     order by organization.id`,
    [only ?? null],
  );
  if (only !== undefined && rows.length === 0) {
    throw new Failure(`There is no organization ${only}.`, {
      hint: '`rowhouse org list` shows those that there are.',
    });
  }
  return rows.filter(({ has_older }) => has_older).map(({ id }) => id);
}

/** What is left to do in an organization, and what cannot be done. */
async function lookAt(client: pg.ClientBase, organization: string) {
  const { rows } = await client.query('select * from private.backfill_booking_customers_of($1, 1, true)', [
    organization,
  ]);
  return look.parse(rows[0]);
}

/** Links the older bookings of an organization, until nothing is left or somebody else holds on to it for too long. */
async function backfillOrganization(
  client: pg.ClientBase,
  organization: string,
  {
    batchSize = defaultBatchSize,
    signal,
    patienceMs = 30_000,
    onBatch,
  }: Omit<BackfillOptions, 'organization'>,
): Promise<OrganizationBackfill> {
  const report: OrganizationBackfill = {
    organization_id: organization,
    examined: 0,
    linked: 0,
    created: 0,
    remaining: 0,
    unusable: [],
  };
  let givesUpAt = performance.now() + patienceMs;
  for (;;) {
    const { rows } = signal?.aborted
      ? { rows: [{ examined: 0, linked: 0, created: 0 }] }
      : await client.query('select * from private.backfill_booking_batch($1, $2)', [organization, batchSize]);
    const done = batch.parse(rows[0]);
    if (done.examined > 0) {
      report.examined += done.examined;
      report.linked += done.linked;
      report.created += done.created;
      givesUpAt = performance.now() + patienceMs;
      onBatch?.(report);
      continue;
    }
    const left = await lookAt(client, organization);
    if (left.remaining !== report.remaining) givesUpAt = performance.now() + patienceMs;
    report.remaining = left.remaining;
    report.unusable = left.unusable;
    // What another run is at work on is linked in a moment, or free again.
    if (left.remaining === 0 || signal?.aborted || performance.now() > givesUpAt) return report;
    await sleep(50);
  }
}

/**
 * Finds the customers of older bookings, batch by batch, each in a transaction of its own: an interrupted run leaves
 * whole batches, and the next one goes on. Any number of runs may be at work at once. `contact_details` and the customers
 * that were there are not changed.
 *
 * @param client a connection as role `postgres`, outside a transaction
 * @returns the counts, each booking that no customer can be found for, and whether it got to the end
 * @throws {Failure} when there is no such organization; what the database raises
 */
export async function backfillBookings(
  client: pg.ClientBase,
  options: BackfillOptions = {},
): Promise<BackfillReport> {
  const { organization, dryRun = false, signal } = options;
  const organizations: OrganizationBackfill[] = [];
  for (const id of await organizationsOf(client, organization)) {
    if (signal?.aborted) break;
    organizations.push(
      dryRun
        ? { organization_id: id, ...(await lookAt(client, id)) }
        : await backfillOrganization(client, id, options),
    );
  }
  const sum = (count: (each: OrganizationBackfill) => number) =>
    organizations.reduce((total, each) => total + count(each), 0);
  const remaining = sum((each) => each.remaining);
  return {
    outcome: signal?.aborted ? 'interrupted' : remaining > 0 && !dryRun ? 'locked' : 'done',
    dry_run: dryRun,
    examined: sum((each) => each.examined),
    linked: sum((each) => each.linked),
    created: sum((each) => each.created),
    remaining,
    unusable: sum((each) => each.unusable.length),
    organizations,
  };
}
