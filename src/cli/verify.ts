import { Command } from 'commander';
import pc from 'picocolors';
import type { TrialReport } from '../verify/end-to-end.ts';
import type { Finding, VerifyReport } from '../verify/verify.ts';
import { target } from './database.ts';
import { print, printJson } from './output.ts';

const colors = { critical: pc.red, warning: pc.yellow, info: pc.dim };
const words = {
  missing: 'is missing',
  changed: 'has changed',
  unexpected: 'is not of this release',
  disabled: 'is disabled',
  access_denied: 'cannot be read',
};
const shownLines = 8;

function printSide(label: string, text: string | null): void {
  if (text === null) return;
  const lines = text.split('\n');
  const shown = lines.slice(0, shownLines);
  if (lines.length > shown.length)
    shown.push(`… ${lines.length - shown.length} more lines; --json shows all`);
  for (const [index, line] of shown.entries()) {
    print(`    ${pc.dim((index === 0 ? label : '').padEnd(10))}${line}`);
  }
}

function printFinding({ kind, name, error, severity, expected, found, remedy }: Finding): void {
  print(`${colors[severity](severity.padEnd(8))} ${kind} ${pc.bold(name)} ${words[error]}`);
  printSide('expected', expected);
  printSide('found', found);
  printSide('do', remedy);
}

function printReport(report: VerifyReport): void {
  report.findings.forEach(printFinding);
  const where = `PostgreSQL ${report.server}, migration ${report.migration}, ${report.objects} objects, ${report.duration_ms} ms`;
  if (report.findings.length === 0) {
    print(`${pc.green('Verified:')} the database is what this release says (${where}).`);
  } else {
    print(
      `${report.critical} critical, ${report.warning} warnings, ${report.info} for information (${where}).`,
    );
  }
}

function printTrial({ steps }: TrialReport): void {
  for (const { step, ok, found, remedy } of steps) {
    print(`${ok ? pc.green('yes') : pc.red('no ')} ${step}: ${found}`);
    if (remedy !== null) printSide('do', remedy);
  }
}

/** `rowhouse verify`: proves that a database is what its release says. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('Compare the database with this release. Exit code 1 when something critical differs.')
    .option(
      '--end-to-end',
      'also register a user, see the profile appear, delete the user, see it go; nothing stays',
    )
    .option('--json', 'print one line of JSON')
    .action(async (options: { endToEnd?: boolean; json?: boolean }) => {
      const { url } = await target();
      const { verify } = await import('../verify/verify.ts');
      const report = await verify(url);
      const trial = options.endToEnd
        ? await (await import('../verify/end-to-end.ts')).endToEnd(url)
        : undefined;
      if (options.json) {
        printJson(trial === undefined ? report : { ...report, end_to_end: trial });
      } else {
        printReport(report);
        if (trial) printTrial(trial);
      }
      if (report.critical > 0 || trial?.ok === false) process.exitCode = 1;
    });
}
