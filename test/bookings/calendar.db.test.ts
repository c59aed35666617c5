import { beforeAll, describe, expect, test } from 'vitest';
import { callAs } from '../customers/customers.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import { addMember, callAll, inside } from '../tenancy/organizations.ts';
import { addCourse, addSession, book, newEmail, openSchool, type School } from './bookings.ts';

const db = useDatabase();
let school: School;
let other: School;
let teacher: string;
let viewer: string;
let course: string;
let venue: string;
/** In the order of their start: two of the teacher, one of nobody; the second is full, the third a draft. */
let sessions: string[];

interface Entry {
  id: string;
  [column: string]: unknown;
}

const range = { starts_from: '2031-05-01T00:00:00Z', starts_before: '2031-06-01T00:00:00Z' };

const calendar = async (user: string, args: Record<string, unknown> = {}, at: School = school) =>
  (await asUser(db, inside(at, user), (session) =>
    callAll(session, 'session_calendar', { ...range, ...args }),
  )) as Entry[];

const idsOf = async (user: string, args: Record<string, unknown> = {}) =>
  (await calendar(user, args)).map(({ id }) => id);

beforeAll(async () => {
  school = await openSchool(db.pool, 'School');
  other = await openSchool(db.pool, 'Other');
  const account = await insertAuthUser(db.pool, { raw_user_meta_data: { full_name: 'Tessa Teacher' } });
  teacher = await addMember(db.pool, school, { user: account, roles: ['instructor'] });
  viewer = await addMember(db.pool, school, { roles: ['viewer'] });
  course = await addCourse(db.pool, school, { name: 'Refresher', course_type: 'refresher' });
  const { rows } = await db.query<{ id: string }>(
    `insert into public.venues (organization_id, name) values ($1, 'Town hall') returning id`,
    [school.id],
  );
  venue = rows[0]?.id ?? '';
  const at = (starts_at: string) => ({
    starts_at,
    ends_at: new Date(Date.parse(starts_at) + 3_600_000).toISOString(),
  });
  sessions = [
    await addSession(db.pool, school, { ...at(range.starts_from), instructor_id: teacher, capacity: 8 }),
    await addSession(db.pool, school, {
      ...at('2031-05-10T08:00:00Z'),
      course_id: course,
      venue_id: venue,
      room: 'Blue',
      instructor_id: teacher,
      capacity: 3,
    }),
    await addSession(db.pool, school, { ...at('2031-05-31T23:59:59Z'), course_id: course, status: 'draft' }),
  ];
  await addSession(db.pool, school, {
    ...at(range.starts_before),
    course_id: course,
    instructor_id: teacher,
  });
  await addSession(db.pool, other, at('2031-05-10T08:00:00Z'));

  const [first, second] = sessions;
  const booked = async (session = '', attendees = 1) =>
    (await book(db, school, school.staff, session, { attendees })).id;
  await booked(first, 3);
  await booked(second, 2);
  const gone = await booked(second);
  for (const attendee_count of [1, 1, 2, 3]) {
    await callAs(db, school, school.website, 'join_waitlist', {
      session_id: second,
      contact: JSON.stringify({ email: newEmail() }),
      attendee_count,
    });
  }
  await callAs(db, school, school.staff, 'cancel_booking', { id: gone });
});

describe('the calendar', () => {
  test('says of each session how full it is, and how many wait', async () => {
    const entries = await calendar(viewer);
    expect(entries.map(({ id }) => id)).toEqual(sessions);
    expect(entries[0]).toMatchObject({
      course_name: 'First aid',
      course_type: 'public',
      venue_id: null,
      venue_name: null,
      room: '',
      instructor_id: teacher,
      instructor_name: 'Tessa Teacher',
      status: 'published',
      capacity: 8,
      places_taken: 3,
      places_held: 0,
      places_left: 5,
      fill_rate: 0.375,
      waiting_count: 0,
    });
    expect(entries[1]).toMatchObject({
      course_id: course,
      course_name: 'Refresher',
      course_type: 'refresher',
      venue_id: venue,
      venue_name: 'Town hall',
      room: 'Blue',
      status: 'full',
      capacity: 3,
      places_taken: 2,
      places_held: 1,
      places_left: 0,
      fill_rate: 0.6667,
      waiting_count: 3,
    });
    expect(entries[2]).toMatchObject({ instructor_name: null, status: 'draft', fill_rate: 0 });
    expect(entries.map(({ starts_at }) => new Date(String(starts_at)).toISOString())).toEqual([
      '2031-05-01T00:00:00.000Z',
      '2031-05-10T08:00:00.000Z',
      '2031-05-31T23:59:59.000Z',
    ]);
  });

  test('narrows down to a course, a venue, an instructor, and all of them', async () => {
    const [first, second, third] = sessions;
    expect(await idsOf(viewer, { course_id: course })).toEqual([second, third]);
    expect(await idsOf(viewer, { venue_id: venue })).toEqual([second]);
    expect(await idsOf(viewer, { instructor_id: teacher })).toEqual([first, second]);
    expect(await idsOf(viewer, { course_id: course, venue_id: venue, instructor_id: teacher })).toEqual([
      second,
    ]);
    expect(await idsOf(viewer, { course_id: course, instructor_id: viewer })).toEqual([]);
  });

  test('shows to who teaches what they teach, and to no other organization or customer anything', async () => {
    const colleague = await addMember(db.pool, school, { roles: ['instructor'] });
    const member = await addMember(db.pool, school);
    const [first, second] = sessions;
    expect(await idsOf(teacher)).toEqual([first, second]);
    expect(await idsOf(teacher, { instructor_id: colleague })).toEqual([]);
    expect(await idsOf(colleague)).toEqual([]);
    expect(await idsOf(colleague, { instructor_id: teacher })).toEqual([]);
    for (const user of [member, school.website])
      await expectRefusal(calendar(user), 403, 'permission_required');
    const theirs = await calendar(other.staff, {}, other);
    expect(theirs).toHaveLength(1);
    expect(sessions).not.toContain(theirs[0]?.id);
    // A filter of another organization finds nothing there.
    expect(await calendar(other.staff, { course_id: course }, other)).toEqual([]);
  });

  test('takes a time that ends after it begins', async () => {
    for (const args of [
      { starts_before: range.starts_from },
      { starts_before: null },
      { starts_from: null },
    ]) {
      await expectRefusal(calendar(viewer, args), 400, 'range_invalid');
    }
    expect(
      await idsOf(viewer, { starts_from: '-infinity', starts_before: '2031-05-02T00:00:00Z' }),
    ).toContain(sessions[0]);
  });

  test('reads no booking, however many there are', async () => {
    const { rows } = await asUser(db, inside(school, viewer), async (session) => {
      await session.query('select * from public.session_calendar($1, $2)', Object.values(range));
      return session.query<{ relname: string; is_read: boolean }>(
        `select relname, seq_scan + coalesce(idx_scan, 0) > 0 as is_read
         from pg_stat_xact_user_tables where schemaname = 'public' and relname in ('bookings', 'course_sessions')
         order by relname`,
      );
    });
    expect(rows).toEqual([
      { relname: 'bookings', is_read: false },
      { relname: 'course_sessions', is_read: true },
    ]);
  });
});
