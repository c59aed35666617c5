import { progress } from '@clack/prompts';
import { Command } from 'commander';
import pc from 'picocolors';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import { preservationReport } from '../users/preservation.ts';
import { userStatus } from '../users/status.ts';
import { defaultBatchSize, syncProfiles, type SyncProgress } from '../users/sync.ts';
import { withDatabase } from './database.ts';
import { countUpTo, listedBy, parsedBy } from './options.ts';
import { note, print, printJson, printTable } from './output.ts';

const batchSize = countUpTo(100_000);
const userId = z.guid('It is a user id: 8-4-4-4-12 hexadecimal digits.');

/** Shows progress on a terminal, and nothing elsewhere. */
function progressBar(isShown: boolean): {
  advance: (progress: SyncProgress) => void;
  stop: (message: string) => void;
} {
  if (!isShown) return { advance: () => undefined, stop: () => undefined };
  let bar: ReturnType<typeof progress> | undefined;
  let shown = 0;
  return {
    advance: ({ done, missing }) => {
      if (!bar) {
        bar = progress({ max: missing, output: process.stderr });
        bar.start('Creating profiles');
      }
      bar.advance(done - shown, `${done.toLocaleString('en')} of ${missing.toLocaleString('en')}`);
      shown = done;
    },
    stop: (message) => bar?.stop(message),
  };
}

function syncCommand(): Command {
  return new Command('sync')
    .description('Create the profile of every user who has none. Existing profiles are not touched.')
    .option('--dry-run', 'only say what would be created')
    .option(
      '--batch-size <number>',
      'profiles per transaction, 1 to 100,000',
      parsedBy(batchSize),
      defaultBatchSize,
    )
    .option('--verbose', 'print a line for each batch')
    .option('--json', 'print one line of JSON')
    .action(async (options: { dryRun?: boolean; batchSize: number; verbose?: boolean; json?: boolean }) => {
      const interruption = new AbortController();
      const interrupt = () => {
        if (interruption.signal.aborted) process.exit(130);
        interruption.abort();
        note('Stopping after this batch. Press Ctrl-C again to stop at once.');
      };
      process.on('SIGINT', interrupt);
      process.on('SIGTERM', interrupt);
      const bar = progressBar(process.stderr.isTTY && !options.json && !options.verbose);
      try {
        const report = await withDatabase((client) =>
          syncProfiles(client, {
            dryRun: options.dryRun ?? false,
            batchSize: options.batchSize,
            signal: interruption.signal,
            onBatch: (state) => {
              bar.advance(state);
              if (options.verbose) {
                note(`${state.done} of ${state.missing}: ${state.created} created, ${state.failed} failed`);
              }
            },
          }),
        );
        bar.stop(report.outcome);
        if (options.json) {
          printJson(report);
        } else {
          printTable([
            ['users', report.total_auth_users],
            ['with a profile before', report.existing_profiles],
            ['without', report.missing_profiles],
            ['created', options.dryRun ? 'none: this was a dry run' : report.created_profiles],
            ['failed', report.failed_creations],
            ['time', `${report.duration_ms} ms`],
          ]);
        }
        if (report.outcome === 'interrupted') {
          throw new Failure('Interrupted. What was created stays.', {
            hint: 'Run the same command to go on.',
            exitCode: 130,
          });
        }
        if (report.outcome === 'failed') {
          throw new Failure(`${report.failed_creations} profiles could not be created.`, {
            hint: '`rowhouse users status` lists them with the reason.',
          });
        }
      } finally {
        process.off('SIGINT', interrupt);
        process.off('SIGTERM', interrupt);
      }
    });
}

function statusCommand(): Command {
  return new Command('status')
    .description('Count users and profiles and list what is wrong with them. Exit code 1 when something is.')
    .option('--json', 'print one line of JSON')
    .action(async (options: { json?: boolean }) => {
      const status = await withDatabase(userStatus);
      if (options.json) {
        printJson(status);
      } else {
        printTable([
          ['users', status.total_auth_users],
          ['profiles', status.profiles],
          ['users without a profile', status.missing_profiles],
          ['deactivated', status.inactive_profiles],
          ['superadmins', status.superadmins],
          ['open failures', status.open_failures],
          [
            'last sync',
            status.last_run
              ? `${status.last_run.started_at.toISOString()}, ${status.last_run.mode} by ${status.last_run.source}: ${status.last_run.outcome}`
              : 'never',
          ],
        ]);
        const shown = status.problems.slice(0, 20);
        for (const { problem, object, user_id, detail, remedy } of shown) {
          print(
            `${pc.yellow(problem)} ${object}${user_id ? ` ${user_id}` : ''}: ${detail} ${pc.dim(remedy)}`,
          );
        }
        if (status.problems.length > shown.length) {
          print(
            `… and ${(status.problems.length - shown.length).toLocaleString('en')} more; --json lists all.`,
          );
        }
        if (status.problems.length === 0) print(pc.green('Sound: every user has one profile.'));
      }
      if (status.problems.length > 0) process.exitCode = 1;
    });
}

function createProfileCommand(): Command {
  return new Command('create-profile')
    .description('Create the profile of one user.')
    .argument('<id>', 'the id of a row of auth.users', parsedBy(userId))
    .option('--inactive', 'create it deactivated')
    .option('--json', 'print one line of JSON')
    .action(async (id: string, options: { inactive?: boolean; json?: boolean }) => {
      const created = await withDatabase(async (client) => {
        const { rows } = await client.query<{ created: boolean }>(
          `select private.create_profile($1, $2) as created`,
          [id, !options.inactive],
        );
        return rows[0]?.created ?? false;
      });
      if (options.json) return printJson({ user_id: id, created });
      print(created ? `User ${id} has a profile now.` : `User ${id} had a profile already. It is as it was.`);
    });
}

function preservationReportCommand(): Command {
  return new Command('preservation-report')
    .description('Show that a sync leaves existing profiles as they are: run one, compare, and roll it back.')
    .argument('[ids...]', 'users to list one by one', listedBy(userId))
    .option('--json', 'print one line of JSON')
    .action(async (ids: string[], options: { json?: boolean }) => {
      const report = await withDatabase((client) => preservationReport(client, ids));
      if (options.json) {
        printJson(report);
      } else {
        printTable([
          ['profiles before', report.checked],
          ['preserved', report.preserved],
          ['changed or lost', report.changed.length],
          ['profiles that a sync would create', report.would_create],
        ]);
        for (const { user_id, display_name, outcome, changed_columns } of report.requested) {
          print(`${user_id}  ${outcome}  ${display_name}  ${changed_columns.join(', ')}`.trimEnd());
        }
        for (const id of report.unknown) print(`${id}  has no profile`);
      }
      if (report.changed.length > 0) {
        throw new Failure(`A sync would change ${report.changed.length} profiles. It was rolled back.`, {
          hint: report.changed
            .slice(0, 5)
            .map(({ user_id, changed_columns }) => `${user_id}: ${changed_columns.join(', ') || 'lost'}`)
            .join('; '),
        });
      }
    });
}

/** `rowhouse users`: the sync of users and profiles, and what an operator needs around it. */
export function usersCommand(): Command {
  return new Command('users')
    .description('Users and their profiles.')
    .addCommand(syncCommand())
    .addCommand(statusCommand())
    .addCommand(createProfileCommand())
    .addCommand(preservationReportCommand());
}
