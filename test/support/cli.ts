import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../bin/rowhouse.js', import.meta.url));

export interface CliOptions {
  /** Added to an environment that has none of Rowhouse's own variables. */
  env?: Record<string, string>;
  cwd?: string;
  /** What it reads; without it, its standard input is empty. */
  input?: string;
  /** Sends a signal, the first time that its standard output or error matches. */
  interrupt?: { when: RegExp; signal: NodeJS.Signals };
  timeoutMs?: number;
}

export interface CliResult {
  /** The exit code, or null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A command that is running. */
export interface RunningCli {
  child: ChildProcess;
  /** Resolves with the match, as soon as what it has written to either stream matches; rejects when it ends before. */
  output(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<CliResult>;
}

/** Runs the `rowhouse` command to its end. */
export async function runCli(args: string[], options: CliOptions = {}): Promise<CliResult> {
  const { child, output, ended } = startCli(args, options);
  const { interrupt } = options;
  if (interrupt !== undefined) {
    // Ending without a match shows in the result.
    void output(interrupt.when).then(
      () => child.kill(interrupt.signal),
      () => undefined,
    );
  }
  return ended;
}

/** Starts the `rowhouse` command as a process of its own. It is killed when it takes longer than `timeoutMs`. */
export function startCli(args: string[], options: CliOptions = {}): RunningCli {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(DATABASE_URL|ROWHOUSE_|PG|VITEST|NODE_)/.test(name),
  );
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 100_000,
    killSignal: 'SIGKILL',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => (written[stream] += chunk));
  }
  // It may end without reading its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');

  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...written }));
  });
  const output = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(written.stdout) ?? pattern.exec(written.stderr);
        if (match !== null) resolve(match);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('close', () => {
        reject(
          new Error(`The command ended before it wrote ${pattern}:\n${written.stdout}\n${written.stderr}`),
        );
      });
      look();
    });
  return { child, output, ended };
}
