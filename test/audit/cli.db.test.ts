import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { runCli } from '../support/cli.ts';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import { found, inside, type Organization } from '../tenancy/organizations.ts';

const db = useDatabase();
const run = (...args: string[]) => runCli(['audit', 'log', ...args], { env: { DATABASE_URL: db.url } });

const answer = z.object({
  organization_id: z.string(),
  entries: z.array(z.looseObject({ at: z.string(), action: z.string(), event: z.string().nullable() })),
  has_more: z.boolean(),
});
async function json(...args: string[]) {
  const { code, stdout, stderr } = await run(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return answer.parse(JSON.parse(stdout));
}

let first: Organization;
let ada: string;
beforeAll(async () => {
  ada = await insertAuthUser(db.pool, { email: 'ada@example.com' });
  first = await found(db.pool, 'First', { id: 'TEST00001', owner: ada });
  await found(db.pool, 'Second', { id: 'TEST00002' });
  await asUser(
    db,
    inside(first, ada),
    async (client) => {
      await client.query(`insert into public.plants (code, name) values ('NORTH', 'Works')`);
      await client.query(`update public.plants set name = 'Great works'`);
    },
    { commit: true },
  );
  await db.query(
    `insert into public.audit_logs (organization_id, at, actor_role, action, table_name, row_key, before, after)
     values ('TEST00001', '2026-02-01', 'authenticated', 'update', 'plants', '{"id": 1}', '{"name": "Works"}', '{"name": "\\u001b[31mRed"}')`,
  );
  for (const [at, name] of [
    ['2026-03-01T10:00:00Z', 'lab.first'],
    ['2026-03-02T10:00:00Z', 'lab.second'],
    ['2026-03-03T10:00:00Z', 'lab.third'],
  ]) {
    await db.query(
      `insert into public.audit_logs (organization_id, at, actor_role, action, event, severity, after)
       values ('TEST00001', $1, 'service_role', 'system', $2, 'critical', '{"why": "test"}')`,
      [at, name],
    );
  }
});

const eventsOf = async (...args: string[]) =>
  (await json('--org', 'TEST00001', ...args)).entries.map(({ event }) => event);

describe('rowhouse audit log', () => {
  test('shows what was done, by whom, and what became of it', async () => {
    const { code, stdout, stderr } = await run('--org', 'test00001', '--since', '1h', '--table', 'plants');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [heading, ...lines] = stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^at +who +did +to +key +what/);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}ada@example\.com {2}create {2}plants {2}/);
    expect(lines[1]).toMatch(/ {2}update {2}plants {2}.*name: Works → Great works$/);
  });

  test('does not let what tenants have written move the cursor', async () => {
    const { stdout } = await run('--org', 'TEST00001', '--since', '2026-02-01', '--until', '2026-02-02');
    expect(stdout).toContain('name: Works → [31mRed');
    expect(stdout).not.toContain('\u001b');
  });

  test('prints everything that was noted as one line of JSON', async () => {
    const { organization_id, entries } = await json(
      '--org',
      'TEST00001',
      '--since',
      '2026-03-01',
      '--until',
      '2026-04-01',
    );
    expect(organization_id).toBe('TEST00001');
    expect(entries).toHaveLength(3);
    expect(entries[0]).toEqual({
      id: expect.stringMatching(/^\d+$/) as string,
      at: '2026-03-01T10:00:00.000Z',
      actor_id: null,
      actor_email: null,
      actor_role: 'service_role',
      action: 'system',
      event: 'lab.first',
      table_name: null,
      row_key: null,
      before: null,
      after: { why: 'test' },
      severity: 'critical',
      request_id: null,
      ip: null,
    });
  });

  test('takes moments and days, the first included and the last not', async () => {
    const range = ['--since', '2026-03-01T10:00:00Z', '--until', '2026-03-03'];
    expect(await eventsOf(...range)).toEqual(['lab.first', 'lab.second']);
    expect(await eventsOf('--since', '2026-03-02T11:00:00+01:00', '--until', '2026-03-03T10:00:00Z')).toEqual(
      ['lab.second'],
    );
  });

  test('shows the newest, and says when there are more', async () => {
    const range = ['--since', '2026-03-01', '--until', '2026-04-01', '--limit', '2'];
    expect(await json('--org', 'TEST00001', ...range)).toMatchObject({
      entries: [{ event: 'lab.second' }, { event: 'lab.third' }],
      has_more: true,
    });
    const { stderr } = await run('--org', 'TEST00001', ...range);
    expect(stderr).toBe('There is more before that: --limit shows more than 2.\n');
  });

  test('finds by action and by user, also one who is gone', async () => {
    const gone = await insertAuthUser(db.pool);
    await db.query(
      `select private.record_event('lab.gone', 'export', organization_id => 'TEST00001', actor_id => $1)`,
      [gone],
    );
    await db.query('delete from auth.users where id = $1', [gone]);
    expect(await eventsOf('--since', '1h', '--action', 'export')).toEqual(['lab.gone']);
    expect(await eventsOf('--since', '1h', '--actor', gone)).toEqual(['lab.gone']);
    const byName = await json('--org', 'TEST00001', '--since', '1h', '--actor', 'Ada@example.com');
    expect(byName.entries.map(({ action }) => action)).toEqual(['create', 'update']);
  });

  test('keeps organizations apart, and has the platform for the rest', async () => {
    await db.query(`select private.record_event('lab.platform', 'system')`);
    const platform = await json('--org', 'PLATFORM', '--since', '1h');
    expect(platform.entries.map(({ event }) => event)).toContain('lab.platform');
    const second = await json('--org', 'TEST00002', '--since', '1h', '--table', 'plants');
    expect(second.entries).toEqual([]);
  });

  test('shows what is left of an organization that was purged', async () => {
    const house = await found(db.pool, 'Third', { id: 'TEST00003' });
    await db.query(`select public.cancel_organization($1, 'over')`, [house.id]);
    await db.query(`select public.purge_organization($1, $2)`, [house.id, house.name]);
    const { entries } = await json('--org', 'TEST00003', '--since', '1h');
    expect(entries.map(({ event }) => event)).toContain('organization.purged');
  });

  test('says when nothing was noted', async () => {
    const result = await run('--org', 'TEST00001', '--since', '2026-01-01', '--until', '2026-01-02');
    expect(result).toMatchObject({ code: 0, stdout: 'Nothing was noted.\n' });
  });

  test('fails for an organization that never was, and for a user who is none', async () => {
    const unknown = await run('--org', 'TEST00009', '--since', '1h');
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toMatch(/There is no organization TEST00009/);
    const nobody = await run('--org', 'TEST00001', '--since', '1h', '--actor', 'nobody@example.com');
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toMatch(/There is no user with the e-mail address nobody@example\.com/);
  });

  test.each([
    ['no organization', ['--since', '1h']],
    ['no beginning', ['--org', 'TEST00001']],
    ['an organization that is none', ['--org', 'x', '--since', '1h']],
    ['a moment that is none', ['--org', 'TEST00001', '--since', 'yesterday']],
    ['a day that is none', ['--org', 'TEST00001', '--since', '2026-02-30']],
    ['an unknown action', ['--org', 'TEST00001', '--since', '1h', '--action', 'destroy']],
    ['a limit of nothing', ['--org', 'TEST00001', '--since', '1h', '--limit', '0']],
    ['a user who cannot be one', ['--org', 'TEST00001', '--since', '1h', '--actor', 'ada']],
  ])('with %s is bad usage', async (_, args) => {
    expect(await run(...args)).toMatchObject({ code: 2, stdout: '' });
  });
});
