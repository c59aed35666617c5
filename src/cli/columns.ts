import pc from 'picocolors';
import { print } from './output.ts';

/** A text that tenants or users have written, without what could move a terminal's cursor or hide text. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
}

function cellText(value: string | number | Date | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return value.toLocaleString('en');
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return printable(value);
}

/**
 * Prints rows under a heading, in aligned columns.
 *
 * @param heading what the columns are
 * @param rows one value per column; null is left blank, a moment is printed as its day (UTC), numbers stand to the right
 */
export function printColumns(heading: string[], rows: (string | number | Date | null)[][]): void {
  const texts = rows.map((row) => row.map(cellText));
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...texts.map((row) => row[column]?.length ?? 0)),
  );
  const isNumeric = heading.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isNumeric[column] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  print(pc.dim(line(heading)));
  for (const row of texts) print(line(row));
}
