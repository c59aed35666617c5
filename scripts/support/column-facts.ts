import { parse } from 'libpg-query';
import type pg from 'pg';

/** What the catalog knows about a column of schema `public` and the type generator does not. */
export interface ColumnFacts {
  relation: string;
  name: string;
  /** The only values it may have. */
  values?: readonly string[];
  /** It is never null, although its declaration does not say so. */
  isNotNull: boolean;
  /** `values` are those of another column. */
  isCopied: boolean;
  /** It is JSON: a list of this composite type. */
  listOf?: string;
}

/**
 * Finds the columns whose values are listed, and those that a tag describes. A list is a check constraint of the
 * column or of its domain, `check (status in ('open', 'closed'))`. Tags stand at the end of a comment on an attribute
 * of a composite type or a view: `@values user_profiles.platform_role` (as that column), `@values present, missing`,
 * `@notNull`, and for JSON `@list user_account` (a list of that composite type: PostgREST shows an array of composites as
 * such a list, not every API does).
 *
 * @param client any connection to the database
 * @returns one entry per column about which there is something to say, by relation and position
 * @throws {Error} when a tag names a column that has no list of values
 */
export async function columnFacts(client: pg.ClientBase): Promise<ColumnFacts[]> {
  const { rows } = await client.query<{
    relation: string;
    name: string;
    comment: string | null;
    checks: string[];
  }>(`
    select
      relation.relname as relation,
      attribute.attname as name,
      pg_catalog.col_description(relation.oid, attribute.attnum) as comment,
      array(
        select pg_catalog.pg_get_expr(rule.conbin, rule.conrelid)
        from pg_catalog.pg_constraint as rule
        where rule.contype = 'c'
          and (
            rule.conrelid = relation.oid and rule.conkey = array[attribute.attnum]
            or rule.contypid = attribute.atttypid and rule.contypid <> 0
          )
        order by rule.conname
      ) as checks
    from pg_catalog.pg_class as relation
      join pg_catalog.pg_attribute as attribute on attribute.attrelid = relation.oid
    where relation.relnamespace = 'public'::regnamespace
      and relation.relkind in ('r', 'p', 'v', 'm', 'c')
      and attribute.attnum > 0
      and not attribute.attisdropped
    order by relation.relname collate "C", attribute.attnum
  `);
  const checked = new Map<string, string[]>();
  for (const { relation, name, checks } of rows) {
    for (const check of checks) {
      const values = await listedValues(check);
      if (values) checked.set(`${relation}.${name}`, values);
    }
  }
  return rows.flatMap(({ relation, name, comment }): ColumnFacts[] => {
    const column = `${relation}.${name}`;
    const tag = /@values\s+([^@]+)/.exec(comment ?? '')?.[1]?.trim();
    const isCopied = tag?.includes('.') ?? false;
    const values =
      tag === undefined ? checked.get(column) : isCopied ? checked.get(tag) : tag.split(/\s*,\s*/);
    const isNotNull = /@notNull\b/.test(comment ?? '');
    const listOf = /@list\s+(\w+)/.exec(comment ?? '')?.[1];
    if (tag !== undefined && !values)
      throw new Error(`The comment on ${column} names ${tag}, which has no list of values`);
    return values || isNotNull || listOf
      ? [
          {
            relation,
            name,
            isNotNull,
            isCopied,
            ...(values ? { values } : {}),
            ...(listOf ? { listOf } : {}),
          },
        ]
      : [];
  });
}

interface Expression {
  A_Expr?: { kind: string; name: unknown[]; lexpr: Expression; rexpr: Expression };
  TypeCast?: { arg: Expression };
  A_ArrayExpr?: { elements: Expression[] };
  A_Const?: { sval?: { sval?: string } };
  ColumnRef?: unknown;
}

/** The texts of `column = any (array['a', 'b'])`, or of `column = 'a'`; nothing for any other expression. */
async function listedValues(check: string): Promise<string[] | undefined> {
  const tree = (await parse(`select ${check}`)) as {
    stmts: { stmt: { SelectStmt: { targetList: { ResTarget: { val: Expression } }[] } } }[];
  };
  const comparison = tree.stmts[0]?.stmt.SelectStmt.targetList[0]?.ResTarget.val.A_Expr;
  const isEquality = comparison && JSON.stringify(comparison.name).includes('"="');
  if (!isEquality || !withoutCast(comparison.lexpr).ColumnRef) return undefined;
  const right = withoutCast(comparison.rexpr);
  const elements = comparison.kind === 'AEXPR_OP_ANY' ? right.A_ArrayExpr?.elements : [right];
  const values = elements?.map((element) => withoutCast(element).A_Const?.sval?.sval);
  return values?.every((value) => value !== undefined) ? values : undefined;
}

function withoutCast(expression: Expression): Expression {
  return expression.TypeCast ? withoutCast(expression.TypeCast.arg) : expression;
}
