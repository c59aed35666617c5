import { formatSqlStatements, type SqlFormatOptions } from '@supabase/pg-delta/sql-format';
import { hasInnerComment, meaning, splitStatements, type Statement } from './sql-statements.ts';

/** How SQL looks, in the files that people write and in those that are exported. */
export const sqlStyle: SqlFormatOptions = {
  keywordCase: 'lower',
  maxWidth: 110,
  indent: 2,
  alignColumns: false,
  alignKeyValues: false,
};

/** The statements whose layout is mechanical. Queries and `do` blocks stay as they were written. */
const formattedKinds = new Set([
  'AlterTableStmt',
  'CommentStmt',
  'CompositeTypeStmt',
  'CreateDomainStmt',
  'CreateFunctionStmt',
  'CreatePolicyStmt',
  'CreateSchemaStmt',
  'CreateStmt',
  'CreateTrigStmt',
  'GrantStmt',
  'IndexStmt',
]);

function isLeftAsWritten({ kind, node, text }: Statement): boolean {
  return (
    !formattedKinds.has(kind) ||
    hasInnerComment(text) ||
    // The formatter would put a body of `begin atomic` or `return` on the line of the last option,
    'sql_body' in node ||
    // break the list of columns after `update of` at random,
    (kind === 'CreateTrigStmt' && 'columns' in node) ||
    // and break a line inside of an array constructor in a parameter's default.
    (kind === 'CreateFunctionStmt' && /\[[^\]\n]*,/.test(text.replace(/\$(\w*)\$[\s\S]*?\$\1\$/g, '')))
  );
}

/** Blank space and comments between two statements: kept, without trailing blanks and with at most one empty line. */
function tidy(lead: string): string {
  return lead.replace(/[ \t]+$/gm, '').replace(/\n{3,}/g, '\n\n');
}

/**
 * Formats the text of one SQL file. Comments between statements, dollar-quoted bodies and literals are kept to the
 * letter; a statement with a comment inside of it is left as it is.
 *
 * @param sql the text of a file
 * @returns the formatted text
 * @throws {Error} when the text is no SQL, or when formatting would change what it means
 */
export async function formatSql(sql: string): Promise<string> {
  const { statements, rest } = await splitStatements(sql.replaceAll('\r\n', '\n'));
  const parts = statements.map((statement) => {
    const formatted = isLeftAsWritten(statement) ? [] : formatSqlStatements([statement.text], sqlStyle);
    return `${tidy(statement.lead)}${formatted.length === 1 ? formatted[0] : statement.text};`;
  });
  const text = `${(parts.join('') + tidy(rest)).trim()}\n`;
  if ((await meaning(text)) !== (await meaning(sql)))
    throw new Error('formatting would change what it means');
  return text;
}
