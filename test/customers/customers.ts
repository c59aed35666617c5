import type pg from 'pg';
import { asUser, type RoleOptions } from '../support/roles.ts';
import { call, callAll, inside, type Organization } from '../tenancy/organizations.ts';

type Connection = Pick<pg.ClientBase, 'query'> | pg.Pool;

/** A customer past the policies, with these particulars; returns the id. */
export async function addCustomer(
  client: Connection,
  { id }: Pick<Organization, 'id'>,
  particulars: Record<string, unknown> = { contact_person: 'Somebody' },
): Promise<string> {
  const columns = Object.keys(particulars);
  const { rows } = await client.query<{ id: string }>(
    `insert into public.customers (${['organization_id', ...columns].join(', ')})
     values (${['organization_id', ...columns].map((_, index) => `$${index + 1}`).join(', ')}) returning id`,
    [id, ...Object.values(particulars)],
  );
  return rows[0]?.id ?? '';
}

/** Says that a user acts for a customer, past the policies. */
export async function actFor(
  client: Connection,
  { id }: Pick<Organization, 'id'>,
  user: string,
  customer: string,
): Promise<void> {
  await client.query(
    'insert into public.customer_users (organization_id, customer_id, user_id) values ($1, $2, $3)',
    [id, customer, user],
  );
}

/** Says that a member looks after a customer, past the policies. */
export async function assign(
  client: Connection,
  { id }: Pick<Organization, 'id'>,
  user: string,
  customer: string,
): Promise<void> {
  await client.query(
    'insert into public.customer_assignments (organization_id, customer_id, user_id) values ($1, $2, $3)',
    [id, customer, user],
  );
}

/** Calls a function of the API as a member; what it writes stays, unless the options say otherwise. */
export async function callAs(
  where: Parameters<typeof asUser>[0],
  organization: Pick<Organization, 'id'>,
  user: string,
  name: string,
  args: Record<string, unknown> = {},
  options: RoleOptions = { commit: true },
): Promise<unknown> {
  return asUser(where, inside(organization, user), (session) => call(session, name, args), options);
}

/** As {@link callAs}, for a function that returns several rows. */
export async function callAllAs(
  where: Parameters<typeof asUser>[0],
  organization: Pick<Organization, 'id'>,
  user: string,
  name: string,
  args: Record<string, unknown> = {},
): Promise<unknown[]> {
  return asUser(where, inside(organization, user), (session) => callAll(session, name, args));
}

/** Runs a statement of SQL as a member, and returns its rows. */
export async function queryAs<Row extends pg.QueryResultRow>(
  where: Parameters<typeof asUser>[0],
  organization: Pick<Organization, 'id'>,
  user: string,
  text: string,
  values: unknown[] = [],
  options: RoleOptions = { commit: true },
): Promise<Row[]> {
  return asUser(
    where,
    inside(organization, user),
    async (session) => (await session.query<Row>(text, values)).rows,
    options,
  );
}

/** How many rows of a table an organization has. */
export async function countOf(
  client: Connection,
  { id }: Pick<Organization, 'id'>,
  table: 'customers' | 'customer_users' | 'customer_assignments',
): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::integer as count from public.${table} where organization_id = $1`,
    [id],
  );
  return rows[0]?.count ?? Number.NaN;
}
