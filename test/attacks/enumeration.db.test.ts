import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiRequest, useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import { digest, faceOf, nobody, outcome, tenantTables, useStreet, valueOf } from './street.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);

const unknownOrganization = 'ZZZZZZZZZ';
let tables: { name: string; columns: string[] }[];

beforeAll(async () => {
  // Enough that the planner would have something to tell.
  await db.query(
    `insert into public.plants (organization_id, code, name)
     select $1, 'S' || g, case when g % 2 = 0 then 'Secret site' else 'Site ' || g end from generate_series(1, 3000) as g`,
    [street.b.id],
  );
  await (await db.superuser()).query('analyze');
  tables = await tenantTables(db);
});

/** A request of A's owner, who may do all that can be done in A. */
const ask = (path: string, request: ApiRequest = {}) =>
  api.rest(path, { token: street.a.owner.token, ...request });

/** Values that a column has in an organization and nowhere else, from the database. */
async function valuesOnlyOf(organizationId: string, table: string, column: string): Promise<string[]> {
  const { rows } = await db.query<{ value: string }>(
    `select distinct here.${column}::text as value from public.${table} as here
     where here.organization_id = $1 and here.${column} is not null
       and not exists (
         select from public.${table} as there
         where there.organization_id <> $1 and there.${column} is not distinct from here.${column}
       )
     order by 1 fetch first row only`,
    [organizationId],
  );
  return rows.map(({ value }) => value);
}

/** A value of the same type that no row has. */
function unknownLike(value: string): string {
  if (/^[0-9a-f-]{36}$/.test(value)) return randomUUID();
  if (/^\d+$/.test(value)) return '987654321';
  if (/^\d{4}-\d\d-\d\d/.test(value)) return '1999-01-01T00:00:00Z';
  return 'unknown_to_all';
}

test('asking for what another organization has answers as for what does not exist: every table, every column, every way to count', async () => {
  let compared = 0;
  for (const { name, columns } of tables) {
    for (const column of columns) {
      for (const value of await valuesOnlyOf(street.b.id, name, column)) {
        const unknown = column === 'organization_id' ? unknownOrganization : unknownLike(value);
        if (/^[[{]/.test(value)) continue;
        for (const [method, count] of [
          ['GET', 'planned'],
          ['HEAD', 'exact'],
        ] as const) {
          const look = (wanted: string) =>
            ask(`${name}?select=${column}&${column}=eq.${encodeURIComponent(wanted)}`, {
              method,
              headers: { prefer: `count=${count}` },
            });
          const [theirs, others] = await Promise.all([look(value), look(unknown)]);
          expect(theirs.status, `${name}.${column}`).toBe(200);
          expect(faceOf(theirs, value), `${name}.${column} ${count}`).toEqual(faceOf(others, unknown));
          compared += 1;
        }
      }
    }
  }
  // As many as tables have columns whose values differ: none of it passes because there was nothing to ask.
  expect(compared).toBeGreaterThan(40);
});

describe('counting', () => {
  test.each(['exact', 'planned', 'estimated'])(
    'count=%s tells of one’s own rows alone, and all of those',
    async (count) => {
      const headers = { prefer: `count=${count}` };
      const total = async (path: string, token = street.a.owner.token) =>
        (await api.rest(path, { token, headers, method: 'HEAD' })).headers
          .get('content-range')
          ?.split('/')[1];
      expect(await total('plants')).toBe('2');
      expect(await total('plants?name=eq.Secret%20site')).toBe('0');
      expect(await total(`plants?organization_id=eq.${street.b.id}`)).toBe('0');
      expect(await total('plants?code=gt.A')).toBe('2');
      expect(await total('organizations')).toBe('1');
      // The planner’s estimate, which knows of all rows, has not said how many those are to anybody.
      expect(await total('plants', street.b.owner.token)).toBe('3002');
      expect(await total('plants', street.stranger.token)).toBe('0');
    },
  );

  test('an estimate that is asked for in a header of its own, or in other letters, is none', async () => {
    for (const headers of [
      ['prefer', 'count=planned', 'prefer', 'return=representation'],
      ['prefer', 'return=representation', 'prefer', 'count=estimated'],
      ['Prefer', 'handling=lenient,\tcount =  planned'],
      ['PREFER', 'COUNT=PLANNED'],
    ]) {
      const sent = request(`${api.url}/rest/v1/plants?organization_id=eq.${street.b.id}`, {
        headers: [
          ...headers,
          'host',
          new URL(api.url).host,
          'authorization',
          `Bearer ${street.a.owner.token}`,
        ],
      }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-range'], headers.join(' ')).toMatch(/^\*\/[0*]$/);
    }
  });

  test('supabase-js asks in the same way', async () => {
    const client = api.client();
    await client.auth.signInWithPassword({ email: street.a.owner.email, password: 'correct horse battery' });
    for (const count of ['exact', 'planned', 'estimated'] as const) {
      const own = await client.from('plants').select('*', { count, head: true });
      expect(own.count).toBe(2);
      const theirs = await client
        .from('plants')
        .select('*', { count, head: true })
        .eq('organization_id', street.b.id);
      expect(theirs.count).toBe(0);
    }
  });

  test('a plan is shown to nobody, and nobody sums up what they may not see', async () => {
    for (const accept of [
      'application/vnd.pgrst.plan',
      'application/vnd.pgrst.plan+json',
      'application/vnd.pgrst.plan+text; options=analyze',
    ]) {
      expect((await ask('plants', { headers: { accept } })).status).toBe(406);
    }
    for (const select of ['count()', 'code.max()', 'organization_id,count()']) {
      const answer = await ask(`plants?select=${select}`);
      expect([answer.status, outcome(answer)]).toEqual([400, 'PGRST123']);
    }
  });

  test('organization_usage and list_members count one’s own alone', async () => {
    const usage = await api.call('organization_usage', street.a.owner.token);
    expect(usage.body).toContainEqual({ resource: 'plants', used: 2, allowed: null });
    const members = await api.call('list_members', street.a.owner.token, { search: street.b.owner.email });
    expect(members.body).toMatchObject({ members: [], total: 0 });
  });
});

describe('embedding', () => {
  test('no relationship, in either direction, leads out of one’s own organization', async () => {
    const { rows: relationships } = await db.query<{ here: string; there: string; name: string }>(
      `select here.relname as here, there.relname as there, con.conname as name
       from pg_constraint as con
       join pg_class as here on here.oid = con.conrelid
       join pg_class as there on there.oid = con.confrelid
       where con.contype = 'f' and con.conparentid = 0
         and here.relnamespace = 'public'::regnamespace and there.relnamespace = 'public'::regnamespace`,
    );
    const columnsOf = new Map(tables.map(({ name, columns }) => [name, columns.join(',')]));
    const found = new Set<string>();
    for (const { here, there, name } of relationships) {
      for (const [from, to] of [
        [here, there],
        [there, here],
      ] as const) {
        for (const hint of ['', '!inner', `!${name}`]) {
          const answer = await ask(
            `${from}?select=${columnsOf.get(from) ?? '*'},far:${to}${hint}(${columnsOf.get(to) ?? '*'})`,
          );
          const text = JSON.stringify(answer.body);
          // PGRST201: there are several ways from here to there. 21000: @supabase/lite, told the name of a foreign key of
          // several columns, joins by the first alone.
          if (answer.status !== 200)
            expect(outcome(answer), `${from} → ${to}: ${text}`).toMatch(/^(PGRST20[01]|21000)$/);
          for (const secret of [street.b.id, street.b.owner.id, street.b.owner.email, street.b.plantId]) {
            expect(text, `${from} → ${to}`).not.toContain(secret);
          }
          if (/"far":(\[\{|\{)/.test(text)) found.add(`${from} ${to}`);
        }
      }
    }
    // Twin: one’s own is embedded.
    expect(found).toContain('organizations plants');
    expect(found).toContain('members organizations');
    expect(found).toContain('user_roles roles');
  });

  test('a filter or an order on what is embedded tells nothing of it', async () => {
    const theirs = await ask(
      `organizations?select=id,plants!inner(code)&plants.code=eq.${street.b.plantCode}`,
    );
    const unknown = await ask('organizations?select=id,plants!inner(code)&plants.code=eq.UNKNOWN');
    expect(faceOf(theirs)).toEqual(faceOf(unknown));
    expect(theirs.body).toEqual([]);
    const own = await ask(`organizations?select=id,plants!inner(code)&plants.code=eq.${street.a.plantCode}`);
    expect(own.body).toEqual([{ id: street.a.id, plants: [{ code: street.a.plantCode }] }]);

    const byOrganization = await ask(
      `members?select=user_id,organizations!members_organization_id_fkey!inner(id)&organizations.id=eq.${street.b.id}`,
    );
    expect(byOrganization.body).toEqual([]);
  });
});

describe('a column that is hidden', () => {
  const ways: Record<string, string> = {
    'in the list of columns': 'invitations?select=token_hash',
    'under another name': 'invitations?select=id,x:token_hash',
    'cast to another type': 'invitations?select=token_hash::text',
    'as everything': 'invitations?select=*',
    'by default': 'invitations',
    'in a filter': 'invitations?select=id&token_hash=eq.x',
    'in a pattern': 'invitations?select=id&token_hash=like.a*',
    'in a comparison': 'invitations?select=id&token_hash=gt.8',
    'in a negation': 'invitations?select=id&token_hash=not.is.null',
    'in an or': 'invitations?select=id&or=(id.not.is.null,token_hash.gt.8)',
    'in an order': 'invitations?select=id&order=token_hash.asc',
    embedded: 'organizations?select=id,invitations(token_hash)',
    'embedded as everything': 'organizations?select=id,invitations(*)',
    'in the filter of an embedding': 'organizations?select=id,invitations(id)&invitations.token_hash=gt.8',
    'in the order of an embedding': 'organizations?select=id,invitations(id)&invitations.order=token_hash',
    'in a filter across an embedding':
      'organizations?select=id,invitations!inner(id)&invitations.token_hash=gt.8',
    spread: 'organizations?select=id,...invitations(token_hash)',
    'as an aggregate': 'invitations?select=token_hash.max()',
  };

  test.each(Object.entries(ways))('stays hidden %s', async (_, path) => {
    const answer = await ask(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(JSON.stringify(answer.body)).not.toMatch(/[0-9a-f]{64}/);
  });

  test('stays hidden in what a write returns', async () => {
    for (const method of ['PATCH', 'DELETE']) {
      const answer = await ask(`invitations?id=eq.${street.a.invitationId}&select=token_hash`, {
        method,
        headers: { prefer: 'return=representation' },
        ...(method === 'PATCH' ? { body: { email: 'x@example.com' } } : {}),
      });
      expect(outcome(answer)).toBe('42501');
    }
  });

  test('allowed: the others', async () => {
    const { body } = await ask('invitations?select=id,email&order=id&email=like.guest*');
    expect(body).toEqual([{ id: street.a.invitationId, email: street.a.invitationEmail }]);
  });

  test('no answer about members, users or roles holds an address, a password or a token', async () => {
    for (const name of ['members', 'user_roles', 'user_profiles', 'user_plant_access', 'roles']) {
      const text = JSON.stringify((await ask(name)).body);
      expect(text, name).not.toMatch(/@example\.com|encrypted_password|\$2[aby]\$|token_hash/);
    }
  });
});

describe('writing what another organization has', () => {
  const theirs = () => ({ organization_id: street.b.id, id: street.b.plantId });

  const resolutions = ['', 'resolution=merge-duplicates', 'resolution=ignore-duplicates'];
  test('answers alike whether it exists or not, by every key and resolution, and writes nothing', async () => {
    const before = await digest(db);
    for (const resolution of resolutions) {
      for (const target of [
        '',
        '?on_conflict=id',
        '?on_conflict=organization_id,id',
        '?on_conflict=organization_id,code',
      ]) {
        for (const [known, unknown] of [
          [theirs(), { organization_id: unknownOrganization, id: nobody }],
          [{ organization_id: street.b.id }, { organization_id: unknownOrganization }],
          [{ id: street.b.plantId }, { id: nobody }],
        ] as const) {
          const write = (row: object) =>
            ask(`plants${target}`, {
              body: { code: street.b.plantCode, name: 'Mine', ...row },
              headers: { prefer: `${resolution},return=representation`.replace(/^,/, '') },
            });
          const attempt = await write(known);
          expect(attempt.status, `${resolution} ${target}`).toBeGreaterThanOrEqual(400);
          expect(attempt.status, `${resolution} ${target}`).toBeLessThan(500);
          expect(faceOf(attempt, ...Object.values(known))).toEqual(
            faceOf(await write(unknown), ...Object.values(unknown)),
          );
        }
      }
    }
    expect(await digest(db)).toEqual(before);
  });

  test('two organizations hold the same code, and neither learns of it', async () => {
    const write = (code: string) =>
      ask('plants', { body: { code, name: 'Of A' }, headers: { prefer: 'return=representation' } });
    const same = await write(street.b.plantCode);
    const other = await write('NOBODY-HAS-THIS');
    expect([same.status, other.status]).toEqual([201, 201]);
    expect(same.body).toMatchObject([{ organization_id: street.a.id, code: street.b.plantCode }]);
    const again = await write(street.b.plantCode);
    expect(outcome(again)).toBe('23505');
    expect(JSON.stringify(again.body)).not.toContain(street.b.id);
    const upserted = await ask('plants?on_conflict=organization_id,code', {
      body: { code: street.b.plantCode, name: 'Again' },
      headers: { prefer: 'resolution=merge-duplicates,return=representation' },
    });
    expect(upserted.body).toMatchObject([{ organization_id: street.a.id, name: 'Again' }]);
    expect(
      await valueOf(db, 'select name as value from public.plants where organization_id = $1 and id = $2', [
        street.b.id,
        street.b.plantId,
      ]),
    ).toBe('The plant of Beta');
    await ask('plants?name=in.(Again,"Of A")', { method: 'DELETE' });
  });

  test('a reference to it is refused as one to nothing', async () => {
    const refer = (manager_id: string) => ask('plants', { body: { code: 'REF', name: 'Ref', manager_id } });
    const toTheirs = await refer(street.b.owner.id);
    expect(outcome(toTheirs)).toBe('23503');
    expect(faceOf(toTheirs, street.b.owner.id)).toEqual(faceOf(await refer(nobody), nobody));
    expect(faceOf(toTheirs, street.b.owner.id)).toEqual(
      faceOf(await refer(street.stranger.id), street.stranger.id),
    );
    // Twin
    expect((await refer(street.a.viewer.id)).status).toBe(201);
    await ask('plants?code=eq.REF', { method: 'DELETE' });
  });

  test('changing or deleting it is as changing or deleting nothing, by id, by filter and with return and count', async () => {
    const before = await digest(db);
    for (const method of ['PATCH', 'DELETE']) {
      const request = {
        method,
        ...(method === 'PATCH' ? { body: { name: 'Taken over' } } : {}),
        headers: { prefer: 'return=representation,count=exact' },
      };
      const attempts = await Promise.all(
        [
          `plants?id=eq.${street.b.plantId}`,
          `plants?id=eq.${nobody}`,
          `plants?organization_id=eq.${street.b.id}`,
          `plants?organization_id=eq.${unknownOrganization}`,
          `plants?name=eq.Secret%20site`,
          `plants?name=eq.Unknown`,
          `plants?id=eq.${street.b.plantId}&organization_id=eq.${street.b.id}`,
        ].map((path) => ask(path, request)),
      );
      const [first] = attempts;
      const nothing = first && faceOf(first);
      for (const attempt of attempts) {
        expect(faceOf(attempt)).toEqual(nothing);
        expect(attempt.body).toEqual([]);
      }
    }
    const renamed = await ask(`organizations?id=eq.${street.b.id}`, {
      method: 'PATCH',
      body: { name: 'Mine' },
      headers: { prefer: 'return=representation' },
    });
    expect(renamed.body).toEqual([]);
    expect(await digest(db)).toEqual(before);
  });

  test('in one list with one’s own rows takes the whole list down', async () => {
    const before = await digest(db);
    for (const list of [
      [
        { code: 'L1', name: 'Mine' },
        { code: 'L2', name: 'Theirs', organization_id: street.b.id },
      ],
      [
        { organization_id: street.b.id, code: 'L1', name: 'x' },
        { organization_id: street.b.id, code: 'L2', name: 'x' },
      ],
      [
        { organization_id: street.a.id, code: 'L1', name: 'x' },
        { organization_id: street.b.id, code: 'L2', name: 'x' },
      ],
    ]) {
      for (const resolution of resolutions) {
        for (const path of [
          'plants',
          'plants?columns=organization_id,code,name',
          'plants?columns=code,name,organization_id&on_conflict=organization_id,code',
        ]) {
          const answer = await ask(path, { body: list, headers: { prefer: resolution } });
          expect(outcome(answer)).toMatch(/^(42501|PGRST102)$/);
        }
      }
    }
    const csv = await ask('plants', {
      body: `organization_id,code,name\n${street.b.id},L1,Theirs\n`,
      headers: { 'content-type': 'text/csv' },
    });
    expect(csv.status).toBeGreaterThanOrEqual(400);
    const put = await ask(`plants?id=eq.${street.b.plantId}`, {
      method: 'PUT',
      body: { id: street.b.plantId, code: 'PUT', name: 'Put' },
    });
    expect(put.status).toBeGreaterThanOrEqual(400);
    expect(await digest(db)).toEqual(before);
    // Twin
    const own = await ask('plants', {
      body: [
        { code: 'L1', name: 'Mine' },
        { code: 'L2', name: 'Mine' },
      ],
    });
    expect(own.status).toBe(201);
    await ask('plants?code=in.(L1,L2)', { method: 'DELETE' });
  });

  test('one’s own rows cannot be moved there, nor given another key', async () => {
    const before = await digest(db);
    for (const body of [
      { organization_id: street.b.id },
      { organization_id: street.b.id, name: 'Moved' },
      { id: street.b.plantId },
      { organization_id: null },
      { created_at: '2000-01-01' },
    ]) {
      expect(outcome(await ask('plants?code=eq.MAIN', { method: 'PATCH', body }))).toBe('42501');
    }
    expect(await digest(db)).toEqual(before);
  });

  test('a slug that is taken is told as such, and nothing of who has it', async () => {
    const answer = await ask(`organizations?id=eq.${street.a.id}`, {
      method: 'PATCH',
      body: { slug: street.b.slug },
    });
    expect(outcome(answer)).toBe('23505');
    expect(JSON.stringify(answer.body)).not.toMatch(new RegExp(`${street.b.id}|${street.b.name}`));
  });
});
