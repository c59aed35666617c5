import { beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();
const run = (...args: string[]) => runCli(['member', ...args], { env: { DATABASE_URL: db.url } });

/** Two organizations: the twin shows that what is done in one is done in that one alone. */
const acme = 'ACME00001';
const beta = 'BETA00001';
const people: Record<'ada' | 'bob' | 'carol' | 'dave', string> = { ada: '', bob: '', carol: '', dave: '' };

const statuses = async (organization: string) => {
  const { rows } = await db.query<{ name: string; status: string }>(
    `select profile.display_name as name, member.status from public.members as member
     join public.user_profiles as profile using (user_id) where member.organization_id = $1 order by 1`,
    [organization],
  );
  return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
};

beforeEach(async () => {
  await db.query('delete from public.organizations');
  await db.query('delete from auth.users');
  for (const name of ['ada', 'bob', 'carol', 'dave'] as const) {
    people[name] = await insertAuthUser(db.pool, { email: `${name}@example.com` });
  }
  for (const [id, owner] of [
    [acme, people.ada],
    [beta, people.dave],
  ] as const) {
    await db.query('select public.create_organization($1, $2, $3, $1, max_users => 2)', [
      id,
      id.toLowerCase(),
      owner,
    ]);
    await db.query('insert into public.members (organization_id, user_id) values ($1, $2), ($1, $3)', [
      id,
      people.bob,
      people.carol,
    ]);
  }
});

describe('rowhouse member approve, reject, suspend, reactivate, remove', () => {
  test('do it in that organization alone, and say so', async () => {
    expect(await run('approve', 'acme00001', 'Bob@example.com')).toMatchObject({
      code: 0,
      stdout: `bob@example.com is a member of ${acme}.\n`,
      stderr: '',
    });
    expect(await statuses(acme)).toEqual({ ada: 'active', bob: 'active', carol: 'pending' });

    expect((await run('suspend', acme, people.bob)).stdout).toBe(`bob@example.com is shut out of ${acme}.\n`);
    expect(await statuses(acme)).toEqual({ ada: 'active', bob: 'suspended', carol: 'pending' });

    const { stdout } = await run('reactivate', acme, people.bob, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      action: 'reactivate',
      organization_id: acme,
      user_id: people.bob,
      email: 'bob@example.com',
      status: 'active',
      suspended_at: null,
    });
    expect((await run('reject', acme, 'carol@example.com')).stdout).toBe(
      `carol@example.com was not let into ${acme}.\n`,
    );
    expect((await run('remove', acme, 'bob@example.com')).stdout).toBe(
      `bob@example.com is no member any more of ${acme}.\n`,
    );
    expect(await statuses(acme)).toEqual({ ada: 'active' });
    expect(await statuses(beta)).toEqual({ bob: 'pending', carol: 'pending', dave: 'active' });
  });

  test('shut out at once, with a token that is still valid', async () => {
    await run('approve', acme, people.bob);
    const organization = () =>
      asUser(db, { id: people.bob, organization_id: acme }, async (client) => {
        const { rows } = await client.query<{ id: string | null }>(
          'select private.current_organization_id() as id',
        );
        return rows[0]?.id;
      });
    expect(await organization()).toBe(acme);
    await run('suspend', acme, people.bob);
    expect(await organization()).toBeNull();
  });

  test("are in the organization's audit log as the deeds of the database role", async () => {
    await run('approve', acme, people.bob);
    await run('remove', acme, people.bob);
    const { rows } = await db.query(
      `select organization_id, actor_role, actor_id, action, after ->> 'status' as status from public.audit_logs
       where table_name = 'members' and row_key = jsonb_build_object('user_id', $1::uuid)
         and action <> 'create' order by at, id`,
      [people.bob],
    );
    const deed = { organization_id: acme, actor_role: 'postgres', actor_id: null };
    expect(rows).toEqual([
      { ...deed, action: 'update', status: 'active' },
      { ...deed, action: 'delete', status: null },
    ]);
  });
});

describe("the rules of an organization's own administrators hold for the operator", () => {
  const refusals: [string[], RegExp, RegExp?][] = [
    [
      ['remove', acme, 'ada@example.com'],
      /error: This is the last active owner/,
      /Make another member an owner/,
    ],
    [['suspend', acme, 'ada@example.com'], /error: This is the last active owner/],
    [['approve', acme, 'ada@example.com'], /error: The member is active; only pending ones become active\./],
    [['reject', acme, 'ada@example.com'], /error: The member is active; only pending ones are rejected\./],
    [['suspend', acme, 'bob@example.com'], /error: The member is pending; only active ones/],
    [['remove', acme, 'dave@example.com'], /error: The organization has no such member\./],
    [['remove', 'NOSUCH001', 'ada@example.com'], /error: There is no such organization\./],
    [['remove', acme, 'nobody@example.com'], /error: There is no user with the e-mail address/, /signs up/],
    [['remove', acme, '00000000-0000-4000-8000-00000000dead'], /error: There is no user with the id/],
  ];

  test.each(refusals)('%j', async (args, message, hint) => {
    const before = await statuses(acme);
    const result = await run(...args);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(message);
    if (hint) expect(result.stderr).toMatch(hint);
    expect(result.stderr).not.toMatch(/PT4\d\d|^\s+at /m);
    expect(await statuses(acme)).toEqual(before);
  });

  test('of several at once, no more are let in than the plan allows', async () => {
    const results = await Promise.all([run('approve', acme, people.bob), run('approve', acme, people.carol)]);
    expect(results.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(results.map(({ stderr }) => stderr).join('')).toMatch(
      /error: The organization has all the members that its plan allows: 2\.\n {2}Remove some, or ask for a larger plan/,
    );
    expect(Object.values(await statuses(acme)).sort()).toEqual(['active', 'active', 'pending']);
  });
});

describe('rowhouse member list', () => {
  test('lists one organization, by name, with roles', async () => {
    const { stdout, code } = await run('list', acme);
    expect(code).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/^ada +ada@example\.com +active +owner +\d{4}-\d\d-\d\d/);
    expect(lines[2]).toMatch(/^bob +bob@example\.com +pending +customer +/);
    expect(stdout).not.toContain('dave');
  });

  test('finds by status and by a text, which is no pattern', async () => {
    const names = async (...args: string[]) => {
      const { stdout } = await run('list', acme, '--json', ...args);
      const { members } = JSON.parse(stdout) as { members: { display_name: string }[] };
      return members.map(({ display_name }) => display_name);
    };
    expect(await names()).toEqual(['ada', 'bob', 'carol']);
    expect(await names('--status', 'pending')).toEqual(['bob', 'carol']);
    expect(await names('--search', 'AROL@ex')).toEqual(['carol']);
    expect(await names('--status', 'active', '--search', 'carol')).toEqual([]);
    expect(await names('--search', '%')).toEqual([]);
    expect((await run('list', acme, '--search', 'nobody')).stdout).toBe('Nobody.\n');
  });

  test('does not let an address move the cursor', async () => {
    await db.query(`update auth.users set email = E'bob\\x1b[2J@example.com' where id = $1`, [people.bob]);
    const { stdout } = await run('list', acme);
    expect(stdout).toContain('bob[2J@example.com');
    expect(stdout).not.toContain('\x1b');
  });

  test('of no organization ends with 1', async () => {
    const result = await run('list', 'NOSUCH001');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/There is no organization NOSUCH001\.\n {2}`rowhouse org list/);
  });
});

describe('bad usage ends with exit code 2', () => {
  test.each([
    [['list', 'no'], /organization id: 8 or 9 letters and digits/],
    [['list', acme, '--status', 'gone'], /one of pending, active, suspended/],
    [['approve', acme], /missing required argument 'user'/],
    [['approve', acme, 'bob'], /e-mail address or a user id/],
  ])('%j', async (args, message) => {
    const result = await run(...args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  test('there is help', async () => {
    for (const name of ['list', 'approve']) {
      const result = await run(name, '--help');
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(result.stdout).toMatch(new RegExp(`^Usage: rowhouse member ${name}`));
    }
  });
});
