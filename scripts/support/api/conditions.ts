import { argumentsOf, closing, is, split, sqlTokens, type Token } from './sql-tokens.ts';

/** One way in which a condition holds. */
export interface Way {
  /** Permissions of which all are needed. */
  permissions: string[];
  /** What must hold of the row, in SQL; empty for any row. */
  rows: string;
}

/**
 * Takes the condition of a policy apart: permissions, and what is asked of the row.
 *
 * @param condition SQL, as PostgreSQL prints it
 * @returns the ways in which it holds, in its order
 */
export function waysOf(condition: string): Way[] {
  return split(outermost(plain(sqlTokens(condition))), 'or').map((way) => {
    const parts = conjuncts(way);
    const permissions = parts.flatMap((part) => permissionOf(part) ?? []);
    const rows = parts
      .filter((part) => permissionOf(part) === undefined && !(part.length === 1 && is(part[0], 'true')))
      .map(render);
    return { permissions, rows: rows.join(' and ') };
  });
}

/** What must hold at once. */
function conjuncts(tokens: readonly Token[]): Token[][] {
  const whole = outermost(tokens);
  const parts = split(whole, 'and');
  return parts.length > 1 ? parts.flatMap(conjuncts) : [split(whole, 'or').length > 1 ? [...tokens] : whole];
}

/** The functions that an expression asks. */
export function functionsIn(sql: string): string[] {
  const tokens = sqlTokens(sql);
  return tokens.flatMap((token, index) =>
    token.kind === 'word' && is(tokens[index + 1], '(') && !keywords.has(token.text) ? [token.text] : [],
  );
}

/**
 * An expression as somebody would write it: without casts, schema `private` and what PostgreSQL adds when it prints.
 *
 * @param sql the expression
 */
export function readable(sql: string): string {
  return render(outermost(plain(sqlTokens(sql))));
}

const keywords = new Set([
  'any',
  'all',
  'in',
  'and',
  'or',
  'not',
  'select',
  'from',
  'where',
  'exists',
  'array',
]);

/** The permission that a condition asks for and nothing else. */
function permissionOf(tokens: readonly Token[]): string | undefined {
  const [first, second, third] = tokens;
  if (is(first, 'has_permission')) return third?.kind === 'text' ? third.text : undefined;
  if (is(second, '=') && is(third, 'organization_with')) return tokens[4]?.text;
  return undefined;
}

/** Without casts, without schema `private`, and with `(select f() as f)` as `f()`. */
function plain(tokens: readonly Token[]): Token[] {
  const result: Token[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (!token) continue;
    if (is(token, '::')) {
      index = endOfType(tokens, index + 1) - 1;
    } else if (is(token, 'private') && is(tokens[index + 1], '.')) {
      index += 1;
    } else if (is(token, '(')) {
      const end = closing(tokens, index);
      const inner = plain(tokens.slice(index + 1, end));
      const value = scalar(inner);
      const unwrapped = value ?? inner;
      // One pair says as much as two, and a single word needs none; but a call keeps its own.
      const isCall = tokens[index - 1]?.kind === 'word';
      const wraps = value === undefined && !isWrapped(inner);
      if (isCall) result.push(token, ...outermost(unwrapped), { kind: 'sign', text: ')' });
      else if (wraps) result.push(token, ...unwrapped, { kind: 'sign', text: ')' });
      else result.push(...unwrapped);
      index = end;
    } else {
      result.push(token);
    }
  }
  return result;
}

function isWrapped(tokens: readonly Token[]): boolean {
  return (
    tokens.length === 1 ||
    (is(tokens[0], '(') && closing(tokens, 0) === tokens.length - 1) ||
    (is(tokens[1], '(') && closing(tokens, 1) === tokens.length - 1)
  );
}

/** The value of a sub-select that reads no table. */
function scalar(tokens: readonly Token[]): Token[] | undefined {
  if (!is(tokens[0], 'select') || tokens.some((token) => is(token, 'from'))) return undefined;
  const [value = []] = argumentsOf(tokens.slice(1)).map((argument) => argument.tokens);
  return is(value.at(-2), 'as') ? value.slice(0, -2) : value;
}

/** Where a type ends: `text`, `uuid[]`, `timestamp with time zone`, `numeric(14,2)`. */
function endOfType(tokens: readonly Token[], start: number): number {
  let end = start + 1;
  if (is(tokens[end], '.')) end += 2;
  while (['with', 'without', 'time', 'zone', 'varying', 'precision'].includes(tokens[end]?.text ?? ''))
    end += 1;
  if (is(tokens[end], '(')) end = closing(tokens, end) + 1;
  while (is(tokens[end], '[')) end = closing(tokens, end) + 1;
  return end;
}

function outermost(tokens: readonly Token[]): Token[] {
  return is(tokens[0], '(') && closing(tokens, 0) === tokens.length - 1
    ? outermost(tokens.slice(1, -1))
    : [...tokens];
}

function render(tokens: readonly Token[]): string {
  let text = '';
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    const word = token.kind === 'text' ? `'${token.text.replaceAll("'", "''")}'` : token.text;
    const isTight =
      !before ||
      is(token, ',') ||
      is(token, ')') ||
      is(token, ']') ||
      is(token, '.') ||
      is(before, '.') ||
      is(before, '(') ||
      is(before, '[') ||
      (is(token, '[') && before.kind === 'word') ||
      (is(token, '(') && before.kind === 'word' && !keywords.has(before.text));
    text += isTight ? word : ` ${word}`;
  }
  return text;
}
