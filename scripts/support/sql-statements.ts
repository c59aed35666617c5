/**
 * Splits SQL with PostgreSQL's own parser, so that no script has to guess where a statement ends.
 */
import { parse } from 'libpg-query';

/** A node of PostgreSQL's parse tree: JSON whose keys are the parser's field names. */
export type Node = Record<string, unknown>;

/** One statement of a SQL text. */
export interface Statement {
  /** The parser's name of the statement, such as `CreateStmt` or `CreateFunctionStmt`. */
  kind: string;
  /** The fields of that statement. */
  node: Node;
  /** Blank space and comments between the statement before and this one. */
  lead: string;
  /** The statement from its first word, without the semicolon. */
  text: string;
  /** The line, counted from 1, of its first word. */
  line: number;
}

/** A SQL text taken apart: `lead + text + ';'` of each statement, then `rest`, is the text again. */
export interface Script {
  statements: Statement[];
  rest: string;
}

/** What is no statement: blank space, line comments, and block comments (PostgreSQL nests them; one level is enough here). */
const trivia = /^(?:\s|--[^\n]*|\/\*(?:[^*/]|\*(?!\/)|\/(?!\*)|\/\*(?:[^*]|\*(?!\/))*\*\/)*\*\/)*/;

/**
 * Takes a SQL text apart.
 *
 * @param sql the text of a file
 * @returns its statements, in order
 * @throws the parser's error, with its position, when the text is not PostgreSQL's SQL
 */
export async function splitStatements(sql: string): Promise<Script> {
  const parsed = (await parse(sql)) as {
    stmts?: { stmt: Record<string, Node>; stmt_location?: number; stmt_len?: number }[];
  };
  const bytes = Buffer.from(sql);
  let end = 0;
  const statements = (parsed.stmts ?? []).map((entry): Statement => {
    const start = end;
    const from = entry.stmt_location ?? 0;
    const to = entry.stmt_len === undefined ? bytes.length : from + entry.stmt_len;
    const whole = bytes.subarray(start, to).toString();
    const lead = trivia.exec(whole)?.[0] ?? '';
    const text = whole.slice(lead.length).trimEnd();
    const line = bytes.subarray(0, start).toString().concat(lead).split('\n').length;
    const [kind = '', node = {}] = Object.entries(entry.stmt)[0] ?? [];
    end = bytes[to] === 0x3b ? to + 1 : to;
    return { kind, node, lead, text, line };
  });
  return { statements, rest: bytes.subarray(end).toString() };
}

/** A literal, a quoted name or a dollar-quoted body: text in which `--` starts no comment. */
const literal =
  /(?:\b[eE])'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\1/g;

/**
 * Says whether a statement has a comment inside of it.
 *
 * @param sql the text of one statement
 */
export function hasInnerComment(sql: string): boolean {
  return /--|\/\*/.test(sql.replace(literal, ''));
}

/**
 * The parse tree of a text without anything that depends on where its words stand.
 *
 * @param sql the text of a file
 * @returns JSON, equal for two texts that mean the same to PostgreSQL
 * @throws the parser's error
 */
export async function meaning(sql: string): Promise<string> {
  return JSON.stringify(await parse(sql), (key, value: unknown) =>
    key === 'location' || key.startsWith('stmt_l') || key.endsWith('_location') ? undefined : value,
  );
}
