import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';

const db = useDatabase();

async function value<T>(expression: string, values: unknown[] = []): Promise<T> {
  const { rows } = await db.query<{ value: T }>(`select ${expression} as value`, values);
  return rows[0]?.value as T;
}

describe('uuid_v7()', () => {
  test('is version 7 of RFC 9562 and says when it was made', async () => {
    const { rows } = await db.query<{ id: string; now: string }>(
      'select private.uuid_v7() as id, extract(epoch from clock_timestamp()) * 1000 as now',
    );
    const { id = '', now } = rows[0] ?? {};
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const milliseconds = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
    // By the server's clock, in one statement.
    expect(Math.abs(milliseconds - Number(now))).toBeLessThan(5000);
  });

  test('is unique and grows with time', async () => {
    const { rows } = await db.query<{ count: string; ordered: boolean }>(`
      with made as materialized (select n, private.uuid_v7() as id from generate_series(1, 20000) as n)
      select count(distinct id) as count,
             (select min(id::text) from made where n > 15000) > (select min(id::text) from made where n <= 5000) as ordered
      from made`);
    expect(rows).toEqual([{ count: '20000', ordered: true }]);
  });
});

describe('refuse()', () => {
  test('raises PT<status> with a stable code, a sentence and a hint', async () => {
    const refusal = await expectRefusal(
      value(`private.refuse(409, 'seat_unavailable', 'Taken.', 'Take another.')`),
      409,
      'seat_unavailable',
    );
    expect(refusal).toEqual({ message: 'Taken.', hint: 'Take another.' });
  });

  test('is not called ahead of its time by the planner', async () => {
    expect(
      await value(`case when $1::integer > 0 then 'fine' else private.refuse(400, 'x', 'x')::text end`, [1]),
    ).toBe('fine');
  });
});

describe('who calls', () => {
  test.each([
    ['postgres', 'none', true],
    ['service_role', 'service_role', true],
    ['authenticated', 'authenticated', false],
    ['anon', 'anon', false],
    ['authenticator', 'authenticator', false],
    ['supabase_auth_admin', 'supabase_auth_admin', false],
  ])('%s', async (role, setTo, isOperator) => {
    const superuser = await db.superuser();
    await superuser.query('begin');
    try {
      // As a definer function sees it: current_user is the owner, the caller is someone else.
      await superuser.query(`create function public.who() returns table (caller text, operator boolean)
        language sql security definer set search_path = '' as 'select private.caller_role(), private.is_operator()';
        grant execute on function public.who() to public`);
      await superuser.query(
        role === 'postgres' ? 'set session authorization postgres' : `set local role ${setTo}`,
      );
      const { rows } = await superuser.query('select * from public.who()');
      expect(rows).toEqual([{ caller: role, operator: isOperator }]);
    } finally {
      await superuser.query('rollback');
      await superuser.query('reset session authorization');
    }
  });
});

const facts = {
  n: 5,
  d: '2026-01-31',
  s: 'Hello World',
  empty: '',
  none: null,
  list: [1, 2, 'x'],
  nothing: [],
  nested: { city: 'Graz', deep: { er: true } },
};

describe('conditions', () => {
  test.each([
    ['equals', 'n', 5, true],
    ['equals', 'n', '5', false],
    ['equals', 'none', null, true],
    ['equals', 'nested.city', 'Graz', true],
    ['not_equals', 'n', 4, true],
    ['not_equals', 'absent', 4, true],
    ['greater_than', 'n', 5.0001, false],
    ['greater_than', 'n', 4.5, true],
    ['less_than', 'd', '2026-02-01', true],
    ['less_than', 's', 3, false],
    ['greater_equal', 'n', 5, true],
    ['less_equal', 'n', 5, true],
    ['less_equal', 'absent', 5, false],
    ['contains', 's', 'lo Wo', true],
    ['contains', 'list', 2, true],
    ['contains', 'list', 3, false],
    ['contains', 'n', 5, false],
    ['starts_with', 's', 'Hell', true],
    ['starts_with', 's', 'hell', false],
    ['ends_with', 's', 'World', true],
    ['ends_with', 'empty', 'x', false],
    ['matches_pattern', 's', '^H[a-z]+ ', true],
    ['in', 'n', [1, 5], true],
    ['in', 'absent', [1, 5], false],
    ['not_in', 'n', [1, 2], true],
    ['any_of', 'list', ['x', 'y'], true],
    ['any_of', 'n', [5], true],
    ['any_of', 'list', [], false],
    ['all_of', 'list', [1, 'x'], true],
    ['all_of', 'list', [1, 'y'], false],
    ['exists', 'nested.deep.er', undefined, true],
    ['exists', 'none', undefined, false],
    ['not_exists', 'absent', undefined, true],
    ['is_empty', 'empty', undefined, true],
    ['is_empty', 'nothing', undefined, true],
    ['is_empty', 'n', undefined, false],
    ['is_not_empty', 'nested', undefined, true],
    ['is_not_empty', 'absent', undefined, false],
  ])('%s: %s against %j is %s', async (operator, field, wanted, holds) => {
    const condition = { field, operator, ...(wanted === undefined ? {} : { value: wanted }) };
    expect(await value('private.condition_problem($1)', [JSON.stringify(condition)])).toBeNull();
    expect(
      await value('private.condition_holds($1, $2)', [JSON.stringify(condition), JSON.stringify(facts)]),
    ).toBe(holds);
  });

  const yes = { field: 'n', operator: 'equals', value: 5 };
  const no = { field: 'n', operator: 'equals', value: 6 };
  test.each([
    [{ and: [yes, yes] }, true],
    [{ and: [yes, no] }, false],
    [{ and: [] }, true],
    [{ or: [no, yes] }, true],
    [{ or: [] }, false],
    [{ not: no }, true],
    [{ and: [{ or: [no, { not: no }] }, yes] }, true],
  ])('groups: %j is %s', async (condition, holds) => {
    expect(await value('private.condition_problem($1)', [JSON.stringify(condition)])).toBeNull();
    expect(
      await value('private.condition_holds($1, $2)', [JSON.stringify(condition), JSON.stringify(facts)]),
    ).toBe(holds);
  });

  test.each([
    [null, 'object'],
    [[], 'object'],
    ['x', 'object'],
    [{}, 'field'],
    [{ field: '', operator: 'equals', value: 1 }, 'field'],
    [{ field: 'n', operator: 'drop table', value: 1 }, 'no operator'],
    [{ field: 'n', operator: 'equals' }, 'takes a value'],
    [{ field: 'n', operator: 'in', value: 3 }, 'list'],
    [{ field: 'n', operator: 'starts_with', value: 3 }, 'text'],
    [{ field: 'n', operator: 'less_than', value: [1] }, 'number or a text'],
    [{ field: 'n', operator: 'equals', value: 1, extra: 1 }, 'keys'],
    [{ and: 'x' }, 'list of conditions'],
    [{ and: [], or: [] }, 'one key'],
    [{ and: [{ field: 'n', operator: 'in', value: 3 }] }, 'list'],
    [{ not: { and: [7] } }, 'object'],
    [
      Array.from({ length: 12 }).reduce((inner: unknown) => ({ not: inner }), {
        field: 'n',
        operator: 'exists',
      }),
      '10 deep',
    ],
  ])('is not well formed: %j', async (condition, problem) => {
    expect(await value<string>('private.condition_problem($1)', [JSON.stringify(condition)])).toContain(
      problem,
    );
  });
});

describe('patterns', () => {
  test.each([
    ['abc-123', '^[a-z]+-[0-9]{1,3}$', true],
    ['abc', 'b', true],
    ['abc', '^b', false],
    [null, 'b', null],
  ])('%j against %s is %s', async (subject, pattern, matches) => {
    expect(await value('private.matches_pattern($1, $2)', [subject, pattern])).toBe(matches);
  });

  test.each([
    '(a+)+$',
    '(a*)*',
    '(a|b+){2,9}+',
    '(.)\\1',
    'a{1,999}',
    '(?=a)',
    '***:a',
    'x'.repeat(201),
    'a{2}b{2}c{2}d{2}e{2}f{2}',
  ])('refuses %s', async (pattern) => {
    await expectRefusal(value('private.matches_pattern($1, $2)', ['a', pattern]), 400, 'pattern_not_allowed');
  });

  test.each(['[', '(', 'a{3,1}'])('refuses %s, which is none', async (pattern) => {
    await expectRefusal(value('private.matches_pattern($1, $2)', ['a', pattern]), 400, 'pattern_invalid');
  });
});
