import { type Catalog, ownerColumn } from './catalog.ts';
import type { World } from './houses.ts';
import { ident, textArray } from './sql.ts';

/**
 * An expression per table that changes when a row of the organization `$1` does. A row that is written is another version of
 * it, in another place and of another transaction: what stands in it need not be read.
 */
export function fingerprints(catalog: Catalog, world: World): Map<string, string> {
  const sum = (from: string, where: string) =>
    `select concat_ws(' ', count(*), sum(hashtextextended(concat_ws(' ', t.tableoid, t.ctid, t.xmin), 0)))
     from ${from} as t where ${where}`;
  const parts = new Map(
    catalog.tenantTables.map((table) => [
      table.id,
      sum(table.id, `t.${ident(ownerColumn(table, catalog.root))} = $1`),
    ]),
  );
  const users = [world.a, world.b, world.c].map(
    ({ organization, users: ids }) => `when '${organization}' then ${textArray(ids)}::uuid[]`,
  );
  const isUser = (column: string) => `t.${column} = any (case $1 ${users.join(' ')} end)`;
  parts.set('auth.users', sum('auth.users', isUser('id')));
  for (const relation of catalog.relations) {
    const [key, ...more] = relation.uniqueIndexes.find(({ isPrimary }) => isPrimary)?.columns ?? [];
    const isPerson = relation.foreignKeys.some(
      ({ target, columns }) => target === 'auth.users' && columns.length === 1 && columns[0] === key,
    );
    if (isPerson && key !== undefined && more.length === 0) {
      parts.set(relation.id, sum(relation.id, isUser(ident(key))));
    }
  }
  return parts;
}
