import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Failure } from '../failure.ts';
import { freePort } from './ports.ts';
import { type Binaries, installedBinaries, majorVersion } from './binaries.ts';
import {
  type ServerUser,
  canEnter,
  giveTo,
  reachableTemporaryDirectory,
  serverUser,
  systemDirectory,
} from './server-user.ts';

export interface ClusterOptions {
  /** Kept when the cluster stops, and used again by the next start. Absent: a temporary one, removed. */
  dataDirectory?: string;
  /** Absent: a free one. */
  port?: number;
  /** Password of the superuser, `supabase_admin`. It is set when the data directory is made, and not after. */
  password: string;
  /** Settings of the server, by their names in postgresql.conf. */
  settings?: Record<string, string>;
  /** Absent: the PostgreSQL that npm installed. */
  binaries?: Binaries;
}

export interface Cluster {
  port: number;
  dataDirectory: string;
  /** A connection string; `database` defaults to `postgres`. */
  url(role: string, password: string, database?: string): string;
  superuserUrl(database?: string): string;
  /** Resolves when the server has ended and, for a temporary cluster, its directory is gone. May be called again. */
  stop(): Promise<void>;
}

export const superuser = 'supabase_admin';
const host = '127.0.0.1';
const startTimeoutMs = 60_000;
const portAttempts = 10;

/**
 * Makes the data directory where there is none, starts PostgreSQL on 127.0.0.1 and resolves when it accepts
 * connections. The cluster does not outlive this process, however that ends: a kept one is shut down, a temporary
 * one vanishes. It does not keep this process alive either.
 *
 * Raises a Failure when the port is taken, when the data directory is in use, belongs to another user or to another
 * version, and when the server does not start.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const wanted = options.dataDirectory === undefined ? undefined : resolve(options.dataDirectory);
  const user = await serverUser(wanted);
  const binaries = options.binaries ?? (await installedBinaries(user));
  const version = await majorVersion(binaries.postgres);
  const kept = wanted === undefined ? undefined : await keptDirectory(wanted, user);

  const { dataDirectory, workshop } = await prepare(kept, version, user);
  const reaper = startReaper(kept === undefined ? 'SIGQUIT' : 'SIGINT', dataDirectory, workshop);

  try {
    if (workshop !== undefined) {
      const made = join(workshop, 'data');
      await initialise({
        binaries,
        version,
        user,
        workshop,
        made,
        reaper,
        password: options.password,
        isTemporary: kept === undefined,
      });
      if (kept !== undefined) {
        await rename(made, kept).catch((cause: unknown) => {
          throw new Failure(`${kept} was made by another process meanwhile.`, {
            cause,
            hint: 'Start again.',
          });
        });
        await rm(workshop, { recursive: true, force: true });
      }
    }
    const settings = {
      listen_addresses: host,
      unix_socket_directories: '',
      max_connections: '200',
      ...(kept === undefined ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
      ...options.settings,
    };
    const port = await startServer({
      postgres: binaries.postgres,
      dataDirectory,
      user,
      settings,
      reaper,
      port: options.port,
    });
    const url = (role: string, password: string, database = 'postgres') =>
      `postgresql://${encodeURIComponent(role)}:${encodeURIComponent(password)}@${host}:${port}/${encodeURIComponent(database)}`;
    return {
      port,
      dataDirectory,
      url,
      superuserUrl: (database) => url(superuser, options.password, database),
      stop: () => reaper.finish(),
    };
  } catch (error) {
    await reaper.finish();
    throw error;
  }
}

/**
 * Where a kept data directory really is: `wanted`, or, where the server's user could not get there (a clone in a
 * private directory of root), a directory of the system that a link at `wanted` leads to.
 */
async function keptDirectory(wanted: string, user: ServerUser): Promise<string> {
  await mkdir(dirname(wanted), { recursive: true }).catch((cause: unknown) => {
    throw new Failure(`${dirname(wanted)} cannot be made.`, { cause, hint: 'Check who may write there.' });
  });
  const link = await lstat(wanted).catch(() => undefined);
  if (link?.isSymbolicLink() === true) return realpath(wanted).catch(() => moveElsewhere(wanted));
  return canEnter(dirname(wanted), user) ? wanted : moveElsewhere(wanted);
}

async function moveElsewhere(wanted: string): Promise<string> {
  const elsewhere = join(await systemDirectory(), `data-${randomBytes(6).toString('hex')}`);
  await rm(wanted, { force: true });
  await symlink(elsewhere, wanted);
  return elsewhere;
}

/** Says where the data is or will be and, where it must be made, where to make it. */
async function prepare(
  kept: string | undefined,
  version: number,
  user: ServerUser,
): Promise<{ dataDirectory: string; workshop?: string }> {
  if (kept !== undefined && existsSync(kept)) {
    await refuseIfUnusable(kept, version);
    return { dataDirectory: kept };
  }
  const workshop = await makeWorkshop(kept, user);
  return { dataDirectory: kept ?? join(workshop, 'data'), workshop };
}

/** A directory for making a cluster in, that only the server's user may enter. */
async function makeWorkshop(kept: string | undefined, user: ServerUser): Promise<string> {
  const prefix = kept === undefined ? join(reachableTemporaryDirectory(user), 'rowhouse-') : `${kept}.new-`;
  const workshop = await mkdtemp(prefix);
  await giveTo(user, workshop);
  return workshop;
}

async function refuseIfUnusable(dataDirectory: string, version: number): Promise<void> {
  let found: string;
  try {
    found = (await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8')).trim();
  } catch (cause) {
    const denied = (cause as NodeJS.ErrnoException).code === 'EACCES';
    throw new Failure(
      denied ? `${dataDirectory} belongs to another user.` : `${dataDirectory} holds no PostgreSQL data.`,
      {
        cause,
        hint: denied ? 'Start as the user who made it.' : 'Name another directory, or remove this one.',
      },
    );
  }
  if (Number(found) !== version) {
    throw new Failure(`${dataDirectory} was made by PostgreSQL ${found}, and this one is ${version}.`, {
      hint: 'Remove the directory to begin anew, or use the PostgreSQL that made it.',
    });
  }

  // A server that is shutting down is nearly gone; waiting for it is kinder than refusing.
  for (let lock = readLock(dataDirectory); lock !== undefined; lock = readLock(dataDirectory)) {
    if (!isPostgres(lock.pid)) {
      // After a crash the process id may belong to a stranger by now, which PostgreSQL would take for a server.
      await rm(join(dataDirectory, 'postmaster.pid'), { force: true });
    } else if (lock.status === 'stopping') {
      await sleep(50);
    } else {
      throw new Failure(`PostgreSQL is already running in ${dataDirectory}, port ${lock.port}.`, {
        hint: `Stop that one first (process ${lock.pid}), or use another directory.`,
      });
    }
  }
}

interface Lock {
  pid: number;
  port: number;
  status: string;
}

/** What a running server writes about itself, or undefined where none runs or has crashed here. */
function readLock(dataDirectory: string): Lock | undefined {
  try {
    const lines = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]), status: (lines[7] ?? '').trim() };
  } catch {
    return undefined;
  }
}

function isPostgres(pid: number): boolean {
  try {
    const name =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/stat`, 'utf8')
        : execFileSync('ps', ['-o', 'stat=,comm=', '-p', String(pid)], { encoding: 'utf8' });
    // A zombie has released everything.
    return name.includes('postgres') && !/\) Z |^Z/.test(name);
  } catch {
    return false;
  }
}

interface Reaper {
  /** Says which process to stop. Forgets it when it exits. */
  watch(child: ChildProcess): void;
  finish(): Promise<void>;
}

/** Starts the process that stops the server and removes `workshop` when this one ends or says so; see reaper.js. */
function startReaper(
  signal: 'SIGINT' | 'SIGQUIT',
  dataDirectory: string,
  workshop: string | undefined,
): Reaper {
  const script = fileURLToPath(new URL('./reaper.js', import.meta.url));
  const reaper = spawn(
    process.execPath,
    [script, signal, dataDirectory, ...(workshop === undefined ? [] : [workshop])],
    { detached: true, cwd: '/', env: {}, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  const ended = once(reaper, 'exit');
  // Its end shows in `ended`; a write to it just before is of no consequence.
  reaper.stdin.on('error', () => undefined);
  reaper.unref();
  if (reaper.stdin instanceof Socket) reaper.stdin.unref();

  return {
    watch(child) {
      reaper.stdin.write(`${child.pid ?? 0}\n`);
      child.once('exit', () => reaper.stdin.writable && reaper.stdin.write('0\n'));
    },
    async finish() {
      reaper.ref();
      reaper.stdin.end();
      await ended;
    },
  };
}

async function initialise(options: {
  binaries: Binaries;
  version: number;
  user: ServerUser;
  workshop: string;
  made: string;
  reaper: Reaper;
  password: string;
  isTemporary: boolean;
}): Promise<void> {
  const { binaries, version, user, workshop, made, reaper, password, isTemporary } = options;
  const passwordFile = join(workshop, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await giveTo(user, passwordFile);

  const { child, log } = await run(binaries.initdb, user, join(workshop, 'initdb.log'), [
    `--pgdata=${made}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Byte order for sorting, Unicode for what a letter is: the same on every machine.
    '--locale=C',
    `--lc-ctype=${process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'}`,
    ...(version >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []),
    '--no-instructions',
    ...(isTemporary ? ['--no-sync'] : []),
  ]);
  reaper.watch(child);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (child.exitCode !== 0) {
    throw new Failure(`PostgreSQL could not make ${made}: ${lastWords(log)}`, {
      hint: 'Is there space and permission?',
    });
  }
  await rm(passwordFile);
}

/** Starts the server on the port asked for, or else on a free one; resolves with it when connections are accepted. */
async function startServer(options: {
  postgres: string;
  dataDirectory: string;
  user: ServerUser;
  settings: Record<string, string>;
  reaper: Reaper;
  port: number | undefined;
}): Promise<number> {
  const { postgres, dataDirectory, user, settings, reaper } = options;
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const flags = Object.entries({ ...settings, port: String(port) }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const { child, log } = await run(postgres, user, join(dataDirectory, 'server.log'), [
      '-D',
      dataDirectory,
      ...flags,
    ]);
    reaper.watch(child);
    if (await isReady(child, dataDirectory)) {
      child.unref();
      return port;
    }

    const words = readFileSync(log, 'utf8');
    // Between finding a free port and listening on it, another process may take it.
    const isTaken = words.includes('Address already in use');
    // After a crash, the old server's last children take a moment to notice.
    const isLingering = words.includes('is still in use');
    if (attempt < portAttempts && ((isTaken && options.port === undefined) || isLingering)) {
      if (isLingering) await sleep(500);
      continue;
    }
    if (isTaken) {
      throw new Failure(`Port ${port} is taken by another program.`, {
        hint: 'Stop that program, or choose another port.',
      });
    }
    throw new Failure(`PostgreSQL did not start: ${lastWords(log)}`, { hint: `What it said is in ${log}.` });
  }
}

/** True once the server accepts connections, false when it has ended instead. */
async function isReady(child: ChildProcess, dataDirectory: string): Promise<boolean> {
  const deadline = Date.now() + startTimeoutMs;
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const lock = readLock(dataDirectory);
    if (lock?.pid === child.pid && lock?.status === 'ready') return true;
    await sleep(10);
  }
  return false;
}

/** Starts a program of PostgreSQL away from our terminal and its signals, writing what it says to a new file. */
async function run(
  program: string,
  user: ServerUser,
  log: string,
  args: string[],
): Promise<{ child: ChildProcess; log: string }> {
  const output = openSync(log, 'w', 0o600);
  try {
    await giveTo(user, log);
    const child = spawn(program, args, {
      ...user,
      cwd: '/',
      detached: true,
      env: { PATH: process.env.PATH, LC_MESSAGES: 'C', TZ: 'UTC' },
      stdio: ['ignore', output, output],
    });
    await once(child, 'spawn');
    return { child, log };
  } catch (cause) {
    throw new Failure(`${program} could not be run.`, {
      cause,
      hint: 'Check that PostgreSQL is installed there.',
    });
  } finally {
    closeSync(output);
  }
}

function lastWords(log: string): string {
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  return lines.find((line) => /FATAL|error:/.test(line)) ?? lines.at(-1) ?? 'it said nothing.';
}
