import { readdirSync, readFileSync } from 'node:fs';

function read(pid: number, file: 'stat' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

const allProcesses = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** What follows the name of the program, which may hold anything: state, parent, … */
function statusOf(pid: number): string[] {
  const stat = read(pid, 'stat');
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Whether a process runs; one that has ended and that nobody has asked about does not. */
export function isAlive(pid: number): boolean {
  const [state] = statusOf(pid);
  return state !== undefined && state !== 'Z';
}

/** All processes below one, while it is alive. */
export function descendants(pid: number): number[] {
  const children = allProcesses().filter((each) => Number(statusOf(each)[1]) === pid);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** The command lines of the processes that were started with a text, such as a directory, among their arguments. */
export function processesWith(text: string): string[] {
  return allProcesses()
    .filter((pid) => pid !== process.pid && isAlive(pid))
    .map((pid) => read(pid, 'cmdline').replaceAll('\0', ' '))
    .filter((line) => line.includes(text));
}
