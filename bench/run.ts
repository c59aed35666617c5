/** Runs benches by name; CONTRIBUTING and bench/README.md say how. */
import { Command } from 'commander';
import { z } from 'zod';
import { Failure } from '../src/failure.ts';
import { bench as audit } from './audit.ts';
import { bench as bookings } from './bookings.ts';
import { bench as delivery } from './delivery.ts';
import { bench as enqueue } from './enqueue.ts';
import { bench as listUsers } from './list-users.ts';
import { bench as sales } from './sales.ts';
import { bench as signUp } from './sign-up.ts';
import { bench as snapshot } from './snapshot.ts';
import { type Bench, runBench } from './support/report.ts';
import { bench as sync } from './sync.ts';
import { bench as tenancy } from './tenancy.ts';
import { bench as verify } from './verify.ts';

const benches: Record<string, Bench> = {
  'sign-up': signUp,
  sync,
  'list-users': listUsers,
  enqueue,
  delivery,
  snapshot,
  verify,
  tenancy,
  audit,
  sales,
  bookings,
};

const scaleOption = z.coerce.number().gt(0).max(1);

const program = new Command('bench')
  .description('Measures Rowhouse against a floor, in turns, and prints ratios.')
  .argument('[names...]', 'which benches to run, or all')
  .option('--scale <factor>', 'a part of the rows and rounds, above 0 up to 1, for a quick look', '1')
  .addHelpText(
    'after',
    `\nBenches:\n${Object.entries(benches)
      .map(([name, { description }]) => `  ${name.padEnd(12)} ${description}`)
      .join('\n')}\n\nAt scale 1 each writes bench/results/<name>.json. Exit code 1 when a target is missed.`,
  )
  .action(async (names: string[], options: { scale: string }) => {
    const scale = scaleOption.safeParse(options.scale);
    if (!scale.success) throw new Failure('--scale is a number above 0 up to 1.', { exitCode: 2 });
    const wanted = names.includes('all') ? Object.keys(benches) : names;
    if (wanted.length === 0) return program.help();
    const unknown = wanted.find((name) => !Object.hasOwn(benches, name));
    if (unknown !== undefined) {
      throw new Failure(`There is no bench ${unknown}.`, {
        hint: `There are ${Object.keys(benches).join(', ')}.`,
        exitCode: 2,
      });
    }
    for (const name of wanted) {
      const bench = benches[name];
      if (bench && !(await runBench(name, bench, scale.data))) process.exitCode = 1;
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error([error.message, error.hint].filter(Boolean).join('\n'));
  process.exitCode = error.exitCode;
}
