import { beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asService, asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();
const run = (...args: string[]) => runCli(['superadmin', ...args], { env: { DATABASE_URL: db.url } });
const isSuperadmin = (user: string) =>
  asUser(db, user, async (client) => {
    const { rows } = await client.query<{ answer: boolean }>('select public.is_superadmin() as answer');
    return rows[0]?.answer;
  });

let ada: string;
let grace: string;
beforeEach(async () => {
  await db.query('delete from auth.users');
  ada = await insertAuthUser(db.pool, { email: 'ada@example.com' });
  grace = await insertAuthUser(db.pool, { email: 'grace@example.com' });
  await db.query(`update auth.users set email_confirmed_at = now()`);
});

describe('rowhouse superadmin grant', () => {
  test('makes a superadmin, at once, whatever the case of the address, and says so', async () => {
    expect(await isSuperadmin(ada)).toBe(false);
    expect(await run('grant', 'Ada@Example.com')).toMatchObject({
      code: 0,
      stdout: 'ada@example.com is a superadmin now.\n',
      stderr: '',
    });
    expect(await isSuperadmin(ada)).toBe(true);
    expect(await isSuperadmin(grace)).toBe(false);
  });

  test('is in the audit log as the deed of the database role; a second time changes nothing', async () => {
    const changes = async () => {
      const { rows } = await db.query(
        `select organization_id, actor_role, actor_id, action, before, after from public.audit_logs
         where table_name = 'user_profiles' and row_key = jsonb_build_object('user_id', $1::uuid) and action = 'update'`,
        [ada],
      );
      return rows;
    };
    await run('grant', ada);
    const change = {
      organization_id: 'PLATFORM',
      actor_role: 'postgres',
      actor_id: null,
      action: 'update',
      before: { platform_role: 'user' },
      after: { platform_role: 'superadmin' },
    };
    expect(await changes()).toEqual([change]);
    const again = await run('grant', 'ada@example.com', '--json');
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(again.stdout)).toEqual({
      user_id: ada,
      email: 'ada@example.com',
      platform_role: 'superadmin',
      changed: false,
    });
    expect(await changes()).toEqual([change]);
  });

  test('makes the profile of a user who has none', async () => {
    await db.query('delete from public.user_profiles where user_id = $1', [ada]);
    expect((await run('grant', 'ada@example.com')).code).toBe(0);
    expect(await isSuperadmin(ada)).toBe(true);
  });

  test('of an address that nobody has ends with 1 and a sentence', async () => {
    const result = await run('grant', 'nobody@example.com');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(
      /error: There is no user with the e-mail address nobody@example\.com\.\n {2}Whoever is meant signs up first/,
    );
  });

  test('of an address that two accounts share asks for the id', async () => {
    const twin = await insertAuthUser(db.pool, { email: 'ada@example.com', is_sso_user: true });
    const result = await run('grant', 'ada@example.com');
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/2 users have the e-mail address ada@example\.com/);
    expect(result.stderr).toContain(ada);
    expect(result.stderr).toContain(twin);
    expect(await isSuperadmin(ada)).toBe(false);
    expect((await run('grant', twin)).code).toBe(0);
    expect([await isSuperadmin(ada), await isSuperadmin(twin)]).toEqual([false, true]);
  });

  test('warns of an account that is deactivated, and of an address that nobody has verified', async () => {
    await db.query(`select public.deactivate_user($1, 'Left.')`, [ada]);
    await db.query('update auth.users set email_confirmed_at = null where id = $1', [ada]);
    const result = await run('grant', 'ada@example.com');
    expect(result.code).toBe(0);
    expect(result.stderr).toMatch(/The account is deactivated[\s\S]*Nobody has verified the address/);
    expect(await isSuperadmin(ada)).toBe(false);
  });
});

test('the secret key makes no superadmin, where the command does', async () => {
  const promote = `select public.update_user($1, platform_role => 'superadmin')`;
  await expectRefusal(
    asService(db, (client) => client.query(promote, [ada])),
    403,
    'superadmin_required',
  );
  expect((await run('grant', 'ada@example.com')).code).toBe(0);
  // Twin: what the key may do with a profile, and what a superadmin may do with the role.
  await asService(db, (client) =>
    client.query(`select public.update_user($1, display_name => 'Ada')`, [grace]),
  );
  await asUser(db, ada, (client) => client.query(promote, [grace]), { commit: true });
  expect(await isSuperadmin(grace)).toBe(true);
});

describe('rowhouse superadmin revoke', () => {
  test('makes an ordinary user, at once; of the last one it says so', async () => {
    await run('grant', ada);
    await run('grant', grace);
    expect(await run('revoke', 'grace@example.com')).toMatchObject({
      code: 0,
      stdout: 'grace@example.com is no superadmin any more.\n',
      stderr: '',
    });
    expect([await isSuperadmin(ada), await isSuperadmin(grace)]).toEqual([true, false]);
    expect(await run('revoke', ada)).toMatchObject({ code: 0, stderr: 'No active superadmin is left.\n' });
    expect(await isSuperadmin(ada)).toBe(false);
  });

  test('of somebody who is none changes nothing', async () => {
    await run('grant', ada);
    expect(await run('revoke', 'grace@example.com')).toMatchObject({
      code: 0,
      stdout: 'grace@example.com was no superadmin.\n',
    });
    expect(await isSuperadmin(ada)).toBe(true);
  });
});

test('rowhouse superadmin list says who they are, and how to make the first', async () => {
  expect((await run('list')).stdout).toMatch(
    /There is none\. `rowhouse superadmin grant <email>` makes one\./,
  );
  await run('grant', ada);
  await run('grant', grace);
  await db.query(`select public.deactivate_user($1, 'Left.')`, [grace]);
  const { stdout } = await run('list');
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(new RegExp(`^ada@example\\.com +ada +active +${ada}$`));
  expect(lines[2]).toMatch(new RegExp(`^grace@example\\.com +grace +deactivated +${grace}$`));
  expect(JSON.parse((await run('list', '--json')).stdout)).toEqual({
    superadmins: [
      { user_id: ada, email: 'ada@example.com', display_name: 'ada', is_active: true, last_seen_at: null },
      {
        user_id: grace,
        email: 'grace@example.com',
        display_name: 'grace',
        is_active: false,
        last_seen_at: null,
      },
    ],
  });
});

describe('bad usage ends with exit code 2', () => {
  test.each([
    [['grant'], /missing required argument/],
    [['grant', 'nobody'], /e-mail address or a user id/],
    [['revoke', 'a@b c'], /e-mail address or a user id/],
  ])('%j', async (args, message) => {
    const result = await run(...args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  test('there is help', async () => {
    for (const args of [[], ['grant']]) {
      const result = await run(...args, '--help');
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(result.stdout).toMatch(/^Usage: rowhouse superadmin/);
    }
  });
});
