import { diff } from '@supabase/pg-delta';
import { extract } from '@supabase/pg-delta/extract';
import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { migrate } from '../../src/migrations/migrate.ts';
import { migrationsFolder, releaseMigrations } from '../../src/migrations/release.ts';
import { reset } from '../../src/migrations/reset.ts';
import { restore } from '../../src/migrations/restore.ts';
import { rollback } from '../../src/migrations/rollback.ts';
import { connect } from '../../src/postgres/connect.ts';
import { createBareDatabase, type BareDatabase } from '../support/bare-database.ts';
import { runCli } from '../support/cli.ts';
import { openPool, useDatabase } from '../support/database.ts';
import { insertAuthUser } from '../support/users.ts';
import { cloneTemplate, dropDatabase, urlOf } from '../support/places/template.ts';
import { contents, fillEveryTable, type Contents, type People } from './rows.ts';

const db = useDatabase();
let bare: BareDatabase;
let client: pg.Client;

/** A database of its own for each test: these change what others would build on. */
async function useMigrated(): Promise<void> {
  const template = inject('template');
  const name = await cloneTemplate(template);
  bare = {
    url: urlOf(template.superuserUrl, name, { name: 'postgres', password: template.password }),
    drop: () => dropDatabase(template.superuserUrl, name),
  };
  client = await connect(bare.url);
}
async function useBare(): Promise<void> {
  bare = await createBareDatabase(db, { platform: true });
  client = await connect(bare.url);
}
async function drop(): Promise<void> {
  await client.end();
  await bare.drop();
}

const numbers = (await releaseMigrations()).map((name) => name.slice(0, 6));
const latest = numbers.at(-1) ?? '';
/** Each migration undone, with the ones after it: `000000` undoes all. */
const goals = ['000000', ...numbers.slice(0, -1)];

type Facts = Awaited<ReturnType<typeof extract>>['factBase'];

async function facts(): Promise<Facts> {
  const pool = openPool(bare.url, 1);
  try {
    return (await extract(pool)).factBase;
  } finally {
    await pool.end();
  }
}

/**
 * What pg-delta sees differ. The migration tool's own bookkeeping is not part of a migration; roles are the server's, and
 * other tests make some.
 */
function differences(before: Facts, after: Facts): unknown[] {
  return diff(before, after).filter(
    (delta) => !/graphile_migrate|"kind":"(role|membership)"/.test(JSON.stringify(delta)),
  );
}

/** What the catalog does not tell: jobs, queues and rows of definitions. */
async function definitions(): Promise<unknown> {
  const { rows } = await client.query(
    `select (select jsonb_agg(jsonb_build_array(jobname, schedule, command) order by jobname) from cron.job) as jobs,
            (select jsonb_agg(queue_name order by queue_name) from pgmq.list_queues()) as queues`,
  );
  return rows;
}

/** The rows of `before` that are not in `after`. */
function lost(before: Contents, after: Contents): string[] {
  return Object.entries(before).flatMap(([table, rows]) =>
    rows.filter((row) => !(after[table] ?? []).includes(row)).map((row) => `${table} ${row}`),
  );
}

async function profileOf(id: string): Promise<Record<string, unknown> | undefined> {
  const { rows } = await client.query<Record<string, unknown>>(
    'select display_name, platform_role, is_active from public.user_profiles where user_id = $1',
    [id],
  );
  return rows[0];
}

async function setAsideSchemas(): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname like 'rollback%' order by 1`,
  );
  return rows.map(({ name }) => name);
}

describe('down and up', () => {
  beforeEach(useBare);
  afterEach(drop);

  test('each migration, undone, leaves the state before it, and up again the state after it', async () => {
    const steps = new Map<string, { facts: Facts; definitions: unknown }>();
    const look = async (number: string) =>
      steps.set(number, { facts: await facts(), definitions: await definitions() });
    const step = (number: string) => {
      const found = steps.get(number);
      if (!found) throw new Error(`no migration ${number}`);
      return found;
    };
    await look('000000');
    for (const name of await releaseMigrations()) {
      await client.query('begin');
      await client.query(`set local search_path = pg_catalog`);
      await client.query(await readFile(`${migrationsFolder}/committed/${name}.sql`, 'utf8'));
      await client.query('commit');
      await look(name.slice(0, 6));
    }
    expect(differences(step('000000').facts, step(latest).facts)).not.toEqual([]);

    await drop();
    await useMigrated();
    for (const to of goals) {
      const { undone, set_aside } = await rollback(bare.url, { to });
      expect(undone).toHaveLength(numbers.filter((number) => number > to).length);
      expect(set_aside).toEqual([]);
      expect(differences(step(to).facts, await facts()), `down to ${to}`).toEqual([]);
      expect(await definitions()).toEqual(step(to).definitions);
      await migrate(bare.url);
      expect(differences(step(latest).facts, await facts()), `up from ${to}`).toEqual([]);
      expect(await definitions()).toEqual(step(latest).definitions);
    }
  });
});

/**
 * All rows, but for what it leaves behind that a module's permissions are taken out of the roles and given back: the entries
 * of the log about it, and when the roles were changed last.
 */
async function rowsNow(): Promise<Contents> {
  const found = await contents(client);
  const parsed = (table: string) =>
    (found[table] ?? []).map((row) => JSON.parse(row) as Record<string, unknown>);
  const isOfRoles = ({ table_name, action }: Record<string, unknown>) =>
    table_name === 'roles' && action === 'update';
  return {
    ...found,
    'public.audit_logs': parsed('public.audit_logs')
      .filter((entry) => !isOfRoles(entry))
      .map((entry) => JSON.stringify(entry)),
    'public.roles': parsed('public.roles')
      .map((role) => JSON.stringify({ ...role, updated_at: undefined }))
      .sort(),
  };
}

describe('with rows in every table', () => {
  let people: People;
  let before: Contents;

  beforeEach(async () => {
    await useMigrated();
    people = await fillEveryTable(client);
    before = await rowsNow();
  });
  afterEach(drop);

  test.each(goals)('down to %s, up and restored, every row is there as it was', async (to) => {
    const down = await rollback(bare.url, { to });
    const set = down.set_aside.map(({ source }) => source);
    expect(set).toEqual(
      expect.arrayContaining([
        'public.bookings',
        'public.payments',
        'private.number_counters',
        ...(to < '000006' ? ['public.orders', 'public.price_history'] : []),
        ...(to < '000005' ? ['public.customers', 'public.customer_health_notes'] : []),
        ...(to < '000004' ? ['public.organizations', 'public.audit_logs', 'pgmq.q_notifications'] : []),
        ...(to < '000003'
          ? ['public.user_profiles', 'private.sync_runs', 'pgmq.q_user_sync', 'pgmq.a_user_sync']
          : []),
      ]),
    );
    const up = await migrate(bare.url);
    expect(up.set_aside).toEqual(down.set_aside);
    const report = await restore(bare.url);
    expect(report.kept).toBe(0);
    expect(report.restored).toBe(down.set_aside.reduce((sum, { rows }) => sum + rows, 0));
    expect(await rowsNow()).toEqual(before);
    expect(await setAsideSchemas()).toEqual([]);
    expect(await restore(bare.url)).toMatchObject({ tables: [], restored: 0 });
    expect(await rowsNow()).toEqual(before);
  });

  test('what comes back wins over the profiles that a sync has made meanwhile: nobody is let in again', async () => {
    await rollback(bare.url, { to: '000002' });
    await migrate(bare.url);
    await client.query('select public.sync_user_profiles()');
    expect(await profileOf(people.bob)).toMatchObject({ is_active: true });
    expect(await restore(bare.url)).toMatchObject({ kept: 0 });
    expect(await profileOf(people.bob)).toMatchObject({ is_active: false });
    expect(await profileOf(people.ada)).toMatchObject({
      platform_role: 'superadmin',
      display_name: 'Countess',
    });
    expect(lost(before, await rowsNow())).toEqual([]);
  });

  test('a profile that was changed since keeps the change; the old row stays aside and is reported', async () => {
    await rollback(bare.url, { to: '000002' });
    await migrate(bare.url);
    await client.query('select public.sync_user_profiles()');
    await client.query(`update public.user_profiles set display_name = 'New name' where user_id = $1`, [
      people.ada,
    ]);
    const report = await restore(bare.url);
    expect(report.tables.filter(({ kept }) => kept > 0)).toEqual([
      {
        schema: 'rollback_000003',
        table: 'user_profiles',
        source: 'public.user_profiles',
        restored: 2,
        kept: 1,
        reason: '1 differ from the row that the table has now, and which stays.',
      },
    ]);
    expect(await profileOf(people.ada)).toMatchObject({ display_name: 'New name' });
    expect(await restore(bare.url)).toMatchObject({ restored: 0, kept: 1 });
    expect(await setAsideSchemas()).toEqual(['rollback_000003']);
  });

  test('a row whose user is gone stays aside; one that only names the user forgets the name', async () => {
    await rollback(bare.url, { to: '000002' });
    await client.query('delete from auth.users where id = $1', [people.ada]);
    await migrate(bare.url);
    const report = await restore(bare.url);
    const reason = expect.stringMatching(/^1 refer/) as string;
    expect(report.tables.filter(({ kept }) => kept > 0)).toMatchObject([
      { source: 'public.user_profiles', restored: 2, kept: 1, reason },
      { source: 'public.members', restored: 1, kept: 1, reason },
      { source: 'public.user_roles', restored: 1, kept: 1, reason },
    ]);
    const { rows } = await client.query(
      'select is_active, deactivated_by, deactivation_reason from public.user_profiles where user_id = $1',
      [people.bob],
    );
    expect(rows).toEqual([{ is_active: false, deactivated_by: null, deactivation_reason: 'Left.' }]);
  });

  test('messages come back behind those that were sent meanwhile, and have their effect', async () => {
    await rollback(bare.url, { to: '000002' });
    await migrate(bare.url);
    await client.query(`select private.enqueue('user_sync', 'identity.sync_profiles', '{"n": "new"}')`);
    await client.query(`select public.run_user_sync_job(1)`);
    expect(await restore(bare.url)).toMatchObject({ kept: 0 });
    const messages = await client.query(
      `select msg_id::integer as id, message -> 'payload' ->> 'n' as n from pgmq.q_user_sync order by msg_id`,
    );
    expect(messages.rows).toEqual([
      { id: 1, n: 'new' },
      { id: 2, n: '1' },
    ]);
    // Archived as 2 and given up as 3, they are 3 and 4 here.
    const effects = await client.query(
      `select (select array_agg(message_id::integer order by message_id) from private.job_effects where queue = 'user_sync') as effects,
              (select array_agg(message_id::integer) from private.job_failures where queue = 'user_sync') as failures,
              (select array_agg((message ->> 'message_id')::integer) from pgmq.q_user_sync_dead) as dead`,
    );
    expect(effects.rows).toEqual([{ effects: [1, 3], failures: [4], dead: [4] }]);
    const next = await client.query(
      `select private.enqueue('user_sync', 'identity.sync_profiles')::integer as id`,
    );
    expect(next.rows).toEqual([{ id: 5 }]);
  });

  test('two rollbacks without a restore between them keep both; then the rows with changes win', async () => {
    await rollback(bare.url, { to: '000002' });
    await migrate(bare.url);
    await client.query('select public.sync_user_profiles()');
    const { set_aside } = await rollback(bare.url, { to: '000002' });
    expect(set_aside).toContainEqual(
      expect.objectContaining({ table: 'user_profiles_2', source: 'public.user_profiles', rows: 3 }),
    );
    await migrate(bare.url);
    await restore(bare.url);
    expect(await profileOf(people.bob)).toMatchObject({ is_active: false });
    expect(await profileOf(people.ada)).toMatchObject({ display_name: 'Countess' });
    expect(lost(before, await rowsNow())).toEqual([]);
  });

  test('what is set aside is for role postgres alone', async () => {
    await rollback(bare.url, { to: '000000' });
    const { rows } = await client.query(
      `select rolname, nspname from pg_roles, pg_namespace
       where nspname like 'rollback%' and rolname in ('anon', 'authenticated', 'service_role', 'supabase_auth_admin')
         and has_schema_privilege(rolname, pg_namespace.oid, 'usage')`,
    );
    expect(rows).toEqual([]);
    const grants = await client.query(
      `select relname from pg_class where relnamespace::regnamespace::text like 'rollback%'
         and (has_table_privilege('authenticated', oid, 'select') or has_any_column_privilege('authenticated', oid, 'update'))`,
    );
    expect(grants.rows).toEqual([]);
  });

  test('tables that others have put into schema private are set aside with their rows', async () => {
    await client.query(
      `create table private.notes (id uuid primary key default private.uuid_v7(), body text)`,
    );
    await client.query(`insert into private.notes (body) values ('mine')`);
    const report = await rollback(bare.url, { to: '000000' });
    expect(report.set_aside).toContainEqual({
      schema: 'rollback_000001',
      table: 'notes',
      source: 'private.notes',
      rows: 1,
    });
    await migrate(bare.url);
    expect((await restore(bare.url)).tables.filter(({ kept }) => kept > 0)).toMatchObject([
      { table: 'notes', restored: 0, kept: 1, reason: 'There is no table private.notes any more.' },
    ]);
  });

  test('a table of others that refers to one of Rowhouse stops it, and nothing is changed', async () => {
    await client.query(`create table public.pets (owner uuid references public.user_profiles)`);
    const all = await rowsNow();
    await expect(rollback(bare.url, { to: '000000' })).rejects.toMatchObject({
      message: expect.stringMatching(/^Nothing was changed: .*2BP01/) as string,
      hint: expect.stringContaining('public.pets') as string,
    });
    expect(await rowsNow()).toEqual(all);
    expect(await setAsideSchemas()).toEqual([]);
  });

  test('a dry run of either says the same and changes nothing', async () => {
    const schema = await facts();
    const dry = await rollback(bare.url, { to: '000000', dryRun: true });
    expect(differences(schema, await facts())).toEqual([]);
    expect(await rowsNow()).toEqual(before);
    expect(await rollback(bare.url, { to: '000000' })).toEqual({ ...dry, dry_run: false });

    await migrate(bare.url);
    const empty = await rowsNow();
    const dryRestore = await restore(bare.url, { dryRun: true });
    expect(dryRestore.restored).toBeGreaterThan(0);
    expect(await rowsNow()).toEqual(empty);
    expect(await restore(bare.url)).toEqual({ ...dryRestore, dry_run: false });
    expect(await rowsNow()).toEqual(before);
  });

  test('a reset keeps none of its rows, and leaves what a rollback has set aside', async () => {
    await rollback(bare.url, { to: '000002' });
    await migrate(bare.url);
    await client.query('select public.sync_user_profiles()');
    const { set_aside } = await reset(bare.url);
    expect(set_aside.map(({ table }) => table)).toContain('user_profiles');
    expect(set_aside.map(({ table }) => table)).not.toContain('user_profiles_2');
    expect((await rowsNow())['public.user_profiles']).toEqual([]);
  });
});

describe('the command', () => {
  beforeEach(useMigrated);
  afterEach(drop);
  const run = (...args: string[]) => runCli(['rollback', ...args], { env: { DATABASE_URL: bare.url } });

  test('goes down, says what is set aside, and puts it back after migrating up', async () => {
    await insertAuthUser(client);
    const dry = await run('--to', '000002', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toBe(
      'would be undone: 000007-bookings\n' +
        'would be undone: 000006-sales\n' +
        'would be undone: 000005-customers\n' +
        'would be undone: 000004-tenancy\n' +
        'would be undone: 000003-identity\n' +
        'would be set aside: public.user_profiles: 1 row, in rollback_000003.user_profiles\n' +
        'A dry run: nothing was changed.\n',
    );
    const down = await run('--to', '000002', '--yes');
    expect(down.code).toBe(0);
    expect(down.stdout).toBe(
      'undone: 000007-bookings\n' +
        'undone: 000006-sales\n' +
        'undone: 000005-customers\n' +
        'undone: 000004-tenancy\n' +
        'undone: 000003-identity\n' +
        'set aside: public.user_profiles: 1 row, in rollback_000003.user_profiles\n' +
        'The database is at 000002.\n',
    );
    expect(down.stderr).toContain('rowhouse rollback --restore');

    const tooEarly = await run('--restore');
    expect(tooEarly).toMatchObject({ code: 1, stdout: '' });
    expect(tooEarly.stderr).toMatch(/older than this release[\s\S]*rowhouse migrate/);

    const up = await runCli(['migrate'], { env: { DATABASE_URL: bare.url } });
    expect(up.stdout).toContain('set aside: public.user_profiles: 1 row, in rollback_000003.user_profiles\n');
    expect(up.stderr).toContain('`rowhouse rollback --restore` puts these rows back.');
    expect((await run('--restore', '--dry-run')).stdout).toBe(
      'would be restored: public.user_profiles: 1 row\nA dry run: nothing was changed.\n',
    );
    expect(await run('--restore')).toMatchObject({
      code: 0,
      stdout: 'restored: public.user_profiles: 1 row\n',
      stderr: '',
    });
    expect((await run('--restore')).stdout).toBe('Nothing to do: no rows are set aside.\n');
    const json = await run('--to', '000002', '--yes', '--json');
    expect(json.stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      dry_run: false,
      undone: ['000007-bookings', '000006-sales', '000005-customers', '000004-tenancy', '000003-identity'],
      at: '000002',
    });
    expect((await run('--to', '000002', '--yes')).stdout).toBe('Nothing to do: the database is at 000002.\n');
  });

  test('refuses with a sentence and exit code 2', async () => {
    const refusals: [args: string[], message: RegExp][] = [
      [['--to', '000002'], /This would undo the migrations after 000002 in postgres@[\s\S]*--yes/],
      [['--to', '2', '--yes'], /six digits/],
      [['--to', '000099', '--yes'], /There is no migration 000099\.[\s\S]*000000 undoes all/],
      [['--yes'], /either --to <number> or --restore/],
      [['--to', '000001', '--restore', '--yes'], /either --to <number> or --restore/],
      [['--nope'], /unknown option/],
    ];
    await Promise.all(
      refusals.map(async ([args, message]) => {
        const result = await run(...args);
        expect(result, args.join(' ')).toMatchObject({ code: 2, stdout: '' });
        expect(result.stderr).toMatch(message);
      }),
    );
    await rollback(bare.url, { to: '000001' });
    const up = await run('--to', '000002', '--yes');
    expect(up.code).toBe(2);
    expect(up.stderr).toMatch(/The database is at migration 000001, and 000002 comes after it\./);
    const { rows } = await client.query(`select to_regclass('private.job_queues') as jobs`);
    expect(rows).toEqual([{ jobs: null }]);
  });

  test('gives up when another session holds a table, and changes nothing', async () => {
    await client.query('begin; select from public.user_profiles; lock table auth.users in share mode');
    const result = await run('--to', '000000', '--yes');
    await client.query('commit');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/Nothing was changed: .*lock timeout[\s\S]*Another session/);
    expect(await migrate(bare.url)).toMatchObject({ applied: [] });
  });
});
