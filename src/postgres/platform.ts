import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { Failure } from '../failure.ts';

/** What stands behind the queues and the clock of a database. */
export interface PlatformReport {
  pgmq: 'extension' | 'stand-in';
  cron: 'extension' | 'stand-in';
}

/** The roles that connect; the others are only ever switched to. */
const loginRoles = ['postgres', 'authenticator', 'supabase_auth_admin', 'supabase_storage_admin'];

/** The oldest pgmq whose functions Rowhouse relies on. */
const oldestPgmq = [1, 4, 4];

/** A file of supabase/platform, found from this module so that the working directory does not matter. */
async function platformSql(name: string): Promise<string> {
  return readFile(new URL(`../../supabase/platform/${name}.sql`, import.meta.url), 'utf8');
}

/** Asks a question that one boolean answers. */
async function ask(client: pg.ClientBase, sql: string, values: unknown[] = []): Promise<boolean> {
  const { rows } = await client.query<{ answer: boolean | null }>(`select (${sql}) as answer`, values);
  return rows[0]?.answer === true;
}

/** Whether a schema exists that the stand-ins did not make, so that it must be left alone. */
async function isForeignSchema(client: pg.ClientBase, schema: string): Promise<boolean> {
  return ask(
    client,
    `exists (
       select from pg_catalog.pg_namespace
       where nspname = $1
         and coalesce(pg_catalog.obj_description(oid, 'pg_namespace'), '') not like 'Rowhouse stand-in%'
     )`,
    [schema],
  );
}

/** Applies a stand-in unless the real thing, or a database that we do not know, already has that schema. */
async function applyStandIn(client: pg.ClientBase, schema: string): Promise<void> {
  if (!(await isForeignSchema(client, schema))) await client.query(await platformSql(schema));
}

/** Whether a schema exists, whoever made it. */
async function hasSchema(client: pg.ClientBase, schema: string): Promise<boolean> {
  return ask(client, 'exists (select from pg_catalog.pg_namespace where nspname = $1)', [schema]);
}

/** Whether an extension is installed in this database. */
async function hasExtension(client: pg.ClientBase, name: string): Promise<boolean> {
  return ask(client, 'exists (select from pg_catalog.pg_extension where extname = $1)', [name]);
}

/** Refuses a server whose `postgres` is a superuser: nothing that works there would say anything about Supabase. */
async function refuseSuperuserPostgres(client: pg.ClientBase): Promise<void> {
  if (await ask(client, `exists (select from pg_catalog.pg_roles where rolname = 'postgres' and rolsuper)`)) {
    throw new Failure('The role "postgres" is a superuser on this server; Rowhouse needs one that is not.', {
      hint:
        'Use a cluster whose superuser has another name (initdb --username=supabase_admin), or create another ' +
        'superuser and run "alter role postgres nosuperuser".',
    });
  }
}

/** Creates roles, grants and passwords. Not on a real Supabase database, which has all of them. */
async function applyRoles(client: pg.ClientBase, password: string): Promise<void> {
  await client.query(await platformSql('roles'));
  await client.query(`set local password_encryption = 'scram-sha-256'`);
  // The statements below hold the password in clear text.
  await client.query(`set local log_statement = 'none'`);
  await client.query('set local log_min_error_statement = panic');
  await client.query('set local log_min_duration_statement = -1');
  for (const role of loginRoles) {
    await client.query(
      `alter role ${client.escapeIdentifier(role)} password ${client.escapeLiteral(password)}`,
    );
  }
}

/**
 * Whether a server has the pgmq extension in a version that Rowhouse can use, installed or not.
 *
 * @param client any role's connection to any database of the server
 */
export async function isPgmqAvailable(client: pg.ClientBase): Promise<boolean> {
  return ask(
    client,
    `exists (
       select from pg_catalog.pg_available_extensions
       where name = 'pgmq'
         and string_to_array(substring(default_version from '^[0-9]+(?:[.][0-9]+)*'), '.')::integer[] >= $1::integer[]
     )`,
    [oldestPgmq],
  );
}

/** Installs pgmq as its later user: its functions run with the caller's rights, and making a queue alters the extension. */
async function applyPgmq(client: pg.ClientBase): Promise<PlatformReport['pgmq']> {
  if (await hasExtension(client, 'pgmq')) return 'extension';
  if ((await hasSchema(client, 'pgmq')) || !(await isPgmqAvailable(client))) {
    await applyStandIn(client, 'pgmq');
    return 'stand-in';
  }
  await client.query('set local role postgres; create extension pgmq; reset role');
  return 'extension';
}

/** Installs pg_cron where its worker serves this database, with the grants that Supabase gives. */
async function applyCron(client: pg.ClientBase): Promise<PlatformReport['cron']> {
  if (await hasExtension(client, 'pg_cron')) return 'extension';
  const served = await ask(
    client,
    `current_setting('cron.database_name', true) = current_database()
     and exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron')`,
  );
  if (!served || (await hasSchema(client, 'cron'))) {
    await applyStandIn(client, 'cron');
    return 'stand-in';
  }
  await client.query(
    `create extension pg_cron;
     grant usage on schema cron to postgres with grant option;
     grant all on all tables in schema cron to postgres with grant option;
     grant all on all functions in schema cron to postgres with grant option;
     revoke all on cron.job from postgres;
     grant select on cron.job to postgres with grant option;
     revoke trigger on cron.job_run_details from postgres;`,
  );
  return 'extension';
}

/**
 * Gives a plain PostgreSQL database what Supabase would provide: roles, the auth and storage schemas, extensions, queues
 * and cron jobs. Runs in one transaction and may be run again. What exists and is not ours stays as it is, so that on a
 * Supabase database this only adds the pgmq and pg_cron extensions when they are missing.
 *
 * @param client a superuser's connection to the database, outside a transaction
 * @param options `password` is set on the roles that connect (postgres, authenticator, supabase_auth_admin,
 *   supabase_storage_admin), except on a Supabase database
 * @returns which of pgmq and pg_cron are the real extension
 * @throws {Failure} when the connection is no superuser's, or `postgres` is a superuser on that server
 */
export async function applyPlatform(
  client: pg.ClientBase,
  options: { password: string },
): Promise<PlatformReport> {
  if (!(await ask(client, `current_setting('is_superuser') = 'on'`))) {
    throw new Failure('Setting up the platform needs a superuser of the PostgreSQL server.', {
      hint: 'Connect as one, or ask for a database in which the platform is already set up.',
    });
  }
  await refuseSuperuserPostgres(client);
  await client.query('begin');
  try {
    await client.query('set local client_min_messages = warning');
    // Roles belong to the cluster, and advisory locks to a database: the lock on the shared catalog is what keeps two
    // databases of one cluster from being set up at the same moment. Logging in is not held up by it.
    await client.query('lock table pg_catalog.pg_authid in share row exclusive mode');
    if (!(await isForeignSchema(client, 'auth'))) {
      await applyRoles(client, options.password);
      await applyStandIn(client, 'extensions');
      await applyStandIn(client, 'auth');
      await applyStandIn(client, 'storage');
    }
    const report = { pgmq: await applyPgmq(client), cron: await applyCron(client) };
    await client.query('commit');
    return report;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * Tells whether a database has what migrations build on: `auth.users` and the roles of the API.
 *
 * @param client any role's connection
 * @returns true when both are there
 */
export async function isPlatformPresent(client: pg.ClientBase): Promise<boolean> {
  return ask(
    client,
    `(select count(*) = 3 from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role'))
     and exists (
       select
       from pg_catalog.pg_class
       join pg_catalog.pg_namespace on pg_namespace.oid = pg_class.relnamespace
       where nspname = 'auth' and relname = 'users'
     )`,
  );
}
