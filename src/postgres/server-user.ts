import { spawnSync } from 'node:child_process';
import { chown, mkdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Failure } from '../failure.ts';

/** The user that PostgreSQL runs as, as `spawn` takes it. Empty: whoever we are. */
export interface ServerUser {
  uid?: number;
  gid?: number;
}

/**
 * PostgreSQL refuses to run as root. For anybody else the answer is "as yourself"; for root it is the owner of the
 * data directory, else the system's `postgres`, else `nobody`.
 *
 * @param dataDirectory where the data is or will be; it need not exist
 */
export async function serverUser(dataDirectory?: string): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return {};
  const found = dataDirectory === undefined ? undefined : await stat(dataDirectory).catch(() => undefined);
  if (found !== undefined && found.uid !== 0) return { uid: found.uid, gid: found.gid };

  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find((fields) => fields[0] === name);
    if (account !== undefined) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new Failure(
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as.',
    {
      hint: 'Run this as an ordinary user, or create a user named postgres.',
    },
  );
}

/** Makes `user` the owner of a file or directory that we made. */
export async function giveTo(user: ServerUser, path: string): Promise<void> {
  if (user.uid !== undefined && user.gid !== undefined) await chown(path, user.uid, user.gid);
}

/** Whether `user` may enter `directory`. */
export function canEnter(directory: string, user: ServerUser): boolean {
  return user.uid === undefined || spawnSync('test', ['-x', directory], { ...user, cwd: '/' }).status === 0;
}

/** The first of the usual temporary directories that `user` may enter. */
export function reachableTemporaryDirectory(user: ServerUser): string {
  const place = [tmpdir(), '/tmp', '/var/tmp'].find((directory) => canEnter(directory, user));
  if (place === undefined) {
    throw new Failure('There is no temporary directory that PostgreSQL may use.', {
      hint: 'Set TMPDIR to one.',
    });
  }
  return place;
}

/** Where root keeps what the server's user must reach when the clone itself is private to root. Made when missing. */
export async function systemDirectory(): Promise<string> {
  const directory = '/var/lib/rowhouse';
  await mkdir(directory, { recursive: true, mode: 0o755 });
  return directory;
}
