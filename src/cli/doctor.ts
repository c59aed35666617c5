import { Command } from 'commander';
import pc from 'picocolors';
import { target } from './database.ts';
import { print, printJson } from './output.ts';

const marks = { ok: pc.green('ok'), wrong: pc.red('wrong'), access_denied: pc.yellow('access denied') };

/** `rowhouse doctor`: everything that can be wrong with a database, for a person or a health check. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Look at versions, extensions, jobs, queues and users. Exit code 1 when something is wrong.')
    .option('--json', 'print one line of JSON')
    .action(async (options: { json?: boolean }) => {
      const { url } = await target();
      const { doctor } = await import('../doctor/doctor.ts');
      const report = await doctor(url);
      if (report.status !== 'ok') process.exitCode = 1;
      if (options.json) return printJson(report);
      print(`Rowhouse ${report.version}`);
      for (const { name, status, notes, problems } of report.checks) {
        print(`${pc.bold(name)}: ${marks[status]}`);
        for (const note of notes) print(`  ${pc.dim(note)}`);
        for (const { problem, remedy } of problems) {
          print(`  ${pc.red(problem)}`);
          print(`    do: ${remedy}`);
        }
      }
      print(report.status === 'ok' ? pc.green('All is well.') : pc.red('Something is wrong.'));
    });
}
