import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser } from '../support/roles.ts';
import { addMember, callAll, inside } from '../tenancy/organizations.ts';
import { addCourse, addSession, openSchool, type School } from './bookings.ts';

const db = useDatabase();
let berlin: School;
let york: School;
let course: string;
let courseOfYork: string;
let venue: string;
let instructor: string;

interface Session {
  id: string;
  status: string;
  starts_at: string;
  ends_at: string;
  [column: string]: unknown;
}

beforeAll(async () => {
  berlin = await openSchool(db.pool, 'Berlin');
  york = await openSchool(db.pool, 'York');
  await db.query(
    `update public.organizations set timezone = case id when $1 then 'Europe/Berlin' else 'America/New_York' end
     where id in ($1, $2)`,
    [berlin.id, york.id],
  );
  course = await addCourse(db.pool, berlin, { duration_minutes: 240 });
  courseOfYork = await addCourse(db.pool, york, { duration_minutes: 240 });
  instructor = await addMember(db.pool, berlin, { roles: ['instructor'] });
  venue = await addVenue(berlin, 'Town hall');
});

async function addVenue(school: School, name: string): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    'insert into public.venues (organization_id, name) values ($1, $2) returning id',
    [school.id, name],
  );
  return rows[0]?.id ?? '';
}

/** Calls as a member; what it writes stays. */
async function called(school: School, user: string, name: string, args: Record<string, unknown>) {
  return (await asUser(db, inside(school, user), (session) => callAll(session, name, args), {
    commit: true,
  })) as Session[];
}

const planned = (school: School, args: Record<string, unknown>) =>
  called(school, school.staff, 'create_recurring_sessions', {
    course_id: school === berlin ? course : courseOfYork,
    first_starts_at: '2027-06-01T07:00:00Z',
    frequency: 'weekly',
    occurrences: 2,
    ...args,
  });

/** What a clock on the wall shows, without any help of the database. */
const onTheClock = (timezone: string, moment: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' }).format(
    new Date(moment),
  );

const conflictsOf = async (attempt: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { detail } = z.object({ detail: z.string() }).parse(error);
  const { code, conflicts } = z
    .object({ code: z.string(), conflicts: z.unknown() })
    .parse(JSON.parse(detail));
  expect(code).toBe('session_conflict');
  return conflicts;
};

const countOf = async (school: School): Promise<number> =>
  (
    await db.query<{ amount: number }>(
      'select count(*)::integer as amount from public.course_sessions where organization_id = $1',
      [school.id],
    )
  ).rows[0]?.amount ?? Number.NaN;

describe('sessions that recur', () => {
  test('are drafts that share everything but their time, in order, and take as long as the course', async () => {
    const sessions = await planned(berlin, {
      venue_id: venue,
      room: ' Blue ',
      instructor_id: instructor,
      capacity: 8,
      price: 49.5,
    });
    expect(
      sessions.map(({ starts_at, ends_at }) => [starts_at, ends_at].map((at) => new Date(at).toISOString())),
    ).toEqual([
      ['2027-06-01T07:00:00.000Z', '2027-06-01T11:00:00.000Z'],
      ['2027-06-08T07:00:00.000Z', '2027-06-08T11:00:00.000Z'],
    ]);
    for (const session of sessions) {
      expect(session).toMatchObject({
        organization_id: berlin.id,
        course_id: course,
        venue_id: venue,
        room: 'Blue',
        instructor_id: instructor,
        capacity: 8,
        price: 49.5,
        status: 'draft',
        places_taken: 0,
        places_held: 0,
      });
    }
  });

  test.each([
    // The clocks go forward on the 28th of March, and back on the 31st of October.
    [
      'Europe/Berlin',
      'weekly',
      '2027-03-14T08:00:00Z',
      4,
      ['2027-03-14 09:00', '2027-03-21 09:00', '2027-03-28 09:00', '2027-04-04 09:00'],
    ],
    [
      'Europe/Berlin',
      'daily',
      '2027-10-29T16:30:00Z',
      4,
      ['2027-10-29 18:30', '2027-10-30 18:30', '2027-10-31 18:30', '2027-11-01 18:30'],
    ],
    // On the 14th of March, and on the 7th of November.
    [
      'America/New_York',
      'biweekly',
      '2027-02-28T14:00:00Z',
      3,
      ['2027-02-28 09:00', '2027-03-14 09:00', '2027-03-28 09:00'],
    ],
    [
      'America/New_York',
      'daily',
      '2027-11-06T00:00:00Z',
      4,
      ['2027-11-05 20:00', '2027-11-06 20:00', '2027-11-07 20:00', '2027-11-08 20:00'],
    ],
    // The 31st, or the last day; a leap year.
    [
      'Europe/Berlin',
      'monthly',
      '2028-01-31T08:00:00Z',
      5,
      ['2028-01-31 09:00', '2028-02-29 09:00', '2028-03-31 09:00', '2028-04-30 09:00', '2028-05-31 09:00'],
    ],
    [
      'America/New_York',
      'monthly',
      '2029-10-31T13:00:00Z',
      5,
      ['2029-10-31 09:00', '2029-11-30 09:00', '2029-12-31 09:00', '2030-01-31 09:00', '2030-02-28 09:00'],
    ],
  ])(
    'start at the same hour of the clock in %s, %s from %s on',
    async (timezone, frequency, first, occurrences, expected) => {
      const sessions = await planned(timezone === 'Europe/Berlin' ? berlin : york, {
        frequency,
        first_starts_at: first,
        occurrences,
      });
      expect(sessions.map(({ starts_at }) => onTheClock(timezone, starts_at))).toEqual(expected);
      expect(sessions.map(({ starts_at, ends_at }) => Date.parse(ends_at) - Date.parse(starts_at))).toEqual(
        expected.map(() => 240 * 60_000),
      );
    },
  );

  test('begin when they were asked to, also in the hour that the clock shows twice', async () => {
    // 02:30 in Berlin, before and after the clocks go back.
    for (const first of ['2027-10-31T00:30:00.000Z', '2027-10-31T01:30:00.000Z']) {
      const [session] = await planned(berlin, { first_starts_at: first, occurrences: 1 });
      expect(new Date(session?.starts_at ?? 0).toISOString()).toBe(first);
    }
  });

  test('are all entered or none: the days on which the instructor is elsewhere are named', async () => {
    const busy = await addMember(db.pool, york, { roles: ['instructor'] });
    // Half past eleven at night: another day already where the server is.
    for (const starts_at of ['2027-06-09T03:30:00Z', '2027-06-23T03:30:00Z']) {
      await addSession(db.pool, york, {
        course_id: courseOfYork,
        instructor_id: busy,
        starts_at,
        ends_at: new Date(Date.parse(starts_at) + 3_600_000).toISOString(),
      });
    }
    const before = await countOf(york);
    const args = { first_starts_at: '2027-06-02T03:00:00Z', occurrences: 5, instructor_id: busy };
    expect(await conflictsOf(planned(york, args))).toEqual(['2027-06-08', '2027-06-22']);
    expect(await countOf(york)).toBe(before);

    // Who teaches nobody at that time, and what was cancelled, are in nobody's way.
    expect(await planned(york, { ...args, instructor_id: york.staff })).toHaveLength(5);
    await db.query(
      `update public.course_sessions set status = 'cancelled' where organization_id = $1 and instructor_id = $2`,
      [york.id, busy],
    );
    expect(await planned(york, args)).toHaveLength(5);
  });

  test('are in nobody else’s room, and in no other’s way in another room', async () => {
    const school = await addVenue(york, 'School');
    const first_starts_at = '2027-07-05T13:00:00Z';
    await planned(york, { first_starts_at, occurrences: 1, venue_id: school, room: 'A' });
    const args = { first_starts_at, frequency: 'daily', occurrences: 3, venue_id: school };
    expect(await conflictsOf(planned(york, { ...args, room: 'A' }))).toEqual(['2027-07-05']);
    expect(await planned(york, { ...args, room: 'B' })).toHaveLength(3);
  });

  test('are in the way of each other when the course takes longer than the time to the next', async () => {
    const long = await addCourse(db.pool, york, { duration_minutes: 1500 });
    const args = {
      course_id: long,
      frequency: 'daily',
      occurrences: 3,
      first_starts_at: '2027-08-02T13:00:00Z',
    };
    expect(await conflictsOf(planned(york, { ...args, instructor_id: york.owner }))).toEqual([
      '2027-08-03',
      '2027-08-04',
    ]);
    // Without an instructor and a venue there is nothing to be in the way of.
    expect(await planned(york, args)).toHaveLength(3);
  });

  test('of two at once for the same instructor, one is entered whole, and the other not at all', async () => {
    const busy = await addMember(db.pool, york);
    const before = await countOf(york);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, () =>
        planned(york, {
          first_starts_at: '2027-09-06T13:00:00Z',
          frequency: 'daily',
          occurrences: 20,
          instructor_id: busy,
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect(await conflictsOf(Promise.reject(outcome.reason as Error))).toHaveLength(20);
    }
    expect(await countOf(york)).toBe(before + 20);
  });

  test('wait for whoever enters a session by hand, and name its day', async () => {
    const busy = await addMember(db.pool, york);
    const client = await db.pool.connect();
    try {
      await client.query('begin');
      await addSession(client, york, {
        course_id: courseOfYork,
        instructor_id: busy,
        starts_at: '2027-12-02T14:00:00Z',
        ends_at: '2027-12-02T18:00:00Z',
      });
      const outcome = conflictsOf(
        planned(york, {
          first_starts_at: '2027-12-01T14:00:00Z',
          frequency: 'daily',
          occurrences: 3,
          instructor_id: busy,
        }),
      );
      const waits = async () =>
        (
          await db.query(
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          )
        ).rowCount;
      while ((await waits()) === 0) await sleep(5);
      await client.query('commit');
      expect(await outcome).toEqual(['2027-12-02']);
    } finally {
      client.release(true);
    }
  });

  test('refuses what cannot be, and what belongs to others', async () => {
    const other = '00000000-0000-7000-8000-000000000000';
    const refusals: [Record<string, unknown>, number, string][] = [
      [{ frequency: 'yearly' }, 400, 'frequency_invalid'],
      [{ frequency: null }, 400, 'frequency_invalid'],
      [{ occurrences: 0 }, 400, 'occurrences_invalid'],
      [{ occurrences: 105 }, 400, 'occurrences_invalid'],
      [{ first_starts_at: 'infinity' }, 400, 'starts_at_invalid'],
      [{ first_starts_at: null }, 400, 'starts_at_invalid'],
      [{ capacity: 0 }, 400, 'capacity_invalid'],
      [{ price: -1 }, 400, 'price_invalid'],
      [{ price: 'NaN' }, 400, 'price_invalid'],
      [{ room: 'x'.repeat(101) }, 400, 'room_invalid'],
      [{ course_id: other }, 404, 'course_not_found'],
      [{ course_id: courseOfYork }, 404, 'course_not_found'],
      [{ venue_id: await addVenue(york, 'Of others') }, 404, 'venue_not_found'],
      [{ instructor_id: york.owner }, 404, 'member_not_found'],
    ];
    const before = await countOf(berlin);
    for (const [args, status, code] of refusals) await expectRefusal(planned(berlin, args), status, code);
    // A supervisor writes bookings, and not what is offered.
    const supervisor = await addMember(db.pool, berlin, { roles: ['supervisor'] });
    for (const user of [supervisor, instructor, berlin.website]) {
      await expectRefusal(
        called(berlin, user, 'create_recurring_sessions', {
          course_id: course,
          first_starts_at: '2027-06-01T07:00:00Z',
          frequency: 'weekly',
          occurrences: 1,
        }),
        403,
        'permission_required',
      );
    }
    expect(await countOf(berlin)).toBe(before);
  });
});

describe('a session like another', () => {
  test('has its course, place, price and length, another time, and no bookings', async () => {
    const id = await addSession(db.pool, berlin, {
      course_id: course,
      venue_id: venue,
      room: 'Green',
      instructor_id: instructor,
      capacity: 7,
      price: 12,
      starts_at: '2028-02-01T08:00:00Z',
      ends_at: '2028-02-02T16:30:00Z',
    });
    const [cloned] = await called(berlin, berlin.staff, 'clone_session', {
      id,
      starts_at: '2028-03-30T07:00:00Z',
    });
    expect(cloned).toMatchObject({
      course_id: course,
      venue_id: venue,
      room: 'Green',
      instructor_id: instructor,
      capacity: 7,
      price: 12,
      status: 'draft',
      places_taken: 0,
      places_held: 0,
      revision: 0,
      published_at: null,
    });
    expect(cloned?.id).not.toBe(id);
    expect(Date.parse(cloned?.ends_at ?? '') - Date.parse(cloned?.starts_at ?? '')).toBe(32.5 * 3_600_000);

    // At the same time as itself: with another instructor, in another room only.
    const again = { id, starts_at: '2028-02-01T08:00:00Z' };
    expect(await conflictsOf(called(berlin, berlin.staff, 'clone_session', again))).toEqual(['2028-02-01']);
    await db.query(`update public.course_sessions set room = 'Yellow' where id = $1`, [cloned?.id]);
    const [without] = await called(berlin, berlin.staff, 'clone_session', {
      id: cloned?.id,
      starts_at: '2028-02-01T08:00:00Z',
      with_instructor: false,
    });
    expect(without).toMatchObject({ instructor_id: null, room: 'Yellow' });
  });

  test('is made by who may change what is offered, and of their own organization', async () => {
    const id = await addSession(db.pool, berlin, { course_id: course });
    const starts_at = '2028-05-01T08:00:00Z';
    await expectRefusal(
      called(berlin, instructor, 'clone_session', { id, starts_at }),
      403,
      'permission_required',
    );
    await expectRefusal(
      called(york, york.staff, 'clone_session', { id, starts_at }),
      404,
      'session_not_found',
    );
    await expectRefusal(
      called(berlin, berlin.staff, 'clone_session', { id, starts_at: '-infinity' }),
      400,
      'starts_at_invalid',
    );
  });
});
