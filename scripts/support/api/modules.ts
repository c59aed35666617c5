import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../sql-files.ts';
import { splitStatements, type Node } from '../sql-statements.ts';

/** Which module the objects of schema `public` belong to. */
export interface ObjectModules {
  /** The modules in the order in which they came, each with what it is for, in the words of its migration. */
  modules: { name: string; about: string }[];
  /** The module of a table, view, type or function of `public`; undefined for what no migration makes. */
  moduleOf: (object: string) => string | undefined;
}

/**
 * Reads which module makes what. The module of an object in a fixture file is the folder of that file. The rest stands in a
 * migration: below the last comment that begins with a module's name and a colon (`-- access: what members may do.`), or
 * below its first comment, where a migration is of one module.
 */
export function objectModules(): Promise<ObjectModules> {
  // Reading all migrations takes a moment, and they stay as they are.
  found ??= readModules();
  return found;
}

let found: Promise<ObjectModules> | undefined;

async function readModules(): Promise<ObjectModules> {
  const folder = join(root, 'migrations/committed');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const known = new Set(await readdir(join(root, 'migrations/fixtures')));
  const about = new Map<string, string>();
  const places = new Map<string, string>();
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8');
    const message = /^--! Message: (\w+)/m.exec(text)?.[1] ?? name.replace(/^\d+-|\.sql$/g, '');
    // A script that several modules share says by colons which part is whose.
    let section = message;
    if (!about.has(section)) about.set(section, firstComment(text));
    let fixture: string | undefined;
    for (const { kind, node, lead } of (await splitStatements(text)).statements) {
      for (const line of lead.matchAll(
        /^--! ?(End)?Included (\w+)\/|^-- (\w+): ([^\n]*(?:\n-- [^\n]*)*)/gm,
      )) {
        const [, end, included, named = '', description = ''] = line;
        if (included !== undefined) fixture = end === undefined ? included : undefined;
        else if (known.has(named)) {
          section = named;
          about.set(named, joined(description));
        }
      }
      for (const object of createdIn(kind, node)) places.set(object, fixture ?? section);
    }
  }
  return {
    modules: [...about].map(([name, text]) => ({ name, about: text })),
    moduleOf: (object) => places.get(object),
  };
}

/** The paragraph after the header of a migration. */
function firstComment(text: string): string {
  return joined(/^--! [^\n]*\n(?:--! [^\n]*\n)*\s*((?:-- [^\n]*\n)+)/.exec(text)?.[1] ?? '');
}

function joined(comment: string): string {
  const text = comment.replace(/^-- /gm, '').replace(/\s+/g, ' ').trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** The names of the objects of `public` that a statement creates. */
function createdIn(kind: string, node: Node): string[] {
  const relation =
    kind === 'CreateStmt'
      ? node.relation
      : kind === 'ViewStmt'
        ? node.view
        : kind === 'CompositeTypeStmt'
          ? node.typevar
          : undefined;
  if (relation) {
    const { schemaname, relname } = relation as { schemaname?: string; relname: string };
    return schemaname === 'public' ? [relname] : [];
  }
  if (kind !== 'CreateFunctionStmt') return [];
  const [schema, name] = (node.funcname as { String: { sval: string } }[]).map(({ String }) => String.sval);
  return schema === 'public' && name !== undefined ? [name] : [];
}
