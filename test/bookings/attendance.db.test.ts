import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { callAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser } from '../support/roles.ts';
import { addMember, callAll, inside } from '../tenancy/organizations.ts';
import {
  addCourse,
  addSession,
  book,
  importBooking,
  invariants,
  newEmail,
  openSchool,
  type Receipt,
  type School,
} from './bookings.ts';

const db = useDatabase();
let school: School;
let other: School;
let course: string;
let teacher: string;
let colleague: string;
let reader: string;

beforeAll(async () => {
  school = await openSchool(db.pool, 'School');
  other = await openSchool(db.pool, 'Other');
  await db.query(`update public.organizations set timezone = 'America/New_York' where id = $1`, [school.id]);
  course = await addCourse(db.pool, school, { certificate_months: 24 });
  teacher = await addMember(db.pool, school, { roles: ['instructor'] });
  colleague = await addMember(db.pool, school, { roles: ['instructor'] });
  reader = await addMember(db.pool, school, { roles: ['viewer'] });
});

interface Line {
  attendee_id: string;
  name: string;
  booking_id: string;
  booking_status: string;
  status: string | null;
  certificate_number: string | null;
  [column: string]: unknown;
}

type Marks = Record<string, string>;

/** Calls as a member; what it writes stays. */
async function called(user: string, name: string, args: Record<string, unknown>, at: School = school) {
  return asUser(db, inside(at, user), (session) => callAll(session, name, args), { commit: true });
}

const sheetOf = async (user: string, session_id: string): Promise<Line[]> =>
  (await called(user, 'attendance_sheet', { session_id })) as Line[];

/** Records as a member what the names stand for; everybody else on the sheet stays as they are. */
async function record(user: string, session_id: string, marks: Marks): Promise<Line[]> {
  const entries = (await sheetOf(school.staff, session_id))
    .filter(({ name }) => marks[name])
    .map(({ attendee_id, name }) => ({ attendee_id, status: marks[name] }));
  return (await called(user, 'record_attendance', {
    session_id,
    entries: JSON.stringify(entries),
  })) as Line[];
}

const complete = (user: string, id: string) => called(user, 'complete_session', { id });

/** A booking of these people. */
const booked = (session: string, names: string[], args: Record<string, unknown> = {}): Promise<Receipt> =>
  book(db, school, school.staff, session, { participants: names.map((name) => ({ name })), ...args });

/** Lets a session be over: it ended so long ago. */
async function over(session: string, ago = '1 hour'): Promise<void> {
  await db.query(
    `update public.course_sessions set starts_at = now() - $2::interval - interval '4 hours', ends_at = now() - $2::interval
     where id = $1`,
    [session, ago],
  );
}

/** A session of the teacher with these bookings, each a list of names, that is over. */
async function taught(
  bookings: string[][],
  particulars: Record<string, unknown> = {},
): Promise<{ id: string; bookings: Receipt[] }> {
  const id = await addSession(db.pool, school, { course_id: course, capacity: 50, ...particulars });
  const receipts: Receipt[] = [];
  for (const names of bookings) receipts.push(await booked(id, names));
  await over(id);
  // One at a time: an instructor teaches one session.
  await db.query(
    'update public.course_sessions set instructor_id = null where organization_id = $1 and instructor_id = $2',
    [school.id, teacher],
  );
  await db.query('update public.course_sessions set instructor_id = $2 where id = $1', [id, teacher]);
  return { id, bookings: receipts };
}

const statusesOf = async (receipts: Receipt[]): Promise<string[]> => {
  const { rows } = await db.query<{ statuses: string[] }>(
    `select array_agg(booking.status order by given.ordinal) as statuses
     from unnest($1::uuid[]) with ordinality as given (id, ordinal) join public.bookings as booking on booking.id = given.id`,
    [receipts.map(({ id }) => id)],
  );
  return rows[0]?.statuses ?? [];
};

const problemsOf = async (attempt: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { code, detail } = z.object({ code: z.string(), detail: z.string() }).parse(error);
  expect(code).toBe('PT422');
  return z.object({ entries: z.unknown() }).parse(JSON.parse(detail)).entries;
};

describe('the attendance sheet', () => {
  test('lists who takes the places of live bookings, with what they need and whom to call', async () => {
    const email = newEmail();
    const { id, bookings } = await taught([['Zoe'], ['Gone']]);
    const session = await addSession(db.pool, school, { course_id: course, starts_in: '40 days' });
    await booked(session, ['Berta', 'anna'], {
      contact: { email, name: 'Berta', phone: '+49 30 1', company: 'Acme' },
    });
    const cancelled = await booked(session, ['Nobody']);
    await callAs(db, school, school.staff, 'cancel_booking', { id: cancelled.id });
    const older = await importBooking(db.pool, school, session, {
      email: 'OLD@example.com',
      name: 'Carl Senior',
    });
    await db.query(
      `insert into public.booking_attendees (organization_id, booking_id, name, is_primary) values ($1, $2, 'Carl', true)`,
      [school.id, older],
    );
    await db.query(
      `insert into public.booking_requirements (organization_id, booking_id, attendee_id, kind, priority, note)
       select attendee.organization_id, attendee.booking_id, need.attendee_id, need.kind, need.priority, need.note
       from public.booking_attendees as attendee,
         lateral (values
           (attendee.id, 'dietary', 'low', 'No nuts'),
           (attendee.id, 'medical', 'critical', 'Asthma'),
           (null, 'other', 'normal', 'Arrive late')
         ) as need (attendee_id, kind, priority, note)
       where attendee.name = 'anna' and attendee.organization_id = $1`,
      [school.id],
    );

    const sheet = await sheetOf(school.owner, session);
    expect(sheet.map(({ name, contact_name, contact_email }) => [name, contact_name, contact_email])).toEqual(
      [
        ['anna', 'Berta', email],
        ['Berta', 'Berta', email],
        ['Carl', 'Carl Senior', 'old@example.com'],
      ],
    );
    expect(sheet[0]).toMatchObject({
      contact_phone: '+49 30 1',
      company_name: 'Acme',
      status: null,
      certificate_number: null,
      requirements: [
        { kind: 'medical', priority: 'critical', note: 'Asthma' },
        { kind: 'other', priority: 'normal', note: 'Arrive late' },
        { kind: 'dietary', priority: 'low', note: 'No nuts' },
      ],
    });
    expect(sheet[1]?.requirements).toEqual([{ kind: 'other', priority: 'normal', note: 'Arrive late' }]);
    expect(sheet[2]?.requirements).toEqual([]);
    // What people need is for few; who else reads the sheet sees everything but that.
    expect((await sheetOf(reader, session)).map(({ name, requirements }) => [name, requirements])).toEqual([
      ['anna', null],
      ['Berta', null],
      ['Carl', null],
    ]);
    expect((await sheetOf(teacher, id)).map(({ name }) => name)).toEqual(['Gone', 'Zoe']);
    expect(bookings).toHaveLength(2);
  });

  test('is seen by who teaches the session, and by no other instructor, member or organization', async () => {
    const { id } = await taught([['Zoe']]);
    const member = await addMember(db.pool, school);
    for (const name of ['attendance_sheet', 'record_attendance'] as const) {
      const args = name === 'attendance_sheet' ? { session_id: id } : { session_id: id, entries: '[]' };
      await expectRefusal(called(colleague, name, args), 404, 'session_not_found');
      await expectRefusal(called(other.staff, name, args, other), 404, 'session_not_found');
      await expectRefusal(called(member, name, args), 403, 'permission_required');
      await expectRefusal(called(school.website, name, args), 403, 'permission_required');
    }
    await expectRefusal(complete(colleague, id), 404, 'session_not_found');
    await expectRefusal(called(other.staff, 'complete_session', { id }, other), 404, 'session_not_found');
    // Who reads everything sees it, and may not change it.
    await expectRefusal(record(reader, id, { Zoe: 'present' }), 403, 'permission_required');
    await expectRefusal(complete(reader, id), 403, 'permission_required');
    expect(await sheetOf(reader, id)).toMatchObject([{ name: 'Zoe', status: null }]);
    // What they no longer teach, they no longer see.
    await db.query('update public.course_sessions set instructor_id = $2 where id = $1', [id, colleague]);
    await expectRefusal(sheetOf(teacher, id), 404, 'session_not_found');
    expect(await sheetOf(colleague, id)).toHaveLength(1);
    await db.query('update public.course_sessions set instructor_id = null where id = $1', [id]);
  });
});

describe('recording attendance', () => {
  test('replaces what was recorded of those in the list, and leaves the others alone', async () => {
    const { id } = await taught([['Ada', 'Bob'], ['Cid']]);
    await record(teacher, id, { Ada: 'late', Bob: 'absent', Cid: 'present' });
    const again = await record(school.staff, id, { Bob: 'excused' });
    expect(again.map(({ name, status }) => [name, status])).toEqual([
      ['Ada', 'late'],
      ['Bob', 'excused'],
      ['Cid', 'present'],
    ]);
    const { rows } = await db.query(
      `select attendee.name, attended.recorded_by from public.attendance as attended
         join public.booking_attendees as attendee on attendee.id = attended.attendee_id
       where attended.session_id = $1 order by attendee.name`,
      [id],
    );
    expect(rows).toEqual([
      { name: 'Ada', recorded_by: teacher },
      { name: 'Bob', recorded_by: school.staff },
      { name: 'Cid', recorded_by: teacher },
    ]);
  });

  test('is all or nothing: what is wrong is said of each entry', async () => {
    const { id, bookings } = await taught([['Ada'], ['Bob'], ['Cancelled']]);
    const elsewhere = await taught([['Eve']]);
    const sheet = await sheetOf(school.staff, id);
    const idOf = (name: string) => sheet.find((line) => line.name === name)?.attendee_id;
    const eve = (await sheetOf(school.staff, elsewhere.id))[0]?.attendee_id;
    await db.query(`update public.bookings set status = 'cancelled' where id = $1`, [bookings[2]?.id]);
    const send = (entries: unknown) =>
      called(school.staff, 'record_attendance', { session_id: id, entries: JSON.stringify(entries) });

    const [ada, bob] = [idOf('Ada'), idOf('Bob')];
    expect(
      await problemsOf(
        send([
          { attendee_id: ada, status: 'present' },
          { attendee_id: ada?.toUpperCase(), status: 'absent' },
          { attendee_id: bob, status: 'asleep', note: 'x'.repeat(1001) },
          { attendee_id: eve, status: 'present' },
          { attendee_id: idOf('Cancelled'), status: 'present' },
          { status: 'present' },
          'nonsense',
        ]),
      ),
    ).toMatchObject([
      { index: 1, field: 'attendee_id' },
      { index: 2, field: 'note' },
      { index: 2, field: 'status' },
      { index: 3, field: 'attendee_id' },
      { index: 4, field: 'attendee_id' },
      { index: 5, field: 'attendee_id' },
      { index: 6, field: 'attendee_id' },
      { index: 6, field: 'status' },
    ]);
    for (const entries of [[], {}, null, 'x']) await expectRefusal(send(entries), 422, 'invalid_attendance');
    expect((await sheetOf(school.staff, id)).map(({ status }) => status)).toEqual([null, null]);
  });

  test('begins on the day of the session, as the organization counts days, and not for what takes place no more', async () => {
    const session = await addSession(db.pool, school, { course_id: course });
    await booked(session, ['Ada']);
    const at = (local: string) =>
      db.query(
        `update public.course_sessions
         set starts_at = start.at, ends_at = start.at + interval '1 hour'
         from (select (private.today($2) + $3::interval) at time zone 'America/New_York' as at) as start
         where id = $1`,
        [session, school.id, local],
      );
    await at('1 day');
    await expectRefusal(record(school.staff, session, { Ada: 'present' }), 409, 'session_not_started');
    await at('23 hours');
    expect(await record(school.staff, session, { Ada: 'present' })).toMatchObject([{ status: 'present' }]);
    await callAs(db, school, school.staff, 'cancel_session', { id: session, reason: 'Snow' }).catch(
      () => undefined,
    );
    await db.query(
      `update public.course_sessions set status = 'cancelled' where id = $1 and status <> 'cancelled'`,
      [session],
    );
    await expectRefusal(
      called(school.staff, 'record_attendance', { session_id: session, entries: '[{}]' }),
      409,
      'invalid_session_status',
    );
  });
});

describe('completing a session', () => {
  test('settles its bookings, and gives certificates to who was there and nobody else', async () => {
    const { id, bookings } = await taught([['Ada', 'Bob'], ['Cid'], ['Dan'], ['Eve']]);
    await callAs(db, school, school.staff, 'confirm_booking', { id: bookings[0]?.id });
    await callAs(db, school, school.staff, 'confirm_booking', { id: bookings[1]?.id });
    // Somebody was given their money back, and stays that way.
    await db.query(`update public.bookings set status = 'refunded' where id = $1`, [bookings[3]?.id]);
    await record(teacher, id, { Ada: 'late', Bob: 'absent', Cid: 'excused', Dan: 'present' });

    expect(await complete(teacher, id)).toMatchObject([{ id, status: 'completed' }]);
    expect(await statusesOf(bookings)).toEqual(['completed', 'no_show', 'completed', 'refunded']);
    const { rows } = await db.query(
      `select certificate.number, certificate.holder_name, certificate.course_id,
         certificate.issued_on = ((session.ends_at at time zone 'America/New_York')::date) as is_of_that_day,
         certificate.expires_on = ((session.ends_at at time zone 'America/New_York')::date + interval '24 months')::date as expires
       from public.certificates as certificate
         join public.attendance as attended on attended.attendee_id = certificate.attendee_id
         join public.course_sessions as session on session.id = attended.session_id
       where session.id = $1 order by certificate.number`,
      [id],
    );
    const year = new Intl.DateTimeFormat('en', { timeZone: 'America/New_York', year: 'numeric' }).format(
      new Date(),
    );
    expect(rows).toEqual(
      ['Ada', 'Dan'].map((holder_name, index) => ({
        number: `CERT-${year}-0000${index + 1}`,
        holder_name,
        course_id: course,
        is_of_that_day: true,
        expires: true,
      })),
    );
    expect(
      (await sheetOf(teacher, id)).map(({ name, certificate_number }) => [name, certificate_number]),
    ).toEqual([
      ['Ada', `CERT-${year}-00001`],
      ['Bob', null],
      ['Cid', null],
      ['Dan', `CERT-${year}-00002`],
    ]);
    expect(await invariants(db.pool, school.id)).toEqual([]);
  });

  test('happens once: again, and twice at once, is refused', async () => {
    const { id } = await taught([['Ada']]);
    await record(teacher, id, { Ada: 'present' });
    const outcomes = await Promise.allSettled([
      complete(teacher, id),
      complete(school.staff, id),
      complete(teacher, id),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        await expectRefusal(Promise.reject(outcome.reason as Error), 409, 'transition_not_allowed');
      }
    }
    await expectRefusal(complete(school.staff, id), 409, 'transition_not_allowed');
    const { rows } = await db.query(
      `select count(*)::integer as amount from public.certificates as certificate
         join public.attendance as attended on attended.attendee_id = certificate.attendee_id where attended.session_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ amount: 1 }]);
  });

  test('waits for its end, and is not for drafts or what was cancelled', async () => {
    const session = await addSession(db.pool, school, { course_id: course });
    await expectRefusal(complete(school.staff, session), 409, 'session_not_over');
    await db.query(
      `update public.course_sessions set starts_at = now() - interval '1 hour', ends_at = now() + interval '1 hour' where id = $1`,
      [session],
    );
    await expectRefusal(complete(school.staff, session), 409, 'session_not_over');
    await over(session);
    expect(await complete(school.staff, session)).toMatchObject([{ status: 'completed' }]);

    const draft = await addSession(db.pool, school, { course_id: course, status: 'draft' });
    await over(draft);
    await expectRefusal(complete(school.staff, draft), 409, 'transition_not_allowed');
    await db.query(`update public.course_sessions set status = 'cancelled' where id = $1`, [draft]);
    await expectRefusal(complete(school.staff, draft), 409, 'transition_not_allowed');
  });

  test('of a course without certificates gives none, and one that never expires has no last day', async () => {
    for (const [particulars, expected] of [
      [{ has_certificate: false }, []],
      [{ certificate_months: null }, [{ expires_on: null }]],
    ] as const) {
      const course_id = await addCourse(db.pool, school, particulars);
      const { id, bookings } = await taught([['Ada']], { course_id });
      await record(teacher, id, { Ada: 'present' });
      await complete(teacher, id);
      expect(await statusesOf(bookings)).toEqual(['completed']);
      const { rows } = await db.query('select expires_on from public.certificates where course_id = $1', [
        course_id,
      ]);
      expect(rows).toEqual(expected);
    }
  });

  test('of several days, or one that ends at midnight, counts from its last day', async () => {
    const { id } = await taught([['Ada']]);
    await db.query(
      `update public.course_sessions set starts_at = '2026-01-29 23:00:00+00', ends_at = '2026-02-01 05:00:00+00' where id = $1`,
      [id],
    );
    await record(teacher, id, { Ada: 'present' });
    await complete(teacher, id);
    const { rows } = await db.query(
      `select certificate.issued_on::text, certificate.expires_on::text from public.certificates as certificate
         join public.attendance as attended on attended.attendee_id = certificate.attendee_id where attended.session_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ issued_on: '2026-01-31', expires_on: '2028-01-31' }]);
  });

  test('is not the last word: who was there after all gets a certificate, and none is taken back by a list', async () => {
    const { id, bookings } = await taught([['Ada'], ['Bob']]);
    await record(teacher, id, { Ada: 'present', Bob: 'absent' });
    await complete(teacher, id);
    expect(await statusesOf(bookings)).toEqual(['completed', 'no_show']);
    const [ada, bob] = await record(teacher, id, { Bob: 'late' });
    expect(await statusesOf(bookings)).toEqual(['completed', 'completed']);
    expect(bob?.certificate_number).toMatch(/^CERT-/);
    expect(bob?.certificate_number).not.toBe(ada?.certificate_number);
    await expectRefusal(record(school.staff, id, { Ada: 'absent' }), 422, 'invalid_attendance');
    expect((await sheetOf(teacher, id)).map(({ status }) => status)).toEqual(['present', 'late']);
    expect(await invariants(db.pool, school.id)).toEqual([]);
  });

  test('ends the waiting for it', async () => {
    const session = await addSession(db.pool, school, { course_id: course, capacity: 1 });
    await booked(session, ['Ada']);
    const { id } = (await callAs(db, school, school.staff, 'join_waitlist', {
      session_id: session,
      contact: JSON.stringify({ email: newEmail() }),
    })) as { id: string };
    await over(session);
    await complete(school.staff, session);
    const { rows } = await db.query('select status from public.booking_waitlist where id = $1', [id]);
    expect(rows).toEqual([{ status: 'expired' }]);
  });
});
