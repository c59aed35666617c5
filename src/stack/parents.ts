import { readFileSync } from 'node:fs';

/** Programs that do nothing but run the next one: `npx rowhouse`, `npm run`, `tsx`, `sh -c`. */
const wrapper = /^(npm|npx)\b|npm-cli\.js|npx-cli\.js|[/\\]tsx[/\\]|^([^\0]*\/)?(sh|dash|bash)\0-c\0/;

function stat(pid: number): { state: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = '0'] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** The parent; and where that only passes a command on, its parent too, and so on. */
function parentsOf(parent: number): number[] {
  const parents = [parent];
  let current = parent;
  while (current > 1 && wrapper.test(commandLine(current))) {
    current = stat(current)?.parent ?? 0;
    if (current > 1) parents.push(current);
  }
  return parents;
}

const parentAtStart = process.ppid;
const parentsAtStart = process.platform === 'linux' ? parentsOf(parentAtStart) : [];

/**
 * Whether the process that started this one has ended, since this module was loaded. Where the system tells (Linux),
 * whoever stands behind `npx` or a shell counts as well.
 */
export function hasLostParent(): boolean {
  if (process.ppid !== parentAtStart) return true;
  return parentsAtStart.some((pid) => {
    const found = stat(pid);
    return !found || found.state === 'Z' || found.state === 'X';
  });
}
