import { createHash, randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { beforeAll, expect } from 'vitest';
import type { Api, ApiAnswer, Person } from '../support/api.ts';
import type { Database } from '../support/database.ts';
import { insertAuthUser } from '../support/users.ts';

/** An organization with people in it, and one of everything that somebody else could ask for. */
export interface House {
  id: string;
  name: string;
  slug: string;
  /** Signed up and in with a password; the others are there, and have tokens of the same make. */
  owner: Person;
  admin: Person;
  /** Has the role `steward`, of the organization's own making: members.manage, and much less than an admin. */
  steward: Person;
  viewer: Person;
  /** Waits for approval. */
  pending: Person;
  plantId: string;
  /** A plant that no other organization has a code like. */
  plantCode: string;
  /** A role that no other organization has a code like. */
  roleCode: string;
  /** The grant of the viewer's role. */
  grantId: string;
  invitationId: string;
  invitationToken: string;
  invitationEmail: string;
}

/** Two organizations side by side, and who else walks by. */
export interface Street {
  a: House;
  b: House;
  /** Has an account, and belongs nowhere. */
  stranger: Person;
  /** A viewer of both organizations. */
  both: Person;
  superadmin: Person;
}

/** An id that nothing has. */
export const nobody = '00000000-0000-4000-8000-00000000dead';

/** What the database keeps of a token. */
export const hash = (token: string) => createHash('sha256').update(token).digest('hex');

/** Somebody with an account and a verified address, past the sign-up form. */
export async function addPerson(
  db: Database,
  api: Api,
  email = `${randomUUID()}@example.com`,
): Promise<Person> {
  const id = await insertAuthUser(db.pool, { email });
  await db.query('update auth.users set email_confirmed_at = now() where id = $1', [id]);
  return { id, email, token: await api.issue(id) };
}

/** Makes somebody an active member, as an operator would. Without roles they are a customer. */
export async function addMember(
  db: Database,
  organizationId: string,
  userId: string,
  ...roles: string[]
): Promise<void> {
  await db.query(
    `insert into public.members (organization_id, user_id, status, joined_at) values ($1, $2, 'active', now())`,
    [organizationId, userId],
  );
  await db.query(
    `insert into public.user_roles (organization_id, user_id, role_code) select $1, $2, unnest($3::text[])`,
    [organizationId, userId, roles],
  );
}

/** Makes the role `regent`, which holds all that owners hold: who has it may take owners away, and is none. */
export async function addRegentRole(db: Database, organizationId: string): Promise<void> {
  await db.query(
    `insert into public.roles (organization_id, code, name, permissions)
     select organization_id, 'regent', 'Regent', permissions from public.roles
     where organization_id = $1 and code = 'owner'`,
    [organizationId],
  );
}

/** Somebody who is an active member, with a token that says so. */
export async function addMemberPerson(
  db: Database,
  api: Api,
  organizationId: string,
  ...roles: string[]
): Promise<Person> {
  const person = await addPerson(db, api);
  await addMember(db, organizationId, person.id, ...roles);
  return renewed(api, person);
}

/** The same person with the token that they would get now. */
export async function renewed(api: Api, person: Person): Promise<Person> {
  return { ...person, token: await api.issue(person.id) };
}

/** One value of one row. */
export async function valueOf<T>(db: Database, statement: string, values: unknown[] = []): Promise<T> {
  const { rows } = await db.query<{ value: T }>(statement, values);
  const [row] = rows;
  if (row === undefined) throw new Error(`No row: ${statement}`);
  return row.value;
}

/** A new organization. */
export function addOrganization(db: Database, name: string, ownerId: string, maxUsers = 50): Promise<string> {
  return valueOf(db, 'select id as value from public.create_organization($1, $2, $3, max_users => $4)', [
    name,
    `${name.toLowerCase()}-${randomUUID().slice(0, 8)}`,
    ownerId,
    maxUsers,
  ]);
}

/** An open invitation by a member; the token is the caller's to remember. */
export async function addInvitation(
  db: Database,
  organizationId: string,
  invitedBy: string,
  email: string,
  token: string,
  roles: string[] = ['viewer'],
): Promise<string> {
  const id = randomUUID();
  await db.query(
    `insert into public.invitations (organization_id, id, email, role_codes, token_hash, invited_by)
     values ($1, $2, $3, $4, $5, $6)`,
    [organizationId, id, email.toLowerCase(), roles, hash(token), invitedBy],
  );
  return id;
}

async function build(db: Database, api: Api, name: string): Promise<House> {
  const founder = await api.signUp({ full_name: `${name} Owner` });
  const id = await addOrganization(db, name, founder.id);
  const owner = { ...founder, token: await api.signIn(founder.email) };
  const roleCode = `crew_of_${name.toLowerCase()}`;
  await db.query(
    `insert into public.roles (organization_id, code, name, permissions) values
       ($1, 'steward', 'Steward', array['members.read', 'members.manage', 'roles.read', 'plants.read']),
       ($1, $2, 'Crew', array['plants.read'])`,
    [id, roleCode],
  );
  // The same in both organizations, beside what only one has.
  await db.query(`insert into public.plants (organization_id, code, name) values ($1, 'MAIN', 'Main')`, [id]);
  const plantCode = `ONLY-${name}`;
  const plantId = await valueOf<string>(
    db,
    `insert into public.plants (organization_id, code, name) values ($1, $2, 'The plant of ' || $3) returning id as value`,
    [id, plantCode, name],
  );
  const [admin, steward, viewer] = await Promise.all([
    addMemberPerson(db, api, id, 'admin'),
    addMemberPerson(db, api, id, 'steward'),
    addMemberPerson(db, api, id, 'viewer'),
  ]);
  await db.query(
    'insert into public.user_plant_access (organization_id, user_id, plant_id) values ($1, $2, $3)',
    [id, viewer.id, plantId],
  );
  const applicant = await addPerson(db, api);
  await db.query('insert into public.members (organization_id, user_id) values ($1, $2)', [id, applicant.id]);
  const invitationToken = randomUUID();
  const invitationEmail = `guest-of-${name.toLowerCase()}@example.com`;
  return {
    id,
    name,
    slug: await valueOf(db, 'select slug as value from public.organizations where id = $1', [id]),
    owner,
    admin,
    steward,
    viewer,
    pending: applicant,
    plantId,
    plantCode,
    roleCode,
    grantId: await valueOf(
      db,
      'select id as value from public.user_roles where organization_id = $1 and user_id = $2',
      [id, viewer.id],
    ),
    invitationId: await addInvitation(db, id, owner.id, invitationEmail, invitationToken),
    invitationToken,
    invitationEmail,
  };
}

/** Gives the test file two organizations in its database. The object is filled before the first test runs. */
export function useStreet(db: Database, api: Api): Street {
  const handle = {} as Street;
  beforeAll(async () => {
    const a = await build(db, api, 'Acme');
    const b = await build(db, api, 'Beta');
    const stranger = await addPerson(db, api);
    const between = await addPerson(db, api);
    await addMember(db, a.id, between.id, 'viewer');
    await addMember(db, b.id, between.id, 'viewer');
    const superadmin = await addSuperadmin(db, api);
    Object.assign(handle, { a, b, stranger, both: await renewed(api, between), superadmin } satisfies Street);
  });
  return handle;
}

/** A superadmin, as the operator makes one. */
export async function addSuperadmin(db: Database, api: Api): Promise<Person> {
  const person = await addPerson(db, api);
  await db.query(`select public.update_user($1, platform_role => 'superadmin')`, [person.id]);
  return renewed(api, person);
}

/** A person's token with other claims, signed as the auth server signs: stale, or of a server that was talked into it. */
export function claiming(api: Api, person: Person, claims: Record<string, unknown>): Promise<string> {
  return api.sign({ ...decodeJwt(person.token), ...claims });
}

/** The code of a refusal (`PT403 last_owner`), the SQLSTATE of another error, or `ok`. */
export function outcome(answer: ApiAnswer): string {
  if (answer.status < 300) return 'ok';
  const { code, details } = answer.body as { code?: string; details?: string | null };
  const refused = /"code": ?"(\w+)"/.exec(details ?? '')?.[1];
  return [code ?? answer.status, refused].filter(Boolean).join(' ');
}

/** Expects a refusal over HTTP: status and stable code. */
export function expectRefused(answer: ApiAnswer, status: number, code: string, what?: string): void {
  expect({ status: answer.status, outcome: outcome(answer) }, what).toEqual({
    status,
    outcome: `PT${status} ${code}`,
  });
}

/** The body of an answer as text; empty where there is none. */
export function textOf({ body }: ApiAnswer): string {
  return body === undefined ? '' : JSON.stringify(body);
}

/** What everybody may see of an answer, with the caller's own words (ids, codes) put out of sight. */
export function faceOf(answer: ApiAnswer, ...words: unknown[]) {
  const hide = (text: string | null) =>
    words.reduce<string | null>(
      (seen, word) =>
        typeof word === 'string' && word !== '' ? (seen?.replaceAll(word, '…') ?? null) : seen,
      text,
    );
  return {
    status: answer.status,
    body: hide(textOf(answer)),
    range: answer.headers.get('content-range'),
    location: hide(answer.headers.get('location')),
    challenge: answer.headers.get('www-authenticate'),
  };
}

/** A digest of each table of the API, to show that nothing was written. */
export async function digest(db: Database, ...except: string[]): Promise<Record<string, string>> {
  const { rows } = await db.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> all ($1) order by 1`,
    [except],
  );
  const digests: Record<string, string> = {};
  for (const { name } of rows) {
    digests[name] = await valueOf(
      db,
      `select count(*) || ' ' || coalesce(md5(string_agg(md5((to_jsonb(t) - 'last_seen_at')::text), '' order by md5((to_jsonb(t) - 'last_seen_at')::text))), '') as value
       from public.${name} as t`,
    );
  }
  return digests;
}

/** The tables that belong to organizations, from the catalog, with the columns that members see. */
export async function tenantTables(db: Database): Promise<{ name: string; columns: string[] }[]> {
  const { rows } = await db.query<{ name: string; columns: string[] }>(
    `select rel.relname as name,
       array_agg(col.attname::text order by col.attnum)
         filter (where has_column_privilege('authenticated', rel.oid, col.attnum, 'select')) as columns
     from pg_class as rel
     join pg_attribute as col on col.attrelid = rel.oid and col.attnum > 0 and not col.attisdropped
     where rel.relnamespace = 'public'::regnamespace and rel.relkind in ('r', 'p', 'v', 'm')
     group by rel.oid, rel.relname
     having bool_or(col.attname = 'organization_id')
     order by rel.relname`,
  );
  return rows;
}
