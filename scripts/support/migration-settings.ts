import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from 'graphile-migrate';
import JSON5 from 'json5';
import { z } from 'zod';
import { root } from './sql-files.ts';

/**
 * Reads `.gmrc`.
 *
 * @returns graphile-migrate's settings as they stand there; which database to use is for the caller to add
 * @throws {Error} when the file is no JSON5 object
 */
export async function migrationSettings(): Promise<Settings> {
  const settings = z
    .record(z.string(), z.unknown())
    .parse(JSON5.parse(await readFile(join(root, '.gmrc'), 'utf8')));
  return { ...settings, migrationsFolder: join(root, 'migrations') };
}
