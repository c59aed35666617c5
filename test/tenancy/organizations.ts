import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { asService, type Caller } from '../support/roles.ts';
import { type AuthUser, insertAuthUser } from '../support/users.ts';

type Connection = Pick<pg.ClientBase, 'query'> | pg.Pool;

/** An organization of a test. */
export interface Organization {
  id: string;
  name: string;
  slug: string;
  /** The user who owns it. */
  owner: string;
}

/** Calls a function of the API as PostgREST does: its arguments by name, each row of its answer as JSON. */
export async function callAll(
  client: Connection,
  name: string,
  args: Record<string, unknown> = {},
): Promise<unknown[]> {
  const names = Object.keys(args).map((key, index) => `${key} => $${index + 1}`);
  const { rows } = await client.query<{ answer: unknown }>(
    `select to_jsonb(answer) as answer from public.${name}(${names.join(', ')}) as answer`,
    Object.values(args),
  );
  return rows.map(({ answer }) => answer);
}

/** As {@link callAll}, for the first row. */
export async function call(
  client: Connection,
  name: string,
  args: Record<string, unknown> = {},
): Promise<unknown> {
  return (await callAll(client, name, args))[0];
}

/** Founds an organization, by the operator. Its slug is its name in lower case. */
export async function found(
  client: Connection,
  name: string,
  options: { owner?: string; id?: string; max_users?: number } = {},
): Promise<Organization> {
  const owner = options.owner ?? (await insertAuthUser(client));
  const slug = name.toLowerCase();
  const { rows } = await client.query<{ id: string }>(
    `select id from public.create_organization($1, $2, owner_id => $3, id => $4, max_users => $5)`,
    [name, slug, owner, options.id ?? null, options.max_users ?? 50],
  );
  return { id: rows[0]?.id ?? '', name, slug, owner };
}

/** What a test wants to say about a member. */
export interface MemberOptions {
  /** A user who is there already. */
  user?: string;
  status?: 'pending' | 'active' | 'suspended';
  /** Roles for the whole organization. */
  roles?: string[];
  account?: AuthUser;
}

/** Adds a member past the functions, and returns the user. */
export async function addMember(
  client: Connection,
  { id }: Pick<Organization, 'id'>,
  { user, status = 'active', roles = [], account = {} }: MemberOptions = {},
): Promise<string> {
  const member = user ?? (await insertAuthUser(client, account));
  await client.query(
    `insert into public.members (organization_id, user_id, status, joined_at, suspended_at)
     values ($1, $2, $3, case when $3 <> 'pending' then now() end, case when $3 = 'suspended' then now() end)`,
    [id, member, status],
  );
  for (const role of roles) {
    await client.query(
      'insert into public.user_roles (organization_id, user_id, role_code) values ($1, $2, $3)',
      [id, member, role],
    );
  }
  return member;
}

/** Adds a role of the organization's own, past the functions. */
export async function addRole(
  client: Connection,
  { id }: Pick<Organization, 'id'>,
  code: string,
  permissions: string[],
): Promise<string> {
  await client.query(
    'insert into public.roles (organization_id, code, name, permissions) values ($1, $2, $2, $3)',
    [id, code, permissions],
  );
  return code;
}

/** Adds a plant past the policies, and returns its id. */
export async function addPlant(
  client: Connection,
  { id }: Pick<Organization, 'id'>,
  code = `P${randomUUID().slice(0, 8)}`,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    'insert into public.plants (organization_id, code, name) values ($1, $2, $2) returning id',
    [id, code],
  );
  return rows[0]?.id ?? '';
}

/** The token of a user who works in an organization. */
export function inside({ id }: Pick<Organization, 'id'>, user: string): Caller {
  return { id: user, organization_id: id };
}

/** A user with a verified address. */
export async function verifiedUser(client: Connection, email: string): Promise<string> {
  const id = await insertAuthUser(client, { email });
  await client.query('update auth.users set email_confirmed_at = now() where id = $1', [id]);
  return id;
}

/** The token of an invitation's link, and what the database keeps of it. */
export function invitationToken(): { id: string; token: string; token_hash: string } {
  const token = randomBytes(32).toString('base64url');
  return { id: randomUUID(), token, token_hash: createHash('sha256').update(token).digest('hex') };
}

/** Makes a user a superadmin. */
export async function promote(client: Connection, user: string): Promise<string> {
  await client.query(`update public.user_profiles set platform_role = 'superadmin' where user_id = $1`, [
    user,
  ]);
  return user;
}

/** The claims that the auth server's hook would put into the next token of a user. */
export async function claimsOf(client: Connection, user: string): Promise<unknown> {
  const { rows } = await client.query<{ claims: unknown }>('select private.token_claims($1) as claims', [
    user,
  ]);
  return rows[0]?.claims;
}

/** What the audit log holds under a name, newest last, as the service role reads it. */
export async function events(
  where: Parameters<typeof asService>[0],
  event: string,
): Promise<Record<string, unknown>[]> {
  return asService(where, async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(
      `select organization_id, actor_id, actor_role, action, severity, table_name, row_key, after
       from public.audit_logs where event = $1 order by at, id`,
      [event],
    );
    return rows;
  });
}
