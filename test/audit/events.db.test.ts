import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon, asService, asUser } from '../support/roles.ts';
import { addMember, found, inside, type Organization } from '../tenancy/organizations.ts';
import { type Entry, logged } from './logs.ts';

const db = useDatabase();

let org: Organization;

beforeAll(async () => {
  org = await found(db.pool, 'First', { id: 'TEST00001' });
});

/** Runs `work` with the settings that PostgREST makes of a request, and returns what was logged meanwhile. */
function requested(
  settings: { claims?: string; headers?: string },
  work: (client: pg.PoolClient) => Promise<unknown>,
): Promise<Entry[]> {
  return db.inRollback(async (client) => {
    await client.query(
      `select set_config('request.jwt.claims', $1, true), set_config('request.headers', $2, true)`,
      [settings.claims ?? '', settings.headers ?? ''],
    );
    return logged(client, () => work(client));
  });
}

const changePlant = (client: pg.PoolClient) =>
  client.query(`insert into public.plants (organization_id, code, name) values ('TEST00001', 'P1', 'Plant')`);
/** Straight, so that what looks up the current organization does not stop first at a token that is garbage. */
const recordEvent = (client: pg.PoolClient) =>
  client.query(`select private.record_event('lab.tested', 'system', organization_id => 'TEST00001')`);

const user = '0190a1b2-0000-7000-8000-000000000001';
const good = { 'x-request-id': 'a1B2-._:/+=', 'x-forwarded-for': '203.0.113.7, 10.0.0.1' };

describe.each([
  ['a change', changePlant],
  ['an event', recordEvent],
])('%s', (_, work) => {
  test('says who did it, from where and in which request', async () => {
    const entries = await requested(
      { claims: JSON.stringify({ sub: user, role: 'authenticated' }), headers: JSON.stringify(good) },
      work,
    );
    expect(entries).toMatchObject([
      { actor_id: user, actor_role: 'postgres', request_id: 'a1B2-._:/+=', ip: '203.0.113.7' },
    ]);
  });

  test.each([
    ['no token and no headers', '', ''],
    ['a token without a user', '{"role": "service_role"}', '{}'],
    ['a sub of null', '{"sub": null}', '{"x-request-id": null, "x-forwarded-for": null}'],
    ['an empty token', '{}', '{"x-request-id": "", "x-forwarded-for": ""}'],
    ['lists instead of objects', '[1]', '[1, 2]'],
    ['numbers instead of objects', '1', '1'],
    ['values that are lists', '{}', '{"x-request-id": ["a b"], "x-forwarded-for": ["203.0.113.7"]}'],
    ['headers that are no JSON', '{}', '{"x-request-id": '],
    ['a sub that is no id', '{"sub": "admin"}', '{}'],
    ['a sub that is an object', '{"sub": {"id": 1}}', '{}'],
    ['a request id that is too long', '{}', JSON.stringify({ 'x-request-id': 'x'.repeat(201) })],
    ['a request id of several lines', '{}', JSON.stringify({ 'x-request-id': 'a\nlog: all is well' })],
    ['a request id beyond ASCII', '{}', JSON.stringify({ 'x-request-id': 'a\u202e' })],
    ['a request id of a megabyte', '{}', JSON.stringify({ 'x-request-id': 'x'.repeat(1_000_000) })],
    ['an address that is none', '{}', '{"x-forwarded-for": "unknown, 203.0.113.7"}'],
    ['an address with SQL in it', '{}', `{"x-forwarded-for": "1.2.3.4'; drop table x; --"}`],
    ['an address with a port', '{}', '{"x-forwarded-for": "203.0.113.7:443"}'],
    ['an address out of range', '{}', '{"x-forwarded-for": "999.1.1.1"}'],
    ['a megabyte of addresses', '{}', JSON.stringify({ 'x-forwarded-for': ' '.repeat(1_000_000) })],
  ])('is logged with %s, which leaves out who and where', async (_what, claims, headers) => {
    const entries = await requested({ claims, headers }, work);
    expect(entries).toMatchObject([{ actor_id: null, actor_role: 'postgres', request_id: null, ip: null }]);
  });

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['  203.0.113.7  ,10.0.0.1', '203.0.113.7'],
    ['2001:db8::1', '2001:db8::1'],
  ])('takes the first address of %s', async (sent, ip) => {
    const entries = await requested({ headers: JSON.stringify({ 'x-forwarded-for': sent }) }, work);
    expect(entries).toMatchObject([{ ip }]);
  });

  test('keeps the user and the request id of a request whose address is malformed', async () => {
    const headers = { ...good, 'x-forwarded-for': 'unknown' };
    const entries = await requested(
      { claims: JSON.stringify({ sub: user }), headers: JSON.stringify(headers) },
      work,
    );
    expect(entries).toMatchObject([{ actor_id: user, request_id: good['x-request-id'], ip: null }]);
  });
});

test('a change through the API names the role of the request, and no claim can name another', async () => {
  const owner = inside(org, org.owner);
  const entries = await db.inRollback(async (client) =>
    logged(client, () =>
      asUser(
        client,
        { ...(owner as { id: string }), user_role: 'service_role', app_metadata: { role: 'service_role' } },
        (caller) => caller.query(`insert into public.plants (code, name) values ('P1', 'Plant')`),
        { commit: true },
      ),
    ),
  );
  expect(entries).toMatchObject([
    { organization_id: org.id, actor_id: org.owner, actor_role: 'authenticated', table_name: 'plants' },
  ]);
});

describe('an event', () => {
  const record = (args: string) =>
    db.inRollback((client) => logged(client, () => client.query(`select private.record_event(${args})`)));

  test('is in no organization unless one is named or the caller works in one', async () => {
    expect(await record(`'lab.tested', 'export'`)).toMatchObject([
      { organization_id: 'PLATFORM', event: 'lab.tested', action: 'export', severity: 'notice' },
    ]);
    const claims = JSON.stringify({ sub: org.owner, organization_id: org.id });
    const entries = await requested({ claims }, (client) =>
      client.query(`select private.record_event('lab.tested', 'export')`),
    );
    expect(entries).toMatchObject([{ organization_id: org.id, actor_id: org.owner }]);
  });

  test('says what it is told', async () => {
    const entries = await record(
      `'lab.tested', 'approve', 'critical', '${org.id}', 'plants', '{"id": 1}', '{"why": "because"}', '${user}'`,
    );
    expect(entries).toMatchObject([
      {
        organization_id: org.id,
        severity: 'critical',
        table_name: 'plants',
        row_key: { id: 1 },
        before: null,
        after: { why: 'because' },
        actor_id: user,
      },
    ]);
  });

  test.each([
    ['no name', `null, 'system'`],
    ['an empty name', `'', 'system'`],
    ['a name without a module', `'tested', 'system'`],
    ['a name of several lines', `E'lab.tested\\nlab.more', 'system'`],
    ['a name that is too long', `'lab.' || repeat('x', 97), 'system'`],
    ['an action that nobody knows', `'lab.tested', 'destroy'`],
    ['a severity that nobody knows', `'lab.tested', 'system', 'terrible'`],
  ])('with %s is refused', async (_what, args) => {
    await expect(record(args)).rejects.toMatchObject({ code: '23514' });
  });
});

describe('a denial', () => {
  /** What a statement writes to the server's log, as far as the session may ask to see it. */
  async function logLines(client: pg.PoolClient, statement: string): Promise<string[]> {
    const lines: string[] = [];
    const listen = ({ severity, message }: { severity: string | undefined; message: string | undefined }) => {
      lines.push(`${severity ?? ''}: ${message ?? ''}`);
    };
    client.on('notice', listen);
    await client.query('set local client_min_messages = log');
    await client.query(statement);
    client.off('notice', listen);
    return lines;
  }

  test('is one line of JSON in the log of the server', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        `select set_config('request.jwt.claims', $1, true), set_config('request.headers', $2, true)`,
        [JSON.stringify({ sub: org.owner, organization_id: org.id }), JSON.stringify(good)],
      );
      const lines = await logLines(
        client,
        `select private.record_denial('permission_required', '{"permission": "plants.manage", "note": "two\\nlines"}')`,
      );
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toContain('\n');
      const [, json = ''] = /^LOG: rowhouse: security event (.*)$/.exec(lines[0] ?? '') ?? [];
      expect(JSON.parse(json)).toEqual({
        event: 'access.denied',
        code: 'permission_required',
        at: expect.stringMatching(/^\d{4}-/) as string,
        organization_id: org.id,
        actor_id: org.owner,
        actor_role: 'postgres',
        request_id: good['x-request-id'],
        ip: '203.0.113.7',
        details: { permission: 'plants.manage', note: 'two\nlines' },
      });
    });
  });

  test('is written although the transaction is undone, and leaves no row', async () => {
    await db.inRollback(async (client) => {
      const entries = await logged(client, () =>
        logLines(
          client,
          `do $$ begin
             perform private.record_denial('permission_required');
             perform private.refuse(403, 'permission_required', 'No.');
           exception when sqlstate 'PT403' then null; end $$`,
        ).then((lines) => {
          expect(lines).toHaveLength(1);
        }),
      );
      expect(entries).toEqual([]);
    });
  });

  test('does not reach the client of an API role', async () => {
    const seen: unknown[] = [];
    const attempt = asUser(
      db,
      inside(org, await addMember(db.pool, org, { roles: ['viewer'] })),
      (client) => {
        client.on('notice', (notice) => seen.push(notice.message));
        return client.query(`select public.create_role('spy', 'Spy', null, array['plants.read'])`);
      },
    );
    await expectRefusal(attempt, 403, 'permission_required');
    expect(seen).toEqual([]);
  });
});

describe('record_security_event', () => {
  const args = {
    event: 'functions.refused',
    severity: 'warning',
    actor_id: user,
    organization_id: 'TEST00001',
  };

  async function call(client: pg.ClientBase, values: Record<string, unknown>): Promise<unknown> {
    const names = Object.keys(values).map((name, index) => `${name} => $${index + 1}`);
    return client.query(`select public.record_security_event(${names.join(', ')})`, Object.values(values));
  }

  test('writes what an edge function saw', async () => {
    const entries = await db.inRollback((client) =>
      logged(client, () =>
        asService(client, (service) => call(service, { ...args, details: { code: 'rate_limited' } }), {
          commit: true,
        }),
      ),
    );
    expect(entries).toMatchObject([
      {
        organization_id: 'TEST00001',
        actor_id: user,
        actor_role: 'service_role',
        action: 'system',
        event: 'functions.refused',
        severity: 'warning',
        after: { code: 'rate_limited' },
      },
    ]);
  });

  test('takes a name alone, and is then of the platform', async () => {
    const entries = await db.inRollback((client) =>
      logged(client, () =>
        asService(client, (service) => call(service, { event: 'functions.refused' }), { commit: true }),
      ),
    );
    expect(entries).toMatchObject([{ organization_id: 'PLATFORM', actor_id: null, severity: 'warning' }]);
  });

  test.each([
    { event: 'refused' },
    { event: null },
    { event: 'a.b\nc.d' },
    { event: `a.${'b'.repeat(99)}` },
    { severity: 'fatal' },
    { severity: null },
    { organization_id: 'first' },
    { details: { text: 'x'.repeat(20_000) } },
  ])('refuses $event $severity $organization_id', async (wrong) => {
    await expectRefusal(
      asService(db, (client) => call(client, { ...args, ...wrong })),
      400,
      'event_invalid',
    );
  });

  test('is for the service role alone', async () => {
    const attempts = [
      () => asAnon(db, (client) => call(client, args)),
      () => asUser(db, inside(org, org.owner), (client) => call(client, args)),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: '42501' });
  });
});
