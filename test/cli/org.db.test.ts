import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { askForName } from '../../src/cli/org.ts';
import { withConnection } from '../../src/postgres/connect.ts';
import { describeOrganization } from '../../src/organizations/organization.ts';
import { runCli } from '../support/cli.ts';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();
const run = (...args: string[]) => runCli(['org', ...args], { env: { DATABASE_URL: db.url } });
const json = async (...args: string[]) => {
  const { stdout, stderr } = await run(...args, '--json');
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as Record<string, unknown>;
};

let ada: string;
let bob: string;
beforeEach(async () => {
  await db.query('delete from public.organizations');
  await db.query('delete from auth.users');
  ada = await insertAuthUser(db.pool, { email: 'ada@example.com' });
  bob = await insertAuthUser(db.pool, { email: 'bob@example.com' });
});

const createAcme = () => run('create', 'Acme Tools', '--slug', 'acme', '--owner', ada, '--id', 'LEGACY001');

/** The organization that a token for LEGACY001 opens to Ada at this moment. */
const open = () =>
  asUser(db, { id: ada, organization_id: 'LEGACY001' }, async (client) => {
    const { rows } = await client.query<{ id: string }>('select id from public.organizations');
    return rows.map(({ id }) => id);
  });

const status = async (id = 'LEGACY001') => {
  const { rows } = await db.query<{ status: string }>(
    'select status from public.organizations where id = $1',
    [id],
  );
  return rows[0]?.status;
};

describe('rowhouse org create', () => {
  test('makes an organization with its roles and its owner, and says its id', async () => {
    const result = await run('create', 'Acme Tools', '--slug', 'acme', '--owner', 'Ada@example.com');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const [, id] =
      /^Acme Tools is organization ([ABCDEFGHJKMNPQRSTUVWXYZ23456789]{9})\.\n/.exec(result.stdout) ?? [];
    expect(result.stdout).toMatch(/owner +ada@example\.com\n/);
    const { rows } = await db.query(
      `select organization.id, member.status, held.role_code, organization.created_by,
         exists (select from public.roles as role where role.organization_id = organization.id and role.code = 'viewer') as has_roles
       from public.organizations as organization
         join public.members as member on member.organization_id = organization.id
         join public.user_roles as held using (organization_id, user_id)
       where member.user_id = $1`,
      [ada],
    );
    expect(rows).toEqual([{ id, status: 'active', role_code: 'owner', created_by: null, has_roles: true }]);
  });

  test('takes a reserved id in whatever case, plan, time zone and limit; --json is one line', async () => {
    const created = await json(
      ...['create', 'Beta', '--slug', 'beta-2', '--owner', ada, '--id', 'test0001', '--tier', 'enterprise'],
      ...['--timezone', 'Europe/Vienna', '--max-users', '250'],
    );
    expect(created).toMatchObject({
      id: 'TEST0001',
      name: 'Beta',
      slug: 'beta-2',
      status: 'active',
      tier: 'enterprise',
      timezone: 'Europe/Vienna',
      max_users: 250,
      owner: { user_id: ada, email: 'ada@example.com' },
    });
  });

  test.each([
    [['--slug', 'Acme Tools', '--owner', 'ada@example.com'], /error: A slug is 1 to 63 lower case letters/],
    [['--slug', 'acme', '--owner', 'nobody@example.com'], /error: There is no user with the e-mail address/],
    [
      ['--slug', 'acme', '--owner', 'ada@example.com', '--timezone', 'Mars/Base'],
      /error: The time zone is an IANA/,
    ],
    [
      ['--slug', 'taken', '--owner', 'ada@example.com'],
      /error: There is an organization with this slug or id\.\n {2}Choose/,
    ],
    [
      ['--slug', 'acme', '--owner', 'ada@example.com', '--id', 'TAKEN0001'],
      /error: There is an organization with this/,
    ],
    [
      ['--slug', 'acme', '--owner', 'ada@example.com', '--id', 'PLATFORM'],
      /error: An organization id is 8 or 9 letters/,
    ],
  ])('%j is refused with a sentence, and nothing is created', async (args, message) => {
    await run('create', 'Taken', '--slug', 'taken', '--owner', bob, '--id', 'TAKEN0001');
    const result = await run('create', 'Acme Tools', ...args);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/PT4\d\d|^\s+at /m);
    const { rows } = await db.query('select id from public.organizations');
    expect(rows).toEqual([{ id: 'TAKEN0001' }]);
  });

  test('a name that is empty is refused', async () => {
    const result = await run('create', ' \t ', '--slug', 'acme', '--owner', ada);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/error: The name of an organization is one line/);
  });
});

describe('rowhouse org list', () => {
  test('lists with counts, and finds by text and status', async () => {
    await createAcme();
    await run('create', 'Beta', '--slug', 'beta', '--owner', bob, '--id', 'BETA00001', '--max-users', '3');
    await db.query(`insert into public.members (organization_id, user_id) values ('BETA00001', $1)`, [ada]);
    await run('suspend', 'BETA00001', '--reason', 'Unpaid.');

    const { stdout } = await run('list');
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^id +name +slug +status +plan +members +of +waiting +plants +created$/);
    expect(lines[1]).toMatch(/^BETA00001 +Beta +beta +suspended +basic +1 +3 +1 +0 +\d{4}-\d\d-\d\d$/);
    expect(lines[2]).toMatch(/^LEGACY001 +Acme Tools +acme +active +basic +1 +10 +0 +0 +\d{4}-\d\d-\d\d$/);
    expect(lines[3]).toBe('2 organizations.');

    const found = async (...args: string[]) => {
      const page = (await json('list', ...args)) as { organizations: { id: string }[]; total: number };
      expect(page.total).toBe(page.organizations.length);
      return page.organizations.map(({ id }) => id);
    };
    expect(await found('--search', 'TOOLS')).toEqual(['LEGACY001']);
    expect(await found('--status', 'suspended')).toEqual(['BETA00001']);
    expect(await found('--search', 'tools', '--status', 'suspended')).toEqual([]);
    expect(await found('--search', '%')).toEqual([]);
  });

  test('turns pages, 50 to each', async () => {
    for (let number = 0; number < 51; number += 1) {
      await db.query('select public.create_organization($1, $2, $3)', [
        `Org ${number}`,
        `org-${number}`,
        ada,
      ]);
    }
    expect((await run('list')).stdout).toMatch(/51 organizations, page 1 of 2\.\n$/);
    const second = (await run('list', '--page', '2')).stdout.trim().split('\n');
    expect(second).toHaveLength(3);
    expect(second[1]).toMatch(/ Org 0 /);
    expect((await run('list', '--page', '9')).stdout).toBe('51 organizations, page 9 of 2.\n');
  });
});

describe('rowhouse org show', () => {
  test('tells particulars, counts and owners', async () => {
    await createAcme();
    await db.query(`insert into public.members (organization_id, user_id) values ('LEGACY001', $1)`, [bob]);
    await db.query(
      `update public.organizations set contact_name = E'Carol\\x1b[2J', contact_email = 'carol@acme.example',
         features = '{"sms": true, "ai": false}', allow_self_registration = true`,
    );
    const { stdout } = await run('show', 'legacy001');
    expect(stdout).toMatch(/id +LEGACY001\n/);
    expect(stdout).toMatch(/status +active\n/);
    expect(stdout).toMatch(/features +sms\n/);
    expect(stdout).toMatch(/owners +ada@example\.com\n/);
    expect(stdout).toMatch(/active members +1 of 10\n/);
    expect(stdout).toMatch(/waiting for approval +1\n/);
    expect(stdout).toMatch(/self-registration +yes, with approval\n/);
    expect(stdout).toMatch(/contact +Carol\[2J, carol@acme\.example\n/);
    expect(stdout).not.toMatch(/billing|industry/);
    expect(await json('show', 'LEGACY001')).toMatchObject({
      id: 'LEGACY001',
      active_members: 1,
      pending_members: 1,
      suspended_members: 0,
      open_invitations: 0,
      plants: 0,
      owners: [{ user_id: ada, email: 'ada@example.com', display_name: 'ada' }],
    });
  });

  test('says why and since when it is suspended', async () => {
    await createAcme();
    await run('suspend', 'LEGACY001', '--reason', ' Unpaid. ');
    expect((await run('show', 'LEGACY001')).stdout).toMatch(/status +suspended since \S+Z: Unpaid\.\n/);
  });
});

describe('rowhouse org suspend, reactivate, cancel', () => {
  test('close and open the door at once, with a token that is still valid', async () => {
    await createAcme();
    expect(await open()).toEqual(['LEGACY001']);
    expect(await run('suspend', 'LEGACY001', '--reason', 'Unpaid.')).toMatchObject({
      code: 0,
      stdout: 'Acme Tools (LEGACY001) is suspended.\n',
      stderr: '',
    });
    expect(await open()).toEqual([]);
    expect((await run('reactivate', 'LEGACY001')).stdout).toBe('Acme Tools (LEGACY001) is active.\n');
    expect(await open()).toEqual(['LEGACY001']);
    expect(await json('cancel', 'LEGACY001', '--reason', 'Moved on.')).toMatchObject({
      id: 'LEGACY001',
      status: 'cancelled',
      status_reason: 'Moved on.',
      suspended_at: null,
    });
    expect(await open()).toEqual([]);
    expect((await run('reactivate', 'LEGACY001')).code).toBe(0);
    expect(await open()).toEqual(['LEGACY001']);
  });

  test('refuse what does not follow, in a sentence', async () => {
    await createAcme();
    const refused: [string[], RegExp][] = [
      [['reactivate', 'LEGACY001'], /error: The organization is active; it cannot become active\./],
      [['suspend', 'LEGACY001', '--reason', '  '], /error: This takes a reason\./],
      [
        ['suspend', 'LEGACY001', '--reason', 'x'.repeat(1001)],
        /error: A reason has at most 1,000 characters\./,
      ],
      [['cancel', 'NOSUCH001', '--reason', 'x'], /error: There is no such organization\./],
    ];
    for (const [args, message] of refused) {
      const result = await run(...args);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(message);
    }
    expect(await status()).toBe('active');
  });

  test('are in the audit log as the deeds of the database role', async () => {
    await createAcme();
    await run('suspend', 'LEGACY001', '--reason', 'Unpaid.');
    const { rows } = await db.query(
      `select organization_id, actor_role, actor_id, before ->> 'status' as was, after ->> 'status' as becomes
       from public.audit_logs
       where table_name = 'organizations' and action = 'update' and organization_id = 'LEGACY001'
       order by at desc, id desc fetch first row only`,
    );
    expect(rows).toEqual([
      {
        organization_id: 'LEGACY001',
        actor_role: 'postgres',
        actor_id: null,
        was: 'active',
        becomes: 'suspended',
      },
    ]);
  });
});

describe('rowhouse org purge', () => {
  const counts = async () => {
    const { rows } = await db.query<{ organizations: number; members: number; users: number }>(
      `select (select count(*)::integer from public.organizations) as organizations,
         (select count(*)::integer from public.members) as members,
         (select count(*)::integer from auth.users) as users`,
    );
    return rows[0];
  };

  test('deletes a cancelled organization by its exact name, says what went, and leaves the users and the others', async () => {
    await createAcme();
    await run('create', 'Acme Tools', '--slug', 'other', '--owner', ada, '--id', 'OTHER0001');
    await run('cancel', 'LEGACY001', '--reason', 'Moved on.');
    const result = await run('purge', 'legacy001', '--confirm', 'Acme Tools');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^Organization LEGACY001 is gone, with:\n/);
    expect(result.stdout).toMatch(/members +1\n/);
    expect(await counts()).toEqual({ organizations: 1, members: 1, users: 2 });
    expect(await status('OTHER0001')).toBe('active');
    const { rows } = await db.query(
      `select event, actor_role, actor_id, severity, after ->> 'name' as name from public.audit_logs
       where organization_id = 'LEGACY001' and event is not null order by at desc, id desc fetch first row only`,
    );
    expect(rows).toEqual([
      {
        event: 'organization.purged',
        actor_role: 'postgres',
        actor_id: null,
        severity: 'critical',
        name: 'Acme Tools',
      },
    ]);
  });

  test('never deletes an organization that is active, or under another name', async () => {
    await createAcme();
    for (const args of [['--confirm', 'Acme Tools'], []]) {
      const active = await run('purge', 'LEGACY001', ...args);
      expect(active).toMatchObject({ code: 1, stdout: '' });
      expect(active.stderr).toMatch(/error: Only a cancelled organization is purged\.\n {2}Cancel it first/);
    }
    await run('cancel', 'LEGACY001', '--reason', 'Moved on.');
    for (const name of ['acme tools', 'Acme', '', 'Acme Tools ']) {
      const wrong = await run('purge', 'LEGACY001', '--confirm', name);
      expect(wrong).toMatchObject({ code: 1, stdout: '' });
      expect(wrong.stderr).toMatch(/error: The name does not match\. Nothing was deleted\./);
    }
    expect(await counts()).toMatchObject({ organizations: 1, members: 1 });
  });

  test('without --confirm and without a terminal, says what it would do, and does nothing', async () => {
    await createAcme();
    await run('cancel', 'LEGACY001', '--reason', 'Moved on.');
    const result = await runCli(['org', 'purge', 'LEGACY001'], {
      env: { DATABASE_URL: db.url },
      input: 'Acme Tools\n',
    });
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(
      /error: This would delete organization LEGACY001, "Acme Tools", with 1 active member and[\s\S]*add --confirm with its exact name/,
    );
    expect(await counts()).toMatchObject({ organizations: 1, members: 1 });
  });

  test('a terminal is asked for the name; Ctrl-C is a no', async () => {
    await createAcme();
    const organization = await withConnection(db.url, (client) => describeOrganization(client, 'LEGACY001'));
    const type = async (keys: string[]) => {
      const input = new PassThrough();
      const output = new PassThrough();
      let shown = '';
      output.on('data', (chunk: Buffer) => {
        shown += chunk.toString();
        // One key each time that the prompt has drawn itself, as a person types.
        const key = keys.shift();
        if (key !== undefined) setImmediate(() => input.write(key));
      });
      const name = await askForName(organization, { input, output });
      return { name, shown };
    };
    const { name, shown } = await type(['Acme Tools', '\r']);
    expect(name).toBe('Acme Tools');
    expect(shown).toContain('Type its name to go on');
    await expect(type(['\x03'])).rejects.toMatchObject({ message: 'Nothing was deleted.', exitCode: 130 });
  });
});

describe('rowhouse org usage', () => {
  test('counts each against its limit', async () => {
    await createAcme();
    await db.query(`insert into public.members (organization_id, user_id) values ('LEGACY001', $1)`, [bob]);
    const { usage } = (await json('usage', 'LEGACY001')) as { usage: unknown[] };
    expect(usage).toContainEqual({ resource: 'active_members', used: 1, allowed: 10 });
    expect(usage).toContainEqual({ resource: 'members', used: 2, allowed: null });
    const { stdout } = await run('usage', 'LEGACY001');
    expect(stdout).toMatch(/active members +1 +10\n/);
    expect(stdout).toMatch(/\nmembers +2\n/);
  });
});

test.each(['show', 'usage', 'purge'])('rowhouse org %s of no organization ends with 1', async (name) => {
  const result = await run(name, 'NOSUCH001');
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(/error: There is no organization NOSUCH001\.\n {2}`rowhouse org list/);
});

describe('bad usage ends with exit code 2', () => {
  test.each([
    [['create', 'Acme', '--slug', 'acme'], /required option '--owner <user>'/],
    [['create', 'Acme', '--slug', 'a', '--owner', 'ada'], /e-mail address or a user id/],
    [['create', 'Acme', '--slug', 'a', '--owner', 'a@b', '--id', 'short'], /8 or 9 letters and digits/],
    [
      ['create', 'Acme', '--slug', 'a', '--owner', 'a@b', '--tier', 'gold'],
      /one of free, basic, professional/,
    ],
    [['create', 'Acme', '--slug', 'a', '--owner', 'a@b', '--max-users', '0'], /1 to 1,000,000/],
    [['list', '--status', 'gone'], /one of active, suspended, cancelled/],
    [['show', "'; drop table"], /8 or 9 letters and digits/],
    [['suspend', 'LEGACY001'], /required option '--reason <text>'/],
    [['purge', 'LEGACY001', '--confirm'], /argument missing/],
  ])('%j', async (args, message) => {
    const result = await run(...args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  test('there is help', async () => {
    for (const name of ['create', 'purge']) {
      const result = await run(name, '--help');
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(result.stdout).toMatch(new RegExp(`^Usage: rowhouse org ${name}`));
    }
  });
});
