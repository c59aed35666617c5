import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { addSession, openSchool, type School } from '../bookings/bookings.ts';
import { detailsDigest, importBookings, type OlderBooking, referenceOf } from '../bookings/older.ts';
import { runCli } from '../support/cli.ts';
import { inTransaction, useDatabase } from '../support/database.ts';

const db = useDatabase();
const run = (...args: string[]) =>
  runCli(['bookings', 'backfill', ...args], { env: { DATABASE_URL: db.url } });
let acme: School & { session: string };
let beta: School & { session: string };

const report = z.strictObject({
  outcome: z.string(),
  dry_run: z.boolean(),
  examined: z.number(),
  linked: z.number(),
  created: z.number(),
  remaining: z.number(),
  unusable: z.number(),
  organizations: z.array(
    z.looseObject({ organization_id: z.string(), linked: z.number(), unusable: z.array(z.unknown()) }),
  ),
});
const reported = ({ stdout }: { stdout: string }) => {
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return report.parse(JSON.parse(stdout));
};

async function open(name: string): Promise<School & { session: string }> {
  const school = await openSchool(db.pool, name);
  return { ...school, session: await addSession(db.pool, school, { capacity: 10_000 }) };
}

let imported = 0;
/** Imports so many into a school, each of somebody else. */
async function importInto(school: School & { session: string }, count: number): Promise<void> {
  const bookings: OlderBooking[] = Array.from({ length: count }, (_, index) => ({
    contact_details: {
      email: `someone-${imported + index}@example.com`,
      name: `Someone ${imported + index}`,
    },
  }));
  await importBookings(db.pool, school, school.session, bookings, imported);
  imported += count;
}

async function linkedIn({ id }: School): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::integer as count from public.bookings where organization_id = $1 and customer_id is not null`,
    [id],
  );
  return rows[0]?.count ?? -1;
}

beforeAll(async () => {
  acme = await open('Acme');
  beta = await open('Beta');
});

describe('rowhouse bookings backfill', () => {
  test('tells what it did, and names what has no usable address with the reason; a dry run does nothing', async () => {
    await importInto(acme, 3);
    await importInto(beta, 2);
    await importBookings(
      db.pool,
      acme,
      acme.session,
      [{ contact_details: { name: 'Nobody\u001b[2J' } }, { contact_details: { email: 'nonsense' } }],
      1_000_000,
    );
    const digest = await detailsDigest(db.pool, acme);
    const dry = await run('--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toMatch(/organizations\s+2\n/);
    expect(dry.stdout).toMatch(/would be linked\s+5\n/);
    expect(dry.stdout).toMatch(/customers that it would make\s+5\n/);
    expect(reported(await run('--dry-run', '--json'))).toMatchObject({
      dry_run: true,
      linked: 5,
      created: 5,
    });
    expect([await linkedIn(acme), await linkedIn(beta)]).toEqual([0, 0]);

    const real = await run();
    expect(real).toMatchObject({ code: 0, stderr: '' });
    expect(real.stdout).toMatch(/older bookings\s+5\n/);
    expect(real.stdout).toMatch(/linked\s+5\n/);
    expect(real.stdout).toMatch(/customers made\s+5\n/);
    expect(real.stdout).toMatch(/left\s+0\n/);
    expect(real.stdout).toMatch(/without a usable address\s+2\n/);
    expect(real.stdout).toContain(
      `${acme.id}  ${referenceOf(1_000_000)}  missing_email: there is no e-mail address\n`,
    );
    expect(real.stdout).toContain(
      `${acme.id}  ${referenceOf(1_000_001)}  invalid_email: this can be no e-mail address\n`,
    );
    expect([await linkedIn(acme), await linkedIn(beta)]).toEqual([3, 2]);
    expect(await detailsDigest(db.pool, acme)).toBe(digest);

    const again = reported(await run('--json'));
    expect(again).toMatchObject({ outcome: 'done', examined: 0, linked: 0, created: 0, unusable: 2 });
    expect(again.organizations).toMatchObject([{ organization_id: acme.id, examined: 0, remaining: 0 }]);
    expect(again.organizations.flatMap(({ unusable }) => unusable)).toHaveLength(2);
    expect(again.organizations[0]?.unusable).toEqual(
      expect.arrayContaining([
        {
          booking_id: expect.any(String) as string,
          reference: referenceOf(1_000_000),
          reason: 'missing_email',
        },
        {
          booking_id: expect.any(String) as string,
          reference: referenceOf(1_000_001),
          reason: 'invalid_email',
        },
      ]),
    );
  });

  test('--organization leaves the others', async () => {
    await importInto(acme, 2);
    await importInto(beta, 2);
    const before = [await linkedIn(acme), await linkedIn(beta)];
    const one = reported(await run('--organization', beta.id.toLowerCase(), '--json'));
    expect(one).toMatchObject({ linked: 2, organizations: [{ organization_id: beta.id }] });
    expect([await linkedIn(acme), await linkedIn(beta)]).toEqual([before[0], (before[1] ?? 0) + 2]);
    await run();
    const unknown = await run('--organization', 'NOWHERE01');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('There is no organization NOWHERE01.');
  });

  test('--verbose says each batch', async () => {
    await importInto(beta, 5);
    const result = await run('--verbose', '--batch-size', '2');
    expect(result.stderr.trim().split('\n')).toEqual([
      `${beta.id}: 2 linked, 2 customers made`,
      `${beta.id}: 4 linked, 4 customers made`,
      `${beta.id}: 5 linked, 5 customers made`,
    ]);
  });

  test('interrupted, it exits 130 with whole batches; the next run goes on', async () => {
    await importInto(beta, 600);
    const before = await linkedIn(beta);
    const result = await runCli(['bookings', 'backfill', '--verbose', '--batch-size', '5'], {
      env: { DATABASE_URL: db.url },
      interrupt: { when: /\d+ linked/, signal: 'SIGINT' },
    });
    expect(result.code).toBe(130);
    expect(result.stderr).toMatch(/Interrupted\. What was linked stays\./);
    const linked = (await linkedIn(beta)) - before;
    expect(linked).toBeGreaterThan(0);
    expect(linked).toBeLessThan(600);
    expect(linked % 5).toBe(0);
    expect(reported(await run('--json'))).toMatchObject({ outcome: 'done', linked: 600 - linked });
  });

  test('killed, it leaves whole batches, and 4 runs at once do the rest', async () => {
    await importInto(acme, 400);
    const before = await linkedIn(acme);
    const killed = await runCli(['bookings', 'backfill', '--verbose', '--batch-size', '10'], {
      env: { DATABASE_URL: db.url },
      interrupt: { when: /\d+ linked/, signal: 'SIGKILL' },
    });
    expect(killed.signal).toBe('SIGKILL');
    // The server ends the batch that is under way, or drops it, when it notices.
    await expect
      .poll(
        async () =>
          (
            await db.query(
              `select from pg_stat_activity where datname = current_database() and application_name = 'rowhouse'`,
            )
          ).rowCount,
        { timeout: 20_000 },
      )
      .toBe(0);
    const left = 400 - ((await linkedIn(acme)) - before);
    expect(left % 10).toBe(0);
    expect(left).toBeGreaterThan(0);
    const results = await Promise.all(Array.from({ length: 4 }, () => run('--json', '--batch-size', '20')));
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      results.map(() => ({ code: 0, stderr: '' })),
    );
    expect(results.reduce((sum, result) => sum + reported(result).linked, 0)).toBe(left);
    const { rows } = await db.query(
      `select organization_id from public.bookings where customer_id is null and contact_problem is null`,
    );
    expect(rows).toEqual([]);
    for (const { id } of [acme, beta]) {
      expect(
        (await db.query('select * from private.customer_statistics_differences($1)', [id])).rows,
      ).toEqual([]);
    }
  });

  test('does not wait for who changes what is linked, or has no usable address', async () => {
    await inTransaction(db.pool, 'rollback', async (client) => {
      await client.query(`select from public.bookings for update`);
      expect(reported(await run('--json'))).toMatchObject({ outcome: 'done', linked: 0 });
    });
  });

  test.each([
    [['--batch-size', '0'], /It is a number from 1 to 100,000/],
    [['--batch-size', 'many'], /It is a whole number/],
    [['--organization', 'x'], /It is an organization id/],
    [['--all'], /unknown option/],
  ])('%j is bad usage', async (args, message) => {
    const result = await run(...args);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(message);
  });
});
