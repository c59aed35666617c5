import { Command } from 'commander';
import pc from 'picocolors';
import { z } from 'zod';
import { settings } from '../settings.ts';
import { runStack } from '../stack/lifetime.ts';
import type { Stack } from '../stack/start.ts';
import { addressesOf } from '../stack/state.ts';
import { parsedBy } from './options.ts';
import { note, print, printJson, printTable } from './output.ts';

const port = z
  .string()
  .regex(/^\d+$/, 'It is a port number.')
  .transform(Number)
  .refine((number) => number >= 1 && number <= 65_535, 'It is a number from 1 to 65535.');

interface StartOptions {
  ephemeral?: boolean;
  json?: boolean;
  verbose?: boolean;
  port?: number;
}

function announce(stack: Stack, seconds: string, directory: string | undefined): void {
  print(pc.bold(`Rowhouse is ready (${seconds} s). Ctrl-C stops it.`));
  printTable([
    ['API', stack.apiUrl],
    ['edge functions', stack.functionsUrl],
    ['database', stack.dbUrl],
    ['publishable key', stack.publishableKey],
    ['secret key', stack.secretKey],
    ['JWT secret', stack.jwtSecret],
    ['mail', stack.mailDirectory ?? 'is sent'],
    ['data', directory ?? 'gone when it stops'],
  ]);
}

/** `rowhouse start`: runs the embedded stack until it is told to stop. */
export function startCommand(): Command {
  return new Command('start')
    .description(
      'Run the embedded stack: PostgreSQL, the API, edge functions, jobs. Listens on 127.0.0.1 only.',
    )
    .option(
      '--ephemeral',
      'keep nothing: free ports, a temporary directory, gone when it stops or its parent ends',
    )
    .option('--json', 'print one line of JSON when everything answers')
    .option('--port <number>', 'port of the API (default: ROWHOUSE_PORT, or 54321)', parsedBy(port))
    .option('--verbose', 'print what the parts of the stack report')
    .action(async (options: StartOptions) => {
      const directory = options.ephemeral ? undefined : settings().directory;
      const apiPort = options.port ?? (options.ephemeral ? undefined : settings().port);
      const started = performance.now();
      const running = runStack(
        {
          ...(directory === undefined ? { withParent: true } : { directory }),
          ...(apiPort === undefined ? {} : { port: apiPort }),
          functionSettings: settings().functionSettings,
          ...(options.verbose ? { log: note } : { quiet: true }),
        },
        (stack) => {
          if (options.json) {
            printJson(addressesOf(stack));
          } else {
            announce(stack, ((performance.now() - started) / 1000).toFixed(1), directory);
          }
        },
      );
      // Said only when signals are heeded: from here on, Ctrl-C leaves nothing behind.
      if (!options.json) note('Starting …');
      const reason = await running;
      if (!options.json) note('Stopped.');
      if (reason === 'SIGINT') process.exitCode = 130;
    });
}
