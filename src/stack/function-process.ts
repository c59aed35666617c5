import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { denoPath } from './deno.ts';
import { freePort } from '../postgres/ports.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const startMilliseconds = 20_000;
const graceMilliseconds = 3_000;

/** A running edge function. */
export interface FunctionProcess {
  /** `http://127.0.0.1:<port>` */
  address: string;
  /** Resolves when the process has ended, for whatever reason. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** What a function may do that others may not. */
export interface FunctionAccess {
  /** Hosts that it may talk to, or all of them. */
  hosts: string[] | 'all';
  /** Folders that it may write to and read. */
  writable?: string[];
}

/** What a function may do that may do all of these. */
export function allOf(...accesses: FunctionAccess[]): FunctionAccess {
  const hosts = accesses.map((access) => access.hosts);
  return {
    hosts: hosts.includes('all') ? 'all' : hosts.filter((some) => some !== 'all').flat(),
    writable: accesses.flatMap(({ writable = [] }) => writable),
  };
}

/** What {@link startFunction} needs. */
export interface FunctionProcessOptions {
  name: string;
  /** The folder that holds the functions. */
  directory: string;
  /** Where Deno keeps what it has translated. */
  cacheDirectory: string;
  /** All that the function sees of the environment. */
  environment: Record<string, string>;
  /** What it may do beyond talking to this machine and reading the repository's code. */
  access?: FunctionAccess | undefined;
  log: (line: string) => void;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A path as Deno's lists have it. */
function inFlag(path: string): string {
  return path.replaceAll(',', ',,');
}

function spawnDeno(options: FunctionProcessOptions, port: number): ChildProcess {
  const { name, directory, cacheDirectory, environment, access } = options;
  const writable = access?.writable ?? [];
  const readable = [
    directory,
    ...['edge-functions', 'src', 'node_modules'].map((part) => join(repository, part)),
    ...writable,
  ];
  return spawn(
    denoPath(),
    [
      'run',
      '--quiet',
      '--no-prompt',
      '--no-remote',
      '--cached-only',
      '--no-check',
      `--config=${join(repository, 'edge-functions', 'deno.json')}`,
      access?.hosts === 'all'
        ? '--allow-net'
        : `--allow-net=${['127.0.0.1', ...(access?.hosts ?? [])].join(',')}`,
      ...(writable.length === 0 ? [] : [`--allow-write=${writable.map(inFlag).join(',')}`]),
      // The process is given nothing but its own variables, so it may read all of them.
      '--allow-env',
      `--allow-read=${readable.map(inFlag).join(',')}`,
      join(repository, 'edge-functions', '_shared', 'host.ts'),
      pathToFileURL(join(directory, name, 'index.ts')).href,
    ],
    {
      cwd: directory,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...environment,
        DENO_DIR: cacheDirectory,
        DENO_NO_UPDATE_CHECK: '1',
        DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
        NO_COLOR: '1',
      },
    },
  );
}

/**
 * Starts an edge function in a Deno of its own, which may talk to this machine, read the repository's code, and nothing
 * else, unless `access` says so.
 *
 * @param options which function, and its surroundings
 * @returns the running function, once it accepts connections
 * @throws when it ends or does not listen within 20 seconds
 */
export async function startFunction(options: FunctionProcessOptions): Promise<FunctionProcess> {
  const { name, log } = options;
  const port = await freePort();
  const child = spawnDeno(options, port);
  const life = { isRunning: true };
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      life.isRunning = false;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  child.stdin?.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => log(`[${name}] ${line}`));
  }
  const stop = async () => {
    if (!life.isRunning) return;
    // Asked to end, a function may finish what it has begun; closing its standard input would end it at once.
    const killer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(killer);
  };
  const deadline = Date.now() + startMilliseconds;
  while (!(await accepts(port))) {
    if (!life.isRunning) throw new Error(`The function "${name}" ended while it started.`);
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`The function "${name}" did not listen within ${startMilliseconds / 1000} seconds.`);
    }
    await sleep(25);
  }
  return { address: `http://127.0.0.1:${port}`, ended, stop };
}
