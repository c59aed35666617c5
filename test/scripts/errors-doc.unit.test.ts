import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root, sqlFiles } from '../../scripts/support/sql-files.ts';

/** The codes that SQL refuses with, from where it does. */
async function raisedCodes(): Promise<string[]> {
  const files = await sqlFiles([join(root, 'migrations/fixtures')]);
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
  const codes = texts.flatMap((text) =>
    [...text.matchAll(/private\.refuse\(\s*\d{3},\s*'(\w+)'|\{"code": "(\w+)"\}/g)].map(
      ([, refused, raised]) => refused ?? raised ?? '',
    ),
  );
  return [...new Set(codes)].sort();
}

test('docs/errors.md lists every code that SQL refuses with', async () => {
  const page = await readFile(join(root, 'docs/errors.md'), 'utf8');
  const listed = new Set([...page.matchAll(/`(\w+)`/g)].map(([, code]) => code));
  const raised = await raisedCodes();
  expect(raised).toContain('last_owner');
  expect(raised.length).toBeGreaterThan(60);
  expect(raised.filter((code) => !listed.has(code))).toEqual([]);
});
