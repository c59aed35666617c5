import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

interface Answer {
  compiled: string[] | null;
  /** The value, or the code of the refusal. */
  outcome: string | null;
  position: number | null;
  message: string | null;
  name: string | null;
}

beforeAll(async () => {
  await db.query(`
    create function private.answer_formula(source text, known text[], facts jsonb,
      out compiled text[], out outcome text, out "position" integer, out message text, out name text)
    language plpgsql as $$
    declare
      detail text;
    begin
      compiled := private.compile_formula(source, known);
      outcome := private.evaluate_formula(compiled, facts);
    exception when sqlstate 'PT400' then
      get stacked diagnostics detail = pg_exception_detail, message = message_text;
      outcome := detail::jsonb ->> 'code';
      "position" := detail::jsonb -> 'position';
      name := detail::jsonb ->> 'name';
    end $$`);
});

/**
 * What becomes of a formula. Whatever takes a second is ended by the database, and fails the test: everything here is refused or
 * evaluated at once.
 */
async function answer(source: string, facts = '{}', known = ['a', 'b', 'select', 'round']): Promise<Answer> {
  return db.inRollback(async (client) => {
    await client.query(`set local statement_timeout = '1s'`);
    const { rows } = await client.query<Answer>('select * from private.answer_formula($1, $2, $3)', [
      source,
      known,
      facts,
    ]);
    return z
      .object({
        compiled: z.array(z.string()).nullable(),
        outcome: z.string().nullable(),
        position: z.number().nullable(),
        message: z.string().nullable(),
        name: z.string().nullable(),
      })
      .parse(rows[0]);
  });
}

/** Cases with a title that is short where a formula is not. */
const titled = <Rest extends unknown[]>(cases: [source: string, ...rest: Rest][]) =>
  cases.map(
    ([source, ...rest]) =>
      [source.length > 60 ? `${source.slice(0, 20)}… (${source.length})` : source, source, ...rest] as const,
  );

const facts = '{"a": 2.5, "b": true, "select": 7, "round": 3}';

describe('what a formula is worth', () => {
  test.each([
    ['1 + 2 * 3', '7'],
    ['(1 + 2) * 3', '9'],
    ['10 - 4 - 3', '3'],
    ['24 / 4 / 2', '3'],
    ['-2^2', '-4'],
    ['(-2)^2', '4'],
    ['2^3^2', '512'],
    ['2^-1', '0.5'],
    ['2^-2^2', '0.0625'],
    ['2 * -3', '-6'],
    ['--2', '2'],
    ['7 - -2', '9'],
    ['0.1 + 0.2', '0.3'],
    ['2 / 3', '0.66666666666666666667'],
    ['-2 / 3', '-0.66666666666666666667'],
    ['2 / 3 * 3', '2.00000000000000000001'],
    ['2^0.5', '1.4142135623730950488'],
    ['(3^2 + 4^2)^0.5', '5'],
    // A third has no 20 decimals.
    ['8^(1/3)', '1.99999999999999999999'],
    ['(-8)^3', '-512'],
    ['0^0', '1'],
    ['0^2', '0'],
    ['0.5^21', '0.00000047683715820313'],
    ['min(3)', '3'],
    ['min(3, 1, 2)', '1'],
    ['max(3, 5, 4, 1)', '5'],
    ['max(min(1, 2), min(3, 4))', '3'],
    ['round(2.5)', '3'],
    ['round(-2.5)', '-3'],
    ['round(2.345, 2)', '2.35'],
    ['round(1250, -2)', '1300'],
    ['abs(-3)', '3'],
    ['ceil(-1.5)', '-1'],
    ['floor(-1.5)', '-2'],
    ['10000000000', '10000000000'],
    ['a * 4', '10'],
    ['b + b', '2'],
    ['select', '7'],
    ['round(round, round)', '3'],
    ['\t1\n+\r2 ', '3'],
    ['007', '7'],
  ])('%j is %s', async (source, value) => {
    expect(await answer(source, facts)).toMatchObject({ outcome: value, message: null });
  });

  test.each(['{}', '{"a": null}', '{"a": "2"}', '{"a": [2]}', '{"a": {}}', '[]', 'null'])(
    'a name without a value gives none, whatever else fails: %s',
    async (given) => {
      for (const source of ['a', '0 * a', '1 / 0 + a', 'a + 1 / 0']) {
        expect(await answer(source, given)).toMatchObject({ outcome: null, message: null });
      }
    },
  );

  test('is compiled once, and then needs no text', async () => {
    expect((await answer('max(a, 2, b) * -round(a)')).compiled).toEqual(
      'a 2 MAX b MAX a 0 ROUND NEG *'.split(' '),
    );
    const { rows } = await db.query(
      `select private.formula_names(private.compile_formula('b + a * b - 2', '{a,b,c}')) as used,
         private.formula_names(private.compile_formula('max(1, 2)', '{a}')) as none,
         private.compile_formula(null, '{a}') as uncompiled,
         private.evaluate_formula(null, '{}') as unevaluated,
         private.evaluate_formula(private.compile_formula('1 / 0', '{}'), '{}', refuses => false) as unrefused`,
    );
    expect(rows).toEqual([
      { used: ['a', 'b'], none: [], uncompiled: null, unevaluated: null, unrefused: 'NaN' },
    ]);
  });
});

describe('what is no formula', () => {
  test.each(
    titled<[number, string]>([
      ['', 1, 'ends where a value'],
      [' \n', 3, 'ends where a value'],
      ['1 +', 4, 'ends where a value'],
      ['-', 2, 'ends where a value'],
      ['2 ^', 4, 'ends where a value'],
      ['+ 1', 1, 'is expected, and not +'],
      ['1 * * 2', 5, 'is expected, and not *'],
      ['2 ** 3', 4, 'is expected, and not *'],
      ['()', 2, 'is expected, and not )'],
      ['min()', 5, 'is expected, and not )'],
      ['min(1,)', 7, 'is expected, and not )'],
      ['min(,1)', 5, 'is expected, and not ,'],
      ['round(1,2,3)', 10, 'round takes one or two values'],
      ['abs(1,2)', 6, 'abs takes one value'],
      ['(1, 2)', 3, 'a comma stands between the values of a function'],
      ['1, 2', 2, 'a comma stands between the values of a function'],
      ['max(1, (2, 3))', 10, 'a comma stands between the values of a function'],
      ['(1', 1, 'never closed'],
      ['1 + (2 * (3 + 4)', 5, 'never closed'],
      ['min(1', 4, 'never closed'],
      ['1)', 2, 'no parenthesis is open'],
      ['(1))', 4, 'no parenthesis is open'],
      ['1..2', 1, '1..2 is not a number'],
      ['1.2.3', 1, '1.2.3 is not a number'],
      ['1 + .5', 5, '.5 is not a number'],
      ['5.', 1, '5. is not a number'],
      ['1e5', 1, '1e5 is not a number'],
      ['1e999999999', 1, '1e999999999 is not a number'],
      ['1_000', 1, '1_000 is not a number'],
      ['0x1F', 1, '0x1F is not a number'],
      ['2a', 1, '2a is not a number'],
      ['1,5', 2, 'a comma'],
      ['a b', 3, 'an operator is expected, and not b'],
      ['2 (3)', 3, 'an operator is expected, and not ('],
      ['(a)(b)', 4, 'an operator is expected, and not ('],
      ['a = b', 3, 'an operator is expected, and not ='],
      ['a % b', 3, 'an operator is expected, and not %'],
      ['1; drop table x', 2, 'an operator is expected, and not ;'],
      [`'a'`, 1, `is expected, and not '`],
      ['"a"', 1, 'is expected, and not "'],
      ['a -- b /* c */', 9, 'is expected, and not *'],
      ['$1', 1, 'is expected, and not $'],
      ['a::text', 2, 'an operator is expected, and not :'],
      ['pg_sleep(10)', 1, 'no function pg_sleep'],
      ['sqrt(4)', 1, 'no function sqrt'],
      ['a(1)', 1, 'no function a'],
      ['MIN(1, 2)', 1, 'no function MIN'],
      ['1 + ٣', 5, 'is expected, and not ٣'],
      ['１ + 1', 1, 'is expected, and not １'],
      ['2 × 3', 3, 'an operator is expected, and not ×'],
      ['2 − 3', 3, 'an operator is expected, and not −'],
      ['😀😀 + )', 1, 'is expected, and not 😀'],
      ['1\u00a0+ 1', 2, 'an operator is expected'],
      ['10000000000.5', 1, 'at most 10000000000'],
      ['1 + 99999999999', 5, 'at most 10000000000'],
      [`1.${'0'.repeat(20)}1`, 1, 'at most 20 decimals'],
      ['9'.repeat(2000), 1, 'at most 10000000000'],
      ['('.repeat(51) + '1' + ')'.repeat(51), 51, 'at most 50 deep'],
      ['min('.repeat(51) + '1' + ')'.repeat(51), 204, 'at most 50 deep'],
      ['('.repeat(2000), 51, 'at most 50 deep'],
      ['-'.repeat(2000), 501, 'at most 500'],
      ['1' + '+1'.repeat(250), 501, 'at most 500'],
      ['2' + '^9'.repeat(999), 501, 'at most 500'],
      ['.'.repeat(2000), 1, 'is not a number'],
      [' '.repeat(2000), 2001, 'ends where a value'],
      [')'.repeat(2000), 1, 'is expected, and not )'],
      ['('.repeat(10_000) + '1' + ')'.repeat(10_000), 2001, 'at most 2,000 characters'],
      ['1+'.repeat(500_000), 2001, 'at most 2,000 characters'],
      ['x'.repeat(1_000_000), 2001, 'at most 2,000 characters'],
      ['😀'.repeat(250_000), 2001, 'at most 2,000 characters'],
    ]),
  )('%j is refused', async (_, source, position, sentence) => {
    const refusal = await answer(source, facts);
    expect(refusal).toMatchObject({ outcome: 'formula_invalid', position });
    expect(refusal.message).toContain(`At character ${position} of the formula: `);
    expect(refusal.message).toContain(sentence);
  });

  test.each(
    titled<[number, string]>([
      ['a + c', 5, 'c'],
      ['A', 1, 'A'],
      ['_a', 1, '_a'],
      ['1 - drop', 5, 'drop'],
      ['current_user', 1, 'current_user'],
      ['null', 1, 'null'],
      ['min(a, max)', 8, 'max'],
      ['NEG', 1, 'NEG'],
      ['MIN', 1, 'MIN'],
      ['infinity', 1, 'infinity'],
      ['NaN', 1, 'NaN'],
      ['x'.repeat(2000), 1, 'x'.repeat(50)],
    ]),
  )('%j names what is not there', async (_, source, position, name) => {
    expect(await answer(source, facts)).toMatchObject({ outcome: 'formula_unknown_name', position, name });
  });

  test('a name that is none is refused even where it is offered', async () => {
    const offered = ['MIN', 'A', 'x'.repeat(51), 'fine'];
    expect(await answer('MIN', '{}', offered)).toMatchObject({ outcome: 'formula_unknown_name' });
    expect(await answer('x'.repeat(51), '{}', offered)).toMatchObject({ outcome: 'formula_unknown_name' });
    expect(await answer('fine', '{"fine": 1}', offered)).toMatchObject({ outcome: '1' });
  });

  test('50 parentheses, 500 parts and 2,000 characters are fine', async () => {
    expect(await answer('('.repeat(50) + '1' + ')'.repeat(50))).toMatchObject({ outcome: '1' });
    expect(await answer('-' + '1' + '+1'.repeat(249))).toMatchObject({ outcome: '248' });
    expect(await answer('1' + ' '.repeat(1998) + ' ')).toMatchObject({ outcome: '1' });
  });

  test('a text cannot hold a null byte', async () => {
    await expect(answer('1 + \0')).rejects.toMatchObject({ code: '22021' });
  });
});

describe('what has no value', () => {
  test.each(
    titled<[string]>([
      ['1 / 0', 'formula_division_by_zero'],
      ['1 / (a - 2.5)', 'formula_division_by_zero'],
      ['0 / 0', 'formula_division_by_zero'],
      ['0^-1', 'formula_division_by_zero'],
      ['10000000000 + 1', 'formula_out_of_range'],
      ['-10000000000 - 0.00000000000000000001', 'formula_out_of_range'],
      ['10000000000 * 10000000000 / 10000000000', 'formula_out_of_range'],
      ['1 / 0.00000000000000000001', 'formula_out_of_range'],
      ['10^10^10', 'formula_out_of_range'],
      ['10^10.1', 'formula_out_of_range'],
      ['10000000000^10000000000', 'formula_out_of_range'],
      ['0.00000000000000000001^-10000000000', 'formula_out_of_range'],
      ['1.0000001^9999999999', 'formula_out_of_range'],
      ['2' + '^9'.repeat(249), 'formula_out_of_range'],
      ['(-8)^(1/3)', 'formula_undefined'],
      ['(-2)^0.5', 'formula_undefined'],
      ['round(1, 0.5)', 'formula_undefined'],
      ['round(1, 21)', 'formula_undefined'],
      ['round(1, -11)', 'formula_undefined'],
      ['round(1, 10000000000)', 'formula_undefined'],
    ]),
  )('%j has none', async (_, source, code) => {
    expect(await answer(source, facts)).toMatchObject({ outcome: code });
  });

  test.each(['10000000000.00000000000000000001', '-1e11', '1e100000', '-1e131000'])(
    'a value of %s is beyond the range',
    async (given) => {
      expect(await answer('a - a', `{"a": ${given}}`)).toMatchObject({ outcome: 'formula_out_of_range' });
    },
  );

  test.each([
    ['0.1^1000000', '0'],
    ['0.5^10000000000', '0'],
    ['10^-10000000000', '0'],
    ['(-0.1)^9999999999', '0'],
    ['1^10000000000', '1'],
    ['(-1)^9999999999', '-1'],
    ['1.00000000000000000001^9999999999', '1.00000000009999999999'],
    ['10000000000^0.00000000000000000001', '1.00000000000000000023'],
    ['10^10', '10000000000'],
    ['a^9999999999 * 0', 'formula_out_of_range'],
  ])('%s is judged before the work: %s', async (source, value) => {
    expect(await answer(source, facts)).toMatchObject({ outcome: value });
  });

  test('a value of very many decimals is rounded', async () => {
    expect(await answer('a', `{"a": 0.${'9'.repeat(5000)}}`)).toMatchObject({ outcome: '1' });
    expect(await answer('a', '{"a": 1e-16000}')).toMatchObject({ outcome: '0' });
  });

  test('the digits of a product do not pile up', async () => {
    const { outcome } = await answer('1.00000000000000000001' + '*1.00000000000000000001'.repeat(80));
    expect(outcome).toBe('1.00000000000000000081');
  });
});
