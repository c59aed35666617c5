import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import type { Stack } from './start.ts';

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
const lockFile = (directory: string) => join(directory, 'stack.lock');

/** Addresses and keys of a stack, by the names under which programs are told of them. */
export function addressesOf(stack: Omit<Stack, 'reload' | 'stop'>): Omit<StackState, 'pid'> {
  return {
    db_url: stack.dbUrl,
    api_url: stack.apiUrl,
    functions_url: stack.functionsUrl,
    publishable_key: stack.publishableKey,
    secret_key: stack.secretKey,
    jwt_secret: stack.jwtSecret,
  };
}

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

async function readState(directory: string): Promise<StackState | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(stateFile(directory), 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Finds the stack that runs in a directory at this moment.
 *
 * @returns undefined when none runs, or it is not ready yet
 */
export async function runningState(directory: string): Promise<StackState | undefined> {
  const owner = await readOwner(lockFile(directory));
  return owner && (await isAlive(owner)) ? readState(directory) : undefined;
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
  const file = lockFile(directory);
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
