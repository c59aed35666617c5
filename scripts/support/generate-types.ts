import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import prettier from 'prettier';
import ts from 'typescript';
import { withConnection } from '../../src/postgres/connect.ts';
import type { Generated } from './generated.ts';
import { root } from './sql-files.ts';
import { columnFacts, type ColumnFacts } from './column-facts.ts';

const path = 'src/client/database.types.ts';
const header = `// Generated from the migrations: do not edit. \`npm run generate\` renews it.
`;

/**
 * Generates the types of schema `public` with Supabase's own generator, and refines what it cannot know: a column
 * with a check constraint that lists its values becomes a union, and the tags in the comments on attributes of
 * composite types and views (see {@link columnFacts}) are applied.
 *
 * @param url a connection string of role `postgres` of a migrated database
 * @returns the file of types, formatted
 * @throws {Error} when the generator fails, or a tag names a column without a list of values
 */
export async function generateTypes(url: string): Promise<Generated> {
  const [source, facts] = await Promise.all([supabaseTypes(url), withConnection(url, columnFacts)]);
  const text = `${header}\n${refined(source, facts)}\n${constants(facts)}`;
  const config = await prettier.resolveConfig(join(root, path));
  const formatted = await prettier.format(text, { ...config, parser: 'typescript' });
  return { command: 'npm run generate', files: new Map([[path, formatted]]) };
}

/** Runs `supabase gen types` in an empty folder, since it leaves a cache where it runs. */
async function supabaseTypes(url: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rowhouse-types-'));
  try {
    const { stdout } = await promisify(execFile)(
      join(root, 'node_modules/.bin/supabase'),
      ['gen', 'types', `--remote=${url}`, '--lang', 'typescript', '--schema', 'public'],
      {
        cwd: folder,
        // The cluster listens on this machine only; asked for TLS, the generator would print a warning among the types.
        env: { ...process.env, SUPABASE_TELEMETRY_DISABLED: '1', PGSSLMODE: 'disable' },
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Replaces `string` by the union, and drops `null` where a tag says so, in every shape that a relation has. */
function refined(source: string, facts: ColumnFacts[]): string {
  const file = ts.createSourceFile('types.ts', source, ts.ScriptTarget.Latest, true);
  const database = file.statements.find(
    (statement): statement is ts.TypeAliasDeclaration =>
      ts.isTypeAliasDeclaration(statement) && statement.name.text === 'Database',
  );
  const edits = facts.flatMap((column) => {
    const shapes = [
      ['Tables', column.relation, 'Row'],
      ['Tables', column.relation, 'Insert'],
      ['Tables', column.relation, 'Update'],
      ['Views', column.relation, 'Row'],
      ['CompositeTypes', column.relation],
    ];
    const properties = shapes.flatMap(
      (shape) => member(database?.type, ['public', ...shape, column.name]) ?? [],
    );
    if (properties.length === 0)
      throw new Error(`${column.relation}.${column.name} is not in the generated types`);
    return properties.map((type) => ({
      start: type.getStart(),
      end: type.getEnd(),
      text: refinedType(type, column),
    }));
  });
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), source);
}

/** The type of a property of a property … of a type literal. */
function member(type: ts.TypeNode | undefined, [name, ...rest]: string[]): ts.TypeNode | undefined {
  if (name === undefined || !type || !ts.isTypeLiteralNode(type))
    return name === undefined ? type : undefined;
  const property = type.members.find(
    (candidate): candidate is ts.PropertySignature =>
      ts.isPropertySignature(candidate) &&
      (ts.isIdentifier(candidate.name) || ts.isStringLiteral(candidate.name)) &&
      candidate.name.text === name,
  );
  return member(property?.type, rest);
}

function refinedType(type: ts.TypeNode, { values, isNotNull, listOf }: ColumnFacts): string {
  if (listOf) return `Database['public']['CompositeTypes']['${listOf}'][]${isNotNull ? '' : ' | null'}`;
  const parts = (ts.isUnionTypeNode(type) ? [...type.types] : [type]).map((part) => part.getText());
  return parts
    .filter((part) => !(isNotNull && part === 'null'))
    .map((part) =>
      values && part === 'string' ? values.map((value) => JSON.stringify(value)).join(' | ') : part,
    )
    .join(' | ');
}

/** The lists themselves, for forms and for checks at run time: `userProfilesPlatformRole`. */
function constants(facts: ColumnFacts[]): string {
  return facts
    .filter(({ values, isCopied }) => values && !isCopied)
    .map(({ relation, name, values }) => {
      const constant = `${relation}_${name}`.replace(/_+([a-z0-9])/g, (_match, letter: string) =>
        letter.toUpperCase(),
      );
      return `/** The values of \`${relation}.${name}\`. */\nexport const ${constant} = ${JSON.stringify(values)} as const;\n`;
    })
    .join('\n');
}
