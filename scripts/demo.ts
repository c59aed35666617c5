/**
 * `npm run demo`: Rowhouse's main job on real input, from an empty machine to two organizations side by side and a
 * window that one of them sells, told as it happens.
 * Exits 0 only when everything came out as it should.
 */
import { parse } from 'csv-parse/sync';
import { readFile } from 'node:fs/promises';
import pc from 'picocolors';
import { note, print, printTable } from '../src/cli/output.ts';
import { createRowhouseClient } from '../src/client/index.ts';
import { Failure } from '../src/failure.ts';
import { migrate } from '../src/migrations/migrate.ts';
import { restore } from '../src/migrations/restore.ts';
import { rollback } from '../src/migrations/rollback.ts';
import { withConnection } from '../src/postgres/connect.ts';
import { startStack } from '../src/stack/start.ts';
import { preservationReport } from '../src/users/preservation.ts';
import { userStatus } from '../src/users/status.ts';
import { setPlatformRole } from '../src/users/superadmins.ts';
import { syncProfiles, type SyncReport } from '../src/users/sync.ts';
import { verify } from '../src/verify/verify.ts';
import { bookings } from './support/demo/bookings.ts';
import { auditWalls, organizations } from './support/demo/organizations.ts';
import { sales } from './support/demo/sales.ts';
import { expect, expectRefusal, heading, signUp, unmet } from './support/demo/telling.ts';

/** A function that guards doors, and what someone might make of it. */
const released = new URL('../migrations/fixtures/identity/private/require_superadmin.sql', import.meta.url);
const tampered = `create or replace function private.require_superadmin() returns void language plpgsql stable security definer
  set search_path = '' as $$ begin return; end $$`;

/** Loads users as an auth server would hold them, behind the back of the trigger: so they have no profiles. */
async function loadUsers(superuserUrl: string): Promise<number> {
  const text = await readFile(new URL('../examples/auth-users.csv', import.meta.url), 'utf8');
  const rows = parse(text, {
    columns: true,
    cast: (value, { header }) => (!header && value === '' ? null : value),
  });
  await withConnection(superuserUrl, async (client) => {
    await client.query('begin');
    await client.query('alter table auth.users disable trigger user');
    await client.query(
      `insert into auth.users (
         instance_id, id, aud, role, email, phone, email_confirmed_at, phone_confirmed_at, last_sign_in_at,
         raw_app_meta_data, raw_user_meta_data, is_sso_user, is_anonymous, banned_until, deleted_at, created_at, updated_at
       )
       select
         '00000000-0000-0000-0000-000000000000', id, aud, role, email, phone, email_confirmed_at, phone_confirmed_at,
         last_sign_in_at, raw_app_meta_data::jsonb, raw_user_meta_data::jsonb, is_sso_user, is_anonymous, banned_until,
         deleted_at, created_at, updated_at
       from json_to_recordset($1) as loaded (
         id uuid, aud text, role text, email text, phone text, email_confirmed_at timestamptz,
         phone_confirmed_at timestamptz, last_sign_in_at timestamptz, raw_app_meta_data text, raw_user_meta_data text,
         is_sso_user boolean, is_anonymous boolean, banned_until timestamptz, deleted_at timestamptz,
         created_at timestamptz, updated_at timestamptz
       )`,
      [JSON.stringify(rows)],
    );
    await client.query('alter table auth.users enable trigger user');
    await client.query('commit');
  });
  return rows.length;
}

function showSync(report: SyncReport): void {
  printTable([
    ['users', report.total_auth_users],
    ['without a profile', report.missing_profiles],
    ['created', report.created_profiles],
    ['failed', report.failed_creations],
    ['time', `${report.duration_ms} ms`],
  ]);
}

async function demo(): Promise<void> {
  heading('1. A Rowhouse of its own');
  note('  Starting PostgreSQL, the API and the worker; nothing is kept, nothing leaves this machine …');
  const started = performance.now();
  const stack = await startStack({ quiet: true });
  const stop = () => {
    void stack.stop().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    expect(`ready in ${((performance.now() - started) / 1000).toFixed(1)} s at ${stack.apiUrl}`, true);
    const adminUrl = new URL(stack.dbUrl);
    adminUrl.username = 'postgres';

    heading('2. A company moves in: users who were there before');
    const loaded = await loadUsers(stack.dbUrl);
    print(
      `  ${loaded.toLocaleString('en')} users are in auth.users: Unicode names, phone only, SSO, anonymous, banned, hostile.`,
    );
    await withConnection(adminUrl.href, async (client) => {
      const drift = await userStatus(client);
      printTable([
        ['users', drift.total_auth_users],
        ['profiles', drift.profiles],
        ['problems', drift.problems.length],
      ]);
      expect('every one of them is reported as a user without a profile', drift.problems.length === loaded);

      heading('3. rowhouse users sync --dry-run');
      const dry = await syncProfiles(client, { dryRun: true });
      showSync(dry);
      expect(
        'it says what it would create, and creates nothing',
        dry.missing_profiles === loaded && dry.created_profiles === 0,
      );
      expect('there still is no profile', (await userStatus(client)).profiles === 0);

      heading('4. rowhouse users sync');
      const real = await syncProfiles(client, { batchSize: 250 });
      showSync(real);
      expect('every user has a profile now', real.created_profiles === loaded && real.failed_creations === 0);
      const { rows: risen } = await client.query(
        `select from public.user_profiles where platform_role <> 'user' or not is_active`,
      );
      expect('no metadata has raised a role', risen.length === 0);
      const { rows: names } = await client.query<{ display_name: string }>(
        `select display_name from public.user_profiles tablesample bernoulli (1) repeatable (7) limit 5`,
      );
      for (const { display_name } of names) print(pc.dim(`    ${display_name.slice(0, 60)}`));

      heading('5. rowhouse users sync, again');
      const again = await syncProfiles(client);
      showSync(again);
      expect('there was nothing left to do', again.missing_profiles === 0 && again.created_profiles === 0);
      const preserved = await preservationReport(client);
      expect(
        `all ${preserved.preserved.toLocaleString('en')} profiles are as they were`,
        preserved.checked === loaded && preserved.preserved === loaded,
      );
      expect('users and profiles are sound', (await userStatus(client)).problems.length === 0);
    });

    heading('6. Someone signs up, over HTTP, with supabase-js');
    const { client: ada, id: adaId } = await signUp(stack, 'ada@example.com', '  Ada   Lovelace ');
    const own = await ada.from('user_profiles').select('user_id, display_name, platform_role, is_active');
    if (own.error) throw new Failure(`Reading the profile failed: ${own.error.message}`);
    printTable(
      own.data.flatMap((row) =>
        Object.entries(row).map(([key, value]): [string, string] => [key, String(value)]),
      ),
    );
    expect(
      'a profile was there at once, and it is the only one that she sees',
      own.data.length === 1 && own.data[0]?.user_id === adaId,
    );
    expect('the role that her metadata claimed was ignored', own.data[0]?.platform_role === 'user');

    heading('7. A superadmin looks at the users');
    const operator = createRowhouseClient(stack.apiUrl, stack.secretKey);
    const superadmin = await signUp(stack, 'grace@example.com', 'Grace Hopper');
    const { client: grace, id: graceId } = superadmin;
    await expectRefusal(
      'the secret key makes none',
      'superadmin_required',
      operator.call('update_user', { id: graceId, platform_role: 'superadmin' }),
    );
    const { changed } = await withConnection(adminUrl.href, (client) =>
      setPlatformRole(client, 'grace@example.com', 'superadmin'),
    );
    expect('rowhouse superadmin grant grace@example.com does', changed);
    const page = await grace.call('list_users', { per_page: 5 });
    for (const user of page.users) {
      print(
        `    ${user.display_name.slice(0, 28).padEnd(30)}${pc.dim(`${user.email ?? '–'}  ${user.platform_role}`)}`,
      );
    }
    print(pc.dim(`    … ${page.total.toLocaleString('en')} in all`));
    expect('the list counts every user', page.total === loaded + 2);
    const refused = await ada.call('list_users').catch((error: unknown) => error);
    expect('Ada may not see it', refused instanceof Error && refused.name === 'ForbiddenError');

    heading('8. The superadmin shuts Ada out');
    await grace.call('deactivate_user', { id: adaId, reason: 'Left the company.' });
    const token = (await ada.auth.getSession()).data.session?.access_token;
    const after = await ada.from('user_profiles').select('user_id');
    expect('her token is still valid', (await grace.auth.getUser(token)).data.user?.id === adaId);
    expect('and reads nothing', after.error === null && after.data.length === 0);
    const written = await ada
      .from('user_profiles')
      .update({ display_name: 'Still here' })
      .eq('user_id', adaId)
      .select('user_id');
    expect('and writes nothing', written.error === null && written.data.length === 0);

    heading('9. rowhouse verify: is this database what the release says?');
    const sound = await verify(adminUrl.href);
    expect(
      `all ${sound.objects} objects are as released (${sound.duration_ms} ms)`,
      sound.findings.length === 0,
    );
    print('  Someone opens a door, in a place where nobody looks:');
    print(pc.dim('    create or replace function private.require_superadmin() … begin return; end'));
    await withConnection(adminUrl.href, (client) => client.query(tampered));
    const found = await verify(adminUrl.href);
    for (const { kind, name, error, severity } of found.findings) {
      print(`    ${pc.red(severity)}  ${kind} ${pc.bold(name)}: ${error}`);
    }
    expect(
      'verify names the function, and nothing else',
      found.critical === 1 &&
        found.findings.length === 1 &&
        Boolean(found.findings[0]?.name.includes('private.require_superadmin')),
    );
    await withConnection(adminUrl.href, async (client) => client.query(await readFile(released, 'utf8')));
    expect('with its released text it is sound again', (await verify(adminUrl.href)).findings.length === 0);

    heading('10. rowhouse rollback --to 000002, and forward again');
    const undone = await rollback(adminUrl.href, { to: '000002' });
    for (const { source, schema, table, rows } of undone.set_aside) {
      print(
        `    ${(source ?? table).padEnd(28)}${rows.toLocaleString('en')} rows, set aside as ${schema}.${table}`,
      );
    }
    const aside = undone.set_aside.find(({ source }) => source === 'public.user_profiles')?.rows;
    expect(
      'identity is gone, and every profile is set aside',
      undone.at === '000002' && aside === loaded + 2,
    );
    const forward = await migrate(adminUrl.href);
    const back = await restore(adminUrl.href);
    expect(
      `forward again, at ${forward.at}: ${back.restored.toLocaleString('en')} rows are back, none is lost`,
      back.kept === 0,
    );
    await withConnection(adminUrl.href, async (client) => {
      const { rows } = await client.query<{ is_active: boolean }>(
        'select is_active from public.user_profiles where user_id = $1',
        [adaId],
      );
      expect('Ada is still shut out', rows[0]?.is_active === false);
      expect('users and profiles are sound', (await userStatus(client)).problems.length === 0);
    });
    expect('and the database is what the release says', (await verify(adminUrl.href)).findings.length === 0);
    await stack.reload();

    const houses = await organizations(stack, superadmin);
    await sales(stack, houses, adminUrl.href);
    await bookings(stack, houses, adminUrl.href);
    await auditWalls(adminUrl.href);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await stack.stop();
  }

  print();
  if (unmet() > 0) throw new Failure(`${unmet()} of the expectations above were not met.`);
  print(pc.green('All of it came out right. The stack and its data are gone.'));
  print('Go on with `npm start`: the same stack, with data that stays; then `npm run rowhouse -- --help`.');
}

try {
  await demo();
} catch (error) {
  note(pc.red(`\n${error instanceof Error ? error.message : String(error)}`));
  if (error instanceof Failure && error.hint) note(error.hint);
  process.exitCode = 1;
}
