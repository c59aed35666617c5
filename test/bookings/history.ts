import fc from 'fast-check';
import type pg from 'pg';
import { addMember, type Organization, verifiedUser } from '../tenancy/organizations.ts';
import { addCourse, addDiscountCode, invariantQueries, openSchool } from './bookings.ts';

/** The school of the histories: who acts in them, and what they start from. */
export interface Stage extends Organization {
  staff: string;
  website: string;
  /** Members who book for themselves, with verified addresses. */
  own: string[];
  /** The addresses that staff and the website book for; the last ones are those of {@link own}. */
  emails: string[];
  course: string;
}

/** One session that a history starts with. */
interface SessionPlan {
  capacity: number;
  price: number;
  /** Hours until it starts. */
  hours: number;
  isPublished: boolean;
}

/** One thing that happens. What it happens to is picked by number among what is there then. */
export type Step = { kind: string } & Record<string, string | number | boolean | null>;

/** What happened in a school. */
export interface History {
  sessions: SessionPlan[];
  steps: Step[];
}

/** What became of a history. */
export interface Report {
  /** One for each step: accepted, refused (with the code), or void, when there was nothing that it could happen to. */
  outcomes: string[];
  /** Invariants that do not hold after a step, and what must not happen at all. */
  breaches: { step: number; invariant: string; row: unknown }[];
}

const pick = fc.nat({ max: 20 });
/** Whether anything is picked, or only what the step is for. */
const wild = fc.integer({ min: 0, max: 9 }).map((drawn) => drawn === 9);
const by = fc.constantFrom('staff', 'website', 'own');
const session = fc.nat({ max: 5 });
const share = fc.constantFrom(1, 1, 0.5, 0.3);
const attendees = fc.constantFrom(1, 1, 1, 2, 2, 3, 5);
const from = <T extends string | number | null>(...values: T[]) => fc.constantFrom(...values);

/** The kinds of steps: how often each is drawn, and what is drawn with it. */
const kinds: Record<string, [weight: number, fields: Record<string, fc.Arbitrary<Step[string]>>]> = {
  book: [
    40,
    {
      by,
      session,
      who: pick,
      attendees,
      code: from(null, null, 'TEN', 'FIVE'),
      key: from(null, null, null, null, null, 0, 1, 2),
    },
  ],
  again: [4, { pick }],
  confirm: [5, { pick, wild }],
  pay: [20, { pick, wild, share }],
  begin: [26, { pick, wild, by: from('staff', 'own'), isAttached: fc.boolean() }],
  attach: [5, { pick, wild }],
  event: [
    40,
    {
      pick,
      wild,
      status: from('processing', 'succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled'),
      minutes: fc.integer({ min: -60, max: 60 }),
      twist: from('', '', '', '', '', 'amount', 'organization'),
    },
  ],
  repeat_event: [5, { pick }],
  cancel: [18, { pick, wild, by: from('staff', 'own') }],
  request_refund: [24, { pick, wild, by: from('staff', 'own'), share }],
  approve: [20, { pick, wild }],
  reject: [4, { pick, wild }],
  process: [26, { pick, wild, result: from('succeeded', 'failed', 'failed', 'pending', 'pending', 'none') }],
  refund_event: [32, { pick, wild, status: from('succeeded', 'succeeded', 'failed', 'pending') }],
  complete_refund: [12, { pick, wild }],
  publish: [6, { pick, wild }],
  cancel_session: [1, { session }],
  complete_session: [1, { session, present: pick }],
  attend: [1, { session, present: pick }],
  capacity: [8, { session, capacity: fc.integer({ min: 1, max: 7 }) }],
  move: [5, { session, hours: from(1000, 400, 120, 30, 30, -1) }],
  join: [30, { by, session, wild, who: pick, attendees: from(1, 1, 2, 3) }],
  leave: [4, { pick, wild, by: from('staff', 'own') }],
  expire: [10, { pick, wild }],
  accept: [18, { pick, wild, by: from('staff', 'website'), more: from(0, 0, 0, -1, 1) }],
  import: [
    5,
    {
      session,
      who: pick,
      attendees,
      status: from('pending', 'confirmed'),
      isUsable: fc.boolean(),
      paid: from(0, 0, 0.5, 1),
    },
  ],
  backfill: [3, { size: from(1, 2, 1000) }],
  merge: [3, { keep: pick, remove: pick }],
  resend: [2, { pick, wild }],
  send_invoice: [5, { pick, wild }],
  void_invoice: [3, { pick, wild }],
};

export const stepKinds = Object.keys(kinds);

const step: fc.Arbitrary<Step> = fc.oneof(
  ...Object.entries(kinds).map(([kind, [weight, fields]]) => ({
    weight,
    arbitrary: fc.record({ kind: fc.constant(kind), ...fields }),
  })),
);

const plan: fc.Arbitrary<SessionPlan> = fc.record({
  capacity: fc.constantFrom(1, 2, 3, 5, 8),
  price: fc.constantFrom(100, 100, 100, 100, 33.33, 33.33, 0),
  hours: fc.constantFrom(1000, 1000, 1000, 100, 24),
  isPublished: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn !== 9),
});

/** Histories of up to 60 steps. */
export const histories: fc.Arbitrary<History> = fc.record({
  sessions: fc.array(plan, { minLength: 1, maxLength: 2 }),
  steps: fc.oneof(
    { withCrossShrink: true },
    { weight: 2, arbitrary: fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }) },
    // The longer, the more comes together.
    { weight: 1, arbitrary: fc.array(step, { minLength: 45, maxLength: 60, size: 'max' }) },
  ),
});

/**
 * What must hold besides, as queries of the rows that break it, as in {@link invariantQueries}. The last ones read what
 * {@link prepareStage} has written down while things happened.
 */
export const historyQueries = {
  'a customer is in a session once': `
    select booking.session_id, booking.customer_id, count(*)
    from public.bookings as booking
    where booking.organization_id = $1 and booking.contact_details is null
      and booking.status not in ('cancelled', 'refunded')
      -- One that others were merged into has what these had.
      and not exists (select from history.merged where merged.customer_id = booking.customer_id)
    group by booking.session_id, booking.customer_id having count(*) > 1`,
  'places taken and held are no more than there are': `
    select session.id, session.capacity, counted.taken, counted.held
    from public.course_sessions as session,
      lateral (
        select
          (
            select coalesce(sum(booking.attendee_count), 0) from public.bookings as booking
            where booking.organization_id = session.organization_id and booking.session_id = session.id
              and booking.status not in ('cancelled', 'refunded')
          ) as taken,
          (
            select coalesce(sum(entry.attendee_count), 0) from public.booking_waitlist as entry
            where entry.organization_id = session.organization_id and entry.session_id = session.id
              and entry.status = 'notified'
          ) as held
      ) as counted
    where session.organization_id = $1 and counted.taken + counted.held > session.capacity`,
  'no more is given back than was paid, and open refunds fit into the rest': `
    select booking.id, money.paid, money.given_back, money.open
    from public.bookings as booking,
      lateral (
        select
          (
            select coalesce(sum(payment.amount), 0) from public.payments as payment
            where payment.organization_id = booking.organization_id and payment.booking_id = booking.id
              and payment.status = 'succeeded'
          ) as paid,
          (
            select coalesce(sum(item.amount), 0)
            from public.refunds as refund
              join public.refund_items as item
                on item.organization_id = refund.organization_id and item.refund_id = refund.id
            where refund.organization_id = booking.organization_id and refund.booking_id = booking.id
              and item.processed_at is not null
          ) as given_back,
          (
            select coalesce(sum(refund.amount), 0) - coalesce(sum(done.amount), 0)
            from public.refunds as refund,
              lateral (
                select coalesce(sum(item.amount), 0) as amount from public.refund_items as item
                where item.organization_id = refund.organization_id and item.refund_id = refund.id
                  and item.processed_at is not null
              ) as done
            where refund.organization_id = booking.organization_id and refund.booking_id = booking.id
              and refund.status in ('approved', 'processing')
          ) as open
      ) as money
    where booking.organization_id = $1 and money.paid < money.given_back + money.open`,
  'a refund gives back payments of its booking that came in, and each no more than it was': `
    select item.refund_id, item.payment_id
    from public.refund_items as item
      join public.refunds as refund on refund.organization_id = item.organization_id and refund.id = item.refund_id
      join public.payments as payment on payment.organization_id = item.organization_id and payment.id = item.payment_id
    where item.organization_id = $1
      and (payment.booking_id <> refund.booking_id or payment.status <> 'succeeded' or item.amount > payment.amount)`,
  'an approved refund says which payments it gives back, all of it': `
    select refund.id, refund.status, refund.amount, counted.amount as items
    from public.refunds as refund,
      lateral (
        select coalesce(sum(item.amount), 0) as amount from public.refund_items as item
        where item.organization_id = refund.organization_id and item.refund_id = refund.id
      ) as counted
    where refund.organization_id = $1 and refund.status in ('approved', 'processing', 'processed')
      and counted.amount <> refund.amount`,
  'whoever has paid all of it is confirmed, and has an invoice that is paid': `
    select booking.id, booking.status, booking.total, booking.amount_paid, booking.amount_refunded
    from public.bookings as booking
      left join public.invoices as invoice
        on invoice.organization_id = booking.organization_id and invoice.booking_id = booking.id
        and invoice.status <> 'void'
    -- An older one that nobody has paid for here is what it was imported as.
    where booking.organization_id = $1 and booking.contact_details is null and booking.status not in ('cancelled', 'refunded') and booking.total > 0
      and booking.amount_paid - booking.amount_refunded >= booking.total
      and not exists (
        select from public.refunds as refund
        where refund.organization_id = booking.organization_id and refund.booking_id = booking.id
          and refund.status in ('pending', 'approved', 'processing')
      )
      and (booking.status = 'pending' or invoice.status <> 'paid')`,
  'what was paid for a session that was cancelled comes back': `
    select booking.id, booking.status, booking.amount_paid, booking.amount_refunded
    from public.bookings as booking
      join public.course_sessions as session
        on session.organization_id = booking.organization_id and session.id = booking.session_id
    where booking.organization_id = $1 and session.status = 'cancelled'
      and booking.cancelled_at >= session.cancelled_at
      and booking.amount_paid > booking.amount_refunded
      -- Until somebody has decided that it does not, or it went wrong.
      and not exists (
        select from public.refunds as refund
        where refund.organization_id = booking.organization_id and refund.booking_id = booking.id
          and (
            refund.status in ('approved', 'processing')
            or refund.status in ('rejected', 'failed') and refund.created_at > session.cancelled_at
          )
      )`,
  'what was paid for a booking after it was cancelled comes back': `
    select booking.id, booking.status, booking.amount_paid, booking.amount_refunded, payment.id as payment
    from public.bookings as booking
      join public.payments as payment
        on payment.organization_id = booking.organization_id and payment.booking_id = booking.id
    where booking.organization_id = $1 and payment.status = 'succeeded'
      and payment.succeeded_at > booking.cancelled_at
      and booking.amount_paid > booking.amount_refunded and payment.amount_refunded < payment.amount
      and not exists (
        select from public.refunds as refund
        where refund.organization_id = booking.organization_id and refund.booking_id = booking.id
          and (
            refund.status in ('pending', 'approved', 'processing')
            or refund.created_at > payment.succeeded_at
          )
      )`,
  'a session that was cancelled has no live booking, and nobody waits for it': `
    select session.id
    from public.course_sessions as session
    where session.organization_id = $1 and session.status = 'cancelled'
      and (
        session.places_taken > 0
        or exists (
          select from public.bookings as booking
          where booking.organization_id = session.organization_id and booking.session_id = session.id
            and booking.status not in ('cancelled', 'refunded')
        )
        or exists (
          select from public.booking_waitlist as entry
          where entry.organization_id = session.organization_id and entry.session_id = session.id
            and entry.status in ('waiting', 'notified')
        )
      )`,
  'a code is used by a customer as often as it may be': `
    select code.code, booking.customer_id, count(*)
    from public.discount_codes as code
      join public.bookings as booking
        on booking.organization_id = code.organization_id and booking.discount_code_id = code.id
    where code.organization_id = $1 and booking.status not in ('cancelled', 'refunded')
      -- A customer that others were merged into has what these had.
      and not exists (select from history.merged where merged.customer_id = booking.customer_id)
    group by code.organization_id, code.id, booking.customer_id
    having count(*) > min(code.max_uses_per_customer)`,
  'what an older booking was imported with as paid stays paid': `
    select booking.id, booking.amount_paid, imported.amount
    from public.bookings as booking join history.imported on imported.booking_id = booking.id
    where booking.organization_id = $1 and booking.amount_paid < imported.amount`,
  'every change of a status is one that the machine has': `
    select change.machine, change.from_status, change.to_status
    from history.changes as change
    where change.organization_id = $1
      and not exists (
        select from history.reachable as known
        where (known.machine, known.from_status, known.to_status)
          = (change.machine, change.from_status, change.to_status)
      )`,
  'nobody who would have fitted is passed over on the waitlist': `
    select passed.entry_id, passed.free_places from history.passed_over as passed where passed.organization_id = $1`,
} as const;

/** What is seen by doing it, and not by a query. */
const sameAnswer = 'the same request with the same key is answered the same';
const noDifference = 'recalculating the statistics finds no difference';
const doneOrRefused = 'a step is done or refused';

/** All that must hold after each step. */
const allQueries: Record<string, string> = { ...invariantQueries, ...historyQueries };

/** The names of all that must hold of a history. */
export const invariantNames = [...Object.keys(allQueries), sameAnswer, noDifference];

/** What writes down what happens, for the invariants that are about how something came to be. */
const watching = `
  create schema history;
  create unlogged table history.changes (organization_id text, machine text, from_status text, to_status text);
  create unlogged table history.passed_over (organization_id text, entry_id uuid, free_places integer);
  create unlogged table history.merged (customer_id uuid);
  create unlogged table history.imported (booking_id uuid, amount numeric);
  create table history.reachable as
    with recursive path as (
      select machine, from_status, to_status from private.state_transitions
      union
      select path.machine, path.from_status, onward.to_status
      from path join private.state_transitions as onward
        on onward.machine = path.machine and onward.from_status = path.to_status
    )
    select * from path;
  grant usage on schema history to public;
  grant insert, select on all tables in schema history to public;

  create function history.note_change() returns trigger language plpgsql set search_path = '' as $watch$
  begin
    insert into history.changes
    values (new.organization_id, tg_table_name, case when tg_op = 'INSERT' then 'new' else old.status end, new.status);
    return null;
  end
  $watch$;

  create function history.note_passed_over() returns trigger language plpgsql security definer set search_path = '' as $watch$
  begin
    insert into history.passed_over
    select waiting.organization_id, waiting.id, free.places
    from (
      select distinct entry.organization_id, entry.session_id
      from new_rows as entry join old_rows as before using (organization_id, id)
      where entry.status = 'notified' and before.status = 'waiting'
    ) as offered
      -- Before the places were offered: what was held then, and is still.
      cross join lateral (
        select session.capacity
          - (
            select coalesce(sum(booking.attendee_count), 0) from public.bookings as booking
            where booking.organization_id = session.organization_id and booking.session_id = session.id
              and booking.status not in ('cancelled', 'refunded')
          )
          - (
            select coalesce(sum(held.attendee_count), 0) from public.booking_waitlist as held
            where held.organization_id = session.organization_id and held.session_id = session.id
              and held.status = 'notified' and held.id not in (select id from new_rows)
          ) as places
        from public.course_sessions as session
        where session.organization_id = offered.organization_id and session.id = offered.session_id
      ) as free
      join public.booking_waitlist as waiting
        on waiting.organization_id = offered.organization_id and waiting.session_id = offered.session_id
        and waiting.status = 'waiting'
      cross join lateral (
        select coalesce(sum(entry.attendee_count), 0) as places
        from new_rows as entry
        where entry.session_id = offered.session_id and entry.status = 'notified' and entry.position < waiting.position
      ) as earlier
    where waiting.attendee_count <= free.places - earlier.places;
    return null;
  end
  $watch$;

  create trigger zzz_note_passed_over after update on public.booking_waitlist
    referencing old table as old_rows new table as new_rows
    for each statement execute function history.note_passed_over();
${['course_sessions', 'bookings', 'payments', 'refunds', 'invoices', 'booking_waitlist']
  .map(
    (table) => `
  create trigger zzz_note_insert after insert on public.${table}
    for each row execute function history.note_change();
  create trigger zzz_note_update after update on public.${table}
    for each row when (old.status <> new.status) execute function history.note_change();`,
  )
  .join('')}
`;

/** Opens the school of the histories, and has what happens in it written down. Stays in the database. */
export async function prepareStage(client: pg.Pool): Promise<Stage> {
  const school = await openSchool(client, 'Histories');
  const own: string[] = [];
  for (const name of ['ada', 'bob']) {
    own.push(await addMember(client, school, { user: await verifiedUser(client, `${name}@example.com`) }));
  }
  const course = await addCourse(client, school, { price: 100 });
  await client.query(
    `insert into public.course_price_tiers (organization_id, course_id, min_attendees, discount_percent)
     values ($1, $2, 3, 12.5)`,
    [school.id, course],
  );
  await addDiscountCode(client, school, { code: 'TEN', max_uses: 2 });
  await addDiscountCode(client, school, {
    code: 'FIVE',
    kind: 'fixed',
    amount: 5,
    currency: 'EUR',
    max_uses_per_customer: 1,
  });
  await client.query(watching);
  const emails = [0, 1, 2, 3, 4].map((number) => `customer-${number}@example.com`);
  return { ...school, own, course, emails: [...emails, 'ada@example.com', 'bob@example.com'] };
}

const user = (who: string) =>
  `perform set_config('request.jwt.claims', jsonb_build_object(
     'role', 'authenticated', 'aud', 'authenticated', 'sub', ${who}, 'organization_id', org)::text, true);
   perform set_config('role', 'authenticated', true);`;

const service = `
  perform set_config('request.jwt.claims', '{"role": "service_role"}', true);
  perform set_config('role', 'service_role', true);`;

const operator = `perform set_config('role', 'postgres', true);`;

/** Sets `target` to one of the candidates, in the order in which `known` has them. */
const choose = (known: string, candidates: string) => `
  candidates := array(
    select candidate.id
    from unnest(${known}) with ordinality as listed (id, place)
      join public.${candidates} and candidate.organization_id = org
    order by listed.place
  );
  target := candidates[1 + (step ->> 'pick')::integer % nullif(cardinality(candidates), 0)];
  if target is null then raise sqlstate 'VOID0'; end if;`;

/** A step of a customer is about what is theirs. */
const isTheirs = `(
  step ->> 'by' is distinct from 'own'
  or candidate.customer_id in (select mapping.customer_id from public.customer_users as mapping where mapping.organization_id = org)
)`;

const bookings = (suitable: string) =>
  choose(
    'booking_ids',
    `bookings as candidate on candidate.id = listed.id and (is_wild or ${isTheirs} and ${suitable})`,
  );

const hasOpenRefund = `exists (
  select from public.refunds as refund
  where refund.organization_id = org and refund.booking_id = candidate.id
    and refund.status in ('pending', 'approved', 'processing')
)`;

const refunds = (suitable: string) =>
  choose(
    'booking_ids',
    `refunds as candidate on candidate.booking_id = listed.id and (is_wild or ${suitable})`,
  ).replace('order by listed.place', 'order by listed.place, candidate.created_at, candidate.id');

const itemOf = (provider: string) => `exists (
  select from public.refund_items as item
    join public.payments as payment on payment.organization_id = item.organization_id and payment.id = item.payment_id
  where item.organization_id = org and item.refund_id = candidate.id and item.processed_at is null
    and ${provider}
)`;

const entries = (suitable: string) =>
  choose(
    'entry_ids',
    `booking_waitlist as candidate on candidate.id = listed.id and (is_wild or ${isTheirs} and ${suitable})`,
  );

const invoices = (suitable: string) =>
  choose(
    'booking_ids',
    `invoices as candidate on candidate.booking_id = listed.id and (is_wild or ${suitable})`,
  ).replace('order by listed.place', 'order by listed.place, candidate.created_at, candidate.id');

/** The session of a step. */
const sessionOf = `the_session := session_ids[1 + (step ->> 'session')::integer % cardinality(session_ids)];`;

/** The session of a step: unless anything is picked, one that has so many places free, or has not. */
const sessionWhere = (isFree: string) => `
  candidates := array(
    select session.id
    from unnest(session_ids) with ordinality as listed (id, place)
      join public.course_sessions as session on session.organization_id = org and session.id = listed.id
    where is_wild
      or session.status in ('published', 'full') and session.starts_at > now()
        and (session.capacity - session.places_taken - session.places_held >= (step ->> 'attendees')::integer) = ${isFree}
    order by listed.place
  );
  if candidates = '{}' then raise sqlstate 'VOID0'; end if;
  the_session := candidates[1 + (step ->> 'session')::integer % cardinality(candidates)];`;

/** Becomes who books or waits, and sets `contact`. */
const caller = `
  contact := null;
  if step ->> 'by' = 'own' then
    ${user(`school -> 'own' ->> ((step ->> 'who')::integer % 2)`)}
  else
    contact := jsonb_build_object('email', school -> 'emails' ->> ((step ->> 'who')::integer % 7), 'name', 'Ada');
    ${user(`school ->> (step ->> 'by')`)}
  end if;`;

/** Becomes staff, or who acts for the customer of a booking or an entry. */
const behalf = (table: string) => `
  if step ->> 'by' = 'own' then
    actor := coalesce(
      (
        select mapping.user_id from public.customer_users as mapping
          join public.${table} as row on row.organization_id = mapping.organization_id and row.customer_id = mapping.customer_id
        where row.organization_id = org and row.id = target order by mapping.user_id limit 1
      )::text,
      school -> 'own' ->> 0
    );
    ${user('actor')}
  else
    ${user(`school ->> 'staff'`)}
  end if;`;

const people = (count: string) =>
  `(select jsonb_agg(jsonb_build_object('name', 'Participant ' || nth)) from generate_series(1, ${count}) as nth)`;

const createBooking = `
  select to_jsonb(made) into answer
  from public.create_booking(
    session_id => (body ->> 'session_id')::uuid, contact => body -> 'contact', participants => body -> 'participants',
    discount_code => body ->> 'code', idempotency_key => body ->> 'key', terms_accepted => true
  ) as made;`;

const tell = `
  ${service}
  select to_jsonb(told) into answer
  from public.record_payment_event(
    'stripe', event ->> 'id', 'test', (event ->> 'at')::timestamptz, '{}', event -> 'change'
  ) as told;
  if answer ->> 'outcome' = 'failed' and answer ->> 'error' not in (
    'organization_mismatch', 'amount_mismatch', 'refund_unknown', 'refund_not_approved', 'refund_superseded'
  ) then
    raise exception 'An event failed: %', answer;
  end if;`;

/** What each kind of step does, in the function {@link playing}. */
const actions: Record<string, string> = {
  book: `
    ${sessionWhere('true')} ${caller}
    body := jsonb_build_object(
      'session_id', the_session, 'contact', contact, 'participants', ${people(`(step ->> 'attendees')::integer`)},
      'code', step ->> 'code', 'key', step ->> 'key');
    ${createBooking}
    if (answer ->> 'id')::uuid <> all (booking_ids) then
      booking_ids := booking_ids || (answer ->> 'id')::uuid;
    end if;
    if body ->> 'key' is not null then
      keyed := keyed || jsonb_build_array(jsonb_build_object(
        'body', body, 'answer', answer, 'claims', current_setting('request.jwt.claims')));
    end if;`,
  again: `
    if keyed = '[]' then raise sqlstate 'VOID0'; end if;
    asked := keyed -> ((step ->> 'pick')::integer % jsonb_array_length(keyed));
    body := asked -> 'body';
    perform set_config('request.jwt.claims', asked ->> 'claims', true);
    perform set_config('role', 'authenticated', true);
    ${createBooking}
    if answer <> asked -> 'answer' then
      raise sqlstate 'TWICE' using message = answer::text;
    end if;`,
  confirm: `
    ${bookings(`candidate.status = 'pending' and not ${hasOpenRefund}`)} ${user(`school ->> 'staff'`)}
    perform public.confirm_booking(target);`,
  pay: `
    ${bookings(`candidate.status in ('pending', 'confirmed') and candidate.amount_paid - candidate.amount_refunded < candidate.total`)}
    amount := (
      select greatest(round((booking.total - booking.amount_paid + booking.amount_refunded) * (step ->> 'share')::numeric, 2), 0.01)
      from public.bookings as booking where booking.organization_id = org and booking.id = target);
    ${user(`school ->> 'staff'`)}
    select to_jsonb(made) into answer from public.record_payment(target, amount) as made;`,
  begin: `
    ${bookings(`candidate.status in ('pending', 'confirmed') and candidate.amount_paid - candidate.amount_refunded < candidate.total`)}
    ${behalf('bookings')}
    select to_jsonb(made) into answer from public.create_payment(target, 'key-' || number) as made;
    if (answer ->> 'id')::uuid <> all (payment_ids) then
      payment_ids := payment_ids || (answer ->> 'id')::uuid;
    end if;
    if (step ->> 'isAttached')::boolean then
      ${service}
      perform public.attach_payment_intent(org, (answer ->> 'id')::uuid, 'pi_' || array_position(payment_ids, (answer ->> 'id')::uuid));
    end if;`,
  attach: `
    ${choose('payment_ids', `payments as candidate on candidate.id = listed.id and (is_wild or candidate.provider_intent_id is null)`)}
    ${service}
    perform public.attach_payment_intent(org, target, 'pi_' || array_position(payment_ids, target));`,
  event: `
    ${choose('payment_ids', `payments as candidate on candidate.id = listed.id and (is_wild or candidate.status <> 'succeeded')`)}
    amount := (select payment.amount from public.payments as payment where payment.organization_id = org and payment.id = target);
    event := jsonb_build_object(
      'id', 'evt_' || number, 'at', now() + (step ->> 'minutes')::integer * interval '1 minute',
      'change', jsonb_build_object(
        'kind', 'payment', 'intent_id', 'pi_' || array_position(payment_ids, target), 'status', step ->> 'status',
        'amount', amount + case step ->> 'twist' when 'amount' then 1 else 0 end, 'currency', 'EUR',
        'organization_id', case step ->> 'twist' when 'organization' then 'another' else org end));
    ${tell}
    events := events || jsonb_build_array(event);`,
  repeat_event: `
    if events = '[]' then raise sqlstate 'VOID0'; end if;
    event := events -> ((step ->> 'pick')::integer % jsonb_array_length(events));
    ${tell}
    if answer ->> 'outcome' = 'applied' then
      raise exception 'An event was applied twice: %', event;
    end if;`,
  cancel: `
    ${bookings(`candidate.status in ('pending', 'confirmed') and not ${hasOpenRefund}`)}
    ${behalf('bookings')}
    perform public.cancel_booking(target);`,
  request_refund: `
    ${bookings(`candidate.amount_paid > candidate.amount_refunded and not ${hasOpenRefund}`)}
    amount := (
      select round((booking.amount_paid - booking.amount_refunded) * (step ->> 'share')::numeric, 2)
      from public.bookings as booking where booking.organization_id = org and booking.id = target);
    ${behalf('bookings')}
    perform public.request_refund(target, null, amount);`,
  approve: `
    ${refunds(`candidate.status = 'pending'`)} ${user(`school ->> 'staff'`)}
    perform public.approve_refund(target);`,
  reject: `
    ${refunds(`candidate.status in ('pending', 'approved')`)} ${user(`school ->> 'staff'`)}
    perform public.reject_refund(target, 'No.');`,
  process: `
    ${refunds(`candidate.status in ('approved', 'processing') and ${itemOf(`payment.provider = 'stripe'`)}`)}
    ${service}
    select jsonb_agg(
      jsonb_build_object('payment_id', part.payment_id)
      || case step ->> 'result'
        when 'failed' then '{"failure": "No."}'
        else jsonb_build_object('provider_refund_id', 're_' || number || '_' || part.ordinality, 'status', step ->> 'result')
      end)
    into answer
    from public.refund_to_process(number, org, target) with ordinality as part;
    if step ->> 'result' <> 'none' then
      perform public.finish_refund(org, target, coalesce(answer, '[]'));
    end if;`,
  refund_event: `
    ${refunds(`candidate.status in ('processing', 'failed') and ${itemOf(`payment.provider = 'stripe'`)}`)}
    select jsonb_build_object(
      'id', 'evt_' || number, 'at', now(),
      'change', jsonb_build_object(
        'kind', 'refund', 'intent_id', coalesce(payment.provider_intent_id, 'pi_0'), 'status', step ->> 'status',
        'refund_id', item.refund_id, 'provider_refund_id', coalesce(item.provider_refund_id, 're_' || number),
        'amount', item.amount, 'currency', 'EUR'))
    into event
    from public.refund_items as item
      join public.payments as payment on payment.organization_id = item.organization_id and payment.id = item.payment_id
    where item.organization_id = org and item.refund_id = target
    order by payment.provider = 'stripe' desc, item.processed_at is null desc, array_position(payment_ids, payment.id)
    limit 1;
    if not found then raise sqlstate 'VOID0'; end if;
    ${tell}
    events := events || jsonb_build_array(event);`,
  complete_refund: `
    ${refunds(`candidate.status in ('approved', 'processing') and ${itemOf(`payment.provider = 'manual'`)}`)}
    ${user(`school ->> 'staff'`)}
    perform public.complete_refund(target);`,
  publish: `
    ${choose('session_ids', `course_sessions as candidate on candidate.id = listed.id and (is_wild or candidate.status = 'draft')`)}
    ${user(`school ->> 'staff'`)}
    perform public.publish_session(target);`,
  cancel_session: `${sessionOf} ${user(`school ->> 'staff'`)} perform public.cancel_session(the_session, 'Nobody teaches it.');`,
  complete_session: `
    ${sessionOf}
    update public.course_sessions as session
    set starts_at = now() - interval '9 hours', ends_at = now() - interval '1 hour'
    where session.organization_id = org and session.id = the_session;
    ${user(`school ->> 'staff'`)}
    perform public.complete_session(the_session);`,
  attend: `
    ${sessionOf}
    update public.course_sessions as session
    set starts_at = now() - interval '9 hours', ends_at = now() - interval '1 hour'
    where session.organization_id = org and session.id = the_session;
    ${user(`school ->> 'staff'`)}
    perform public.record_attendance(
      the_session,
      (
        select jsonb_agg(jsonb_build_object(
          'attendee_id', attendee.id,
          'status', case when (attendee.place + (step ->> 'present')::integer) % 3 = 0 then 'absent' else 'present' end))
        from (
          select attendee.id, row_number() over (order by array_position(booking_ids, booking.id), attendee.name) as place
          from public.booking_attendees as attendee
            join public.bookings as booking
              on booking.organization_id = attendee.organization_id and booking.id = attendee.booking_id
          where booking.organization_id = org and booking.session_id = the_session
            and booking.status not in ('cancelled', 'refunded')
        ) as attendee
      ));`,
  capacity: `
    ${sessionOf} ${user(`school ->> 'staff'`)}
    update public.course_sessions as session set capacity = (step ->> 'capacity')::integer
    where session.organization_id = org and session.id = the_session;`,
  move: `
    ${sessionOf} ${user(`school ->> 'staff'`)}
    update public.course_sessions as session
    set starts_at = now() + (step ->> 'hours')::integer * interval '1 hour',
      ends_at = now() + ((step ->> 'hours')::integer + 8) * interval '1 hour'
    where session.organization_id = org and session.id = the_session;`,
  join: `
    ${sessionWhere('false')} ${caller}
    select to_jsonb(made) into answer
    from public.join_waitlist(the_session, contact, (step ->> 'attendees')::integer) as made;
    entry_ids := entry_ids || (answer ->> 'id')::uuid;`,
  leave: `
    ${entries(`candidate.status in ('waiting', 'notified')`)} ${behalf('booking_waitlist')}
    perform public.leave_waitlist(target);`,
  expire: `
    ${entries(`candidate.status = 'notified'`)}
    update public.booking_waitlist as entry set offer_expires_at = now() - interval '1 second'
    where entry.organization_id = org and entry.id = target and entry.status = 'notified';
    ${operator}
    perform private.expire_waitlist_offers();`,
  accept: `
    ${entries(`candidate.status = 'notified'`)}
    select jsonb_build_object(
      'session_id', entry.session_id, 'contact', jsonb_build_object('email', customer.email),
      'participants', ${people(`greatest(entry.attendee_count + (step ->> 'more')::integer, 1)`)})
    into body
    from public.booking_waitlist as entry
      join public.customers as customer on customer.organization_id = entry.organization_id and customer.id = entry.customer_id
    where entry.organization_id = org and entry.id = target;
    ${user(`school ->> (step ->> 'by')`)}
    ${createBooking}
    booking_ids := booking_ids || (answer ->> 'id')::uuid;`,
  import: `
    ${sessionOf}
    if exists (
      select from public.course_sessions as session
      where session.organization_id = org and session.id = the_session and session.status = 'cancelled'
    ) then
      raise sqlstate 'VOID0';
    end if;
    insert into public.bookings (
      organization_id, session_id, contact_details, reference, status, attendee_count, unit_price, subtotal, total, currency, amount_paid
    )
    select
      org, the_session,
      case when (step ->> 'isUsable')::boolean
        then jsonb_build_object('email', school -> 'emails' ->> ((step ->> 'who')::integer % 7))
        else '{"name": "Nobody"}' end,
      private.random_reference(), step ->> 'status', (step ->> 'attendees')::integer, 50,
      50 * (step ->> 'attendees')::integer, 50 * (step ->> 'attendees')::integer, 'EUR',
      50 * (step ->> 'attendees')::integer * (step ->> 'paid')::numeric
    returning id into target;
    insert into history.imported
    values (target, 50 * (step ->> 'attendees')::integer * (step ->> 'paid')::numeric);
    booking_ids := booking_ids || target;`,
  backfill: `${user(`school ->> 'owner'`)} perform public.backfill_booking_customers((step ->> 'size')::integer);`,
  merge: `
    candidates := array(
      select customer.id from public.customers as customer where customer.organization_id = org order by customer.email);
    if cardinality(candidates) < 2 then raise sqlstate 'VOID0'; end if;
    target := candidates[1 + (step ->> 'keep')::integer % cardinality(candidates)];
    insert into history.merged values (target);
    ${user(`school ->> 'staff'`)}
    perform public.merge_customers(target, candidates[1 + (step ->> 'remove')::integer % cardinality(candidates)]);`,
  resend: `
    ${bookings(`candidate.status not in ('cancelled', 'refunded') and candidate.contact_problem is null`)}
    ${user(`school ->> 'staff'`)}
    perform public.resend_confirmation(target);`,
  send_invoice: `
    ${invoices(`candidate.status = 'draft'`)} ${user(`school ->> 'staff'`)}
    perform public.send_invoice(target);`,
  void_invoice: `
    ${invoices(`candidate.status in ('draft', 'sent')`)} ${user(`school ->> 'staff'`)}
    perform public.void_invoice(target);`,
};

/** Plays a history on the server: thousands of round trips less. */
const playing = `
create function pg_temp.breaches(org text) returns jsonb language plpgsql as $play$
begin
  return (
    select jsonb_agg(to_jsonb(broken))
    from (
      ${Object.entries(allQueries)
        .map(
          ([name, query]) =>
            `select '${name}' as invariant, to_jsonb(breach) as row from (${query.replaceAll('$1', 'org')}) as breach`,
        )
        .join('\nunion all\n')}
    ) as broken
  );
end
$play$;

create function pg_temp.play(school jsonb, played jsonb) returns jsonb language plpgsql as $play$
declare
  org constant text := school ->> 'id';
  session_ids uuid[] := '{}';
  booking_ids uuid[] := '{}';
  payment_ids uuid[] := '{}';
  entry_ids uuid[] := '{}';
  keyed jsonb := '[]';
  events jsonb := '[]';
  outcomes text[] := '{}';
  number integer := 0;
  step jsonb;
  is_wild boolean;
  the_session uuid;
  target uuid;
  candidates uuid[];
  actor text;
  amount numeric;
  contact jsonb;
  body jsonb;
  asked jsonb;
  event jsonb;
  answer jsonb;
  broken jsonb;
  state text;
  said text;
  detail text;
  broken_constraint text;
  place text;
begin
  for step in select * from jsonb_array_elements(played -> 'sessions') loop
    insert into public.course_sessions (organization_id, course_id, starts_at, ends_at, capacity, price)
    values (
      org, (school ->> 'course')::uuid, now() + (step ->> 'hours')::integer * interval '1 hour',
      now() + ((step ->> 'hours')::integer + 8) * interval '1 hour', (step ->> 'capacity')::integer,
      (step ->> 'price')::numeric
    )
    returning id into target;
    session_ids := session_ids || target;
    if (step ->> 'isPublished')::boolean then
      update public.course_sessions as session set status = 'published'
      where session.organization_id = org and session.id = target;
    end if;
  end loop;

  for step in select * from jsonb_array_elements(played -> 'steps') loop
    number := number + 1;
    is_wild := coalesce((step ->> 'wild')::boolean, false);
    begin
      case step ->> 'kind'
      ${Object.entries(actions)
        .map(([kind, action]) => `when '${kind}' then ${action}`)
        .join('\n')}
      end case;
      ${operator}
      outcomes := outcomes || 'accepted'::text;
    exception when others then
      get stacked diagnostics state = returned_sqlstate, said = message_text, detail = pg_exception_detail,
        broken_constraint = constraint_name, place = pg_exception_context;
      if state <> 'VOID0' and step ->> 'kind' = 'again' then
        return jsonb_build_object('outcomes', outcomes, 'breaches', jsonb_build_array(jsonb_build_object(
          'step', number, 'invariant', '${sameAnswer}', 'row', concat_ws(' ', state, said))));
      elsif state = 'VOID0' then
        outcomes := outcomes || 'void'::text;
      elsif state like 'PT4%' then
        outcomes := outcomes || ('refused: ' || (detail::jsonb ->> 'code'));
      elsif broken_constraint = 'course_sessions_never_oversold' and step ->> 'kind' in ('capacity', 'import') then
        outcomes := outcomes || 'refused: never_oversold'::text;
      else
        return jsonb_build_object('outcomes', outcomes, 'breaches', jsonb_build_array(jsonb_build_object(
          'step', number, 'invariant', '${doneOrRefused}', 'row', concat_ws(' ', state, said, place))));
      end if;
    end;
    -- What is refused or void leaves nothing.
    broken := case when outcomes[number] = 'accepted' then pg_temp.breaches(org) end;
    if broken is not null then
      return jsonb_build_object('outcomes', outcomes, 'breaches', (
        select jsonb_agg(breach || jsonb_build_object('step', number)) from jsonb_array_elements(broken) as breach));
    end if;
  end loop;
  ${user(`school ->> 'owner'`)}
  select jsonb_agg(to_jsonb(difference)) into answer
  from public.recalculate_customer_statistics(dry_run => true) as difference;
  ${operator}
  return jsonb_build_object('outcomes', outcomes, 'breaches', case when answer is null then '[]' else
    jsonb_build_array(jsonb_build_object('step', number, 'invariant', '${noDifference}', 'row', answer)) end);
end
$play$;
`;

/** Makes a connection able to {@link play}. */
export async function preparePlayer(client: pg.ClientBase): Promise<void> {
  await client.query(playing);
  // A step that does not end is an error, too.
  await client.query(`set local statement_timeout = '2min'`);
}

/** Plays a history, and undoes all of it. The connection is inside a transaction, as role postgres. */
export async function play(client: pg.ClientBase, stage: Stage, history: History): Promise<Report> {
  await client.query('savepoint history');
  try {
    const { rows } = await client.query<{ report: Report }>('select pg_temp.play($1, $2) as report', [
      JSON.stringify(stage),
      JSON.stringify(history),
    ]);
    return rows[0]?.report ?? { outcomes: [], breaches: [] };
  } finally {
    await client.query('rollback to savepoint history; release savepoint history');
  }
}
