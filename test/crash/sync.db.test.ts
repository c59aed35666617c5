import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { useDatabase } from '../support/database.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();
const sync = (...args: string[]) =>
  runCli(['users', 'sync', ...args], { env: { DATABASE_URL: db.url }, timeoutMs: 110_000 });

/** Users who have no profile, as if they had been there before Rowhouse. */
async function addUsersWithoutProfiles(name: string, count: number): Promise<void> {
  const superuser = await db.superuser();
  await superuser.query(`alter table auth.users disable trigger user`);
  await superuser.query(
    `insert into auth.users (id, aud, role, email, created_at)
     select gen_random_uuid(), 'authenticated', 'authenticated', format('%s-%s@example.com', $1::text, number), now()
     from generate_series(1, $2) as number`,
    [name, count],
  );
  await superuser.query(`alter table auth.users enable trigger user`);
}

interface Balance {
  users: number;
  profiles: number;
  pairs: number;
}

/** Users, profiles, and users with exactly one profile of the right name. */
async function balance(): Promise<Balance | undefined> {
  const { rows } = await db.query<Balance>(
    `select (select count(*) from auth.users)::integer as users,
            (select count(*) from public.user_profiles)::integer as profiles,
            (select count(distinct account.id) from auth.users as account
             join public.user_profiles as profile on profile.user_id = account.id
             where profile.display_name = split_part(account.email, '@', 1))::integer as pairs`,
  );
  return rows[0];
}

test('a sync of 200,000 users, killed and run again, ends with one profile for each', async () => {
  const kept = await insertAuthUser(db.pool, { email: 'kept@example.com' });
  await db.query(`update public.user_profiles set display_name = 'kept', preferences = '{"a": 1}'`);
  const untouched = await db.query('select * from public.user_profiles');
  await addUsersWithoutProfiles('old', 200_000);

  const killed = await runCli(['users', 'sync', '--verbose', '--batch-size', '5000'], {
    env: { DATABASE_URL: db.url },
    interrupt: { when: /\d+ of 200000/, signal: 'SIGKILL' },
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
  const half = await balance();
  expect(half?.profiles).toBeGreaterThan(1);
  expect(half?.profiles).toBeLessThan(200_001);
  expect(((half?.profiles ?? 0) - 1) % 5000).toBe(0);

  const again = await sync('--json');
  expect(JSON.parse(again.stdout)).toMatchObject({
    outcome: 'done',
    created_profiles: 200_001 - (half?.profiles ?? 0),
    failed_creations: 0,
  });
  expect(await balance()).toEqual({ users: 200_001, profiles: 200_001, pairs: 200_001 });
  expect((await db.query('select * from public.user_profiles where user_id = $1', [kept])).rows).toEqual(
    untouched.rows,
  );
}, 120_000);

test('8 syncs at once, with 50 sign-ups a second meanwhile, end with one profile for each', async () => {
  // Past the triggers: what is history refuses to be emptied.
  await (await db.superuser()).query('set session_replication_role = replica; truncate auth.users cascade');
  await addUsersWithoutProfiles('old', 16_000);
  const meanwhile = { goesOn: true };
  const syncs = Promise.all(Array.from({ length: 8 }, () => sync('--json', '--batch-size', '1000'))).finally(
    () => (meanwhile.goesOn = false),
  );
  const began = performance.now();
  const signUps: Promise<string>[] = [];
  while (meanwhile.goesOn) {
    const due = Math.floor((performance.now() - began) / 20);
    while (signUps.length < due) {
      signUps.push(insertAuthUser(db.pool, { email: `new-${signUps.length}@example.com` }));
    }
    await sleep(20);
  }
  await Promise.all(signUps);
  const results = await syncs;
  expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    results.map(() => ({ code: 0, stderr: '' })),
  );
  const reports = results.map(
    ({ stdout }) => JSON.parse(stdout) as { created_profiles: number; failed_creations: number },
  );
  expect(reports.reduce((sum, { created_profiles }) => sum + created_profiles, 0)).toBe(16_000);
  expect(signUps.length).toBeGreaterThan(50);
  const users = 16_000 + signUps.length;
  expect(await balance()).toEqual({ users, profiles: users, pairs: users });
  expect((await db.query('select from private.profile_failures')).rowCount).toBe(0);
}, 120_000);
