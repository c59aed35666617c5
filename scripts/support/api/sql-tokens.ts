/**
 * Reads SQL and PL/pgSQL word by word: PostgreSQL's parser takes no bodies of PL/pgSQL, and what they call is all that the
 * references ask for.
 */

/** A word, literal or sign of SQL. */
export interface Token {
  /** `word` in lower case, a quoted `name`, a `text` without its quotes, a `number`, or a `sign`. */
  kind: 'word' | 'name' | 'text' | 'number' | 'sign';
  text: string;
}

/** An argument of a call: the name that it is given by, when it is, and its expression. */
export interface Argument {
  name?: string;
  tokens: Token[];
}

const patterns: [Token['kind'] | undefined, RegExp][] = [
  [undefined, /\s+|--[^\n]*/y],
  [undefined, /\/\*[\s\S]*?\*\//y],
  ['text', /\$([A-Za-z_]\w*)?\$([\s\S]*?)\$\1\$/y],
  ['text', /[eE]'((?:[^'\\]|''|\\[\s\S])*)'/y],
  ['text', /'((?:[^']|'')*)'/y],
  ['name', /"((?:[^"]|"")*)"/y],
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['sign', /::|:=|=>|<=|>=|<>|!=|\|\||->>|->|\.\.|[\s\S]/y],
];

/**
 * Takes SQL apart.
 *
 * @param sql a statement, an expression, or the body of a function
 * @returns its tokens, without blank space and comments
 */
export function sqlTokens(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const match = pattern.exec(sql);
      if (!match) continue;
      at = pattern.lastIndex;
      if (kind) tokens.push({ kind, text: textOf(kind, match) });
      break;
    }
  }
  return tokens;
}

function textOf(kind: Token['kind'], [whole, first = '', second]: RegExpExecArray): string {
  if (kind === 'word') return whole.toLowerCase();
  if (kind === 'name') return first.replaceAll('""', '"');
  if (kind !== 'text') return whole;
  if (whole.startsWith('$')) return second ?? '';
  const plain = first.replaceAll("''", "'");
  return whole.startsWith("'")
    ? plain
    : plain.replace(/\\([\s\S])/g, (_match, letter: string) =>
        letter === 'n' ? '\n' : letter === 't' ? '\t' : letter,
      );
}

/** Whether a token is this word or sign. */
export function is(token: Token | undefined, text: string): boolean {
  return (token?.kind === 'word' || token?.kind === 'sign') && token.text === text;
}

/**
 * Finds where a parenthesis that is open ends.
 *
 * @param tokens the tokens
 * @param open the index of `(` or `[`
 * @returns the index of what closes it; the number of tokens when nothing does
 */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    if (is(tokens[index], '(') || is(tokens[index], '[')) depth += 1;
    if (is(tokens[index], ')') || is(tokens[index], ']')) depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length;
}

/**
 * Splits tokens where a word or sign stands outside of all parentheses and `case … end`.
 *
 * @param tokens the tokens
 * @param separator such as `,` or `or`
 * @returns the parts; one when the separator does not occur
 */
export function split(tokens: readonly Token[], separator: string): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (is(token, '(') || is(token, '[') || is(token, 'case')) depth += 1;
    if (is(token, ')') || is(token, ']') || is(token, 'end')) depth -= 1;
    if (depth === 0 && is(token, separator)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/**
 * Finds the calls of functions that are written with their schema.
 *
 * @param tokens the tokens of a body; SQL inside of its texts is read, too
 * @param schema the schema, such as `private`
 * @returns the name of the function and the arguments of each call, in order
 */
export function calls(tokens: readonly Token[], schema: string): { name: string; args: Argument[] }[] {
  return tokens.flatMap((token, index) => {
    if (token.kind === 'text')
      return token.text.includes(`${schema}.`) ? calls(sqlTokens(token.text), schema) : [];
    const name = tokens[index + 2];
    if (!is(token, schema) || !is(tokens[index + 1], '.') || !name || !is(tokens[index + 3], '(')) return [];
    return [{ name: name.text, args: argumentsOf(tokens.slice(index + 4, closing(tokens, index + 3))) }];
  });
}

/** The arguments between the parentheses of a call. */
export function argumentsOf(inner: readonly Token[]): Argument[] {
  if (inner.length === 0) return [];
  return split(inner, ',').map((tokens) => {
    const [name, arrow] = tokens;
    return name && (is(arrow, '=>') || is(arrow, ':='))
      ? { name: name.text, tokens: tokens.slice(2) }
      : { tokens };
  });
}

/**
 * What an expression that makes a text may say: each branch of a `case`, texts put together by `||` and `format`, and a
 * placeholder `{name}` for what only the call knows.
 *
 * @param tokens the expression
 * @returns the alternatives, without repetition; none for `null`
 */
export function possibleTexts(tokens: readonly Token[]): string[] {
  return [...new Set(alternatives(bare(tokens)))];
}

function alternatives(tokens: readonly Token[]): string[] {
  const [first] = tokens;
  if (!first || (tokens.length === 1 && is(first, 'null'))) return [];
  const joined = split(tokens, '||');
  if (joined.length > 1) {
    return joined
      .map((part) => alternatives(bare(part)))
      .reduce((texts, endings) => texts.flatMap((text) => endings.map((ending) => text + ending)), ['']);
  }
  if (tokens.length === 1 && first.kind === 'text') return [first.text];
  if (is(first, 'case') && is(tokens.at(-1), 'end')) return branches(tokens).flatMap(alternatives);
  if (is(tokens[1], '(') && closing(tokens, 1) === tokens.length - 1) {
    const args = argumentsOf(tokens.slice(2, -1)).map((argument) => argument.tokens);
    if (is(first, 'format')) return formatted(args);
    if (is(first, 'coalesce')) return args.flatMap((argument) => alternatives(bare(argument)));
  }
  return [`{${placeholder(tokens)}}`];
}

/** The results of `case when … then … else … end`. */
function branches(tokens: readonly Token[]): Token[][] {
  const parts = split(tokens.slice(1, -1), 'then').slice(1);
  return parts.flatMap((part) => {
    const [result = [], ...otherwise] = split(part, 'else');
    const [value = []] = split(result, 'when');
    return [bare(value), ...otherwise.map(bare)];
  });
}

function formatted([template = [], ...args]: Token[][]): string[] {
  let next = 0;
  const fill = (text: string): string =>
    text.replace(/%(?:(\d+)\$)?[-\d]*([sIL%])/g, (_match, position: string | undefined, type: string) => {
      if (type === '%') return '%';
      const index = position === undefined ? next++ : Number(position) - 1;
      return `{${placeholder(args[index] ?? [])}}`;
    });
  return alternatives(bare(template)).map((text) => {
    next = 0;
    return fill(text);
  });
}

/** A name for a value: the last part of the first name in its expression that is no function and no qualifier. */
function placeholder(tokens: readonly Token[]): string {
  const name = tokens.find(
    (token, index) =>
      (token.kind === 'word' || token.kind === 'name') &&
      !is(tokens[index + 1], '(') &&
      !is(tokens[index + 1], '.') &&
      !is(tokens[index - 1], '::') &&
      !keywords.has(token.text),
  );
  return name?.text ?? 'value';
}

const keywords = new Set([
  'case',
  'when',
  'then',
  'else',
  'end',
  'select',
  'distinct',
  'null',
  'not',
  'array',
]);

/** Without parentheses around all of it, and without casts at its end. */
function bare(tokens: readonly Token[]): Token[] {
  if (is(tokens[0], '(') && closing(tokens, 0) === tokens.length - 1) return bare(tokens.slice(1, -1));
  const [value = [], ...casts] = split(tokens, '::');
  return casts.length > 0 && split(tokens, '||').length === 1 ? bare(value) : [...tokens];
}
