import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import prettier from 'prettier';
import { withConnection } from '../../src/postgres/connect.ts';
import type { Generated } from './generated.ts';
import { root } from './sql-files.ts';

const path = 'docs/access.md';

/** A role that every organization is born with, and the permissions that it holds then. */
export interface SystemRole {
  code: string;
  name: string;
  description: string;
  permissions: string[];
}

/** What can be permitted. */
export interface Permission {
  code: string;
  description: string;
}

/** Who may do what in a new organization. */
export interface Matrix {
  roles: SystemRole[];
  permissions: Permission[];
}

/**
 * Reads the permission matrix.
 *
 * @param url a connection string of role `postgres` of a migrated database
 * @returns the system roles, the most powerful first, and the permissions by their codes
 */
export async function readMatrix(url: string): Promise<Matrix> {
  return withConnection(url, async (client) => {
    const { rows: roles } = await client.query<SystemRole>(
      `select code, name, description,
         array(select held from private.expand_permissions(role.permissions) as held order by held) as permissions
       from private.system_roles as role order by position`,
    );
    const { rows: permissions } = await client.query<Permission>(
      'select code, description from public.permissions order by code',
    );
    return { roles, permissions };
  });
}

/**
 * Renews what docs/access.md says of roles and permissions, between its markers; the rest of the page is left alone.
 *
 * @param url a connection string of role `postgres` of a migrated database
 * @returns the page, formatted
 * @throws {Error} when the page lacks a marker
 */
export async function generateAccess(url: string): Promise<Generated> {
  const { roles, permissions } = await readMatrix(url);
  const tables: Record<string, string> = {
    roles: table(
      ['role', 'name', 'who'],
      roles.map(({ code, name, description }) => [`\`${code}\``, name, description]),
    ),
    permissions: table(
      ['permission', 'allows to'],
      permissions.map(({ code, description }) => [`\`${code}\``, description]),
    ),
    matrix: table(
      ['permission', ...roles.map(({ code }) => `\`${code}\``)],
      permissions.map(({ code }) => [
        `\`${code}\``,
        ...roles.map((role) => (role.permissions.includes(code) ? '✓' : '')),
      ]),
    ),
  };
  let page = await readFile(join(root, path), 'utf8');
  for (const [name, text] of Object.entries(tables)) page = replaced(page, name, text);
  const config = await prettier.resolveConfig(join(root, path));
  return {
    command: 'npm run generate',
    files: new Map([[path, await prettier.format(page, { ...config, parser: 'markdown' })]]),
  };
}

function replaced(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
  const from = page.indexOf(start);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${path} has no place between ${start} and ${end}.`);
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
