import { beforeAll, describe, expect, test } from 'vitest';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import { digest, nobody, textOf, useStreet } from './street.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);

/** What nobody would call anything, and what somebody would try. */
const hostile: [string, string][] = [
  ['SQL that ends a text', `'); drop table public.members; --`],
  ['SQL that is always true', `' or '1'='1`],
  ['SQL in dollar quotes', `$$; select pg_sleep(30); $$`],
  ['a zero byte', 'a\u0000b'],
  ['a lone surrogate', 'a\ud800b'],
  ['an override of direction', '\u202Eelpmaxe\u202C'],
  ['isolates and joiners', '\u2066\u200B\u2060\uFEFF'],
  ['a backslash', '\\'],
  ['format characters', '%s%n%1$s$1${x}'],
  ['an array of SQL', '{a,"b",null}'],
  ['JSON', '{"code": "superadmin_required"}'],
  ['a composite of SQL', '(,,)'],
  ['lines that would end a header', 'a\r\nbcc: x@example.com\r\n\r\n'],
  ['a megabyte', 'x'.repeat(1_000_000)],
  ['a megabyte of combining marks', 'ก็'.repeat(170_000)],
  ['a regular expression that does not end', `${'a'.repeat(5000)}!`],
  ['a pattern of everything', '%%%%___'],
];

interface Signature {
  name: string;
  names: string[];
  types: string[];
}

let functions: Signature[];
beforeAll(async () => {
  const { rows } = await db.query<Signature>(
    `select proname as name, proargnames[1:pronargs]::text[] as names,
       array(select format_type(t, null) from unnest(proargtypes::oid[]) with ordinality as arg (t, place) order by place) as types
     from pg_proc
     where pronamespace = 'public'::regnamespace and pronargs > 0
       and has_function_privilege('authenticated', oid, 'execute')
     order by proname`,
  );
  functions = rows;
});

const plain: Record<string, unknown> = {
  uuid: nobody,
  integer: 1,
  bigint: 1,
  boolean: false,
  jsonb: {},
  text: 'plain',
  'text[]': [],
  'bigint[]': [],
  'uuid[]': [],
  'timestamp with time zone': '2999-01-01T00:00:00Z',
};

/** What may take any text: functions that only look for it, and names and descriptions, which are the members' own words. */
const looksOnly = new Set([
  'list_members',
  'list_organizations',
  'list_users',
  'is_organization_id',
  'check_permission',
]);
const ownWords = new Set(['name', 'description']);

describe.each(['owner', 'superadmin'] as const)(
  'in every text argument of every function, from a caller with all rights (%s)',
  (who) => {
    test.each(hostile)(
      '%s is refused or taken as a name, and never an error of the server',
      async (_, text) => {
        const before = await digest(db, 'audit_logs');
        const token = who === 'owner' ? street.a.owner.token : street.superadmin.token;
        let sent = 0;
        for (const { name, names, types } of functions) {
          for (const [index, type] of types.entries()) {
            const value =
              type === 'text'
                ? text
                : type === 'text[]'
                  ? [text]
                  : type === 'jsonb'
                    ? { [text]: text }
                    : undefined;
            if (value === undefined) continue;
            const args = Object.fromEntries(
              names.map((arg, place) => [arg, place === index ? value : plain[types[place] ?? '']]),
            );
            const answer = await api.call(name, token, args);
            const said = `${name}(${names[index]}): ${textOf(answer).slice(0, 300)}`;
            expect(answer.status, said).toBeLessThan(500);
            if (!looksOnly.has(name) && !ownWords.has(names[index] ?? '')) {
              expect(answer.status, said).toBeGreaterThanOrEqual(400);
            }
            await db.query(`delete from public.roles where code = 'plain'`);
            sent += 1;
          }
        }
        expect(sent).toBeGreaterThan(30);
        expect(await digest(db, 'audit_logs')).toEqual(before);
      },
    );
  },
);

describe('in the columns that members write', () => {
  test.each(hostile)('%s is refused, or kept as it is', async (_, text) => {
    for (const column of ['code', 'name', 'type', 'timezone', 'manager_id', 'address']) {
      const value = column === 'address' ? { street: text } : text;
      const answer = await api.rest('plants', {
        token: street.a.owner.token,
        body: { code: 'HOSTILE', name: 'Hostile', [column]: value },
        headers: { prefer: 'return=representation' },
      });
      expect(answer.status, `${column}: ${textOf(answer).slice(0, 300)}`).toBeLessThan(500);
      if (answer.status < 300) {
        const [row] = answer.body as Record<string, unknown>[];
        // Well-formed text alone is kept: a lone surrogate became the sign for what cannot be read on its way.
        expect(JSON.stringify(row?.[column])).toBe(JSON.stringify(value).replace('\\ud800', '\ufffd'));
      }
      await api.rest('plants?name=eq.Hostile', { token: street.a.owner.token, method: 'DELETE' });
      await db.query(`delete from public.plants where code = 'HOSTILE'`);
    }
    for (const column of [
      'name',
      'slug',
      'contact_name',
      'contact_email',
      'contact_phone',
      'industry',
      'size',
      'timezone',
      'billing_email',
    ]) {
      const answer = await api.rest(`organizations?id=eq.${street.b.id}`, {
        token: street.b.owner.token,
        method: 'PATCH',
        body: { [column]: text },
      });
      expect(answer.status, `${column}: ${textOf(answer).slice(0, 300)}`).toBeLessThan(500);
    }
  });
});

describe('in addresses and headers', () => {
  // An address and a header are shorter than what a body holds, and carry no raw line ends.
  const short = hostile.filter(([, text]) => text.length < 1000);
  test.each(short)('%s narrows, is refused, or is no request at all', async (_, text) => {
    const word = encodeURIComponent(text.replace('\ud800', '\ufffd'));
    for (const path of [
      `plants?code=eq.${word}`,
      `plants?code=in.(${word})`,
      `plants?name=like.${word}`,
      `plants?name=match.${word}`,
      `plants?or=(code.eq.${word},name.eq.${word})`,
      `plants?select=${word}`,
      `plants?order=${word}`,
      `plants?${word}=eq.1`,
      `plants?limit=${word}`,
      `plants?on_conflict=${word}`,
      word,
      `rpc/${word}`,
      `organizations?select=id,${word}(*)`,
      `plants?address->>${word}=eq.x`,
    ]) {
      const answer = await api.rest(path, { token: street.a.owner.token });
      expect(answer.status, `${path}: ${textOf(answer).slice(0, 300)}`).toBeLessThan(500);
      expect(textOf(answer)).not.toContain(street.b.id);
    }
  });

  test.each(short)('%s as the name of a column or an argument is refused', async (_, text) => {
    const token = street.a.owner.token;
    for (const answer of [
      await api.rest('plants', { token, body: { code: 'KEY', name: 'Key', [text]: 1 } }),
      await api.rest('plants', { token, body: [{ code: 'KEY', name: 'Key', [text]: 1 }, { [text]: 2 }] }),
      await api.rest('plants?code=eq.KEY', { token, method: 'PATCH', body: { [text]: 1 } }),
      await api.rest('rpc/list_members', { token, body: { [text]: 1 } }),
      await api.rest('rpc/list_members', { token, body: text }),
    ]) {
      expect(answer.status, textOf(answer).slice(0, 300)).toBeLessThan(500);
      expect(answer.status, textOf(answer).slice(0, 300)).toBeGreaterThanOrEqual(400);
    }
  });

  test.each([
    'prefer',
    'range',
    'accept',
    'accept-profile',
    'content-type',
    'x-request-id',
    'x-forwarded-for',
  ])('nonsense in the header %s is no error of the server', async (name) => {
    for (const value of [
      `'; drop table x`,
      'count=exact; count=planned',
      '{}',
      '"',
      'a=b=c,,,',
      '0-99999999999999',
      '%00',
      'application/vnd.pgrst.object+json;nulls=stripped;x',
    ]) {
      const answer = await api.rest('plants?select=code', {
        token: street.a.owner.token,
        headers: { [name]: value },
      });
      expect(answer.status, `${name}: ${value} ${textOf(answer)}`).toBeLessThan(500);
    }
  });
});

test('and everything is still there', async () => {
  const { rows } = await db.query<{ count: string }>('select count(*) from public.members');
  expect(Number(rows[0]?.count)).toBe(12);
  expect((await api.call('list_members', street.a.owner.token)).status).toBe(200);
});
