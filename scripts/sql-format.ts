/**
 * Formats the hand-written SQL: `sql-format.ts [--check] [files…]`. With `--check` it changes nothing and exits 1
 * when a file is not formatted.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatSql } from './support/format-sql.ts';
import { root, sqlFiles } from './support/sql-files.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false } },
});

for (const file of await sqlFiles(positionals)) {
  const path = join(root, file);
  const before = await readFile(path, 'utf8');
  try {
    const after = await formatSql(before);
    if (after === before) continue;
    if (values.check) {
      console.error(`${file} is not formatted: run npm run format`);
      process.exitCode = 1;
    } else {
      await writeFile(path, after);
      console.log(file);
    }
  } catch (error) {
    console.error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
