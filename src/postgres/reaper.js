/*
 * Ends a cluster when the process that started it is done with it, for whatever reason: it asked for that, it exited,
 * it was killed. All three look the same from here: the pipe on standard input ends.
 *
 * Plain JavaScript, so that Node starts it without a loader. Arguments: the signal that stops the server, its data
 * directory, then the directories to remove afterwards. Each line of standard input is the process id of the server,
 * or 0 when there is none any more.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const [signal, dataDirectory, ...leftovers] = process.argv.slice(2);
const patienceMs = 30_000;

for (const ignored of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(ignored, () => {});

let server = 0;
for await (const line of createInterface({ input: process.stdin })) server = Number(line);

if (server > 0 && send(server, signal)) {
  const deadline = Date.now() + patienceMs;
  while (isRunning(server) && Date.now() < deadline) await sleep(20);
  if (isRunning(server)) send(server, 'SIGKILL');
}
for (const directory of leftovers)
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });

/** A server that nobody waits for stays in the process table; without its lock file it has ended all the same. */
function isRunning(pid) {
  return send(pid, 0) && existsSync(join(dataDirectory, 'postmaster.pid'));
}

function send(pid, what) {
  try {
    process.kill(pid, what);
    return true;
  } catch {
    return false;
  }
}
