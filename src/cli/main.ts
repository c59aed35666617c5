import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import pc from 'picocolors';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import { isLostConnection } from '../postgres/connect.ts';
import { settings } from '../settings.ts';
import { auditCommand } from './audit.ts';
import { bookingsCommand } from './bookings.ts';
import { doctorCommand } from './doctor.ts';
import { memberCommand } from './member.ts';
import { migrateCommand } from './migrate.ts';
import { orgCommand } from './org.ts';
import { note } from './output.ts';
import { resetCommand } from './reset.ts';
import { rollbackCommand } from './rollback.ts';
import { seedCommand } from './seed.ts';
import { startCommand } from './start.ts';
import { superadminCommand } from './superadmin.ts';
import { usersCommand } from './users.ts';
import { verifyCommand } from './verify.ts';

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));

/** What PostgreSQL reports in a way that a person can act on. */
const databaseError = z.object({
  code: z.string().regex(/^[0-9A-Z]{5}$/),
  message: z.string(),
  hint: z.string().optional(),
});

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Failure) {
    note(`${pc.red('error:')} ${error.message}`);
    if (error.hint) note(`  ${error.hint}`);
    return error.exitCode;
  }
  if (isLostConnection(error)) {
    note(`${pc.red('error:')} The connection to the database was lost.`);
    note('  What was finished stays. Run the same command again when the database answers.');
    return 1;
  }
  const reported = databaseError.safeParse(error);
  if (reported.success) {
    const { code, message } = reported.data;
    // What Rowhouse refuses is said in a sentence for a person, and needs no more.
    const isRefusal = /^PT4\d\d$/.test(code);
    note(`${pc.red('error:')} ${isRefusal ? message : `The database reports: ${message} (${code})`}`);
    if (reported.data.hint) note(`  ${reported.data.hint}`);
    return 1;
  }
  note(`${pc.red('error:')} ${error instanceof Error ? error.message : String(error)}`);
  note('  This is not a failure that Rowhouse knows. Set ROWHOUSE_DEBUG=1 to see where it comes from.');
  if (settings().debug) console.error(error);
  return 1;
}

/**
 * The `rowhouse` command.
 *
 * @param args the arguments without node and the script
 * @returns nothing; sets the exit code: 0 done, 1 something failed, 2 bad usage, 130 interrupted
 */
export async function main(args: string[]): Promise<void> {
  const program = new Command('rowhouse')
    .description('The operations backend that lives in Postgres.')
    .version(version)
    .addCommand(startCommand())
    .addCommand(migrateCommand())
    .addCommand(resetCommand())
    .addCommand(seedCommand())
    .addCommand(rollbackCommand())
    .addCommand(usersCommand())
    .addCommand(superadminCommand())
    .addCommand(orgCommand())
    .addCommand(memberCommand())
    .addCommand(bookingsCommand())
    .addCommand(auditCommand())
    .addCommand(verifyCommand())
    .addCommand(doctorCommand())
    .addHelpText(
      'after',
      `
Commands work on DATABASE_URL, or on the embedded stack that runs in this folder (npm start).
Exit codes: 0 done, 1 something failed, 2 bad usage, 130 interrupted.`,
    )
    .showHelpAfterError('(add --help for what is possible)');
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap((each) => each.commands),
  ]) {
    command.exitOverride().configureHelp({ showGlobalOptions: true });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}
