/**
 * Lints the hand-written SQL: Rowhouse's own rules, then those of postgres-language-server.jsonc. Exits 1 when
 * something is found. `sql-lint.ts [files…]`.
 */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, sqlFiles } from './support/sql-files.ts';
import { lintSql } from './support/sql-rules.ts';

const files = await sqlFiles(process.argv.slice(2));
let findings = 0;
for (const file of files) {
  try {
    for (const { line, rule, message } of await lintSql(file, await readFile(join(root, file), 'utf8'))) {
      console.error(`${file}:${String(line)} ${rule}: ${message}`);
      findings += 1;
    }
  } catch (error) {
    console.error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    findings += 1;
  }
}
const { status } = spawnSync(
  join(root, 'node_modules/.bin/postgres-language-server'),
  ['check', '--error-on-warnings', '--max-diagnostics=none', '--no-errors-on-unmatched', ...files],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = findings > 0 || status !== 0 ? 1 : 0;
