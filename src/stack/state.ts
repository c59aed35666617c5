import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../failure.ts';

const stateSchema = z.object({
  pid: z.number().int(),
  db_url: z.string(),
  api_url: z.string(),
  functions_url: z.string(),
  publishable_key: z.string(),
  secret_key: z.string(),
  jwt_secret: z.string(),
});

/** What a running stack tells other commands, in `stack.json` of its directory. */
export type StackState = z.infer<typeof stateSchema>;

const ownerSchema = z.object({ pid: z.number().int(), started: z.string() });

const stateFile = (directory: string) => join(directory, 'stack.json');

/** Tells two processes apart that have had the same number; empty where the system does not say. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

async function isAlive(owner: z.infer<typeof ownerSchema>): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (await startOf(owner.pid)) === owner.started;
}

async function readOwner(file: string) {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Answers false to "it exists already"; any other trouble is thrown. */
function isThere(error: NodeJS.ErrnoException): boolean {
  if (error.code !== 'EEXIST') throw error;
  return false;
}

/**
 * Reads where the stack of a directory is.
 *
 * @returns undefined when none was started or the last one has stopped
 */
export async function readState(directory: string): Promise<StackState | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(stateFile(directory), 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Tells other commands where the stack is. The file holds its keys, so only its owner may read it.
 *
 * @param directory where the stack lives
 * @param state addresses and keys
 */
export async function writeState(directory: string, state: StackState): Promise<void> {
  await writeFile(stateFile(directory), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
}

/**
 * Makes sure that one stack alone uses a directory.
 *
 * @param directory where the stack lives
 * @returns gives the directory free and removes the state file
 * @throws {Failure} when a stack runs there
 */
export async function occupy(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, 'stack.lock');
  const own = `${file}.${process.pid}`;
  await writeFile(own, JSON.stringify({ pid: process.pid, started: await startOf(process.pid) }), {
    mode: 0o600,
  });
  try {
    // A link appears whole or not at all, so nobody reads a half-written owner.
    while (!(await link(own, file).then(() => true, isThere))) {
      const owner = await readOwner(file);
      if (owner && (await isAlive(owner))) {
        const state = await readState(directory);
        const where = state ? ` at ${state.api_url}` : ', and is starting';
        throw new Failure(`A stack already runs in ${directory} (process ${owner.pid})${where}.`, {
          hint: 'Use that one, stop it with Ctrl-C, or start another with `rowhouse start --ephemeral`.',
        });
      }
      await rm(file, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
  await rm(stateFile(directory), { force: true });
  return async () => {
    await rm(stateFile(directory), { force: true });
    await rm(file, { force: true });
  };
}
