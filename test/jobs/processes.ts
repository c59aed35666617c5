import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** Every process of this machine; from /proc where there is one, since small images have no `ps`. */
function processes(): Process[] {
  if (existsSync('/proc/self/stat')) {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
          const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
          const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
          return [{ pid: Number(name), parent, command }];
        } catch {
          // It has ended meanwhile.
          return [];
        }
      });
  }
  return execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });
}

/** The process of the worker of the stack that this test started; undefined while there is none. */
export function workerPid(): number | undefined {
  return processes().find(
    ({ parent, command }) => parent === process.pid && command.includes('edge-functions/worker/index.ts'),
  )?.pid;
}

/** Whether a process is there still. */
export function isRunning(pid: number): boolean {
  // One that has ended and is not yet collected has no command line.
  return processes().some((running) => running.pid === pid && running.command !== '');
}
