import pc from 'picocolors';

/** Prints a line for a person or a program on standard output. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a line for a person on standard error, where it does not disturb what a program reads. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Prints a value as one line of JSON. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/**
 * Prints label and value pairs, aligned.
 *
 * @param rows the pairs, in order; numbers are grouped by thousands
 */
export function printTable(rows: [label: string, value: string | number][]): void {
  const width = Math.max(...rows.map(([label]) => label.length));
  for (const [label, value] of rows) {
    print(
      `  ${pc.dim(label.padEnd(width))}  ${typeof value === 'number' ? value.toLocaleString('en') : value}`,
    );
  }
}
