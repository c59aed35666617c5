import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { root } from './sql-files.ts';

/** Files that a command generates, by their path in the repository. */
export interface Generated {
  /** What renews them: `npm run generate`. */
  command: string;
  files: Map<string, string>;
  /** A folder that holds nothing but generated files, so that what is no longer generated is removed. */
  folder?: string;
}

/**
 * Compares generated files with those that are checked in.
 *
 * @param generated what a generator returned
 * @returns the paths of the files that are missing, different or left over, sorted
 */
export async function staleFiles({ files, folder }: Generated): Promise<string[]> {
  const stale = await Promise.all(
    [...files].map(async ([path, text]) => {
      const present = await readFile(join(root, path), 'utf8').catch(() => undefined);
      return present === text ? [] : [path];
    }),
  );
  return [...stale.flat(), ...(await leftOver(files, folder))].sort();
}

async function leftOver(files: Map<string, string>, folder: string | undefined): Promise<string[]> {
  if (!folder) return [];
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !files.has(path));
}

/**
 * Writes generated files, or, with `--check` on the command line, only says which are stale and exits 1.
 *
 * @param generated what a generator returned
 */
export async function writeOrCheck(generated: Generated): Promise<void> {
  const stale = await staleFiles(generated);
  if (process.argv.includes('--check')) {
    if (stale.length === 0) return;
    console.error(`Stale: ${stale.join(', ')}\nRun ${generated.command} and commit what it changes.`);
    process.exitCode = 1;
    return;
  }
  for (const path of stale) {
    const text = generated.files.get(path);
    await mkdir(dirname(join(root, path)), { recursive: true });
    await (text === undefined ? rm(join(root, path)) : writeFile(join(root, path), text));
    console.log(path);
  }
}
