import { accessSync, chmodSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Failure } from '../failure.ts';

const require = createRequire(import.meta.url);

function packageName(): string {
  const { platform, arch } = process;
  return platform === 'linux' ? `@deno/linux-${arch}-glibc` : `@deno/${platform}-${arch}`;
}

/**
 * Finds the Deno that came with `npm ci`, whether or not npm was allowed to run its install script.
 *
 * @returns the path of the executable
 * @throws {Failure} when npm installed none for this machine
 */
export function denoPath(): string {
  const name = packageName();
  let path: string;
  try {
    path = join(
      dirname(require.resolve(`${name}/package.json`, { paths: [require.resolve('deno/package.json')] })),
    );
  } catch (cause) {
    throw new Failure(`Deno is not installed for this machine (${name}).`, {
      hint: 'Run `npm ci` without --omit=optional.',
      cause,
    });
  }
  const file = join(path, process.platform === 'win32' ? 'deno.exe' : 'deno');
  if (!existsSync(file)) throw new Failure(`${file} is missing.`, { hint: 'Run `npm ci` again.' });
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o755);
  }
  return file;
}
