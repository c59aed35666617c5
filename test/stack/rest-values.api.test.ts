import { beforeAll, describe, expect, test } from 'vitest';
import { useStack } from '../support/stack.ts';
import { asSuperuser } from './clients.ts';

const stack = useStack();

beforeAll(async () => {
  await asSuperuser(
    stack,
    `create type public.mood as enum ('sad');
     create table public.things (id integer primary key, json_value json, jsonb_value jsonb, moments timestamptz[],
       texts text[]);
     create function public.same(value jsonb) returns jsonb language sql set search_path = '' as 'select value';
     create function public.kind(value jsonb) returns text language sql set search_path = ''
       as 'select jsonb_typeof(value)';
     grant select, insert, update on public.things to anon;
     grant execute on function public.same(jsonb), public.kind(jsonb) to anon;`,
  );
});

async function request(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${stack.apiUrl}/rest/v1/${path}`, {
    method,
    headers: {
      apikey: stack.publishableKey,
      'content-type': 'application/json',
      prefer: 'return=representation',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}

/** Values of a type, as SQL. */
const values: [type: string, ...expressions: string[]][] = [
  [
    'timestamptz',
    `'2026-11-21 08:50:55.273+00'`,
    `'2026-11-21 08:50:55+05:30'`,
    `'infinity'`,
    `'0044-03-15 BC'`,
  ],
  ['timestamp', `'2026-11-21 08:50:55.2'`, `'-infinity'`, `'12345-01-01'`, `'0044-03-15 12:00 BC'`],
  ['date', `'2026-11-21'`, `'0044-03-15 BC'`],
  ['time', `'08:50'`],
  ['timetz', `'08:50+01'`],
  ['interval', `'1 day 2 hours 3.5 seconds'`],
  ['numeric', '1.10', '100', `'NaN'`, '0.000000001'],
  ['double precision', '1e21', '1.5', `'NaN'`, `'-Infinity'`],
  ['real', '1.5', `'Infinity'`],
  ['bigint', '9007199254740991'],
  ['integer', '-1'],
  ['oid', '42'],
  ['money', '12.3'],
  ['bytea', String.raw`'\xdead'`],
  ['boolean', 'true', 'false'],
  ['uuid', `'00000000-0000-4000-8000-00000000dead'`],
  ['text', `'NULL'`, `'{1,2}'`, `''`],
  ['json', `'{"a": [1, null, true]}'`, `'"text"'`, `'null'`],
  ['jsonb', `'{"a": [1, null, true]}'`, `'"text"'`, 'true::text::jsonb'],
  ['public.mood', `'sad'`],
  ['int4range', `'[1,5)'`],
  ['tstzrange', `'[2026-11-21 08:50:55+00,)'`],
  ['text[]', `array['a', 'NULL', null, '{}', 'say "x"', '']`, `'{}'`, `'{{a,b},{c,null}}'`],
  ['timestamptz[]', `array['2026-11-21 08:50:55+00'::timestamptz, null]`],
  ['numeric[]', `array[1.10, null]`],
  ['integer[]', `array[1, null]`],
  ['boolean[]', `array[true, false]`],
  ['uuid[]', `array['00000000-0000-4000-8000-00000000dead'::uuid, null]`],
  ['bytea[]', String.raw`array['\xdead'::bytea]`],
  ['jsonb[]', `array['{"a": 1}'::jsonb]`],
];

test('values are answered as to_json gives them, which is what PostgREST answers', async () => {
  const columns = values.flatMap(([type, ...expressions]) =>
    expressions.map((expression) => ({ type, expression: `(${expression})::${type}` })),
  );
  const list = columns.map(({ expression }, index) => `${expression} as c${index}`).join(', ');
  await asSuperuser(
    stack,
    `create view public.everything as select ${list}, null::timestamptz as nothing;
     grant select on public.everything to anon;
     create function public.everything_once() returns setof public.everything language sql set search_path = ''
       as 'select * from public.everything';
     grant execute on function public.everything_once() to anon;`,
  );
  await stack.reload();
  // The cluster's time zone is UTC, as Supabase's is.
  const [expected] = await asSuperuser<{ value: unknown }>(
    stack,
    'select to_json(everything) as value from public.everything',
  );
  const row = expected?.value;
  expect(row).toBeTypeOf('object');
  expect(await request('GET', 'everything')).toEqual([row]);
  expect(await request('POST', 'rpc/everything_once', {})).toEqual([row]);
});

describe('JSON arrives as it was sent', () => {
  const samples = [
    true,
    false,
    0,
    1.5,
    'text',
    'true',
    '5',
    'null',
    '{"a":1}',
    '',
    [],
    [1, 'x', null],
    {},
    { a: { b: [true] } },
    [{ a: 1 }],
  ];

  test('in json and jsonb columns', async () => {
    await stack.reload();
    const rows = samples.map((value, id) => ({ id, json_value: value, jsonb_value: value }));
    expect(await request('POST', 'things?select=id,json_value,jsonb_value', rows)).toEqual(rows);
    const stored = await asSuperuser<{ stored: unknown[] }>(
      stack,
      'select json_agg(jsonb_value order by id) as stored from public.things',
    );
    expect(stored).toEqual([{ stored: samples }]);
    for (const value of samples) {
      const [changed] = (await request('PATCH', 'things?id=eq.0&select=jsonb_value', {
        jsonb_value: value,
      })) as unknown[];
      expect(changed).toEqual({ jsonb_value: value });
    }
    const none = await request('PATCH', 'things?id=eq.0&select=jsonb_value', { jsonb_value: null });
    expect(none).toEqual([{ jsonb_value: null }]);
  });

  test.each(samples.map((value) => [value]))('as the argument of a function: %j', async (value) => {
    expect(await request('POST', 'rpc/same', { value })).toEqual(value);
  });

  test('an object is an object to the function', async () => {
    expect(await request('POST', 'rpc/kind', { value: { a: 1 } })).toBe('object');
    expect(await request('POST', 'rpc/kind', { value: '{"a": 1}' })).toBe('string');
  });

  test('a body that is not JSON is refused', async () => {
    const response = await fetch(`${stack.apiUrl}/rest/v1/things`, {
      method: 'POST',
      headers: { apikey: stack.publishableKey, 'content-type': 'application/json' },
      body: '{"jsonb_value": ',
    });
    expect(response.status).toBe(400);
  });
});

test('arrays arrive as they were sent', async () => {
  const row = {
    id: 100,
    texts: ['a', 'NULL', null, '{}', 'say "x" \\ y', ''],
    moments: ['2026-11-21T08:50:55+00:00', null],
  };
  expect(await request('POST', 'things?select=id,texts,moments', row)).toEqual([row]);
});
