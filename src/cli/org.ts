import type { Readable, Writable } from 'node:stream';
import { text } from '@clack/prompts';
import { Command } from 'commander';
import pc from 'picocolors';
import { z } from 'zod';
import { organizationsStatus, organizationsTier } from '../client/database.types.ts';
import { Failure } from '../failure.ts';
import {
  cancelOrganization,
  createOrganization,
  describeOrganization,
  listOrganizations,
  type Organization,
  type OrganizationDescription,
  organizationId,
  organizationUsage,
  purgeOrganization,
  reactivateOrganization,
  suspendOrganization,
} from '../organizations/organization.ts';
import { findUser, nameOf, userName } from '../users/find.ts';
import { printable, printColumns } from './columns.ts';
import { withDatabase } from './database.ts';
import { countUpTo, parsedBy } from './options.ts';
import { print, printJson, printTable } from './output.ts';

const status = z.enum(organizationsStatus, `It is one of ${organizationsStatus.join(', ')}.`);
const tier = z.enum(organizationsTier, `It is one of ${organizationsTier.join(', ')}.`);
const positive = countUpTo(1_000_000);
const idArgument = ['<id>', 'the id of the organization', parsedBy(organizationId)] as const;

function createCommand(): Command {
  return new Command('create')
    .description('Create an organization with its roles and its owner.')
    .argument('<name>', 'the name of the company')
    .requiredOption('--slug <slug>', 'its name in links: lower case letters, digits and hyphens')
    .requiredOption(
      '--owner <user>',
      'who owns it: the e-mail address of a user, or the user id',
      parsedBy(userName),
    )
    .option(
      '--id <id>',
      'a reserved id such as LEGACY001 (default: a generated one)',
      parsedBy(organizationId),
    )
    .option('--tier <tier>', `the plan: ${organizationsTier.join(', ')} (default: basic)`, parsedBy(tier))
    .option('--timezone <name>', 'an IANA name such as Europe/Vienna (default: UTC)')
    .option('--max-users <number>', 'how many active members it may have (default: 10)', parsedBy(positive))
    .option('--json', 'print one line of JSON')
    .action(
      async (
        name: string,
        options: {
          slug: string;
          owner: string;
          id?: string;
          tier?: string;
          timezone?: string;
          maxUsers?: number;
          json?: boolean;
        },
      ) => {
        const [organization, owner] = await withDatabase(async (client) => {
          const user = await findUser(client, options.owner);
          return [await createOrganization(client, name, options.slug, user.user_id, options), user];
        });
        if (options.json) {
          printJson({ ...organization, owner: { user_id: owner.user_id, email: owner.email } });
          return;
        }
        print(`${organization.name} is organization ${pc.bold(organization.id)}.`);
        printTable([
          ['slug', organization.slug],
          ['owner', nameOf(owner)],
          ['plan', organization.tier],
          ['active members', `up to ${organization.max_users.toLocaleString('en')}`],
          ['time zone', organization.timezone],
        ]);
      },
    );
}

function listCommand(): Command {
  return new Command('list')
    .description('List organizations, newest first, 50 to a page.')
    .option('--search <text>', 'find a text in name, slug, id and contact address')
    .option('--status <status>', organizationsStatus.join(', '), parsedBy(status))
    .option('--page <number>', 'which page', parsedBy(positive), 1)
    .option('--json', 'print one line of JSON')
    .action(async (options: { search?: string; status?: string; page: number; json?: boolean }) => {
      const listed = await withDatabase((client) => listOrganizations(client, options));
      if (options.json) {
        printJson(listed);
        return;
      }
      if (listed.organizations.length > 0) {
        printColumns(
          ['id', 'name', 'slug', 'status', 'plan', 'members', 'of', 'waiting', 'plants', 'created'],
          listed.organizations.map((organization) => [
            organization.id,
            organization.name,
            organization.slug,
            organization.status,
            organization.tier,
            organization.active_members,
            organization.max_users,
            organization.pending_members,
            organization.plants,
            organization.created_at,
          ]),
        );
      }
      const pages = Math.max(1, Math.ceil(listed.total / listed.per_page));
      const count = `${listed.total.toLocaleString('en')} ${listed.total === 1 ? 'organization' : 'organizations'}`;
      print(pages > 1 || listed.page > 1 ? `${count}, page ${listed.page} of ${pages}.` : `${count}.`);
    });
}

/** Lines for a person; what is not set is left out. */
function described(organization: OrganizationDescription): [string, string | number][] {
  const since = organization.suspended_at ?? organization.cancelled_at;
  const features = Object.keys(organization.features).filter((name) => organization.features[name]);
  const rows: [string, string | number | null][] = [
    ['id', organization.id],
    ['name', organization.name],
    ['slug', organization.slug],
    [
      'status',
      since
        ? `${organization.status} since ${since.toISOString()}: ${organization.status_reason ?? ''}`
        : organization.status,
    ],
    ['plan', organization.tier],
    ['features', features.join(', ') || null],
    ['owners', organization.owners.map(nameOf).join(', ') || 'none'],
    [
      'active members',
      `${organization.active_members.toLocaleString('en')} of ${organization.max_users.toLocaleString('en')}`,
    ],
    ['waiting for approval', organization.pending_members],
    ['suspended members', organization.suspended_members],
    ['open invitations', organization.open_invitations],
    ['plants', organization.plants],
    [
      'self-registration',
      organization.allow_self_registration
        ? `yes, ${organization.requires_approval ? 'with approval' : 'without approval'}`
        : 'no',
    ],
    ['time zone', organization.timezone],
    [
      'contact',
      [organization.contact_name, organization.contact_email, organization.contact_phone]
        .filter(Boolean)
        .join(', ') || null,
    ],
    ['billing', organization.billing_email],
    ['industry', organization.industry],
    ['size', organization.size],
    ['created', organization.created_at.toISOString()],
  ];
  return rows.flatMap(([label, value]) =>
    value === null ? [] : [[label, typeof value === 'string' ? printable(value) : value]],
  );
}

function showCommand(): Command {
  return new Command('show')
    .description('Show an organization: particulars, counts, owners.')
    .argument(...idArgument)
    .option('--json', 'print one line of JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      const organization = await withDatabase((client) => describeOrganization(client, id));
      if (options.json) printJson(organization);
      else printTable(described(organization));
    });
}

function printStatus(organization: Organization, json = false): void {
  if (json) printJson(organization);
  else print(`${organization.name} (${organization.id}) is ${organization.status}.`);
}

function suspendCommand(): Command {
  return new Command('suspend')
    .description('Suspend an organization: its members read and write nothing from this moment.')
    .argument(...idArgument)
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--json', 'print one line of JSON')
    .action(async (id: string, options: { reason: string; json?: boolean }) => {
      printStatus(
        await withDatabase((client) => suspendOrganization(client, id, options.reason)),
        options.json,
      );
    });
}

function reactivateCommand(): Command {
  return new Command('reactivate')
    .description('Make a suspended or cancelled organization active again.')
    .argument(...idArgument)
    .option('--json', 'print one line of JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      printStatus(await withDatabase((client) => reactivateOrganization(client, id)), options.json);
    });
}

function cancelCommand(): Command {
  return new Command('cancel')
    .description('Cancel an organization: nothing is deleted, its members read and write nothing.')
    .argument(...idArgument)
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--json', 'print one line of JSON')
    .action(async (id: string, options: { reason: string; json?: boolean }) => {
      printStatus(
        await withDatabase((client) => cancelOrganization(client, id, options.reason)),
        options.json,
      );
    });
}

/** What a purge deletes, as a sentence. */
const loss = ({ name, id, active_members }: OrganizationDescription) =>
  `This would delete organization ${id}, ${JSON.stringify(name)}, with ${active_members.toLocaleString('en')} active ${active_members === 1 ? 'member' : 'members'} and every row that it has, for good.`;

/**
 * Asks a person at a terminal for the name of what is to be deleted.
 *
 * @param organization what is to be deleted
 * @param terminal where to ask
 * @returns what was typed
 * @throws {Failure} exit code 130 when the person wants out
 */
export async function askForName(
  organization: OrganizationDescription,
  terminal: { input: Readable; output: Writable } = { input: process.stdin, output: process.stderr },
): Promise<string> {
  const answer = await text({
    message: `${loss(organization)}\nType its name to go on:`,
    ...terminal,
  });
  if (typeof answer !== 'string') throw new Failure('Nothing was deleted.', { exitCode: 130 });
  return answer;
}

function purgeCommand(): Command {
  return new Command('purge')
    .description('Delete a cancelled organization with everything in it, for good. Its audit log stays.')
    .argument(...idArgument)
    .option('--confirm <name>', 'its exact name; without it, a terminal is asked')
    .option('--json', 'print one line of JSON')
    .action(async (id: string, options: { confirm?: string; json?: boolean }) => {
      let name = options.confirm;
      if (name === undefined) {
        // The connection is not held while somebody thinks.
        const organization = await withDatabase((client) => describeOrganization(client, id));
        if (organization.status === 'cancelled') {
          if (!process.stdin.isTTY || !process.stderr.isTTY) {
            throw new Failure(loss(organization), {
              hint: 'If you mean it, add --confirm with its exact name.',
              exitCode: 2,
            });
          }
          name = await askForName(organization);
        }
      }
      const rows = await withDatabase((client) => purgeOrganization(client, id, name));
      if (options.json) {
        printJson({ id, rows });
        return;
      }
      print(`Organization ${id} is gone, with:`);
      printTable(rows.map(({ resource, used }) => [resource, used]));
    });
}

function usageCommand(): Command {
  return new Command('usage')
    .description('Count what an organization has, each against its limit.')
    .argument(...idArgument)
    .option('--json', 'print one line of JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      const usage = await withDatabase((client) => organizationUsage(client, id));
      if (options.json) {
        printJson({ organization_id: id, usage });
        return;
      }
      printColumns(
        ['', 'used', 'of'],
        usage.map(({ resource, used, allowed }) => [resource.replaceAll('_', ' '), used, allowed]),
      );
    });
}

/** `rowhouse org`: the tenants, from the first day to the last. */
export function orgCommand(): Command {
  return new Command('org')
    .description('Organizations: the tenants of this platform.')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(suspendCommand())
    .addCommand(reactivateCommand())
    .addCommand(cancelCommand())
    .addCommand(purgeCommand())
    .addCommand(usageCommand());
}
