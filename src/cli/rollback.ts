import { Command } from 'commander';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import type { RestoredTable } from '../migrations/restore.ts';
import type { SetAsideTable } from '../migrations/set-aside.ts';
import { describeUrl } from '../postgres/connect.ts';
import { target } from './database.ts';
import { parsedBy } from './options.ts';
import { note, print, printJson } from './output.ts';

const migrationNumber = z.string().regex(/^\d{6}$/, 'It is the number of a migration: six digits.');

interface RollbackOptions {
  to?: string;
  restore?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

const rows = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`;

/** Says where rows wait: `public.user_profiles: 3 rows, in rollback_000003.user_profiles`. */
export function describeSetAside({ schema, table, source, rows: count }: SetAsideTable): string {
  return `${source ?? 'an unknown table'}: ${rows(count)}, in ${schema}.${table}`;
}

async function undoMigrations(to: string, { dryRun = false, yes, json }: RollbackOptions): Promise<void> {
  const { url } = await target();
  if (!dryRun && !yes) {
    throw new Failure(`This would undo the migrations after ${to} in ${describeUrl(url)}.`, {
      hint: 'See what it would do with --dry-run. If you mean it, add --yes.',
      exitCode: 2,
    });
  }
  const { rollback } = await import('../migrations/rollback.ts');
  const report = await rollback(url, { to, dryRun });
  if (json) {
    printJson(report);
    return;
  }
  const would = dryRun ? 'would be ' : '';
  for (const name of report.undone) print(`${would}undone: ${name}`);
  for (const table of report.set_aside) print(`${would}set aside: ${describeSetAside(table)}`);
  if (report.undone.length === 0) {
    print(`Nothing to do: the database is at ${report.at}.`);
    return;
  }
  if (dryRun) {
    print('A dry run: nothing was changed.');
    return;
  }
  print(`The database is at ${report.at}.`);
  if (report.set_aside.length > 0) {
    note('No row is lost: `rowhouse migrate`, then `rowhouse rollback --restore`, puts them back.');
  }
}

function describeRestored({ schema, table, source, restored, kept, reason }: RestoredTable): string {
  const stays =
    kept > 0 ? `; ${rows(kept)} ${kept === 1 ? 'stays' : 'stay'} in ${schema}.${table}: ${reason ?? ''}` : '';
  return `${source ?? `${schema}.${table}`}: ${rows(restored)}${stays}`;
}

async function restoreRows({ dryRun = false, json }: RollbackOptions): Promise<void> {
  const { url } = await target();
  const { restore } = await import('../migrations/restore.ts');
  const report = await restore(url, { dryRun });
  if (json) {
    printJson(report);
    return;
  }
  for (const table of report.tables) {
    print(`${dryRun ? 'would be ' : ''}restored: ${describeRestored(table)}`);
  }
  if (report.tables.length === 0) {
    print('Nothing to do: no rows are set aside.');
    return;
  }
  if (dryRun) print('A dry run: nothing was changed.');
}

/** `rowhouse rollback`: undoes migrations without losing a row, and puts the rows back. */
export function rollbackCommand(): Command {
  return new Command('rollback')
    .description(
      'Undo migrations, newest first, all or none. Tables that hold rows are set aside; --restore puts the rows back.',
    )
    .option('--to <number>', 'the last migration to keep; 000000 keeps none', parsedBy(migrationNumber))
    .option('--restore', 'put rows that were set aside back into the tables of this release')
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'undo them')
    .option('--json', 'print one line of JSON')
    .action(async (options: RollbackOptions) => {
      if ((options.to === undefined) === !options.restore) {
        throw new Failure('Say either --to <number> or --restore.', {
          hint: '`rowhouse rollback --to 000002` undoes what came after migration 000002.',
          exitCode: 2,
        });
      }
      await (options.to === undefined ? restoreRows(options) : undoMigrations(options.to, options));
    });
}
