import { Command } from 'commander';
import { Failure } from '../failure.ts';
import { describeUrl } from '../postgres/connect.ts';
import { target, withDatabase } from './database.ts';
import { print } from './output.ts';

/** `rowhouse seed`: puts two demo organizations into a database without users. */
export function seedCommand(): Command {
  return new Command('seed')
    .description(
      'Add two demo organizations to a database without users. For development: their password is public.',
    )
    .option('--yes', 'do it on a database that is not the embedded stack')
    .action(async (options: { yes?: boolean }) => {
      const { url, isEmbedded } = await target();
      if (!isEmbedded && !options.yes) {
        throw new Failure(`Anybody could then sign in to ${describeUrl(url)}.`, {
          hint: 'It is not the embedded stack. If it is for development and you mean it, add --yes.',
          exitCode: 2,
        });
      }
      const { seed } = await import('../migrations/seed.ts');
      if (!(await withDatabase(seed))) return print('The demo organizations are there already.');
      print('Moser Fensterbau (DEMO0001) and Northside Training (DEMO0002) are there.');
      print(
        'Sign in as anna@moser.example or olivia@northside.example, or as a customer, karl@aigner.example.',
      );
      print('The password is rowhouse-demo.');
    });
}
