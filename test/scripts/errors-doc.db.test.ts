import type pg from 'pg';
import { expect, test } from 'vitest';
import { errorNotes, exampleWords } from '../../scripts/support/api/error-notes.ts';
import { readFunctionComment } from '../../scripts/support/api/function-comments.ts';
import { readFunctions, sqlRefusals } from '../../scripts/support/api/refusals.ts';
import {
  disagreements,
  generateErrors,
  jsonbText,
  readRefusals,
} from '../../scripts/support/generate-errors.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

async function statements<T>(sql: string, use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return db.inRollback(async (client) => {
    await client.query(sql);
    return use(client);
  });
}

test('every code is raised somewhere and documented', async () => {
  const raised = await readRefusals(db.url);
  expect(raised.refusals.length).toBeGreaterThan(100);
  expect(disagreements(raised)).toEqual([]);
});

test('a code that is planted is missed in the documentation', async () => {
  const found = await statements(
    `create function private.planted() returns void language plpgsql as
      $$ begin perform private.refuse(409, 'planted_code', 'No.'); end $$`,
    async (client) => sqlRefusals(await readFunctions(client)),
  );
  expect(disagreements(found)).toContainEqual(
    expect.stringContaining('planted_code is raised and not documented'),
  );
});

test('a code that is raised no more is missed in the database', async () => {
  const found = await statements('drop function private.require_owner(text[]) cascade', async (client) =>
    sqlRefusals(await readFunctions(client)),
  );
  expect(disagreements(found)).toContain('last_owner is documented and raised nowhere');
});

test('every code that a comment names is raised with that status', async () => {
  const { functions, refusals } = await readRefusals(db.url);
  const raised = new Set(refusals.map(({ status, code }) => `PT${status ?? ''} ${code}`));
  const named = functions.flatMap((fn) =>
    readFunctionComment(fn.comment, new Set()).raises.map(({ status, code }) => ({
      fn: `${fn.schema}.${fn.name}`,
      refusal: `PT${status} ${code}`,
      isDocumented: Object.hasOwn(errorNotes, code),
    })),
  );
  expect(named.length).toBeGreaterThan(300);
  expect(named.filter(({ refusal, isDocumented }) => !raised.has(refusal) || !isDocumented)).toEqual([]);
});

test('every code that the comment on a function of the API names is reached by its calls, or by triggers', async () => {
  const { functions, refusals, reached } = await readRefusals(db.url);
  const triggers = functions.filter(({ tables }) => tables.length > 0);
  const reachedWithTriggers = (name: string): Set<string> => {
    const all = reached(name);
    for (const next of all) {
      for (const fn of functions.filter(({ schema, name: own }) => `${schema}.${own}` === next)) {
        for (const trigger of triggers.filter(({ tables }) =>
          tables.some((table) => new RegExp(`\\bpublic\\.${table}\\b`).test(fn.body)),
        )) {
          for (const callee of reached(`${trigger.schema}.${trigger.name}`)) all.add(callee);
        }
      }
    }
    return all;
  };
  const unreached = functions
    .filter(({ schema }) => schema === 'public')
    .flatMap((fn) => {
      const all = reachedWithTriggers(`public.${fn.name}`);
      const codes = new Set(refusals.filter(({ by }) => all.has(by)).map(({ code }) => code));
      return readFunctionComment(fn.comment, new Set())
        .raises.filter(({ code }) => !codes.has(code))
        .map(({ code }) => `${fn.name}: ${code}`);
    });
  expect(unreached).toEqual([]);
});

test('an example response is what the database answers', async () => {
  const details = {
    code: 'formula_unknown_name',
    name: 'widht',
    position: 1,
    nested: { long_key: [1, 'ä'], a: null },
  };
  const { rows } = await db.query<{ text: string }>('select $1::jsonb::text as text', [
    JSON.stringify(details),
  ]);
  expect(rows).toEqual([{ text: jsonbText(details) }]);

  const refused = db.query(
    `select private.refuse(400, 'formula_invalid', 'No.', details => '{"position": 7}')`,
  );
  await expect(refused).rejects.toMatchObject({
    code: 'PT400',
    message: 'No.',
    detail: jsonbText({ code: 'formula_invalid', position: 7 }),
    hint: '',
  });
});

test('the page has an entry for each code, and an example for each that a server answers with', async () => {
  const { files } = await generateErrors(db.url);
  const page = files.get('docs/errors.md') ?? '';
  const entries = [...page.matchAll(/^### `(\w+)`\n([\s\S]*?)(?=^##|(?![\s\S]))/gm)];
  expect(entries.map(([, code]) => code).sort()).toEqual(Object.keys(errorNotes).sort());
  const withoutExample = entries
    .filter(([, , text = '']) => !text.includes('```json'))
    .map(([, code]) => code);
  expect(withoutExample).toEqual(expect.arrayContaining(['no_answer', 'unexpected_answer', 'unknown']));
  expect(withoutExample).toHaveLength(3);
  for (const [, code = '', ,] of entries.filter(([, code]) => !withoutExample.includes(code))) {
    const body = JSON.parse(
      /```json\n([\s\S]*?)```/.exec(page.slice(page.indexOf(`### \`${code}\``)))?.[1] ?? '',
    ) as {
      details: string;
    };
    expect(JSON.parse(body.details)).toEqual({ code, ...errorNotes[code]?.details });
  }
});

test('every word for an example stands in a sentence', async () => {
  const { refusals } = await readRefusals(db.url);
  const wordsOf = (code?: string) =>
    new Set(
      refusals
        .filter((refusal) => code === undefined || refusal.code === code)
        .flatMap(({ messages, hints }) => [...messages, ...hints])
        .flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, word]) => word)),
    );
  const all = wordsOf();
  expect(Object.keys(exampleWords).filter((word) => !all.has(word))).toEqual([]);
  const unused = Object.entries(errorNotes).flatMap(([code, { words = {} }]) =>
    Object.keys(words)
      .filter((word) => !wordsOf(code).has(word))
      .map((word) => `${code}: ${word}`),
  );
  expect(unused).toEqual([]);
});
