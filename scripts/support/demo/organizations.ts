import { randomUUID } from 'node:crypto';
import { printColumns } from '../../../src/cli/columns.ts';
import { note, print, printTable } from '../../../src/cli/output.ts';
import { withConnection } from '../../../src/postgres/connect.ts';
import { auditIsolation } from '../../../src/isolation/audit.ts';
import type { Stack } from '../../../src/stack/start.ts';
import { dataOf, expect, expectRefusal, heading, mailTo, type Person, signUp } from './telling.ts';

/** The two organizations of the demo, and who works in them. */
export interface Houses {
  moser: string;
  northside: string;
  anna: Person;
  bernd: Person;
  david: Person;
  olivia: Person;
}

async function plantsSeenBy({ client }: Person): Promise<{ id: string; code: string }[]> {
  return dataOf(client.from('plants').select('id, code').order('code'));
}

/** Joins by the link of an organization, is let in, with a role or as a customer, and works there. */
export async function joins(person: Person, slug: string, admin: Person, role?: string): Promise<void> {
  const { organization_id } = await person.client.call('join_organization', { slug });
  await admin.client.call('approve_member', { user_id: person.id });
  if (role) await admin.client.call('grant_role', { user_id: person.id, role_code: role });
  await person.client.switchOrganization(organization_id);
}

async function makeHouses(stack: Stack, superadmin: Person): Promise<Houses> {
  heading('11. Two organizations move in');
  const anna = await signUp(stack, 'anna@moser.example', 'Anna Moser');
  const bernd = await signUp(stack, 'bernd@moser.example', 'Bernd Huber');
  const david = await signUp(stack, 'david@moser.example', 'David Öztürk');
  const olivia = await signUp(stack, 'olivia@northside.example', 'Olivia Tremblay');
  const found = (name: string, slug: string, owner: Person, more: { id?: string } = {}) =>
    superadmin.client.call('create_organization', { name, slug, owner_id: owner.id, ...more });
  // The ids that the files of supabase/seeds fill, in steps 16 and 21.
  const { id: moser } = await found('Moser Fensterbau', 'moser', anna, { id: 'DEMO0001' });
  const { id: northside } = await found('Northside Training', 'northside', olivia, { id: 'DEMO0002' });
  await anna.client.switchOrganization(moser);
  await olivia.client.switchOrganization(northside);
  print(`  ${moser} is Moser Fensterbau, of Anna; ${northside} is Northside Training, of Olivia.`);

  await dataOf(
    anna.client.from('organizations').update({ allow_self_registration: true }).eq('id', moser).select('id'),
  );
  await joins(bernd, 'moser', anna, 'manager');
  await joins(david, 'moser', anna, 'operator');
  // The same code in both: neither learns of the other's.
  await dataOf(
    anna.client
      .from('plants')
      .insert([
        { code: 'HQ', name: 'Linz works' },
        { code: 'GRZ', name: 'Graz works' },
      ])
      .select('id'),
  );
  await dataOf(olivia.client.from('plants').insert({ code: 'HQ', name: 'Toronto campus' }).select('id'));

  const rows: string[][] = [];
  for (const person of [anna, bernd, david, olivia]) {
    const { data } = await person.client.auth.getClaims();
    const mayManage = await person.client.call('check_permission', { code: 'plants.manage' });
    rows.push([
      `  ${person.name}`,
      String(data?.claims.organization_id),
      String(data?.claims.organization_role),
      (await plantsSeenBy(person)).map(({ code }) => code).join(', '),
      mayManage ? 'yes' : 'no',
    ]);
  }
  printColumns(['  who', 'organization', 'role', 'plants seen', 'may change them'], rows);
  expect(
    'each sees the plants of their own organization',
    rows.slice(0, 3).every(([, id, , codes]) => id === moser && codes === 'GRZ, HQ') &&
      rows[3]?.[1] === northside &&
      rows[3][3] === 'HQ',
  );
  expect('and does what their role holds', rows.map((row) => row[4]).join() === 'yes,yes,no,yes');
  return { moser, northside, anna, bernd, david, olivia };
}

async function seesNothing({ client }: Person): Promise<boolean> {
  const answers = [
    await dataOf(client.from('organizations').select('id')),
    await dataOf(client.from('members').select('user_id')),
    await dataOf(client.from('plants').select('id')),
  ];
  return answers.every(({ length }) => length === 0);
}

async function tryTheWalls(stack: Stack, { moser, northside, anna, david, olivia }: Houses): Promise<Person> {
  heading('12. They try the doors');
  const [foreign] = await plantsSeenBy(olivia);
  const foreignId = foreign?.id ?? '';
  const read = async (id: string) => dataOf(anna.client.from('plants').select('code').eq('id', id));
  expect(
    'Anna reads a plant of Northside by its id: the same nothing as for an id that nobody has',
    (await read(foreignId)).length === 0 && (await read(randomUUID())).length === 0,
  );
  await expectRefusal(
    'she writes into Northside by naming it',
    '42501',
    anna.client.from('plants').insert({ organization_id: northside, code: 'X', name: 'X' }),
  );
  const switchTo = (id: string) => anna.client.switchOrganization(id);
  await expectRefusal('she switches to Northside', 'organization_not_found', switchTo(northside));
  await expectRefusal('to one that does not exist', 'organization_not_found', switchTo('NOSUCH999'));
  await expectRefusal(
    'David, an operator, adds a plant',
    '42501',
    david.client.from('plants').insert({ code: 'MINE', name: 'Mine' }),
  );
  await expectRefusal(
    'he makes himself an owner',
    'permission_required',
    david.client.call('grant_role', { user_id: david.id, role_code: 'owner' }),
  );
  await expectRefusal(
    'Anna, the only owner, leaves',
    'last_owner',
    anna.client.call('remove_member', { user_id: anna.id }),
  );
  const mallory = await signUp(stack, 'mallory@example.com', 'Mallory', { organization_id: moser });
  expect(
    'Mallory signs up with metadata that names Moser, and sees nothing of it',
    await seesNothing(mallory),
  );
  return mallory;
}

async function invite(stack: Stack, { moser, anna }: Houses, mallory: Person): Promise<void> {
  heading('13. Anna invites Hanna');
  const sent = performance.now();
  const email = 'hanna@moser.example';
  await anna.client.invoke('invite-member', { email, role_codes: ['salesman'] });
  const mail = await mailTo(stack, email);
  printTable([
    ['to', email],
    ['subject', mail.subject ?? ''],
    ['arrived after', `${Math.round(performance.now() - sent)} ms`],
  ]);
  const token = /\?token=(\S+)/.exec(mail.text ?? '')?.[1] ?? '';
  const kept = await withConnection(stack.dbUrl, async (client) => {
    const { rows } = await client.query<{ hashes: string; tokens: string }>(
      `with kept (text) as (
         select invitation::text from public.invitations as invitation
         union all select message::text from pgmq.q_notifications as message
         union all select message::text from pgmq.a_notifications as message
         union all select entry::text from public.audit_logs as entry
       )
       select count(*) filter (where text ~ encode(sha256(convert_to($1::text, 'UTF8')), 'hex')) as hashes,
         count(*) filter (where strpos(text, $1::text) > 0) as tokens
       from kept`,
      [token],
    );
    return rows[0];
  });
  expect(
    'the mail has the token; tables, queue and audit log have no more than its hash',
    token.length === 43 && kept?.tokens === '0' && kept.hashes === '1',
  );

  const accept = (person: Person) => person.client.invoke('accept-invitation', { token });
  await expectRefusal('Mallory, who has got hold of it, opens it', 'invitation_not_found', accept(mallory));
  const hanna = await signUp(stack, email, 'Hanna Berger');
  const joined = await accept(hanna);
  await hanna.client.auth.refreshSession();
  const { data } = await hanna.client.auth.getClaims();
  expect(
    `Hanna opens it, and works at ${joined.organization_name} as ${String(data?.claims.organization_role)}`,
    data?.claims.organization_id === moser && data.claims.organization_role === 'salesman',
  );
  await expectRefusal('she opens it again', 'invitation_used', accept(hanna));
}

async function switchAsSuperadmin({ moser, northside, anna }: Houses, superadmin: Person): Promise<void> {
  heading('14. The superadmin looks in, and is seen');
  const visited: string[] = [];
  for (const id of [moser, northside]) {
    const { organization_name } = await superadmin.client.switchOrganization(id);
    const codes = (await plantsSeenBy(superadmin)).map(({ code }) => code).join(', ');
    visited.push(codes);
    print(`    in ${organization_name}: plants ${codes}`);
  }
  expect('one organization at a time', visited.join(' | ') === 'GRZ, HQ | HQ');
  const log = await dataOf(
    anna.client
      .from('audit_logs')
      .select('event, severity, actor_id, after')
      .eq('event', 'organization.switched')
      .eq('actor_id', superadmin.id),
  );
  expect(
    `Anna reads in her audit log that ${superadmin.name} was there, marked ${log[0]?.severity ?? 'nothing'}`,
    log.length === 1 && log[0]?.severity === 'warning',
  );
}

async function suspend({ anna, bernd }: Houses): Promise<void> {
  heading('15. Anna suspends Bernd, between two requests of one token');
  const token = (await bernd.client.auth.getSession()).data.session?.access_token;
  const before = (await plantsSeenBy(bernd)).length;
  await anna.client.call('suspend_member', { user_id: bernd.id });
  const after = (await plantsSeenBy(bernd)).length;
  const isSame = (await bernd.client.auth.getSession()).data.session?.access_token === token;
  expect(`his token read ${before} plants, and now reads ${after}`, isSame && before === 2 && after === 0);
  await expectRefusal('he asks for the members', 'organization_required', bernd.client.call('list_members'));
  await anna.client.call('reactivate_member', { user_id: bernd.id });
  expect('let in again, the same token reads again', (await plantsSeenBy(bernd)).length === before);
}

/**
 * The demo's last step: the isolation audit.
 *
 * @param url connection string of role `postgres`
 */
export async function auditWalls(url: string): Promise<void> {
  heading('28. rowhouse audit isolation');
  note(
    '  Two more organizations, a user for each role, rows in every table; then each tries to reach the other …',
  );
  const report = await auditIsolation(url);
  printTable([
    ['attempts', report.attempts.toLocaleString('en')],
    ['tables, views and functions', report.objects],
    ['users and tokens', report.actors],
    ['leaks', report.leaks.length],
    ['not tried', report.untried.length],
    ['time', `${report.duration_ms.toLocaleString('en')} ms`],
  ]);
  for (const { object, actor, detail } of report.leaks.slice(0, 10))
    print(`    ${object} as ${actor}: ${detail}`);
  for (const { object, reason } of report.untried.slice(0, 10)) print(`    ${object}: ${reason}`);
  expect('nothing leaks, and nothing was left untried', report.status === 'isolated');
}

/**
 * The demo's part about organizations: two of them, people in several roles, what they see and what they are refused, an
 * invitation, a superadmin who looks in, a member who is suspended.
 *
 * @param stack the running stack
 * @param superadmin somebody who is one
 * @returns the organizations and their people
 */
export async function organizations(stack: Stack, superadmin: Person): Promise<Houses> {
  const houses = await makeHouses(stack, superadmin);
  const mallory = await tryTheWalls(stack, houses);
  await invite(stack, houses, mallory);
  await switchAsSuperadmin(houses, superadmin);
  await suspend(houses);
  return houses;
}
