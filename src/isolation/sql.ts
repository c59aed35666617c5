import pg from 'pg';

/** A row as the audit handles it: every value in PostgreSQL's own text form. */
export type Row = Record<string, string | null>;

export const ident = pg.escapeIdentifier;

/** A value as an SQL literal of a type, so that a text in PostgreSQL's own form is read as that type. */
export function literal(value: string | null, type?: string): string {
  const written = value === null ? 'null' : pg.escapeLiteral(value);
  return type === undefined ? written : `${written}::${type}`;
}

/** A list of texts as an SQL array. */
export function textArray(values: string[]): string {
  return `array[${values.map((value) => pg.escapeLiteral(value)).join(', ')}]::text[]`;
}

/** `a, b, c`, each quoted. */
export function columnList(columns: string[]): string {
  return columns.map((column) => ident(column)).join(', ');
}
