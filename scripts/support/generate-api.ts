import { withConnection } from '../../src/postgres/connect.ts';
import {
  readCatalog,
  type ApiFunction,
  type Catalog,
  type Column,
  type Policy,
  type Relation,
} from './api/catalog.ts';
import { functionsIn, readable, waysOf } from './api/conditions.ts';
import { argumentRules, exampleInput, schemaOf } from './api/examples.ts';
import { readFunctionComment, withoutTags, type NamedRefusal } from './api/function-comments.ts';
import { code, formatted, listed, prose, slimTable, table } from './api/markdown.ts';
import { objectModules } from './api/modules.ts';
import { columnFacts, type ColumnFacts } from './column-facts.ts';
import type { Generated } from './generated.ts';

const folder = 'docs/api';
const notice = '<!-- Generated from the catalog of the database by `npm run generate`. -->';

/** Everything that the pages are made of. */
interface Reference extends Catalog {
  facts: Map<string, ColumnFacts>;
  /** The module of a table, view, type or function. */
  moduleOf: (kind: 'relation' | 'function', name: string) => string;
  /** The module of the page that is being written. */
  page: string;
}

/**
 * Writes the reference of the API: a page per module with its functions, tables and answers, and an index.
 *
 * @param url a connection string of role `postgres` of a migrated database
 * @returns the pages of docs/api, formatted
 * @throws {Error} when something of schema `public` belongs to no module, or a function has no example
 */
export async function generateApi(url: string): Promise<Generated> {
  const [catalog, facts] = await withConnection(url, async (client) => [
    await readCatalog(client),
    await columnFacts(client),
  ]);
  const { modules, moduleOf } = await objectModules();
  const reference: Omit<Reference, 'page'> = {
    ...catalog,
    facts: new Map(facts.map((fact) => [`${fact.relation}.${fact.name}`, fact])),
    moduleOf: placed(catalog, moduleOf),
  };
  const names = modules.map(({ name }) => name);
  const pages = modules.flatMap(({ name, about }) => {
    const here = { ...reference, page: name };
    const parts = contents(here);
    return parts.functions.length + parts.relations.length === 0
      ? []
      : [{ name, about, text: page(name, about, here), parts }];
  });
  const strays = [
    ...catalog.functions.map(({ name }) => [name, reference.moduleOf('function', name)] as const),
    ...catalog.relations.map(({ name }) => [name, reference.moduleOf('relation', name)] as const),
  ].filter(([, module]) => !names.includes(module));
  if (strays.length > 0)
    throw new Error(
      `No migration says which module these are of: ${strays.map(([name]) => name).join(', ')}`,
    );

  const files = new Map<string, string>();
  files.set(`${folder}/README.md`, index(pages));
  for (const { name, text } of pages) files.set(`${folder}/${name}.md`, text);
  for (const [path, text] of files) files.set(path, await formatted(path, text));
  return { command: 'npm run generate', files, folder };
}

/** A type belongs where the function is that returns it, or the type that holds it; the rest, where it was made. */
function placed(catalog: Catalog, made: (name: string) => string | undefined): Reference['moduleOf'] {
  const types = new Map<string, string>();
  const place = (type: string, module: string): void => {
    const relation = catalog.relations.find(({ name, kind }) => name === type && kind === 'type');
    if (!relation || types.has(type)) return;
    types.set(type, module);
    for (const column of relation.columns) for (const inner of typesIn(column)) place(inner, module);
  };
  for (const fn of catalog.functions) {
    if (fn.returnsRelation) place(fn.returns, made(fn.name) ?? '');
  }
  return (kind, name) => (kind === 'relation' ? types.get(name) : undefined) ?? made(name) ?? '';
}

/** The composite types that a field holds: by its type, or as a JSON list that a tag describes. */
function typesIn({ type, comment }: Column): string[] {
  return [type.replace(/\[\]$/, ''), /@list\s+(\w+)/.exec(comment)?.[1] ?? ''];
}

function contents({ functions, relations, moduleOf, page: module }: Reference): {
  functions: ApiFunction[];
  relations: Relation[];
} {
  return {
    functions: functions.filter(({ name }) => moduleOf('function', name) === module),
    relations: relations.filter(({ name }) => moduleOf('relation', name) === module),
  };
}

function index(pages: { name: string; about: string; parts: ReturnType<typeof contents> }[]): string {
  const links = (page: string, names: string[]) =>
    names.map((name) => `[\`${name}\`](${page}.md#${name})`).join(', ');
  const modules = pages.map(({ name, about, parts }) => {
    const tables = parts.relations.filter(({ kind }) => kind !== 'type').map((relation) => relation.name);
    const functions = parts.functions.map((fn) => fn.name);
    return [
      `## [${name}](${name}.md)`,
      prose(firstSentence(about)),
      [
        ...(functions.length > 0 ? [`- Functions: ${links(name, functions)}`] : []),
        ...(tables.length > 0 ? [`- Tables: ${links(name, tables)}`] : []),
      ].join('\n'),
    ].join('\n\n');
  });
  return `# API reference

${notice}

What the API opens, module by module: functions, tables and views, with who may use them. [client.md](../client.md) says how to
call it, [access.md](../access.md) who holds which permission, [errors.md](../errors.md) what the codes mean.

## How to read it

- In the examples, \`client\` is \`createRowhouseClient(url, key)\`. What \`call\` takes is checked before it is sent.
- A table is of one organization unless it says otherwise: rows of others are neither seen nor written, and \`organization_id\` fills itself.
  Who may not read a row cannot write it. The service role reads all of it.
- Permissions are those that count in the current organization; a superadmin has all of them. Where a function says nothing
  else, the service role may call it, too, and then belongs to no organization.
- \`null\` behind a type: it may be null. Under *clients*, what they may write in a table: *add* with a new row, *change* later. What stands
  empty is written by the database.
- Functions that return a list return no rows, not an error, where there is nothing to tell.

${modules.join('\n\n')}
`;
}

function firstSentence(text: string): string {
  return /^.*?[.?!](?=\s|$)/.exec(text)?.[0] ?? text;
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function page(name: string, about: string, reference: Reference): string {
  const { functions, relations } = contents(reference);
  const tables = relations.filter(({ kind }) => kind !== 'type');
  const types = relations.filter(({ kind }) => kind === 'type');
  const helpers = helpersIn(tables, reference);
  return [
    `# ${name}`,
    notice,
    prose(about, reference.permissions),
    ...(functions.length > 0 ? ['## Functions', ...functions.map((fn) => functionEntry(fn, reference))] : []),
    ...(tables.length > 0 ? ['## Tables', ...tables.map((relation) => tableEntry(relation, reference))] : []),
    ...(helpers === '' ? [] : ['### Conditions', helpers]),
    ...(types.length > 0
      ? ['## Answers', 'What the functions return.', ...types.map((type) => typeEntry(type, reference))]
      : []),
  ].join('\n\n');
}

function functionEntry(fn: ApiFunction, reference: Reference): string {
  const { permissions } = reference;
  const { text, who, raises } = readFunctionComment(fn.comment, permissions);
  const rules = argumentRules(fn.name);
  const statuses = new Map<number, string[]>();
  for (const { status, code: raised, remark } of raises) {
    const link = `[\`${raised}\`](../errors.md#${raised})${prose(remark, permissions)}`;
    statuses.set(status, [...(statuses.get(status) ?? []), link]);
  }
  return [
    `### ${code(fn.name)}`,
    prose(text, permissions),
    `- Who: ${callers(fn, who, raises, permissions)}`,
    `- Returns: ${returned(fn, reference)}`,
    ...(fn.args.length > 0
      ? [
          slimTable(
            ['argument', 'type', 'default', 'limits'],
            fn.args.map((argument) => [
              code(argument.name),
              code(shortType(argument.type)),
              argument.default === null ? '' : code(readable(argument.default)),
              rules.get(argument.name) ?? '',
            ]),
          ),
        ]
      : []),
    ...(schemaOf(fn.name) ? [example(fn.name)] : []),
    ...(fn.columns.length > 0
      ? [
          table(
            ['it returns', 'type'],
            fn.columns.map((column) => [code(column.name), code(shortType(column.type))]),
          ),
        ]
      : []),
    ...(statuses.size > 0
      ? [
          table(
            ['status', 'code'],
            [...statuses]
              .sort(([a], [b]) => a - b)
              .map(([status, links]) => [String(status), links.join(', ')]),
          ),
        ]
      : []),
  ]
    .join('\n\n')
    .replace(/\n\n- Returns/, '\n- Returns');
}

/** `await client.call('lend_tool', { … });` */
function example(name: string): string {
  const input = exampleInput(name);
  const args = input === undefined ? '' : `, ${literal(input, 0)}`;
  return `\`\`\`ts\nawait client.call('${name}'${args});\n\`\`\``;
}

/** A value as TypeScript, in one line where that is short. */
function literal(value: unknown, depth: number): string {
  if (typeof value === 'string') return value.includes("'") ? JSON.stringify(value) : `'${value}'`;
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, depth + 1)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${literal(inner, depth + 1)}`);
  const line = `{ ${entries.join(', ')} }`;
  if (entries.length === 0) return '{}';
  if (line.length + depth * 2 < 80) return line;
  const indent = '  '.repeat(depth + 1);
  return `{\n${entries.map((entry) => `${indent}${entry},`).join('\n')}\n${'  '.repeat(depth)}}`;
}

function callers(
  fn: ApiFunction,
  who: string | undefined,
  raises: readonly NamedRefusal[],
  permissions: ReadonlySet<string>,
): string {
  if (who !== undefined) return prose(who, permissions).replace(/^service role only/, 'the service role');
  if (fn.roles.includes('anon')) return 'everybody, signed in or not';
  if (!fn.roles.includes('authenticated')) return 'the service role';
  return raises.some((refusal) => refusal.code === 'organization_required')
    ? 'every member of the current organization'
    : 'whoever is signed in';
}

function returned(fn: ApiFunction, reference: Reference): string {
  if (fn.columns.length > 0) return 'a list';
  const type = fn.returnsRelation
    ? link(fn.returns, reference)
    : fn.returns === 'void'
      ? 'nothing'
      : code(shortType(fn.returns));
  return fn.isSet ? `a list of ${type}` : type;
}

function link(name: string, { relations, moduleOf, page: here }: Reference): string {
  const relation = relations.find((candidate) => candidate.name === name);
  if (!relation) return code(name);
  const module = moduleOf('relation', name);
  const anchor = relation.kind === 'type' ? `answer-${name}` : name;
  return `[\`${name}\`](${module === here ? '' : `${module}.md`}#${anchor})`;
}

function tableEntry(relation: Relation, reference: Reference): string {
  const { permissions } = reference;
  const key = relation.primaryKey.filter((name) => name !== 'organization_id');
  const uniques = relation.uniques
    .map((names) => names.filter((name) => name !== 'organization_id'))
    // A key that holds another is there for references.
    .filter((names) => names.length > 0 && !key.every((name) => names.includes(name)));
  const columns = relation.columns.filter(({ isReadable }) => isReadable);
  const hidden = relation.columns.filter(({ isReadable }) => !isReadable);
  return [
    `### ${code(relation.name)}`,
    [
      prose(withoutTags(relation.comment), permissions),
      ...(relation.kind === 'view' ? ['A view: it shows what the caller may read of its tables.'] : []),
      ...(relation.kind === 'table' && !relation.isOfOrganization
        ? ['It is of no single organization.']
        : []),
    ].join(' '),
    [
      ...access(relation).map(([what, who]) => `- ${what}: ${who}`),
      ...(key.length > 0 ? [`- Key: ${listed(key.map(code))}`] : []),
      ...(uniques.length > 0
        ? [`- Unique: ${uniques.map((names) => listed(names.map(code))).join('; ')}`]
        : []),
      ...(hidden.length > 0 ? [`- Hidden: ${listed(hidden.map(({ name }) => code(name)))}`] : []),
    ].join('\n'),
    slimTable(
      ['column', 'type', 'default', 'clients', 'what it is'],
      columns.map((column) => [
        code(column.name),
        `${code(shortType(column.type))}${column.isNotNull || relation.kind === 'view' ? '' : ' null'}`,
        column.isComputed ? 'computed' : column.default === null ? '' : code(readable(column.default)),
        [column.isInsertable ? 'add' : '', column.isUpdatable ? 'change' : '']
          .filter((may) => may !== '')
          .join(', '),
        meaning(relation, column, reference),
      ]),
    ),
    ...(columns.length > 0 ? [reading(relation)] : []),
  ].join('\n\n');
}

/** Reading what tells rows apart, and what comes first in them. */
function reading(relation: Relation): string {
  const readable = relation.columns
    .filter(({ isReadable, name }) => isReadable && name !== 'organization_id')
    .map(({ name }) => name);
  const key = readable.filter((name) => relation.primaryKey.includes(name));
  const chosen = [...key, ...readable.filter((name) => !key.includes(name))].slice(0, 4);
  return `\`\`\`ts\nawait client.from('${relation.name}').select('${chosen.join(', ')}');\n\`\`\``;
}

/** Who may read, add, change and delete; what the same people may is put together. */
function access(relation: Relation): [string, string][] {
  const can = (may: (column: Column) => boolean) => relation.columns.some(may);
  const commands: [string, Policy['command'], boolean][] = [
    ['read', 'SELECT', can(({ isReadable }) => isReadable)],
    ['add', 'INSERT', can(({ isInsertable }) => isInsertable)],
    ['change', 'UPDATE', can(({ isUpdatable }) => isUpdatable)],
    ['delete', 'DELETE', relation.isDeletable],
  ];
  const may = new Map<string, string[]>();
  for (const [what, command, isGranted] of commands) {
    if (relation.kind === 'view' && what !== 'read') continue;
    const closed = what === 'read' && relation.isReadableByService ? 'the service role' : 'no client';
    const who = isGranted ? allowed(relation, command) : closed;
    may.set(who, [...(may.get(who) ?? []), what]);
  }
  return [...may].map(([who, what]) => [capitalized(listed(what)), who]);
}

function allowed(relation: Relation, command: Policy['command']): string {
  if (relation.kind === 'view') return 'whoever may read its tables';
  const ways = relation.policies
    .filter((policy) => policy.command === command || policy.command === 'ALL')
    .flatMap(({ condition }) => waysOf(condition))
    .sort((a, b) => Number(b.rows === '') - Number(a.rows === ''))
    .map(({ permissions, rows }) => {
      const held = listed(permissions.map(code));
      const asked = rowsInWords(rows);
      return held && asked ? `${held}, and only ${asked}` : held || asked || 'whoever is signed in';
    });
  const everybody = ways.find((way) => way === everyMember || way === everyUser);
  return everybody ?? listed([...new Set(ways)], 'or');
}

const everyMember = 'every member';
const everyUser = 'whoever is signed in';

function rowsInWords(rows: string): string {
  if (rows === '') return '';
  if (rows === 'organization_id = current_organization_id()') return everyMember;
  if (rows === 'current_user_id() is not null') return everyUser;
  const own = /^(\w+) = current_user_id\(\)$/.exec(rows)?.[1];
  if (own !== undefined) return `rows whose ${code(own)} is one's own`;
  const [, column = '', , target = '', condition = ''] =
    /^(\w+) in \(select (\w+)\.\w+ from (\w+) \2 where (.*)\)$/.exec(rows) ?? [];
  if (column === '') return `rows where ${code(rows)}`;
  const plain = readable(condition.replace(/\b\w+\.(?=\w)/g, ''));
  return `rows whose ${code(column)} is of ${code(target)} where ${code(plain)}`;
}

/** What {@link rowsInWords} says without naming them. */
const plainWords = new Set(['current_organization_id', 'current_user_id']);

/** What the functions in the conditions of these tables say. */
function helpersIn(tables: readonly Relation[], { helpers, permissions }: Reference): string {
  const asked = tables
    .flatMap(({ policies }) => policies.flatMap(({ condition }) => waysOf(condition)))
    .flatMap(({ rows }) => functionsIn(rows));
  const known = [...new Set(asked)].sort().filter((name) => helpers.has(name) && !plainWords.has(name));
  return known.length === 0
    ? ''
    : table(
        ['in the conditions above', 'is'],
        known.map((name) => [
          code(`${name}()`),
          prose(
            firstSentence(readFunctionComment(helpers.get(name) ?? '', permissions).text).replace(
              /^Returns /,
              '',
            ),
            permissions,
          ),
        ]),
      );
}

/** The comment, the values that it may have, and what it refers to. */
function meaning(relation: Relation, column: Column, reference: Reference): string {
  const values = reference.facts.get(`${relation.name}.${column.name}`)?.values;
  const list = /@list\s+(\w+)/.exec(column.comment)?.[1];
  const text = prose(withoutTags(column.comment), reference.permissions);
  // A comment that explains each value needs no list of them.
  const explains = values?.every((value) => new RegExp(`\\b${value}\\b`).test(column.comment)) ?? true;
  const targets = referencesOf(relation, column.name).map((target) => link(target, reference));
  return [
    text,
    ...(values && !explains ? [`One of ${values.map(code).join(', ')}.`] : []),
    ...(list === undefined ? [] : [`A list of ${link(list, reference)}.`]),
    ...(targets.length > 0 ? [`→ ${targets.join(', ')}`] : []),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** The tables that a column refers to: by itself, or as the id in a key that carries the organization. */
function referencesOf(relation: Relation, column: string): string[] {
  const targets = relation.references.flatMap(({ columns, target, targetColumns }) => {
    const own = columns.filter((_name, index) => targetColumns[index] !== 'organization_id');
    const id = own.length > 1 ? own.filter((name) => targetColumns[columns.indexOf(name)] === 'id') : own;
    return (id.length > 0 ? id : own).includes(column) ? [target] : [];
  });
  return [...new Set(targets)];
}

function typeEntry(type: Relation, reference: Reference): string {
  return [
    `### Answer ${code(type.name)}`,
    ...(type.comment === '' ? [] : [prose(withoutTags(type.comment), reference.permissions)]),
    table(
      ['field', 'type', 'what it is'],
      type.columns.map((column) => [
        code(column.name),
        `${code(shortType(column.type))}${/@notNull\b/.test(column.comment) ? '' : ' null'}`,
        meaning(type, column, reference),
      ]),
    ),
  ].join('\n\n');
}

function shortType(type: string): string {
  return type
    .replace('timestamp with time zone', 'timestamptz')
    .replace('character varying', 'varchar')
    .replace(/^(?:public|extensions|auth)\./, '');
}
