import { z } from 'zod';
import { Failure } from './failure.ts';
import { notificationVariables, type NotificationVariable } from './notifications/settings.ts';
import { paymentVariables, type PaymentVariable } from './payments/settings.ts';

/** What edge functions are told. */
const functionVariables = { ...notificationVariables.shape, ...paymentVariables.shape };

/** Every setting that comes from the environment. `.env.example` documents them for whoever sets them. */
const environment = z.object({
  /** The database that commands work on. Absent: the embedded stack of `directory`, if it is running. */
  DATABASE_URL: z.string().min(1).optional(),
  /** Where the embedded stack keeps its data, keys and state. */
  ROWHOUSE_DIRECTORY: z.string().min(1).default('.rowhouse'),
  /** Anything: unexpected errors are printed with their stack trace. */
  ROWHOUSE_DEBUG: z.string().optional(),
  /** The port of the embedded stack's API. */
  ROWHOUSE_PORT: z.coerce.number().int().min(1).max(65535).default(54321),
  ...functionVariables,
});

/** The settings, by the names that the code uses. */
export interface Settings {
  databaseUrl: string | undefined;
  directory: string;
  port: number;
  debug: boolean;
  /** What the embedded stack hands to its edge functions, as it was written. */
  functionSettings: Partial<Record<NotificationVariable | PaymentVariable, string>>;
}

let parsed: Settings | undefined;

/**
 * The settings from the environment, parsed once.
 *
 * @throws {Failure} exit code 2, naming the variable that is wrong
 */
export function settings(): Settings {
  if (parsed) return parsed;
  // An empty variable is how shells and CI files spell "not set".
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const result = environment.safeParse(given);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new Failure(
      `The environment variable ${String(issue?.path[0])} is wrong: ${issue?.message ?? ''}.`,
      {
        hint: 'See .env.example.',
        exitCode: 2,
      },
    );
  }
  const { DATABASE_URL, ROWHOUSE_DIRECTORY, ROWHOUSE_PORT, ROWHOUSE_DEBUG } = result.data;
  parsed = {
    databaseUrl: DATABASE_URL,
    directory: ROWHOUSE_DIRECTORY,
    port: ROWHOUSE_PORT,
    debug: ROWHOUSE_DEBUG !== undefined,
    functionSettings: Object.fromEntries(
      Object.keys(functionVariables).flatMap((name) =>
        given[name] === undefined ? [] : [[name, given[name]]],
      ),
    ),
  };
  return parsed;
}
