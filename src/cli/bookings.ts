import { Command } from 'commander';
import pc from 'picocolors';
import { backfillBookings, type BackfillReport, defaultBatchSize } from '../bookings/backfill.ts';
import { Failure } from '../failure.ts';
import { organizationId } from '../organizations/organization.ts';
import { withDatabase } from './database.ts';
import { countUpTo, parsedBy } from './options.ts';
import { note, print, printJson, printTable } from './output.ts';

const batchSize = countUpTo(100_000);

const reasons = {
  missing_email: 'there is no e-mail address',
  invalid_email: 'this can be no e-mail address',
};

function printReport(report: BackfillReport): void {
  printTable([
    ['organizations', report.organizations.length],
    ['older bookings', report.examined + (report.dry_run ? 0 : report.remaining)],
    [report.dry_run ? 'would be linked' : 'linked', report.linked],
    [report.dry_run ? 'customers that it would make' : 'customers made', report.created],
    ['left', report.remaining],
    ['without a usable address', report.unusable],
  ]);
  const unusable = report.organizations.flatMap(({ organization_id, unusable }) =>
    unusable.map(({ reference, reason }) => ({ organization_id, reference, reason })),
  );
  const shown = unusable.slice(0, 20);
  for (const { organization_id, reference, reason } of shown) {
    print(`${organization_id}  ${reference}  ${pc.yellow(reason)}: ${reasons[reason]}`);
  }
  if (unusable.length > shown.length) {
    print(`… and ${(unusable.length - shown.length).toLocaleString('en')} more; --json lists all.`);
  }
}

function backfillCommand(): Command {
  return new Command('backfill')
    .description(
      'Find or make the customers of older bookings, by the e-mail address in their contact details.',
    )
    .option('--organization <id>', 'only this organization', parsedBy(organizationId))
    .option('--dry-run', 'only say what would be done')
    .option(
      '--batch-size <number>',
      'bookings per transaction, 1 to 100,000',
      parsedBy(batchSize),
      defaultBatchSize,
    )
    .option('--verbose', 'print a line for each batch')
    .option('--json', 'print one line of JSON, with every booking that has no usable address')
    .action(
      async (options: {
        organization?: string;
        dryRun?: boolean;
        batchSize: number;
        verbose?: boolean;
        json?: boolean;
      }) => {
        const interruption = new AbortController();
        const interrupt = () => {
          if (interruption.signal.aborted) process.exit(130);
          interruption.abort();
          note('Stopping after this batch. Press Ctrl-C again to stop at once.');
        };
        process.on('SIGINT', interrupt);
        process.on('SIGTERM', interrupt);
        try {
          const report = await withDatabase((client) =>
            backfillBookings(client, {
              organization: options.organization,
              dryRun: options.dryRun ?? false,
              batchSize: options.batchSize,
              signal: interruption.signal,
              onBatch: ({ organization_id, linked, created }) => {
                if (options.verbose) note(`${organization_id}: ${linked} linked, ${created} customers made`);
              },
            }),
          );
          if (options.json) printJson(report);
          else printReport(report);
          if (report.outcome === 'interrupted') {
            throw new Failure('Interrupted. What was linked stays.', {
              hint: 'Run the same command to go on.',
              exitCode: 130,
            });
          }
          if (report.outcome === 'locked') {
            throw new Failure(
              `${report.remaining.toLocaleString('en')} bookings are locked by somebody else.`,
              {
                hint: 'What was linked stays. Run the same command when they are free.',
              },
            );
          }
        } finally {
          process.off('SIGINT', interrupt);
          process.off('SIGTERM', interrupt);
        }
      },
    );
}

/** `rowhouse bookings`: what an operator does with bookings. */
export function bookingsCommand(): Command {
  return new Command('bookings').description('Bookings of courses.').addCommand(backfillCommand());
}
