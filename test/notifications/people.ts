import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { createRowhouseClient, type RowhouseClient } from '../../src/client/index.ts';
import type { Stack } from '../../src/stack/start.ts';
import { asSuperuser, eventually } from '../stack/clients.ts';

export const password = 'correct horse battery';

/** Somebody who is signed in. */
export interface Person {
  id: string;
  email: string;
  client: RowhouseClient;
}

/** Signs somebody up over HTTP. */
export async function signUp(stack: Stack, email: string, name?: string): Promise<Person> {
  const client = createRowhouseClient(stack.apiUrl, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data, error } = await client.auth.signUp({
    email,
    password,
    options: { data: name === undefined ? {} : { full_name: name } },
  });
  if (error) throw error;
  return { id: data.user?.id ?? '', email, client };
}

/** Signs somebody up who owns a new organization, and works in it. */
export async function signUpOwner(
  stack: Stack,
  slug: string,
  names: { organization?: string; owner?: string } = {},
): Promise<Person & { organizationId: string }> {
  const owner = await signUp(stack, `owner@${slug}.example`, names.owner);
  const [organization] = await asSuperuser<{ id: string }>(
    stack,
    'select id from public.create_organization($1, $2, $3)',
    [names.organization ?? slug, slug, owner.id],
  );
  await owner.client.auth.refreshSession();
  return { ...owner, organizationId: organization?.id ?? '' };
}

/** All mails that the stack has written to its folder. */
export async function mailsOf(stack: Stack): Promise<{ file: string; email: Email }[]> {
  const folder = stack.mailDirectory ?? '';
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.eml'));
  return Promise.all(
    files.map(async (file) => ({ file, email: await PostalMime.parse(await readFile(join(folder, file))) })),
  );
}

/** Waits for the mail of an invitation. */
export async function mailOf(stack: Stack, invitationId: string): Promise<Email> {
  let found: Email | undefined;
  await eventually(async () => {
    const mails = await mailsOf(stack);
    found = mails.find(({ file }) => file.includes(invitationId))?.email;
    return found !== undefined;
  });
  if (found === undefined) throw new Error('There is no mail.');
  return found;
}

/** The token in the link of a mail. */
export function tokenIn(email: Pick<Email, 'text'>): string {
  return /\?token=(\S+)/.exec(email.text ?? '')?.[1] ?? '';
}

/** Invites somebody and reads their mail. */
export async function invite(
  stack: Stack,
  owner: Person,
  email: string,
  roles: string[] = [],
): Promise<{ id: string; token: string }> {
  const { invitation_id: id } = await owner.client.invoke('invite-member', { email, role_codes: roles });
  return { id, token: tokenIn(await mailOf(stack, id)) };
}

/** Every row of every table whose text holds what it must not, by table. */
export async function tablesThatHold(stack: Stack, text: string): Promise<string[]> {
  const tables = await asSuperuser<{ name: string }>(
    stack,
    `select format('%I.%I', nspname, relname) as name
     from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
     where relkind in ('r', 'p') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  const held: string[] = [];
  for (const { name } of tables) {
    const rows = await asSuperuser(stack, `select from ${name} as held where held::text like $1 limit 1`, [
      `%${text}%`,
    ]);
    if (rows.length > 0) held.push(name);
  }
  return held;
}
