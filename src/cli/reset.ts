import { Command } from 'commander';
import { Failure } from '../failure.ts';
import { describeUrl } from '../postgres/connect.ts';
import { target } from './database.ts';
import { print } from './output.ts';

/** `rowhouse reset`: takes Rowhouse out of a database and puts it in again, empty. */
export function resetCommand(): Command {
  return new Command('reset')
    .description(
      'Empty Rowhouse: undo every migration, delete its data, and migrate again. Users of auth.users stay.',
    )
    .option('--yes', 'do it on a database that is not the embedded stack')
    .action(async (options: { yes?: boolean }) => {
      const { url, isEmbedded } = await target();
      if (!isEmbedded && !options.yes) {
        throw new Failure(`This would delete all of Rowhouse's data in ${describeUrl(url)}.`, {
          hint: 'It is not the embedded stack. If you mean it, add --yes.',
          exitCode: 2,
        });
      }
      const { reset } = await import('../migrations/reset.ts');
      const report = await reset(url);
      print(`${describeUrl(url)} is empty and at ${report.at}.`);
    });
}
