import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Failure } from '../../src/failure.ts';
import { type Cluster, startCluster } from '../../src/postgres/cluster.ts';
import { connect, withConnection } from '../../src/postgres/connect.ts';
import { applyPlatform, isPlatformPresent } from '../../src/postgres/platform.ts';
import { inTransaction, openPool } from '../support/database.ts';
import { urlOf } from '../support/places/template.ts';
import { asAnon, asUser } from '../support/roles.ts';

const { superuserUrl, prefix, password } = inject('template');
const apiRoles = ['anon', 'authenticated', 'service_role'];

/** Makes a database without the platform; the run drops it at its end. */
async function emptyDatabase(): Promise<string> {
  const name = `${prefix}_${randomUUID().slice(0, 8)}`;
  await withConnection(superuserUrl, (client) =>
    client.query(`create database "${name}" template template0`),
  );
  return name;
}

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

async function applyTo(database: string): Promise<void> {
  await withConnection(urlOf(superuserUrl, database), (client) => applyPlatform(client, { password }));
}

describe('a database with the platform and no migrations', () => {
  let pool: pg.Pool;
  let name: string;

  beforeAll(async () => {
    name = await emptyDatabase();
    await applyTo(name);
    const url = urlOf(superuserUrl, name, { name: 'postgres', password });
    pool = openPool(url, 4);
    closing.push(() => pool.end());
  });

  /** Runs statements as postgres, and undoes them. */
  const trying = (...statements: string[]) =>
    inTransaction(pool, 'rollback', async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  const denied = { code: '42501' };

  test('postgres logs in and is no superuser', async () => {
    const { rows } = await pool.query(
      `select rolsuper, rolcanlogin, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
       from pg_roles where rolname = current_user`,
    );
    expect(rows).toEqual([
      {
        rolsuper: false,
        rolcanlogin: true,
        rolcreaterole: true,
        rolcreatedb: true,
        rolreplication: true,
        rolbypassrls: true,
      },
    ]);
  });

  test('only the service role among the API roles passes row-level security, and none of them logs in', async () => {
    const { rows } = await pool.query(
      `select rolname, rolcanlogin, rolbypassrls, rolsuper from pg_roles where rolname = any($1) order by rolname`,
      [apiRoles],
    );
    expect(rows).toEqual([
      { rolname: 'anon', rolcanlogin: false, rolbypassrls: false, rolsuper: false },
      { rolname: 'authenticated', rolcanlogin: false, rolbypassrls: false, rolsuper: false },
      { rolname: 'service_role', rolcanlogin: false, rolbypassrls: true, rolsuper: false },
    ]);
  });

  test('authenticator becomes the API roles, has nothing of its own, and cannot become postgres', async () => {
    await withConnection(urlOf(superuserUrl, name, { name: 'authenticator', password }), async (client) => {
      for (const role of apiRoles) await client.query(`set role ${role}`);
      await client.query('reset role');
      for (const role of ['postgres', 'supabase_auth_admin', 'supabase_storage_admin']) {
        await expect(client.query(`set role ${role}`)).rejects.toMatchObject(denied);
      }
      const { rows } = await client.query(`select pg_has_role('service_role', 'usage') as inherits`);
      expect(rows).toEqual([{ inherits: false }]);
    });
  });

  test('requests of anon end after 3 seconds and of authenticated after 8', async () => {
    const { rows } = await pool.query(
      `select rolname, rolconfig from pg_roles where rolname in ('anon', 'authenticated') order by rolname`,
    );
    expect(rows).toMatchObject([
      { rolname: 'anon', rolconfig: expect.arrayContaining(['statement_timeout=3s']) as unknown },
      { rolname: 'authenticated', rolconfig: expect.arrayContaining(['statement_timeout=8s']) as unknown },
    ]);
  });

  test('postgres makes schemas, trusted extensions and roles', () =>
    trying(
      'create schema private',
      'create extension ltree with schema extensions',
      'create extension btree_gist with schema extensions',
      'create role platform_test_role',
      'grant anon to platform_test_role',
    ));

  test('postgres puts triggers on auth.users and references it', () =>
    trying(
      'create function public.tg_users__nothing() returns trigger language plpgsql as $$ begin return new; end $$',
      'create trigger _100_nothing after insert on auth.users for each row execute function public.tg_users__nothing()',
      'create table public.profiles (user_id uuid primary key references auth.users on delete cascade)',
      `insert into auth.users (id, email) values (gen_random_uuid(), 'a@example.com')`,
      'delete from auth.users',
    ));

  test.for([
    'alter table auth.users add column shoe_size integer',
    'alter table auth.users disable row level security',
    'create policy everyone on auth.users using (true)',
    'create index on auth.users (created_at)',
    'drop table auth.users cascade',
    'create table auth.mine (id integer)',
    'create or replace function auth.uid() returns uuid language sql as $$ select null::uuid $$',
    'set role supabase_auth_admin',
    'create role platform_test_role superuser',
  ])('postgres may not: %s', async (statement) => {
    await expect(trying(statement)).rejects.toMatchObject(denied);
  });

  test('the auth server owns every table of auth, under row-level security without a policy', async () => {
    const { rows } = await pool.query<{ relname: string }>(
      `select relname from pg_class
       where relnamespace = 'auth'::regnamespace and relkind = 'r'
         and (pg_get_userbyid(relowner) <> 'supabase_auth_admin' or not relrowsecurity
              or exists (select from pg_policy where polrelid = pg_class.oid))`,
    );
    expect(rows).toEqual([]);
    await withConnection(
      urlOf(superuserUrl, name, { name: 'supabase_auth_admin', password }),
      async (client) => {
        // Its search_path leads to its own schema.
        await client.query('begin');
        await client.query(`insert into users (id, email) values (gen_random_uuid(), 'own@example.com')`);
        expect((await client.query('select email from users')).rows).toEqual([{ email: 'own@example.com' }]);
        await client.query('rollback');
      },
    );
  });

  test.for(apiRoles)('%s reads nothing of auth', async (role) => {
    const { rows } = await pool.query<{ table: string }>(
      `select oid::regclass::text as table from pg_class
       where relnamespace = 'auth'::regnamespace and relkind = 'r'
         and has_table_privilege($1, oid, 'select, insert, update, delete, truncate, references, trigger')`,
      [role],
    );
    expect(rows).toEqual([]);
    await expect(trying(`set local role ${role}`, 'select from auth.users')).rejects.toMatchObject(denied);
  });

  test('auth.users holds what GoTrue lets it hold', async () => {
    const insert =
      'insert into auth.users (id, email, phone, is_sso_user) values (gen_random_uuid(), $1, $2, $3)';
    await inTransaction(pool, 'rollback', async (client) => {
      await client.query(insert, ['same@example.com', null, false]);
      await client.query(insert, ['same@example.com', null, true]);
      await client.query(insert, ['same@example.com', null, true]);
      await client.query(insert, [null, '4912345', false]);
      await client.query(insert, [null, null, false]);
      for (const values of [
        ['same@example.com', null, false],
        [null, '4912345', false],
      ]) {
        await client.query('savepoint attempt');
        await expect(client.query(insert, values)).rejects.toMatchObject({ code: '23505' });
        await client.query('rollback to savepoint attempt');
      }
      await client.query(
        `update auth.users set email_confirmed_at = '2026-01-02', phone_confirmed_at = '2026-01-01'`,
      );
      const { rows } = await client.query(
        'select distinct confirmed_at = phone_confirmed_at as earliest from auth.users',
      );
      expect(rows).toEqual([{ earliest: true }]);
    });
  });

  test('everything new in public belongs to the API roles, until a migration says otherwise', () =>
    inTransaction(pool, 'rollback', async (client) => {
      await client.query('create table public.things (id integer); create sequence public.things_seq');
      await client.query('create function public.thing() returns integer language sql as $$ select 1 $$');
      const { rows } = await client.query(
        `select role,
           has_table_privilege(role, 'public.things', 'select') and has_table_privilege(role, 'public.things', 'insert')
             and has_table_privilege(role, 'public.things', 'delete') as "table",
           has_sequence_privilege(role, 'public.things_seq', 'usage') as sequence,
           has_function_privilege(role, 'public.thing()', 'execute') as function
         from unnest($1::text[]) as role`,
        [apiRoles],
      );
      expect(rows).toEqual(apiRoles.map((role) => ({ role, table: true, sequence: true, function: true })));
    }));

  test.for(apiRoles)('%s makes nothing in public', async (role) => {
    await expect(
      trying(`set local role ${role}`, 'create table public.mine (id integer)'),
    ).rejects.toMatchObject(denied);
  });

  test('the claims of a request say who it is, in the new form and the old', async () => {
    const sql = 'select auth.uid() as uid, auth.role() as role, auth.email() as email, auth.jwt() as jwt';
    const id = randomUUID();
    const claims = { sub: id, role: 'authenticated', email: 'a@example.com' };
    await asUser({ pool }, { id, email: claims.email }, async (client) => {
      expect((await client.query(sql)).rows).toMatchObject([
        { uid: id, role: 'authenticated', email: 'a@example.com', jwt: claims },
      ]);
    });
    await asAnon({ pool }, async (client) => {
      expect((await client.query(sql)).rows).toMatchObject([{ uid: null, role: 'anon', email: null }]);
      await client.query(`select set_config('request.jwt.claims', '', true)`);
      expect((await client.query(sql)).rows).toEqual([{ uid: null, role: null, email: null, jwt: null }]);
      await client.query(`select set_config('request.jwt.claim.sub', $1, true)`, [id]);
      expect((await client.query(sql)).rows).toMatchObject([{ uid: id }]);
    });
  });

  test('postgres makes policies on storage.objects, and they hold', () =>
    inTransaction(pool, 'rollback', async (client) => {
      await client.query(`insert into storage.buckets (id, name) values ('files', 'files')`);
      await client.query(`insert into storage.objects (bucket_id, name) values ('files', 'a/b/one.tar.gz')`);
      await client.query(`insert into storage.objects (bucket_id, name) values ('files', 'c/two.pdf')`);
      await client.query(
        `create policy "anyone reads folder a" on storage.objects for select to anon
           using ((storage.foldername(name))[1] = 'a')`,
      );
      await client.query('set local role anon');
      const { rows } = await client.query(
        `select name, path_tokens, storage.foldername(name) as folders, storage.filename(name) as file,
                storage.extension(name) as extension
         from storage.objects`,
      );
      expect(rows).toEqual([
        {
          name: 'a/b/one.tar.gz',
          path_tokens: ['a', 'b', 'one.tar.gz'],
          folders: ['a', 'b'],
          file: 'one.tar.gz',
          extension: 'gz',
        },
      ]);
      await expect(client.query('delete from storage.objects')).rejects.toMatchObject({ code: '42501' });
    }));
});

describe('applying the platform', () => {
  test('again, and several times at once on one cluster, changes nothing', async () => {
    const [first, second] = await Promise.all([emptyDatabase(), emptyDatabase()]);
    await Promise.all([first, second, first, second].map(applyTo));
    await withConnection(urlOf(superuserUrl, first, { name: 'postgres', password }), async (client) => {
      await client.query(`insert into auth.users (id, email) values (gen_random_uuid(), 'kept@example.com')`);
      await client.query(`select pgmq.create('kept'), pgmq.send('kept', '{}')`);
      await client.query(`select cron.schedule('kept', '0 3 1 1 *', 'select 1')`);
    });
    await applyTo(first);
    await withConnection(urlOf(superuserUrl, first, { name: 'postgres', password }), async (client) => {
      const { rows } = await client.query(
        `select (select count(*)::integer from auth.users) as users,
                (pgmq.metrics('kept')).queue_length::integer as messages,
                (select count(*)::integer from cron.job) as jobs`,
      );
      expect(rows).toEqual([{ users: 1, messages: 1, jobs: 1 }]);
    });
  });

  test('leaves schemas alone that it did not make', async () => {
    const name = await emptyDatabase();
    await withConnection(urlOf(superuserUrl, name), async (client) => {
      for (const schema of ['auth', 'pgmq', 'cron']) {
        await client.query(`create schema ${schema}; create table ${schema}.theirs (id integer)`);
      }
      await applyPlatform(client, { password: 'not set anywhere' });
      const { rows } = await client.query<{ relname: string }>(
        `select distinct relname from pg_class
         where relkind = 'r' and relnamespace::regnamespace::text in ('auth', 'pgmq', 'cron', 'storage')`,
      );
      expect(rows).toEqual([{ relname: 'theirs' }]);
      expect(await isPlatformPresent(client)).toBe(false);
    });
    await withConnection(urlOf(superuserUrl, name, { name: 'postgres', password }), (client) =>
      client.query('select 1'),
    );
  });

  test('is recognized by a role that is no superuser', async () => {
    const name = await emptyDatabase();
    const url = urlOf(superuserUrl, name, { name: 'postgres', password });
    expect(await withConnection(url, isPlatformPresent)).toBe(false);
    await applyTo(name);
    expect(await withConnection(url, isPlatformPresent)).toBe(true);
    const error = await withConnection(url, (client) => applyPlatform(client, { password })).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).message).toContain('superuser');
  });
});

describe('a cluster of its own', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ password: 'admin' });
    closing.push(cluster.stop);
  });

  test('takes any password for the roles that connect, as SCRAM', async () => {
    const odd = `it's "100%" \\ $1 ünï`;
    await withConnection(cluster.superuserUrl(), async (client) => {
      await applyPlatform(client, { password: odd });
      const { rows } = await client.query<{ rolname: string }>(
        `select rolname from pg_authid where rolpassword like 'SCRAM-SHA-256$%' order by rolname`,
      );
      expect(rows.map((row) => row.rolname)).toEqual([
        'authenticator',
        'postgres',
        'supabase_admin',
        'supabase_auth_admin',
        'supabase_storage_admin',
      ]);
    });
    for (const role of ['authenticator', 'postgres', 'supabase_auth_admin', 'supabase_storage_admin']) {
      await (await connect(cluster.url(role, odd))).end();
    }
  });

  test('is refused when its postgres is a superuser, with what to do about it', async () => {
    await withConnection(cluster.superuserUrl(), async (client) => {
      await client.query('create database other');
      await client.query('alter role postgres superuser');
    });
    const error = await withConnection(cluster.superuserUrl('other'), (client) =>
      applyPlatform(client, { password: 'x' }),
    ).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).hint).toContain('nosuperuser');
  });
});
