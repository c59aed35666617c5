import { Command } from 'commander';
import pc from 'picocolors';
import { z } from 'zod';
import type { IsolationReport, Leak } from '../isolation/report.ts';
import { target } from './database.ts';
import { listedBy } from './options.ts';
import { print, printJson } from './output.ts';

const objectName = z
  .string()
  .regex(/^[^.\s]+\.\S/, 'It is the full name of a table, view or function: public.plants.');

const shownWidth = 300;

const grouped = (count: number) => count.toLocaleString('en');

function printLeaks(leaks: Leak[]): void {
  const alike = new Map<string, Leak[]>();
  for (const leak of leaks) {
    const key = `${leak.object} ${leak.kind}`;
    alike.set(key, [...(alike.get(key) ?? []), leak]);
  }
  for (const [first, ...more] of alike.values()) {
    if (!first) continue;
    print(`${pc.red('leak')} ${pc.bold(first.object)}: ${first.kind}, ${first.attempt}`);
    print(
      `    ${pc.dim('by')}    ${first.actor}${more.length > 0 ? ` (and in ${grouped(more.length)} other attempts)` : ''}`,
    );
    print(`    ${pc.dim('found')} ${first.detail.slice(0, shownWidth)}`);
    if (first.statement !== null) print(`    ${pc.dim('sql')}   ${first.statement.slice(0, shownWidth)}`);
  }
}

function printReport(report: IsolationReport): void {
  printLeaks(report.leaks);
  for (const { object, reason } of report.untried) {
    print(`${pc.red('not tried')} ${pc.bold(object)}: ${reason}`);
  }
  for (const line of report.notes) print(pc.dim(line));
  const { attempts, objects, actors, leaks, untried } = report;
  const tried = `${grouped(attempts)} attempts on ${grouped(objects)} ${objects === 1 ? 'object' : 'objects'} as ${actors} actors`;
  const missing = untried.length === 0 ? '' : `, ${grouped(untried.length)} could not be tried`;
  const found = `${grouped(leaks.length)} ${leaks.length === 1 ? 'leak' : 'leaks'}${missing}`;
  print(`${tried}: ${report.status === 'isolated' ? pc.green(found) : pc.red(found)}.`);
}

/** `rowhouse audit isolation`: tries to get from one organization into another, by every way that there is. */
export function auditIsolationCommand(): Command {
  return new Command('isolation')
    .description(
      'Make two organizations, try every table, view and function of one from the other, and undo it all. Exit code 1 on any leak.',
    )
    .option('--object <name>', 'only this table, view or function; may be repeated', listedBy(objectName))
    .option('--json', 'print one line of JSON, with every attempt and its outcome')
    .action(async (options: { object?: string[]; json?: boolean }) => {
      const { url } = await target();
      const { auditIsolation } = await import('../isolation/audit.ts');
      const report = await auditIsolation(
        url,
        options.object === undefined ? {} : { objects: options.object },
      );
      if (report.status !== 'isolated') process.exitCode = 1;
      if (options.json) printJson(report);
      else printReport(report);
    });
}
