import type pg from 'pg';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();
let superuser: pg.Client;

beforeAll(async () => {
  superuser = await db.superuser();
});

interface Problem {
  problem: string;
  object: string;
  user_id: string | null;
  detail: string;
  remedy: string;
}

/** Breaks something as a superuser, and returns what the check then says; nothing stays broken. */
async function problemsAfter(breakage: (client: pg.Client) => Promise<unknown>): Promise<Problem[]> {
  await superuser.query('begin');
  try {
    await breakage(superuser);
    await superuser.query('set local role postgres');
    const { rows } = await superuser.query<Problem>('select * from public.check_user_integrity()');
    return rows;
  } finally {
    await superuser.query('rollback');
  }
}

describe('check_user_integrity()', () => {
  let id: string;

  beforeEach(async () => {
    await db.query('delete from auth.users');
    id = await insertAuthUser(db.pool, { email: 'ada@example.com' });
  });

  test('is empty when all is sound', async () => {
    expect(await problemsAfter(() => Promise.resolve())).toEqual([]);
  });

  test('finds a user without a profile, and why', async () => {
    const problems = await problemsAfter(async (client) => {
      await client.query('delete from public.user_profiles');
      await client.query(`select private.record_profile_failure($1, 'trigger', '23514', 'no room')`, [id]);
    });
    expect(problems).toMatchObject([
      { problem: 'user_without_profile', user_id: id, remedy: 'Run the sync: rowhouse users sync' },
    ]);
    expect(problems[0]?.detail).toContain('no room (23514)');
  });

  test('finds a profile without a user, with a remedy that works', async () => {
    const breakage = async (client: pg.Client) => {
      await client.query('set local session_replication_role = replica');
      await client.query('delete from auth.users');
      await client.query('set local session_replication_role = origin');
    };
    const problems = await problemsAfter(breakage);
    expect(problems).toMatchObject([{ problem: 'profile_without_user', user_id: id }]);
    const after = await problemsAfter(async (client) => {
      await breakage(client);
      await client.query(problems[0]?.remedy ?? '');
    });
    expect(after).toEqual([]);
  });

  test('finds a duplicate', async () => {
    const problems = await problemsAfter(async (client) => {
      await client.query(
        'alter table public.user_profiles drop constraint user_profiles_pkey, drop constraint user_profiles_user_id_is_active_key cascade',
      );
      await client.query('insert into public.user_profiles select * from public.user_profiles');
    });
    expect(problems).toContainEqual(expect.objectContaining({ problem: 'duplicate_profile', user_id: id }));
  });

  test.each([
    ['public.widgets', 'owner_user_id uuid references auth.users (id)'],
    ['private.widgets', 'made_by uuid references public.user_profiles (user_id)'],
  ])('finds a reference of %s that points nowhere, in the catalog', async (table, column) => {
    const problems = await problemsAfter(async (client) => {
      await client.query(`create table ${table} (${column})`);
      await client.query(
        `set local session_replication_role = replica; insert into ${table} values ('${id.replace(/^.{8}/, 'deadbeef')}'); set local session_replication_role = origin`,
      );
    });
    expect(problems).toMatchObject([
      { problem: 'dangling_reference', user_id: id.replace(/^.{8}/, 'deadbeef') },
    ]);
    expect(problems[0]?.object).toContain('widgets');
  });

  test('finds a reference that was never validated, with a remedy that works', async () => {
    const breakage = (client: pg.Client) =>
      client.query(`create table public.widgets (user_id uuid);
        alter table public.widgets add constraint widgets_user_id_fkey foreign key (user_id) references auth.users (id) not valid`);
    const problems = await problemsAfter(breakage);
    expect(problems).toMatchObject([
      { problem: 'reference_not_validated', object: 'public.widgets.user_id' },
    ]);
    const after = await problemsAfter(async (client) => {
      await breakage(client);
      await client.query(problems[0]?.remedy ?? '');
    });
    expect(after).toEqual([]);
  });

  test.each(['user_id', 'sales_user_id', 'approved_by'])('finds %s without a foreign key', async (column) => {
    const problems = await problemsAfter((client) =>
      client.query(`create table private.widgets (${column} uuid)`),
    );
    expect(problems).toMatchObject([
      { problem: 'undeclared_reference', object: `private.widgets.${column}` },
    ]);
  });

  test('accepts an id that must survive its user, when the comment says so', async () => {
    const problems = await problemsAfter((client) =>
      client.query(
        `create table private.widgets (actor_user_id uuid); comment on column private.widgets.actor_user_id is 'Who. @survives'`,
      ),
    );
    expect(problems).toEqual([]);
  });

  test.each([
    [
      'the trigger that creates profiles',
      'alter table auth.users disable trigger _100_create_profile',
      'auth.users._100_create_profile',
    ],
    [
      'a trigger of ours',
      'alter table public.user_profiles disable trigger _100_stamp',
      'public.user_profiles._100_stamp',
    ],
    [
      'a trigger that fires for replicas only',
      'alter table public.user_profiles enable replica trigger _100_stamp',
      'public.user_profiles._100_stamp',
    ],
  ])('finds disabled: %s, with a remedy that works', async (_, statement, object) => {
    const problems = await problemsAfter((client) => client.query(statement));
    expect(problems).toMatchObject([{ problem: 'disabled_trigger', object }]);
    const after = await problemsAfter(async (client) => {
      await client.query(statement);
      await client.query('set local role postgres');
      await client.query(problems[0]?.remedy ?? '');
      await client.query('set local role none');
    });
    expect(after).toEqual([]);
  });

  test('finds foreign keys that are not enforced', async () => {
    const problems = await problemsAfter((client) =>
      client.query('alter table public.user_profiles disable trigger all'),
    );
    expect(problems.length).toBeGreaterThan(1);
    expect(problems.every(({ problem }) => problem === 'disabled_trigger')).toBe(true);
    expect(problems.some(({ detail }) => detail.includes('foreign key'))).toBe(true);
  });

  test('finds the missing trigger, with a remedy that works', async () => {
    const statement = 'drop trigger _100_create_profile on auth.users';
    const problems = await problemsAfter((client) => client.query(statement));
    expect(problems).toMatchObject([{ problem: 'missing_trigger' }]);
    const after = await problemsAfter(async (client) => {
      await client.query(statement);
      await client.query('set local role postgres');
      await client.query(problems[0]?.remedy ?? '');
      await client.query('set local role none');
    });
    expect(after).toEqual([]);
  });
});
