import fc from 'fast-check';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { all, type Break, edit } from '../properties/property.ts';
import { inTrial } from '../properties/trial.ts';
import { useDatabase } from '../support/database.ts';
import {
  type History,
  histories,
  invariantNames,
  play,
  preparePlayer,
  prepareStage,
  type Stage,
  stepKinds,
} from './history.ts';

const db = useDatabase();
let stage: Stage;

beforeAll(async () => {
  stage = await prepareStage(db.pool);
});

/** How often a kind of step came to what. */
type Tally = Record<string, { accepted: number; refused: number; void: number }>;

test('500 histories of up to 60 steps keep every invariant', { timeout: 600_000 }, async () => {
  const tally: Tally = Object.fromEntries(
    stepKinds.map((kind) => [kind, { accepted: 0, refused: 0, void: 0 }]),
  );
  await db.inRollback(async (client) => {
    await preparePlayer(client);
    const property = fc.asyncProperty(histories, async (history) => {
      const { outcomes, breaches } = await play(client, stage, history);
      expect(breaches).toEqual([]);
      for (const [index, outcome] of outcomes.entries()) {
        const counts = tally[history.steps[index]?.kind ?? ''];
        if (counts) counts[outcome.startsWith('refused') ? 'refused' : (outcome as 'accepted' | 'void')] += 1;
      }
    });
    // What is found is worth its shrinking: a history of sixty steps tells nobody anything.
    await fc.assert(property, { numRuns: 500, endOnFailure: false });
  });

  // They are no trifles: all that can happen happens, and of what there was something to do with, much is done.
  const idle = Object.entries(tally).filter(
    ([, { accepted, refused }]) => accepted < 3 || accepted < (accepted + refused) * 0.05,
  );
  expect(idle).toEqual([]);
  const sums = Object.values(tally).reduce((sum, { accepted, refused }) => ({
    accepted: sum.accepted + accepted,
    refused: sum.refused + refused,
    void: 0,
  }));
  expect(sums.accepted).toBeGreaterThan(2000);
  expect(sums.refused).toBeGreaterThan(200);
});

/** Always the same, so that which break is noticed is no matter of luck. */
const sample = fc.sample(histories, { numRuns: 400, seed: 5 });

const settleBookings = 'private.tg_bookings__settle()';
const settleMoney = 'private.settle_money(text, uuid[])';
const createBooking = 'private.create_booking(uuid, jsonb, jsonb, text, text, numeric, boolean, text)';
const requirePlaces = 'private.require_places(public.course_sessions, uuid, integer)';
const cancelBooking = 'private.cancel_booking(uuid, text)';
const cancelSession = 'private.cancel_session(uuid, text)';
const openRefund = 'private.open_refund(text, uuid, numeric, text, text)';
const allocate = 'private.allocate_refunds(text, uuid[])';
const statistics = 'private.refresh_customer_statistics(text, uuid[])';

/** For each invariant a deliberate break, with which it does not hold. */
const breaks: Record<string, Break['apply']> = {
  'places taken are the attendees of live bookings': edit(settleBookings, [
    'set places_taken = session.places_taken + change.places',
    'set places_taken = session.places_taken + least(change.places, 1)',
  ]),
  'places held are those of notified waitlist entries': edit('private.tg_booking_waitlist__settle()', [
    'set places_held = session.places_held + change.places',
    'set places_held = session.places_held + least(change.places, 1)',
  ]),
  'no place is sold twice': all(
    'alter table public.course_sessions drop constraint course_sessions_never_oversold',
    edit(createBooking, ['seen.capacity - seen.places_taken - seen.places_held < wanted', 'false']),
    edit(requirePlaces, ['attendee_count > free_places', 'false']),
  ),
  'places taken and held are no more than there are': all(
    'alter table public.course_sessions drop constraint course_sessions_never_oversold',
    edit(createBooking, ['seen.capacity - seen.places_taken - seen.places_held < wanted', 'false']),
    edit(requirePlaces, [
      'session.capacity - session.places_taken - session.places_held',
      'session.capacity - session.places_taken',
    ]),
  ),
  'a session is full when no place is free, and only then': edit('private.tg_course_sessions__flip()', [
    'new.places_taken + new.places_held >= new.capacity',
    'new.places_taken + new.places_held > new.capacity',
  ]),
  'nobody waits for a place that is free': 'drop trigger _600_offer on public.course_sessions',
  'a customer is in a session once': edit(requirePlaces, [
    'and booking.customer_id = require_places.customer_id',
    'and false',
  ]),
  'a booking has its attendees, and one of them is primary': edit(
    'private.insert_attendees(text, uuid, jsonb, boolean)',
    ['as person (value, position);', 'as person (value, position) where person.position < 3;'],
  ),
  'the amounts of a booking add up': all(
    'alter table public.invoices drop constraint invoices_subtotal_adds_up',
    edit('private.price_booking(text, uuid, integer, text, uuid)', [
      'coalesce(session.price, course.price) * price_booking.attendee_count,\n',
      'coalesce(session.price, course.price) * (price_booking.attendee_count + 1),\n',
    ]),
  ),
  'the statistics of a customer are those of its bookings': edit(statistics, [
    'sum(booking.amount_paid - booking.amount_refunded)',
    'sum(booking.amount_paid)',
  ]),
  'recalculating the statistics finds no difference': edit(
    'private.customer_statistics_differences(text, uuid[])',
    ['sum(booking.amount_paid - booking.amount_refunded)', 'sum(booking.amount_paid)'],
  ),
  'a booking has at most one open refund': all(
    'drop index public.refunds_open_idx',
    edit(openRefund, [`and refund.status in ('pending', 'approved', 'processing')`, 'and false']),
    edit('private.open_refunds(text, uuid[], text)', [
      `and refund.status in ('approved', 'processing')\n`,
      'and false\n',
    ]),
  ),
  'the paid amount of a booking is the sum of its succeeded payments': edit('private.tg_payments__settle()', [
    `where changed.status = 'succeeded' and before.status <> 'succeeded'`,
    'where false',
  ]),
  'the refunded amount of a booking is what was given back of its payments': edit(settleMoney, [
    'coalesce(sum(payment.amount_refunded), 0) as given_back',
    '0.00 as given_back',
  ]),
  'the refunded amount of a payment is the sum of what was given back of it': edit(settleMoney, [
    'set amount_refunded = summed.given_back',
    'set amount_refunded = least(summed.given_back, 1)',
  ]),
  'a processed refund was given back, all of it': edit('private.apply_refund_results(text, uuid, jsonb)', [
    `when is_complete then 'processed'`,
    `when true then 'processed'`,
  ]),
  'an invoice has the amounts of its booking': edit(settleMoney, [
    'set amount_paid = settled.amount_paid',
    'set amount_paid = invoice.amount_paid',
  ]),
  'a live booking has one invoice that is not void': edit('private.void_invoice(uuid)', [
    `and booking.status not in ('cancelled', 'refunded')`,
    'and false',
  ]),
  'the uses of a discount code are its live bookings': edit(settleBookings, [
    'set used_count = code.used_count + change.uses',
    'set used_count = code.used_count + greatest(change.uses, 0)',
  ]),
  'no more is given back than was paid, and open refunds fit into the rest': all(
    edit(openRefund, ['amount <= paid.amount_paid - paid.amount_refunded', 'true']),
    edit(cancelBooking, ['open_amount := cancelled.amount_paid', 'open_amount := 2 * cancelled.amount_paid']),
  ),
  'a refund gives back payments of its booking that came in, and each no more than it was': edit(allocate, [
    `and payment.status = 'succeeded'`,
    '',
  ]),
  'an approved refund says which payments it gives back, all of it': edit(allocate, [
    'least(source.available, refund.amount - source.newer)',
    'least(source.available, refund.amount - source.newer) / 2',
  ]),
  'whoever has paid all of it is confirmed, and has an invoice that is paid': edit(settleMoney, [
    `then 'confirmed'`,
    `then 'pending'`,
  ]),
  'what was paid for a session that was cancelled comes back': edit(cancelSession, [
    'perform private.open_refunds(current_id, booking_ids, stated);',
    '',
  ]),
  'what was paid for a booking after it was cancelled comes back': edit(
    'private.apply_intent_events(text, text)',
    ['perform private.refund_late_payments(known.organization_id, known.booking_id);', ''],
  ),
  'a session that was cancelled has no live booking, and nobody waits for it': edit(cancelSession, [
    `and entry.status in ('waiting', 'notified')`,
    `and entry.status = 'notified'`,
  ]),
  'a code is used by a customer as often as it may be': edit(
    'private.price_booking(text, uuid, integer, text, uuid)',
    ['having count(*) >= code.max_uses_per_customer', 'having false'],
  ),
  'what an older booking was imported with as paid stays paid': edit(
    'private.enter_older_payments(text, uuid[])',
    ['and booking.contact_details is not null', 'and false'],
  ),
  'every change of a status is one that the machine has': all(
    'drop trigger _200_guard_status_update on public.bookings',
    edit(
      cancelBooking,
      [`if cancelled.status in ('completed', 'no_show') then`, 'if false then'],
      [`perform private.require_transition('bookings', cancelled.status, 'cancelled');`, ''],
    ),
  ),
  'nobody who would have fitted is passed over on the waitlist': edit('private.offer_places(text, uuid)', [
    'order by entry.position\n',
    'order by entry.position desc\n',
  ]),
  'the same request with the same key is answered the same': edit(
    'private.claim_idempotency(text, text, text, jsonb)',
    ['return claimed.response;', 'return null;'],
  ),
};

/** The first history of the sample that a break makes go wrong by this invariant. */
async function noticed(client: pg.ClientBase, invariant: string): Promise<History[]> {
  await preparePlayer(client);
  for (const history of sample) {
    const { breaches } = await play(client, stage, history);
    if (breaches.some((breach) => breach.invariant === invariant)) return [history];
  }
  return [];
}

describe('an invariant does not hold any more when its break is made', () => {
  test.each(Object.entries(breaks))('%s', { timeout: 300_000 }, async (invariant, apply) => {
    const found: History[] = [];
    await inTrial(
      db,
      async (client) => {
        found.push(...(await noticed(client, invariant)));
      },
      apply,
    );
    expect(found).toHaveLength(1);
    // By the break, and not by something that is wrong anyway.
    await db.inRollback(async (client) => {
      await preparePlayer(client);
      for (const history of found) expect((await play(client, stage, history)).breaches).toEqual([]);
    });
  });

  test('every invariant has its break', () => {
    expect(Object.keys(breaks).sort()).toEqual([...invariantNames].sort());
  });
});
