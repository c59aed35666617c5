import { Command } from 'commander';
import { target } from './database.ts';
import { note, print, printJson } from './output.ts';
import { describeSetAside } from './rollback.ts';

/** `rowhouse migrate`: brings a database to this release. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('Bring the database to this release: apply the migrations that it does not have.')
    .option('--json', 'print one line of JSON')
    .action(async (options: { json?: boolean }) => {
      const { url } = await target();
      const { migrate } = await import('../migrations/migrate.ts');
      const report = await migrate(url);
      if (options.json) return printJson(report);
      for (const name of report.applied) print(`applied ${name}`);
      print(
        report.applied.length === 0
          ? `Nothing to do: the database is at ${report.at}.`
          : `The database is at ${report.at}.`,
      );
      for (const table of report.set_aside) print(`set aside: ${describeSetAside(table)}`);
      if (report.set_aside.length > 0) note('`rowhouse rollback --restore` puts these rows back.');
    });
}
