import { Command } from 'commander';
import { z } from 'zod';
import { type AuditEntry, readAuditLog } from '../audit/log.ts';
import { auditLogsAction } from '../client/database.types.ts';
import { organizationId } from '../organizations/organization.ts';
import { findUser, userName } from '../users/find.ts';
import { auditIsolationCommand } from './audit-isolation.ts';
import { printColumns } from './columns.ts';
import { withDatabase } from './database.ts';
import { countUpTo, parsedBy } from './options.ts';
import { note, print, printJson } from './output.ts';

const units = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const moment = z.string().transform((text, context) => {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(Date.now() - Number(count) * units[unit as keyof typeof units]);
  const date = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).safeParse(text);
  if (date.success) return new Date(date.data);
  context.addIssue(
    'It is a time ago (90m, 24h, 7d, 2w), a day such as 2026-05-01 (UTC), or 2026-05-01T12:00:00Z.',
  );
  return z.NEVER;
});
const limit = z.string().max(6, 'It is a whole number.').pipe(countUpTo(100_000));
const action = z.enum(auditLogsAction, `It is one of ${auditLogsAction.join(', ')}.`);
const uuid = z.guid();

/** One value in a line; the rest is for --json. */
function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function keyOf({ row_key }: AuditEntry): string {
  return row_key === null ? '' : Object.values(row_key).map(short).join(', ');
}

/** What an entry tells besides its name: for an update what became of each column. */
function detailOf({ action: done, event, before, after }: AuditEntry): string {
  if (event !== null) return after === null || after === undefined ? '' : short(after);
  if (done !== 'update' || before === null) return '';
  const now = z.record(z.string(), z.unknown()).catch({}).parse(after);
  return Object.entries(before)
    .map(([column, was]) => `${column}: ${short(was)} → ${short(now[column] ?? null)}`)
    .join('; ');
}

function printEntries(entries: AuditEntry[]): void {
  printColumns(
    ['at', 'who', 'did', 'to', 'key', 'what', 'severity'],
    entries.map((entry) => [
      entry.at.toISOString().replace(/\.\d+Z$/, 'Z'),
      entry.actor_email ?? entry.actor_id ?? entry.actor_role,
      entry.event ?? entry.action,
      entry.table_name,
      keyOf(entry),
      detailOf(entry),
      entry.severity === 'info' ? null : entry.severity,
    ]),
  );
}

interface LogOptions {
  org: string;
  since: Date;
  until?: Date;
  action?: string;
  table?: string;
  actor?: string;
  limit: number;
  json?: boolean;
}

function logCommand(): Command {
  return new Command('log')
    .description('Show what was done in an organization, the newest last.')
    .requiredOption(
      '--org <id>',
      'the organization, also one that was purged; PLATFORM for what was done outside of any',
      parsedBy(organizationId),
    )
    .requiredOption(
      '--since <moment>',
      'how long ago (90m, 24h, 7d, 2w), a day, or a moment',
      parsedBy(moment),
    )
    .option('--until <moment>', 'up to when; by default up to now', parsedBy(moment))
    .option('--action <action>', `only this: ${auditLogsAction.join(', ')}`, parsedBy(action))
    .option('--table <name>', 'only changes of this table')
    .option('--actor <user>', 'only what this user did: an e-mail address or a user id', parsedBy(userName))
    .option('--limit <number>', 'how many of the newest to show, 1 to 100,000', parsedBy(limit), 100)
    .option('--json', 'print one line of JSON, with everything that was noted')
    .action(async ({ org, actor, json, ...filter }: LogOptions) => {
      const log = await withDatabase(async (client) =>
        readAuditLog(client, org, {
          ...filter,
          // An id may be of a user who is gone.
          actor:
            actor === undefined || uuid.safeParse(actor).success
              ? actor
              : (await findUser(client, actor)).user_id,
        }),
      );
      if (json) return printJson({ organization_id: org, ...log });
      if (log.entries.length === 0) return print('Nothing was noted.');
      printEntries(log.entries);
      if (log.has_more) note(`There is more before that: --limit shows more than ${filter.limit}.`);
    });
}

/** `rowhouse audit`: what was done, and whether organizations are apart. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('Read the audit log, and prove that organizations are apart.')
    .addCommand(logCommand())
    .addCommand(auditIsolationCommand());
}
