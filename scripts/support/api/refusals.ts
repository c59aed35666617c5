import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import ts from 'typescript';
import { root } from '../sql-files.ts';
import { readFunctionComment } from './function-comments.ts';
import {
  argumentsOf,
  calls,
  closing,
  is,
  possibleTexts,
  split,
  sqlTokens,
  type Token,
} from './sql-tokens.ts';

/** A place that refuses. */
export interface Refusal {
  code: string;
  /** The HTTP status; undefined when the answer of somebody else decides it. */
  status: number | undefined;
  /** The sentences that it may say; what only the request knows is `{name}`. */
  messages: string[];
  hints: string[];
  /** What is in the details beside the code, by name. */
  details: string[];
  /** `private.lend_tool`, `edge function invite-user`, `typed client`. */
  by: string;
}

/** A function of schema `public` or `private`. */
export interface SqlFunction {
  schema: string;
  name: string;
  body: string;
  comment: string;
  /** The tables of `public` that it is a trigger of. */
  tables: string[];
}

/** What a function of the database does about refusing, by itself and by what it calls. */
export interface RefusalGraph {
  refusals: Refusal[];
  /** What could not be read: a computed code about which the comment says nothing. */
  problems: string[];
  /** The functions that a function calls, itself included, by their names with schema. */
  reached: (name: string) => Set<string>;
  functions: SqlFunction[];
}

/** Reads the functions of a database that are Rowhouse's. */
export async function readFunctions(client: pg.ClientBase): Promise<SqlFunction[]> {
  const { rows } = await client.query<SqlFunction>(`
    select
      space.nspname as schema,
      fn.proname as name,
      coalesce(pg_catalog.pg_get_function_sqlbody(fn.oid), fn.prosrc) as body,
      coalesce(pg_catalog.obj_description(fn.oid, 'pg_proc'), '') as comment,
      array(
        select distinct relation.relname::text
        from pg_catalog.pg_trigger as trigger
          join pg_catalog.pg_class as relation on relation.oid = trigger.tgrelid
        where trigger.tgfoid = fn.oid
          and relation.relnamespace = 'public'::regnamespace
          and not relation.relispartition
        order by 1
      ) as tables
    from pg_catalog.pg_proc as fn
      join pg_catalog.pg_namespace as space on space.oid = fn.pronamespace
    where space.nspname in ('public', 'private')
    order by space.nspname collate "C", fn.proname collate "C", fn.oid
  `);
  return rows;
}

/**
 * Finds what functions of the database refuse with: `private.refuse(…)`, and `raise … using errcode = 'PT…'`.
 *
 * @param functions all functions, as {@link readFunctions} reads them
 * @returns the refusals, what could not be read, and who calls whom
 */
export function sqlRefusals(functions: readonly SqlFunction[]): RefusalGraph {
  const bodies = functions.map((fn) => ({ fn, tokens: sqlTokens(fn.body) }));
  const literals = new Set(bodies.flatMap(({ tokens }) => textsOf(tokens)));
  const problems: string[] = [];

  const refusals = bodies.flatMap(({ fn, tokens }) => {
    const by = `${fn.schema}.${fn.name}`;
    if (by === 'private.refuse') return [];
    const places = [
      ...calls(tokens, 'private')
        .filter(({ name }) => name === 'refuse')
        .map(({ args }) => inOrder(args)),
      ...raises(tokens),
    ];
    return places.flatMap(([status = [], code = [], message = [], hint = [], details = []]): Refusal[] => {
      const statuses = is(status[0], 'case') ? possibleTexts(status) : [status[0]?.text ?? ''];
      const codes = possibleTexts(code);
      const said = { messages: sentences(message), hints: sentences(hint), details: keysOf(details) };
      const numbers = statuses.map(Number).filter((number) => number > 0);
      if (codes.length === 0 || codes.some((text) => text.includes('{')) || numbers.length === 0) {
        // The comment says which, and the code is written somewhere for whoever hands it over.
        const named = readFunctionComment(fn.comment, new Set()).raises.filter(
          (refusal) =>
            (numbers.length === 0 || numbers.includes(refusal.status)) && literals.has(refusal.code),
        );
        if (named.length === 0)
          problems.push(`${by} refuses with a computed code, and its comment does not say with which`);
        return named.map((refusal) => ({ code: refusal.code, status: refusal.status, ...said, by }));
      }
      return codes.map((text, index) => ({
        code: text,
        status: numbers[index] ?? numbers[0],
        ...said,
        // As many sentences as codes: they belong together.
        messages:
          codes.length > 1 && said.messages.length === codes.length
            ? said.messages.slice(index, index + 1)
            : said.messages,
        by,
      }));
    });
  });

  const callees = new Map<string, Set<string>>();
  for (const { fn, tokens } of bodies) {
    const name = `${fn.schema}.${fn.name}`;
    const called = ['private', 'public'].flatMap((schema) =>
      calls(tokens, schema).map((call) => `${schema}.${call.name}`),
    );
    callees.set(name, new Set([...(callees.get(name) ?? []), ...called]));
  }
  const reached = (name: string): Set<string> => {
    const seen = new Set([name]);
    for (const next of seen) for (const callee of callees.get(next) ?? []) seen.add(callee);
    return seen;
  };
  return { refusals, problems, reached, functions: [...functions] };
}

/** The arguments of `private.refuse` in its order, however they are given. */
function inOrder(args: { name?: string; tokens: Token[] }[]): Token[][] {
  const names = ['status', 'code', 'message', 'hint', 'details'];
  return names.map(
    (name, index) =>
      args.find((argument) => argument.name === name)?.tokens ??
      (args[index]?.name === undefined ? (args[index]?.tokens ?? []) : []),
  );
}

/** `raise … using errcode = 'PT400', …` as the arguments of `private.refuse`. */
function raises(tokens: readonly Token[]): Token[][][] {
  return tokens.flatMap((token, index) => {
    if (!is(token, 'raise')) return [];
    const end = tokens.findIndex((next, at) => at > index && is(next, ';'));
    const [, options] = split(tokens.slice(index, end < 0 ? undefined : end), 'using');
    const option = (name: string) =>
      split(options ?? [], ',')
        .find(([first]) => is(first, name))
        ?.slice(2) ?? [];
    const status = option('errcode');
    if (!possibleTexts(status).some((text) => text.startsWith('PT'))) return [];
    const number: Token = { kind: 'number', text: possibleTexts(status).join().replace(/^PT/, '') };
    const [text] = option('detail');
    const detail = text?.kind === 'text' ? (jsonObject(text.text) ?? {}) : undefined;
    const code = detail?.code;
    return [
      [
        [number],
        typeof code === 'string' ? [{ kind: 'text', text: code } satisfies Token] : option('detail'),
        option('message'),
        option('hint'),
        [],
      ],
    ];
  });
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Sentences that are known; one that is handed over as a whole is not. */
function sentences(tokens: readonly Token[]): string[] {
  return possibleTexts(tokens).filter((text) => text !== '' && !/^\{\w+\}$/.test(text));
}

/** The keys of the objects in an expression: `jsonb_build_object('position', …)`, `'{"position": 1}'`. */
function keysOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, index) => {
    if (token.kind === 'text') return Object.keys(jsonObject(token.text) ?? {});
    if (!is(token, 'jsonb_build_object') && !is(token, 'json_build_object')) return [];
    // What is inside of another object's value is not a key of the whole.
    if (depthOf(tokens, index, 'jsonb_build_object') > 0) return [];
    const args = argumentsOf(tokens.slice(index + 2, closing(tokens, index + 1)));
    return args.filter((_argument, at) => at % 2 === 0).flatMap(({ tokens: key }) => possibleTexts(key));
  });
}

/** In how many calls of a function a token stands. */
function depthOf(tokens: readonly Token[], at: number, name: string): number {
  return tokens.filter(
    (token, index) =>
      index < at && is(token, name) && is(tokens[index + 1], '(') && closing(tokens, index + 1) > at,
  ).length;
}

function textsOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token) => (token.kind === 'text' ? [token.text] : []));
}

/** Finds what the typed client and the edge functions refuse with by themselves. */
export async function typescriptRefusals(): Promise<Refusal[]> {
  const files = await Promise.all(
    ['src/client', 'edge-functions'].map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true }))
        .filter((name) => name.endsWith('.ts') && !name.endsWith('database.types.ts'))
        .map((name) => join(folder, name))
        .sort(),
    ),
  );
  const found = await Promise.all(
    files.flat().map(async (path) => {
      const by = path.startsWith('src/client')
        ? 'the typed client'
        : path.startsWith('edge-functions/_shared')
          ? 'every edge function'
          : `edge function ${path.split('/')[1] ?? ''}`;
      return refusalsOf(await readFile(join(root, path), 'utf8'), by);
    }),
  );
  return found.flat();
}

/**
 * Finds the refusals in TypeScript: calls of `refuse(status, code, message, hint)`, and objects with `code` and `status`
 * that errors are made of.
 *
 * @param source the text of a module
 * @param by whose it is
 */
export function refusalsOf(source: string, by: string): Refusal[] {
  const found: Refusal[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'refuse') {
      const [status, code, message, hint] = node.arguments;
      if (status && ts.isNumericLiteral(status) && code && ts.isStringLiteral(code)) {
        found.push({
          code: code.text,
          status: Number(status.text),
          messages: literalsOf(message),
          hints: literalsOf(hint),
          details: [],
          by,
        });
      }
    }
    if (ts.isObjectLiteralExpression(node)) {
      const property = (name: string) =>
        node.properties.find((candidate) => candidate.name?.getText() === name);
      const [code, status] = [property('code'), property('status')];
      if (code && ts.isPropertyAssignment(code) && status) {
        const number =
          ts.isPropertyAssignment(status) && ts.isNumericLiteral(status.initializer)
            ? Number(status.initializer.text)
            : undefined;
        const hint = property('hint');
        const call = ts.isNewExpression(node.parent) ? node.parent : undefined;
        for (const literal of codesOf(code.initializer, number)) {
          found.push({
            ...literal,
            messages: literalsOf(call?.arguments?.[0]),
            hints: hint && ts.isPropertyAssignment(hint) ? literalsOf(hint.initializer) : [],
            details: [],
            by,
          });
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true));
  return found;
}

/** The codes of an expression; `status === 0 ? 'a' : 'b'` says the status of the first. */
function codesOf(
  expression: ts.Expression,
  status: number | undefined,
): { code: string; status: number | undefined }[] {
  if (ts.isStringLiteral(expression)) return [{ code: expression.text, status }];
  if (ts.isParenthesizedExpression(expression)) return codesOf(expression.expression, status);
  if (ts.isConditionalExpression(expression)) {
    const asked = /^status === (\d+)$/.exec(expression.condition.getText())?.[1];
    return [
      ...codesOf(expression.whenTrue, asked === undefined ? status : Number(asked)),
      ...codesOf(expression.whenFalse, status),
    ];
  }
  if (ts.isBinaryExpression(expression)) {
    return [...codesOf(expression.left, status), ...codesOf(expression.right, status)];
  }
  return [];
}

function literalsOf(expression: ts.Expression | undefined): string[] {
  if (!expression) return [];
  if (ts.isStringLiteral(expression) || ts.isNoSubstitutionTemplateLiteral(expression))
    return [expression.text];
  if (!ts.isTemplateExpression(expression)) return [];
  return [
    expression.head.text +
      expression.templateSpans
        .map(
          (span) => `{${/\w+(?=\W*$)/.exec(span.expression.getText())?.[0] ?? 'value'}}${span.literal.text}`,
        )
        .join(''),
  ];
}
