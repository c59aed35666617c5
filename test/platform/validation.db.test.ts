import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));

async function problem(rules: unknown): Promise<string | null> {
  const { rows } = await db.query<{ problem: string | null }>(
    'select private.validation_rules_problem($1) as problem',
    [json(rules)],
  );
  return rows[0]?.problem ?? null;
}

async function messages(rules: unknown, value: unknown): Promise<string[]> {
  const { rows } = await db.query<{ messages: string[] }>(
    'select private.validation_messages($1, $2) as messages',
    [json(rules), json(value)],
  );
  return rows[0]?.messages ?? ['no answer'];
}

describe('a value', () => {
  test.each<[rules: object, fine: unknown[], wrong: unknown[], message: string]>([
    [{ min: 2.5 }, [2.5, 3], [2.49, -3], 'Must be at least 2.5.'],
    [{ max: 10 }, [10, -1e30], [10.001], 'Must be at most 10.'],
    [{ range: [1, 5] }, [1, 3, 5], [0.99, 5.01], 'Must be between 1 and 5.'],
    [{ positive: true }, [0.1], [0, -1], 'Must be greater than 0.'],
    [{ non_negative: true }, [0, 0.1], [-0.1], 'Must not be negative.'],
    [{ min: 1 }, [1], ['1', true, [1], {}], 'Must be a number.'],
    [{ positive: true }, [1], ['1'], 'Must be a number.'],
    [{ pattern: '^[A-Z]{2}[0-9]+$' }, ['AB1'], ['AB', 'ab1'], 'Must match the pattern ^[A-Z]{2}[0-9]+$.'],
    [{ min_length: 3 }, ['abc', 'äöü'], ['ab', ''], 'Must have at least 3 characters.'],
    [{ max_length: 3 }, ['', '😀😀😀'], ['abcd'], 'Must have at most 3 characters.'],
    [{ pattern: 'a' }, ['a'], [1, false, ['a'], {}], 'Must be a text.'],
    [{ email: true }, [], [1], 'Must be a text.'],
    [
      { email: true },
      ['ada@example.com', 'a+b@x.y'],
      ['ada', 'ada@', '@x', 'a b@x', 'a@b@c', 'a@x\r\nBcc: b@x', ''],
      'Must be an e-mail address.',
    ],
    [
      { url: true },
      ['https://example.com', 'http://localhost:3000/a?b=c#d', 'HTTPS://EXAMPLE.COM/%20?', 'https://x.y?z'],
      [
        'example.com',
        'ftp://example.com',
        'javascript:alert(1)',
        'https://',
        'https:///a',
        'https://a b',
        'https://user@example.com',
        'https://example.com/"><script>',
        'https://example.com/\nx',
        `https://example.com/${'a'.repeat(2000)}`,
        '',
      ],
      'Must be a web address that starts with http:// or https://.',
    ],
    [
      { choices: ['red', 'blue', 3, true] },
      ['red', 3, 3.0, true],
      ['Red', '3', 4, false, ['red'], {}],
      'Must be one of: red, blue, 3, true.',
    ],
  ])('%j', async (rules, fine, wrong, message) => {
    expect(await problem(rules)).toBeNull();
    for (const value of fine) {
      expect(await messages(rules, value), JSON.stringify(value)).toEqual([]);
    }
    for (const value of wrong) expect(await messages(rules, value), JSON.stringify(value)).toEqual([message]);
  });

  test('that is absent or null breaks no rule', async () => {
    const rules = { min: 1, email: true, choices: [1], positive: true };
    expect(await messages(rules, null)).toEqual([]);
    expect(await messages(rules, undefined)).toEqual([]);
    expect(await messages(undefined, 5)).toEqual([]);
    expect(await messages({}, 5)).toEqual([]);
  });

  test('breaks no rule that is switched off', async () => {
    const rules = { email: false, url: false, positive: false, non_negative: false };
    expect(await problem(rules)).toBeNull();
    expect(await messages(rules, -1)).toEqual([]);
    expect(await messages(rules, 'x')).toEqual([]);
  });

  test('gets a message for each rule that it breaks, and one for its type', async () => {
    expect(await messages({ min: 5, positive: true, range: [1, 2] }, -1)).toEqual([
      'Must be at least 5.',
      'Must be between 1 and 2.',
      'Must be greater than 0.',
    ]);
    expect(await messages({ min: 5, positive: true, max: 9 }, 'x')).toEqual(['Must be a number.']);
    expect(await messages({ email: true, min_length: 5, choices: ['a@b.at'] }, 7)).toEqual([
      'Must be a text.',
      'Must be one of: a@b.at.',
    ]);
  });

  test('is told at most 20 of the choices', async () => {
    const choices = Array.from({ length: 200 }, (_, index) => `c${index}`);
    expect(await problem({ choices })).toBeNull();
    expect(await messages({ choices }, 'x')).toEqual([
      `Must be one of: ${choices.slice(0, 20).join(', ')}, ….`,
    ]);
  });
});

describe('rules', () => {
  test.each([undefined, {}, { min: 1, max: 1 }, { range: [2, 2] }, { min_length: 0, max_length: 10000 }])(
    'are well formed: %j',
    async (rules) => {
      expect(await problem(rules)).toBeNull();
    },
  );

  test.each<[sentence: string, rules: unknown]>(
    (
      [
        [null, 'Validation rules are an object.'],
        [[], 'Validation rules are an object.'],
        ['min', 'Validation rules are an object.'],
        [{ minimum: 1 }, 'There is no rule minimum.'],
        [{ ['x'.repeat(5000)]: 1 }, `There is no rule ${'x'.repeat(50)}.`],
        [{ min: '1' }, 'min takes a number.'],
        [{ max: null }, 'max takes a number.'],
        [{ min: 2, max: 1 }, 'min is not greater than max.'],
        [{ range: 5 }, 'range takes a list of two numbers.'],
        [{ range: [1] }, 'range takes a list of two numbers.'],
        [{ range: [1, 2, 3] }, 'range takes a list of two numbers.'],
        [{ range: [1, '2'] }, 'range takes a list of two numbers.'],
        [{ range: { 0: 1, 1: 2 } }, 'range takes a list of two numbers.'],
        [{ range: [2, 1] }, 'range has the lower number first.'],
        [{ positive: 1 }, 'positive takes true or false.'],
        [{ non_negative: 'true' }, 'non_negative takes true or false.'],
        [{ email: null }, 'email takes true or false.'],
        [{ url: [] }, 'url takes true or false.'],
        [{ min_length: 1.5 }, 'min_length takes a whole number from 0 to 10,000.'],
        [{ min_length: -1 }, 'min_length takes a whole number from 0 to 10,000.'],
        [{ max_length: 10001 }, 'max_length takes a whole number from 0 to 10,000.'],
        [{ max_length: '5' }, 'max_length takes a whole number from 0 to 10,000.'],
        [{ min_length: 3, max_length: 2 }, 'min_length is not greater than max_length.'],
        [{ choices: [] }, 'choices takes a list of 1 to 200 texts, numbers or booleans.'],
        [{ choices: 'red' }, 'choices takes a list of 1 to 200 texts, numbers or booleans.'],
        [{ choices: [null] }, 'choices takes a list of 1 to 200 texts, numbers or booleans.'],
        [{ choices: [['red']] }, 'choices takes a list of 1 to 200 texts, numbers or booleans.'],
        [
          { choices: Array.from({ length: 201 }, (_, i) => i) },
          'choices takes a list of 1 to 200 texts, numbers or booleans.',
        ],
        [{ choices: ['x'.repeat(20000)] }, 'Validation rules have at most 20,000 characters.'],
        [{ pattern: 5 }, 'pattern takes a text.'],
        [{ pattern: '(a+)+' }, 'This pattern is too complex to be matched safely.'],
        [
          { pattern: '(' },
          'This is not a regular expression: invalid regular expression: parentheses () not balanced.',
        ],
      ] as [unknown, string][]
    ).map(([rules, sentence]) => [sentence, rules]),
  )('are not: %s', async (sentence, rules) => {
    expect(await problem(rules)).toBe(sentence);
  });

  test('can be checked on a table, by whoever writes to it', async () => {
    await db.inRollback(async (client) => {
      await client.query(`
        create table public.ruled (rules jsonb check (private.validation_rules_problem(rules) is null));
        grant insert on public.ruled to service_role;
        set local role service_role`);
      await client.query(`insert into public.ruled values (null), ('{"min": 1}'), ('{"pattern": "^a"}')`);
      await expect(client.query(`insert into public.ruled values ('{"min": "1"}')`)).rejects.toMatchObject({
        code: '23514',
      });
    });
  });

  test('of any kind, and values of any kind, are never an error', async () => {
    const scalar = fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.constantFrom('', 'a', 'a@b', 'http://x', '^a', '(', '3', true, false, null),
    );
    const wanted = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.constant({}));
    const rule = fc.constantFrom(
      ...[
        'min',
        'max',
        'range',
        'positive',
        'non_negative',
        'pattern',
        'min_length',
        'max_length',
        'email',
        'url',
      ],
      ...['choices', 'other'],
    );
    const drawn = fc.record({ rules: fc.dictionary(rule, wanted, { maxKeys: 3 }), value: wanted });
    let wellFormed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(drawn, { minLength: 50, maxLength: 50 }), async (cases) => {
        const { rows } = await db.query<{ problem: string | null; messages: string[] | null }>(
          `select problem, case when problem is null then private.validation_messages(drawn -> 'rules', drawn -> 'value') end as messages
           from jsonb_array_elements($1) as drawn, private.validation_rules_problem(drawn -> 'rules') as problem`,
          [JSON.stringify(cases)],
        );
        expect(rows).toHaveLength(cases.length);
        for (const row of rows) {
          if (row.problem === null) expect(row.messages).toBeInstanceOf(Array);
          else expect(row.problem).toMatch(/^[^ ].*\.$/);
        }
        wellFormed += rows.filter((row) => row.problem === null).length;
      }),
      { numRuns: 20 },
    );
    expect(wellFormed).toBeGreaterThan(100);
  });
});

describe('the fields that a condition reads', () => {
  const reads = (field: string) => ({ field, operator: 'equals', value: { field: 'no field' } });
  test.each<[condition: unknown, fields: string[]]>([
    [undefined, []],
    [null, []],
    [reads('b'), ['b']],
    [{ and: [] }, []],
    [{ and: [reads('b'), { or: [reads('a.b'), { not: reads('c') }] }, reads('b')] }, ['a.b', 'b', 'c']],
    [{ not: { not: reads('a') } }, ['a']],
    // Not well formed: nothing breaks before a check constraint can say what is wrong.
    ['field', []],
    [['field', 'and', 'not'], []],
    [{ and: 'x' }, []],
    [{ or: [7, null, [reads('a')], reads('b')] }, ['b']],
    [{ field: null }, []],
  ])('%j', async (condition, fields) => {
    const { rows } = await db.query('select private.condition_fields($1) as fields', [json(condition)]);
    expect(rows).toEqual([{ fields }]);
  });
});
