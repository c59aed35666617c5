import { Command } from 'commander';
import { z } from 'zod';
import { membersStatus } from '../client/database.types.ts';
import { changeMember, listMembers, type MemberAction } from '../organizations/members.ts';
import { organizationId } from '../organizations/organization.ts';
import { findUser, nameOf, userName } from '../users/find.ts';
import { printColumns } from './columns.ts';
import { withDatabase } from './database.ts';
import { parsedBy } from './options.ts';
import { print, printJson } from './output.ts';

const status = z.enum(membersStatus, `It is one of ${membersStatus.join(', ')}.`);

function listCommand(): Command {
  return new Command('list')
    .description('List the members of an organization, by name, with their roles.')
    .argument('<organization>', 'its id', parsedBy(organizationId))
    .option('--status <status>', membersStatus.join(', '), parsedBy(status))
    .option('--search <text>', 'find a text in name and e-mail')
    .option('--json', 'print one line of JSON')
    .action(async (organization: string, options: { status?: string; search?: string; json?: boolean }) => {
      const members = await withDatabase((client) => listMembers(client, organization, options));
      if (options.json) {
        printJson({ organization_id: organization, members });
        return;
      }
      if (members.length === 0) {
        print('Nobody.');
        return;
      }
      printColumns(
        ['name', 'e-mail', 'status', 'roles', 'joined', 'last seen', 'user id'],
        members.map((member) => [
          member.display_name,
          member.email,
          member.user_is_active ? member.status : `${member.status}, account deactivated`,
          // Whom nobody has given a role has this one.
          member.role_codes.join(', ') || 'customer',
          member.joined_at,
          member.last_seen_at,
          member.user_id,
        ]),
      );
    });
}

/** Each command that does something to one member: what it is for, and what it says when it is done. */
const actions: Record<MemberAction, { description: string; done: string }> = {
  approve: { description: 'Let in who asked to join.', done: 'is a member of' },
  reject: { description: 'Turn away who asked to join.', done: 'was not let into' },
  suspend: {
    description: 'Shut a member out, at once. Their roles stay for when they return.',
    done: 'is shut out of',
  },
  reactivate: { description: 'Let a suspended member in again.', done: 'is let in again to' },
  remove: {
    description: 'Remove a member with their roles, at once. The account stays.',
    done: 'is no member any more of',
  },
};

function actionCommand(name: MemberAction): Command {
  return new Command(name)
    .description(actions[name].description)
    .argument('<organization>', 'its id', parsedBy(organizationId))
    .argument('<user>', 'an e-mail address, or a user id', parsedBy(userName))
    .option('--json', 'print one line of JSON')
    .action(async (organization: string, who: string, options: { json?: boolean }) => {
      const [user, member] = await withDatabase(async (client) => {
        const found = await findUser(client, who);
        return [found, await changeMember(client, name, organization, found.user_id)];
      });
      if (options.json) {
        printJson({ ...member, email: user.email, action: name });
        return;
      }
      print(`${nameOf(user)} ${actions[name].done} ${organization}.`);
    });
}

/** `rowhouse member`: the members of one organization, for the operator, who is in none. */
export function memberCommand(): Command {
  return new Command('member')
    .description('The members of an organization.')
    .addCommand(listCommand())
    .addCommand(actionCommand('approve'))
    .addCommand(actionCommand('reject'))
    .addCommand(actionCommand('suspend'))
    .addCommand(actionCommand('reactivate'))
    .addCommand(actionCommand('remove'));
}
