import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../scripts/support/sql-files.ts';
import { migrate } from '../../src/migrations/migrate.ts';
import { reset } from '../../src/migrations/reset.ts';
import { seed } from '../../src/migrations/seed.ts';
import { connect } from '../../src/postgres/connect.ts';
import { useApi } from '../support/api.ts';
import { createBareDatabase } from '../support/bare-database.ts';
import { runCli } from '../support/cli.ts';
import { useDatabase } from '../support/database.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();
const api = useApi(db);
const password = 'rowhouse-demo';

/** Seeds through a connection of its own, as the command does. */
async function seeded(url: string): Promise<boolean> {
  const client = await connect(url);
  try {
    return await seed(client);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  expect(await seeded(db.url)).toBe(true);
});

/** Signs in over HTTP as a browser does. */
async function signedIn(email: string, secret = password) {
  const client = api.client();
  const { data, error } = await client.auth.signInWithPassword({ email, password: secret });
  if (error) throw error;
  const claims = (await client.auth.getClaims()).data?.claims;
  return { client, id: data.user.id, claims };
}

async function plantsSeenBy(email: string): Promise<string[]> {
  const { client } = await signedIn(email);
  const { data, error } = await client.from('plants').select('code').order('code');
  if (error) throw error;
  return data.map(({ code }) => code);
}

describe('the people of the demo organizations', () => {
  test('sign in with the password that the file names, each into their organization', async () => {
    const claims: Record<string, [unknown, unknown]> = {};
    const { rows } = await db.query<{ email: string }>('select email from auth.users order by email');
    for (const { email } of rows) {
      const { claims: own } = await signedIn(email);
      claims[email.replace('.example', '')] = [own?.organization_id, own?.organization_role];
    }
    expect(claims).toEqual({
      'anna@moser': ['DEMO0001', 'owner'],
      'bernd@moser': ['DEMO0001', 'manager'],
      'clara@moser': ['DEMO0001', 'operator'],
      'david@moser': ['DEMO0001', 'customer'],
      'eva@moser': ['DEMO0001', 'salesman'],
      'felix@moser': ['DEMO0001', 'qc_inspector'],
      'gerda@moser': [null, null],
      'ines@northside': ['DEMO0001', 'viewer'],
      'karl@aigner': ['DEMO0001', 'customer'],
      'lisa@aigner': ['DEMO0001', 'customer'],
      'aisha@northside': ['DEMO0002', 'instructor'],
      'grace@northside': ['DEMO0002', 'instructor'],
      'hugo@northside': ['DEMO0002', 'instructor'],
      'liam@northside': ['DEMO0002', 'instructor'],
      'nadia@northside': ['DEMO0002', 'instructor'],
      'omar@northside': ['DEMO0002', 'instructor'],
      'olivia@northside': ['DEMO0002', 'owner'],
      'paul@northside': ['DEMO0002', 'admin'],
      'rosa@northside': ['DEMO0002', 'customer'],
      'sam@northside': [null, null],
      'tess@northside': [null, null],
    });
    await expect(signedIn('anna@moser.example', 'rowhouse')).rejects.toThrow(/credentials/i);
  });

  test('are no superadmins', async () => {
    const { rows } = await db.query(`select from public.user_profiles where platform_role <> 'user'`);
    expect(rows).toEqual([]);
  });

  test('see what their roles allow: their own plants, or none', async () => {
    expect(await plantsSeenBy('anna@moser.example')).toEqual(['GRZ', 'LNZ']);
    expect(await plantsSeenBy('eva@moser.example')).toEqual(['GRZ', 'LNZ']);
    expect(await plantsSeenBy('olivia@northside.example')).toEqual(['TOR', 'VAN']);
    expect(await plantsSeenBy('rosa@northside.example')).toEqual([]);
    expect(await plantsSeenBy('gerda@moser.example')).toEqual([]);
    expect(await plantsSeenBy('tess@northside.example')).toEqual([]);
  });

  test('run the plant that is theirs', async () => {
    const { client } = await signedIn('clara@moser.example');
    const { data } = await client.from('plants').select('id, code').order('code');
    const mayManage = await Promise.all(
      (data ?? []).map(({ id }) => client.call('check_permission', { code: 'plants.manage', plant_id: id })),
    );
    expect(mayManage).toEqual([true, false]);
  });

  test('switch, where they belong to both', async () => {
    const { client } = await signedIn('ines@northside.example');
    expect((await client.call('my_organizations')).map(({ slug }) => slug)).toEqual(['moser', 'northside']);
    await client.call('switch_organization', { id: 'DEMO0002' });
    await client.auth.refreshSession();
    const { data } = await client.from('plants').select('code').order('code');
    expect(data).toEqual([{ code: 'TOR' }, { code: 'VAN' }]);
  });

  test('wait to be let in, and are', async () => {
    const { client } = await signedIn('olivia@northside.example');
    const { members } = await client.call('list_members', { status: 'pending' });
    expect(members.map(({ email }) => email)).toEqual(['sam@northside.example']);
    await client.call('approve_member', { user_id: members[0]?.user_id ?? '' });
    const sam = await signedIn('sam@northside.example');
    expect(sam.claims?.organization_id).toBe('DEMO0002');
  });

  test('grow by Hanna, who accepts the open invitation', async () => {
    const client = api.client();
    const { error } = await client.auth.signUp({ email: 'hanna@moser.example', password });
    if (error) throw error;
    const token = 'the-demo-invitation-of-hanna-at-moser-00001';
    expect(await client.call('accept_invitation', { token })).toMatchObject({
      organization_id: 'DEMO0001',
      role_codes: ['salesman'],
    });
  });

  test('are written as the auth server writes its own', async () => {
    const own = await api.signUp();
    const { rows } = await db.query<{ demo: unknown; own: unknown }>(
      `with facts as (
         select account.id = $1 as is_own, identity.provider, account.aud, account.role, account.instance_id,
           account.email_confirmed_at is not null as is_confirmed, account.raw_app_meta_data as app_metadata,
           identity.provider_id = account.id::text as has_own_id, identity.identity_data - 'sub' - 'email' as about
         from auth.users as account join auth.identities as identity on identity.user_id = account.id
       )
       select (select jsonb_agg(distinct to_jsonb(facts) - 'is_own' - 'instance_id' - 'about') from facts where not is_own) as demo,
         (select jsonb_agg(to_jsonb(facts) - 'is_own' - 'instance_id' - 'about') from facts where is_own) as own`,
      [own.id],
    );
    expect(rows[0]?.demo).toEqual(rows[0]?.own);
    await db.query('delete from auth.users where id = $1', [own.id]);

    // GoTrue cannot read a null in any of these.
    const unreadable = await db.query(
      `select email from auth.users
       where email ~ 'example$' and email not like 'hanna@%' and array_position(array[
         confirmation_token, recovery_token, email_change, email_change_token_new, email_change_token_current,
         reauthentication_token, phone_change, phone_change_token
       ]::text[], null) is not null`,
    );
    expect(unreadable.rows).toEqual([]);
  });
});

describe('seeding', () => {
  test('a second time changes nothing', async () => {
    const count = async () =>
      (
        await db.query(
          `select (select count(*) from auth.users), (select count(*) from public.members) as members,
             (select count(*) from public.plants) as plants, (select count(*) from public.audit_logs) as logs`,
        )
      ).rows;
    const before = await count();
    expect(await seeded(db.url)).toBe(false);
    expect(await count()).toEqual(before);
  });

  test('skips a database without Rowhouse, fills up a new one, and fills it again after a reset', async () => {
    const bare = await createBareDatabase(db, { platform: true });
    const client = new pg.Client({ connectionString: bare.url });
    const notices: string[] = [];
    client.on('notice', ({ message }) => notices.push(message ?? ''));
    await client.connect();
    try {
      const run = async (file: string) => client.query(await readFile(join(root, 'supabase', file), 'utf8'));
      const counted = async () => {
        const { rows } = await client.query<Record<string, number>>(
          `select (select count(*)::integer from auth.users) as users,
             (select count(*)::integer from public.user_profiles) as profiles,
             (select count(*)::integer from public.members) as members,
             (select count(*)::integer from public.manufacturing_types) as products,
             (select count(*)::integer from public.customers) as customers,
             (select count(*)::integer from public.customer_users) as customer_users,
             (select count(*)::integer from public.orders) as orders,
             (select count(*)::integer from public.course_sessions) as sessions,
             (select count(*)::integer from public.bookings) as bookings`,
        );
        return rows;
      };
      const whole = [
        {
          users: 21,
          profiles: 21,
          members: 22,
          products: 2,
          customers: 700,
          customer_users: 2,
          orders: 8,
          sessions: 120,
          bookings: 1200,
        },
      ];
      const files = [
        'seed.sql',
        'seeds/window-maker.sql',
        'seeds/window-maker-sales.sql',
        'seeds/first-aid.sql',
      ];
      for (const file of files) await run(file);
      expect(notices).toEqual([expect.stringContaining('rowhouse migrate')]);

      await migrate(bare.url);
      for (const file of files.toReversed()) await run(file);
      expect(await counted()).toMatchObject([{ users: 15, products: 0, customers: 0 }]);
      expect(await seed(client)).toBe(false);
      expect(await counted()).toEqual(whole);

      await reset(bare.url);
      expect(await seed(client)).toBe(true);
      expect(await counted()).toEqual(whole);
    } finally {
      await client.end();
      await bare.drop();
    }
  }, 120_000);

  test('is done by the Supabase CLI as well', async () => {
    const bare = await createBareDatabase(db, { platform: true });
    const folder = await mkdtemp(join(tmpdir(), 'rowhouse-seed-'));
    try {
      await migrate(bare.url);
      await mkdir(join(folder, 'supabase'));
      for (const file of ['config.toml', 'seed.sql', 'seeds']) {
        await cp(join(root, 'supabase', file), join(folder, 'supabase', file), { recursive: true });
      }
      const { status, stdout, stderr } = spawnSync(
        join(root, 'node_modules/.bin/supabase'),
        ['db', 'push', '--include-seed', '--yes', `--remote=${bare.url}?sslmode=disable`],
        { cwd: folder, encoding: 'utf8', env: { ...process.env, SUPABASE_TELEMETRY_DISABLED: '1' } },
      );
      expect(status, stdout + stderr).toBe(0);
      const client = await connect(bare.url);
      const { rows } = await client.query(
        `select id, (select count(*)::integer from public.customers where organization_id = organization.id) as customers,
           (select count(*)::integer from public.orders where organization_id = organization.id) as orders
         from public.organizations as organization order by id`,
      );
      await client.end();
      expect(rows).toEqual([
        { id: 'DEMO0001', customers: 200, orders: 8 },
        { id: 'DEMO0002', customers: 500, orders: 0 },
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
      await bare.drop();
    }
  });

  test.each([
    ['an address elsewhere', { email: 'someone@company.com' }],
    ['an address that only looks alike', { email: 'x@moser.example.com' }],
    ['a phone', { email: null, phone: '431234567' }],
  ])('is refused where there is a user with %s, and leaves nothing', async (_, user) => {
    const bare = await createBareDatabase(db, { platform: true });
    try {
      await migrate(bare.url);
      const client = await connect(bare.url);
      try {
        await insertAuthUser(client, user);
        await expect(seed(client)).rejects.toMatchObject({
          name: 'Failure',
          message: 'This database has users of its own, and anybody can sign in to the demo accounts.',
        });
        expect((await client.query('select from auth.users')).rowCount).toBe(1);
        expect((await client.query('select from public.organizations')).rowCount).toBe(0);
      } finally {
        await client.end();
      }
    } finally {
      await bare.drop();
    }
  });

  test('by the command asks first, where it is not the embedded stack', async () => {
    const env = { DATABASE_URL: db.url };
    const refused = await runCli(['seed'], { env });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('add --yes');
    const again = await runCli(['seed', '--yes'], { env });
    expect(again).toMatchObject({ code: 0, stdout: 'The demo organizations are there already.\n' });
  });
});
