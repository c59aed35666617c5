import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/migrations/migrate.ts';
import { releaseMigrations } from '../../src/migrations/release.ts';
import { reset } from '../../src/migrations/reset.ts';
import { rollback } from '../../src/migrations/rollback.ts';
import { withConnection } from '../../src/postgres/connect.ts';
import { createBareDatabase, type BareDatabase } from '../support/bare-database.ts';
import { useDatabase } from '../support/database.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();
let bare: BareDatabase;

beforeEach(async () => {
  bare = await createBareDatabase(db, { platform: true });
});
afterEach(() => bare.drop());

/** Everything of Rowhouse that the catalog holds, as text. */
async function inventory(url: string): Promise<string[]> {
  return withConnection(url, async (client) => {
    const { rows } = await client.query<{ object: string }>(`
      select format('function %s %s', fn.oid::regprocedure, fn.proacl) as object from pg_proc as fn
        where fn.pronamespace in ('public'::regnamespace, coalesce(to_regnamespace('private'), 'public'::regnamespace))
      union all
      select format('%s %s %s', rel.relkind, rel.oid::regclass, rel.relacl) from pg_class as rel
        where rel.relnamespace in ('public'::regnamespace, coalesce(to_regnamespace('private'), 'public'::regnamespace))
      union all
      select format('constraint %s %s', con.conrelid::regclass, pg_get_constraintdef(con.oid)) from pg_constraint as con
        where con.connamespace in ('public'::regnamespace, coalesce(to_regnamespace('private'), 'public'::regnamespace))
      union all
      select format('trigger %s %s', trg.tgrelid::regclass, trg.tgname) from pg_trigger as trg where not trg.tgisinternal
      union all
      select format('policy %s %s', pol.tablename, pol.policyname) from pg_policies as pol
      union all
      select format('default privileges %s %s', def.defaclobjtype, def.defaclacl) from pg_default_acl as def
      union all
      select format('schema %s %s', nsp.nspname, nsp.nspacl) from pg_namespace as nsp where nsp.nspname !~ '^pg_|graphile_migrate'
      union all
      select format('job %s %s %s', jobname, schedule, command) from cron.job
      union all
      select format('queue %s', queue_name) from pgmq.list_queues()
      order by 1`);
    return rows.map(({ object }) => object);
  });
}

describe('migrate', () => {
  test('brings a fresh database to the release, and has nothing to do the second time', async () => {
    const names = await releaseMigrations();
    expect(await migrate(bare.url)).toEqual({
      applied: names,
      at: names.at(-1)?.slice(0, 6),
      set_aside: [],
    });
    expect(await migrate(bare.url)).toEqual({
      applied: [],
      at: names.at(-1)?.slice(0, 6),
      set_aside: [],
    });
  });

  test('two at once wait for each other; one of them does it', async () => {
    const reports = await Promise.all([migrate(bare.url), migrate(bare.url)]);
    expect(reports.map(({ applied }) => applied.length).sort()).toEqual([
      0,
      (await releaseMigrations()).length,
    ]);
  });

  test('as role postgres, which is no superuser and owns what it makes', async () => {
    await migrate(bare.url);
    const owners = await withConnection(bare.url, (client) =>
      client.query(`select distinct tableowner from pg_tables where schemaname in ('public', 'private')`),
    );
    expect(owners.rows).toEqual([{ tableowner: 'postgres' }]);
  });

  test('stops with a sentence where pgmq or pg_cron is missing, and leaves nothing', async () => {
    for (const [schema, name] of [
      ['pgmq', 'pgmq'],
      ['cron', 'pg_cron'],
    ]) {
      await withConnection(bare.url, (client) =>
        client.query(`alter schema ${schema} rename to hidden`),
      ).catch(async () => {
        const superuser = await db.superuser();
        const inside = new URL(bare.url);
        inside.username = String(superuser.user);
        inside.password = String(superuser.password);
        await withConnection(inside.href, (client) =>
          client.query(`alter schema ${schema} rename to hidden`),
        );
      });
      const available = await db.query('select from pg_available_extensions where name = $1', [name]);
      if (available.rowCount === 0) {
        await expect(migrate(bare.url)).rejects.toMatchObject({
          message: expect.stringContaining(`Rowhouse needs ${String(name)}`) as string,
          hint: expect.stringContaining('supabase/platform') as string,
        });
      }
      const left = await withConnection(bare.url, (client) =>
        client.query(`select to_regnamespace('private') as schema`),
      );
      expect(left.rows).toEqual([{ schema: null }]);
      const superuser = await db.superuser();
      const inside = new URL(bare.url);
      inside.username = String(superuser.user);
      inside.password = String(superuser.password);
      await withConnection(inside.href, (client) => client.query(`alter schema hidden rename to ${schema}`));
    }
  });
});

describe('rollback scripts', () => {
  test('undo each migration to the state before it, and up again is the same', async () => {
    const before = await inventory(bare.url);
    await migrate(bare.url);
    const after = await inventory(bare.url);
    expect(after.length).toBeGreaterThan(before.length);
    await rollback(bare.url, { to: '000000' });
    expect(await inventory(bare.url)).toEqual(before);
    await migrate(bare.url);
    expect(await inventory(bare.url)).toEqual(after);
  });
});

describe('reset', () => {
  test('empties Rowhouse and leaves the users, who then lack profiles', async () => {
    await migrate(bare.url);
    const fresh = await inventory(bare.url);
    await withConnection(bare.url, async (client) => {
      await insertAuthUser(client);
      await client.query(`select private.enqueue('user_sync', 'identity.sync_profiles')`);
    });
    const names = await releaseMigrations();
    expect(await reset(bare.url)).toEqual({
      applied: names,
      at: names.at(-1)?.slice(0, 6),
      set_aside: [],
    });
    expect(await inventory(bare.url)).toEqual(fresh);
    const { rows } = await withConnection(bare.url, (client) =>
      client.query(`select (select count(*)::integer from auth.users) as users,
                           (select count(*)::integer from public.user_profiles) as profiles,
                           (select count(*)::integer from pgmq.q_user_sync) as messages`),
    );
    expect(rows).toEqual([{ users: 1, profiles: 0, messages: 0 }]);
  });

  test('works on a database that has no Rowhouse yet', async () => {
    expect((await reset(bare.url)).applied).toEqual(await releaseMigrations());
  });
});
