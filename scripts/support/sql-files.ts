import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where hand-written SQL lives. Committed migrations are history, and `supabase/schemas` is generated. */
const handWritten = [
  'migrations/current.sql',
  'migrations/fixtures',
  'migrations/rollback',
  'supabase/platform',
  'supabase/seed.sql',
  'supabase/seeds',
];

/**
 * Lists SQL files.
 *
 * @param places files and folders, relative to the repository or absolute; the hand-written SQL when there are none
 * @returns paths relative to the repository, sorted; places that do not exist are left out
 */
export async function sqlFiles(places: readonly string[] = []): Promise<string[]> {
  const found = await Promise.all(
    (places.length > 0 ? places : handWritten).map(async (place) => {
      const path = resolve(root, place);
      const kind = await stat(path).catch(() => undefined);
      if (!kind) return [];
      if (kind.isFile()) return [path];
      const entries = await readdir(path, { recursive: true });
      return entries.filter((entry) => entry.endsWith('.sql')).map((entry) => join(path, entry));
    }),
  );
  return [...new Set(found.flat())].map((path) => relative(root, path)).sort();
}
