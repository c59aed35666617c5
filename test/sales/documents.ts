import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Database } from '../support/database.ts';
import { asUser, type Caller } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import { addMember, call, found, inside, type Organization } from '../tenancy/organizations.ts';

type Connection = Pick<pg.ClientBase, 'query'> | pg.Pool;
type Where = Pick<Database, 'pool'> | pg.ClientBase;

/** An organization that sells one type of things, at 100.00 each, to one customer. */
export interface Shop extends Organization {
  type: string;
  customer: string;
  /** The owner, at work there. */
  seller: Caller;
}

/** A row of quotes or orders, as the API returns it. */
export interface Sale {
  id: string;
  number: string;
  customer_id: string;
  status: string;
  currency: string;
  subtotal: number;
  discount_amount: number;
  tax_rate: number;
  tax_amount: number;
  total: number;
  notes: string | null;
}
export interface Quote extends Sale {
  valid_until: string;
  rejection_reason: string | null;
  sent_at: string | null;
  accepted_at: string | null;
}
export interface Order extends Sale {
  quote_id: string;
  required_date: string | null;
  delivery_address: Record<string, unknown>;
  cancellation_reason: string | null;
}

/** The one value that a statement returns. */
export async function valueOf<T>(client: Connection, text: string, values: unknown[] = []): Promise<T> {
  const { rows } = await client.query<{ value: T }>(`select (${text}) as value`, values);
  if (rows[0] === undefined) throw new Error(`No value from: ${text}`);
  return rows[0].value;
}

/** Opens a shop past the functions. */
export async function openShop(client: Connection, name: string, timezone = 'UTC'): Promise<Shop> {
  const organization = await found(client, name, { max_users: 1000 });
  await client.query('update public.organizations set timezone = $2 where id = $1', [
    organization.id,
    timezone,
  ]);
  const { rows } = await client.query<{ id: string }>(
    `insert into public.manufacturing_types (organization_id, name, base_price) values ($1, 'Window', 100) returning id`,
    [organization.id],
  );
  const type = rows[0]?.id ?? '';
  const customer = await addCustomer(client, organization);
  return { ...organization, type, customer, seller: inside(organization, organization.owner) };
}

/** Adds a customer past the functions, with users that act for it and staff that it is assigned to. */
export async function addCustomer(
  client: Connection,
  { id }: Pick<Organization, 'id'>,
  { users = [], staff = [] }: { users?: string[]; staff?: string[] } = {},
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into public.customers (organization_id, contact_person, address) values ($1, 'Ada', '{"city": "Graz"}') returning id`,
    [id],
  );
  const customer = rows[0]?.id ?? '';
  await client.query(
    `insert into public.customer_users (organization_id, customer_id, user_id) select $1, $2, unnest($3::uuid[])`,
    [id, customer, users],
  );
  await client.query(
    `insert into public.customer_assignments (organization_id, customer_id, user_id) select $1, $2, unnest($3::uuid[])`,
    [id, customer, staff],
  );
  return customer;
}

/** Adds somebody with system roles, at work in the organization. */
export async function addColleague(
  client: Connection,
  organization: Pick<Organization, 'id'>,
  ...roles: string[]
): Promise<Caller & { id: string }> {
  const user = await addMember(client, organization, { user: await insertAuthUser(client), roles });
  return { id: user, organization_id: organization.id };
}

let codes = 0;

/** Adds saved configurations at these prices past the functions, and returns their ids in that order. */
export async function addConfigurations(
  client: Connection,
  shop: Pick<Shop, 'id' | 'type' | 'customer'>,
  prices: (number | string)[],
): Promise<string[]> {
  codes += 1;
  const { rows } = await client.query<{ id: string }>(
    `with made as (
       insert into public.configurations
         (organization_id, manufacturing_type_id, customer_id, name, reference_code, base_price, total_price, priced_revision)
       select type.organization_id, type.id, $3, 'No. ' || item.place, 'T-' || $5 || '-' || item.place,
         item.price, item.price, type.revision
       from public.manufacturing_types as type, unnest($4::numeric[]) with ordinality as item (price, place)
       where type.organization_id = $1 and type.id = $2
       order by item.place
       returning id, reference_code
     )
     select id from made order by split_part(reference_code, '-', 3)::integer`,
    [shop.id, shop.type, shop.customer, prices, `${process.pid}x${codes}`],
  );
  const ids = rows.map(({ id }) => id);
  await client.query(
    `update public.configurations set status = 'saved' where organization_id = $1 and id = any ($2)`,
    [shop.id, ids],
  );
  return ids;
}

/** Calls a function of the API as somebody, and keeps what it did. */
export async function perform<T>(
  where: Where,
  caller: Caller,
  name: string,
  args: Record<string, unknown> = {},
): Promise<T> {
  return asUser(where, caller, async (session) => (await call(session, name, args)) as T, { commit: true });
}

/** A quote of new configurations at these prices, which its seller has brought as far as this. */
export async function quoteAt(
  where: Where,
  shop: Shop,
  status: 'draft' | 'sent' | 'accepted' | 'rejected',
  prices: (number | string)[] = [100, 50],
  terms: Record<string, unknown> = {},
): Promise<Quote> {
  const client = 'pool' in where ? where.pool : where;
  const configuration_ids = await addConfigurations(client, shop, prices);
  let quote = await perform<Quote>(where, shop.seller, 'create_quote', { configuration_ids, ...terms });
  if (status !== 'draft') quote = await perform(where, shop.seller, 'send_quote', { id: quote.id });
  if (status === 'accepted') quote = await perform(where, shop.seller, 'accept_quote', { id: quote.id });
  if (status === 'rejected') quote = await perform(where, shop.seller, 'reject_quote', { id: quote.id });
  return quote;
}

/** An order of new configurations. */
export async function orderOf(
  where: Where,
  shop: Shop,
  prices: (number | string)[] = [100, 50],
): Promise<Order> {
  const quote = await quoteAt(where, shop, 'accepted', prices);
  return perform(where, shop.seller, 'create_order', { quote_id: quote.id });
}

/** The items of an order in their order. */
export async function itemsOf(
  client: Connection,
  order: Pick<Order, 'id'>,
): Promise<{ id: string; status: string }[]> {
  const { rows } = await client.query<{ id: string; status: string }>(
    'select id, status from public.order_items where order_id = $1 order by position',
    [order.id],
  );
  return rows;
}

/**
 * Lets somebody do something that is not committed before `second` waits for it, or has ended without waiting. Returns
 * what became of `second`.
 */
export async function overlapping<T>(
  db: Database,
  caller: Caller,
  first: (session: pg.ClientBase) => Promise<unknown>,
  second: () => Promise<T>,
): Promise<PromiseSettledResult<T>> {
  const { outcome } = await asUser(
    db,
    caller,
    async (session) => {
      await first(session);
      const state = { hasEnded: false };
      const running = Promise.allSettled([second()]).finally(() => (state.hasEnded = true));
      const isWaiting = () =>
        valueOf<boolean>(
          db.pool,
          `exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`,
        );
      while (!state.hasEnded && !(await isWaiting())) await sleep(5);
      // In an object, or it would be waited for here.
      return { outcome: running };
    },
    { commit: true },
  );
  return (await outcome)[0];
}
