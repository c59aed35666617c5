import { Command } from 'commander';
import { nameOf, userName } from '../users/find.ts';
import { listSuperadmins, setPlatformRole } from '../users/superadmins.ts';
import { printColumns } from './columns.ts';
import { withDatabase } from './database.ts';
import { parsedBy } from './options.ts';
import { note, print, printJson } from './output.ts';

async function changeRole(name: string, role: 'user' | 'superadmin', json = false): Promise<void> {
  const [{ user, changed }, left] = await withDatabase(async (client) => [
    await setPlatformRole(client, name, role),
    (await listSuperadmins(client)).filter(({ is_active }) => is_active).length,
  ]);
  if (json) {
    printJson({ user_id: user.user_id, email: user.email, platform_role: role, changed });
    return;
  }
  const who = nameOf(user);
  if (role === 'superadmin') {
    print(changed ? `${who} is a superadmin now.` : `${who} was a superadmin already.`);
    if (user.is_active === false)
      note('The account is deactivated: it does nothing until it is reactivated.');
    if (!user.is_verified) note('Nobody has verified the address yet.');
  } else {
    print(changed ? `${who} is no superadmin any more.` : `${who} was no superadmin.`);
    if (left === 0) note('No active superadmin is left.');
  }
}

function grantCommand(): Command {
  return new Command('grant')
    .description('Make a user a superadmin, from this moment.')
    .argument('<email>', 'the e-mail address of the user, or the user id', parsedBy(userName))
    .option('--json', 'print one line of JSON')
    .action((name: string, options: { json?: boolean }) => changeRole(name, 'superadmin', options.json));
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('Make a superadmin an ordinary user, from this moment.')
    .argument('<email>', 'the e-mail address of the user, or the user id', parsedBy(userName))
    .option('--json', 'print one line of JSON')
    .action((name: string, options: { json?: boolean }) => changeRole(name, 'user', options.json));
}

function listCommand(): Command {
  return new Command('list')
    .description('List the superadmins.')
    .option('--json', 'print one line of JSON')
    .action(async (options: { json?: boolean }) => {
      const superadmins = await withDatabase(listSuperadmins);
      if (options.json) {
        printJson({ superadmins });
        return;
      }
      if (superadmins.length === 0) {
        print('There is none. `rowhouse superadmin grant <email>` makes one.');
        return;
      }
      printColumns(
        ['e-mail', 'name', 'account', 'last seen', 'user id'],
        superadmins.map(({ user_id, email, display_name, is_active, last_seen_at }) => [
          email,
          display_name,
          is_active ? 'active' : 'deactivated',
          last_seen_at,
          user_id,
        ]),
      );
    });
}

/** `rowhouse superadmin`: who may do everything on the platform. Takes access to the database; no key of the API will do. */
export function superadminCommand(): Command {
  return new Command('superadmin')
    .description('Who may do everything on the platform.')
    .addCommand(grantCommand())
    .addCommand(revokeCommand())
    .addCommand(listCommand());
}
