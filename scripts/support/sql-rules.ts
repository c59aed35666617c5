import { splitStatements, type Node, type Statement } from './sql-statements.ts';

/** One place in a file that breaks a rule. */
export interface Finding {
  file: string;
  line: number;
  rule: string;
  /** What is wrong and what to do about it. */
  message: string;
}

interface SqlFile {
  path: string;
  sql: string;
  statements: Statement[];
}

type Found = [line: number, message: string];

/** The statements that define an object, and where each keeps the object's name. */
const names: Record<string, (node: Node) => string> = {
  CreateFunctionStmt: (node) => listName(node.funcname),
  CreateStmt: (node) => rangeName(node.relation),
  ViewStmt: (node) => rangeName(node.view),
  CreateTableAsStmt: (node) => rangeName((node.into as Node | undefined)?.rel),
  CompositeTypeStmt: (node) => rangeName(node.typevar),
  CreateDomainStmt: (node) => listName(node.domainname),
  CreateEnumStmt: (node) => listName(node.typeName),
  CreatePolicyStmt: (node) => rangeName(node.table),
  CreateTrigStmt: (node) => rangeName(node.relation),
};
/** These two are named for the table that they are on. */
const onTable: Record<string, string> = { CreatePolicyStmt: 'policies', CreateTrigStmt: 'triggers' };

const text = (node: unknown): string => (node as { String?: { sval?: string } }).String?.sval ?? '';
const listName = (list: unknown): string => ((list ?? []) as unknown[]).map(text).join('.');
function rangeName(range: unknown): string {
  const { schemaname, relname } = (range ?? {}) as { schemaname?: string; relname?: string };
  return [schemaname, relname].filter(Boolean).join('.');
}
const nameOf = ({ kind, node }: Statement): string => names[kind]?.(node) ?? '';

/** The options of a function, such as `security` or `set`, by name. */
function functionOptions(node: Node, name: string): Node[] {
  const options = (node.options ?? []) as { DefElem?: { defname: string; arg?: Node } }[];
  return options.flatMap(({ DefElem }) => (DefElem?.defname === name ? [DefElem.arg ?? {}] : []));
}

function setsEmptySearchPath({ node }: Statement): boolean {
  return functionOptions(node, 'set').some((arg) => {
    const setting = arg.VariableSetStmt as {
      name?: string;
      args?: { A_Const?: { sval?: { sval?: string } } }[];
    };
    const [value, ...more] = setting.args ?? [];
    const constant = value?.A_Const?.sval;
    return setting.name === 'search_path' && more.length === 0 && constant !== undefined && !constant.sval;
  });
}

/** What `comment on` is about, as the schema and name of the object. */
function commentedName({ kind, node }: Statement): string {
  if (kind !== 'CommentStmt') return '';
  const object = node.object as Record<string, Node>;
  if (object.ObjectWithArgs) return listName(object.ObjectWithArgs.objname);
  if (object.TypeName) return listName(object.TypeName.names);
  return listName(object.List?.items);
}

const every = (file: SqlFile, kind: string): Statement[] =>
  file.statements.filter((statement) => statement.kind === kind);

/** Each line of a file as a reader sees it, with its number, and without what stands inside of quotes. */
function lines(sql: string): [line: number, code: string][] {
  const withoutQuoted = sql.replace(/--[^\n]*|'(?:[^']|'')*'/g, (match) =>
    match.startsWith('--') ? match : `'${match.replace(/[^\n]/g, '')}'`,
  );
  return withoutQuoted.split('\n').map((code, index) => [index + 1, code]);
}

function misplacedObjects({ path, statements }: SqlFile): Found[] {
  const [, folder = '', name = ''] = /^migrations\/fixtures\/[^/]+\/([^/]+)\/([^/]+)\.sql$/.exec(path) ?? [];
  const defined = statements.filter(({ kind }) => kind in names);
  const isTableFolder = Object.values(onTable).includes(folder);
  const main = defined.filter(({ kind }) => (isTableFolder ? onTable[kind] === folder : !(kind in onTable)));
  const advice = isTableFolder
    ? `holds the ${folder} of table ${name} and nothing else`
    : `defines ${folder}.${name} and nothing else`;
  if (main.length === 0 || (main.length > 1 && !isTableFolder)) {
    return [[main[1]?.line ?? 1, `this file ${advice}: move the rest to files of their own`]];
  }
  return defined.flatMap((statement): Found[] => {
    const ownName = nameOf(statement);
    const isRight = isTableFolder
      ? main.includes(statement) && ownName.split('.').at(-1) === name
      : ownName === `${folder}.${name}`;
    return isRight ? [] : [[statement.line, `this file ${advice}: ${ownName} belongs in a file of its own`]];
  });
}

/** Rowhouse's rules. `in` says which files a rule is for; `find` returns what breaks it, by line. */
const rules: { name: string; in: RegExp; find: (file: SqlFile) => Found[] }[] = [
  {
    name: 'one-object',
    in: /^migrations\/fixtures\//,
    find: misplacedObjects,
  },
  {
    name: 'search-path',
    in: /^migrations\//,
    find: (file) =>
      every(file, 'CreateFunctionStmt')
        .filter((statement) => !setsEmptySearchPath(statement))
        .map((statement) => [statement.line, `${nameOf(statement)}: add set search_path = ''`]),
  },
  {
    name: 'commented',
    in: /^migrations\/(?!rollback)/,
    find: (file) => {
      const commented = new Set(file.statements.map(commentedName));
      return file.statements
        .filter(({ kind, node }) => kind in names && !(kind in onTable) && !('partbound' in node))
        .filter((statement) => !commented.has(nameOf(statement)))
        .map((statement) => [statement.line, `${nameOf(statement)}: add a comment on it to this file`]);
    },
  },
  {
    name: 'definer-in-private',
    in: /^migrations\/(?!rollback)/,
    find: (file) =>
      every(file, 'CreateFunctionStmt')
        .filter(({ node }) => functionOptions(node, 'security').some((arg) => isTrue(arg)))
        .filter((statement) => !nameOf(statement).startsWith('private.'))
        .map((statement) => [
          statement.line,
          `${nameOf(statement)}: move what needs more rights to a security definer function in private and call that`,
        ]),
  },
  {
    name: 'named-privileges',
    in: /^migrations\/(?!rollback)/,
    find: (file) =>
      every(file, 'GrantStmt')
        .filter(({ node }) => node.is_grant === true && !node.privileges && grantees(node).some(isClient))
        .map(({ line, node }) => [
          line,
          `name what ${grantees(node).join(' and ')} may do instead of granting all`,
        ]),
  },
  {
    name: 'no-enum',
    in: /^migrations\/(?!rollback)/,
    find: (file) =>
      every(file, 'CreateEnumStmt').map((statement) => [
        statement.line,
        `${nameOf(statement)}: use a text column with a named check constraint, which an index can serve under row-level security`,
      ]),
  },
  {
    name: 'blank-space',
    in: /./,
    find: ({ sql }) =>
      lines(sql).flatMap(([line, code]): Found[] => [
        ...(code.includes('\t') ? ([[line, 'replace the tab by spaces']] satisfies Found[]) : []),
        ...(/\s$/.test(code) ? ([[line, 'remove the blanks at the end of the line']] satisfies Found[]) : []),
      ]),
  },
  {
    name: 'line-length',
    in: /./,
    find: ({ sql }) =>
      lines(sql)
        .filter(([, code]) => code.length > 120)
        .map(([line, code]) => [line, `break this line of ${code.length} characters before the 121st`]),
  },
];

const isTrue = (arg: Node): boolean => (arg.Boolean as { boolval?: boolean } | undefined)?.boolval === true;
const isClient = (role: string): boolean => ['anon', 'authenticated', 'public'].includes(role);
function grantees(node: Node): string[] {
  const roles = (node.grantees ?? []) as { RoleSpec?: { rolename?: string; roletype?: string } }[];
  return roles.map(
    ({ RoleSpec }) => RoleSpec?.rolename ?? (RoleSpec?.roletype === 'ROLESPEC_PUBLIC' ? 'public' : ''),
  );
}

/**
 * Holds the text of one SQL file against Rowhouse's rules.
 *
 * @param path the file's path in the repository, which decides the rules that apply
 * @param sql its text
 * @returns what breaks a rule, in the order of the lines
 * @throws the parser's error when the text is no SQL
 */
export async function lintSql(path: string, sql: string): Promise<Finding[]> {
  const { statements } = await splitStatements(sql);
  return rules
    .filter((rule) => rule.in.test(path))
    .flatMap((rule) =>
      rule
        .find({ path, sql, statements })
        .map(([line, message]) => ({ file: path, line, rule: rule.name, message })),
    )
    .sort((a, b) => a.line - b.line);
}
