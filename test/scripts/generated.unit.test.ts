import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { staleFiles } from '../../scripts/support/generated.ts';
import { root } from '../../scripts/support/sql-files.ts';

describe('the check for stale files', () => {
  it('names a file that is missing, one that differs and one that is left over', async () => {
    const license = await readFile(join(root, 'LICENSE'), 'utf8');
    expect(
      await staleFiles({
        command: 'npm run generate',
        folder: 'test/generated',
        files: new Map([
          ['LICENSE', license],
          ['README.md', 'something else'],
          ['no/such/file.ts', 'text'],
        ]),
      }),
    ).toEqual(['README.md', 'no/such/file.ts', 'test/generated/generated.api.test.ts']);
  });
});
