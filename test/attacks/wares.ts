import { beforeAll } from 'vitest';
import type { Database } from '../support/database.ts';
import { type Street, valueOf } from './street.ts';

/** What an organization sells, and what it has sold: one of everything that somebody else could ask for. */
export interface Wares {
  customer: string;
  type: string;
  node: string;
  template: string;
  /** Saved, and of the customer. */
  configuration: string;
  draft: string;
  /** A draft, a quote that is sent, and one that was ordered. */
  quoteDraft: string;
  quote: string;
  quoteItem: string;
  ordered: string;
  order: string;
  orderItem: string;
}

/** Puts wares into an organization, as the operator. */
export async function addWares(db: Database, organizationId: string, email: string): Promise<Wares> {
  const add = (statement: string, ...values: unknown[]) =>
    valueOf<string>(db, `${statement} returning id as value`, [organizationId, ...values]);
  const customer = await add(
    `insert into public.customers (organization_id, company_name, email) values ($1, 'A customer', $2)`,
    email,
  );
  const type = await add(
    `insert into public.manufacturing_types (organization_id, name, base_price) values ($1, 'Window', 200)`,
  );
  const node = await add(
    `insert into public.attribute_nodes (
       organization_id, manufacturing_type_id, code, name, node_type, data_type, price_impact_type, price_impact
     ) values ($1, $2, 'colour', 'Colour', 'attribute', 'string', 'fixed', 50)`,
    type,
  );
  const template = await add(
    `insert into public.configuration_templates (organization_id, manufacturing_type_id, name, is_public)
     values ($1, $2, 'Plain', true)`,
    type,
  );
  const configure = async (code: string) => {
    const id = await add(
      `insert into public.configurations (
         organization_id, manufacturing_type_id, customer_id, name, reference_code
       ) values ($1, $2, $3, 'Kitchen', $4)`,
      type,
      customer,
      code,
    );
    await db.query(
      `insert into public.configuration_selections (
         organization_id, configuration_id, manufacturing_type_id, attribute_node_id, string_value
       ) values ($1, $2, $3, $4, 'white')`,
      [organizationId, id, type, node],
    );
    return id;
  };
  const draft = await configure('C-1');
  const configuration = await configure('C-2');
  await db.query(`update public.configurations set status = 'saved' where id = $1`, [configuration]);
  const offer = async (number: string, ...statuses: string[]) => {
    const quote = await add(
      `insert into public.quotes (organization_id, customer_id, number, currency, subtotal, valid_until)
       values ($1, $2, $3, 'EUR', 250, current_date + 30)`,
      customer,
      number,
    );
    const item = await add(
      `insert into public.quote_items (
         organization_id, quote_id, customer_id, configuration_id, position, description, quantity, unit_price
       ) values ($1, $2, $3, $4, 1, 'Kitchen', 1, 250)`,
      quote,
      customer,
      configuration,
    );
    for (const status of statuses) {
      await db.query('update public.quotes set status = $2 where id = $1', [quote, status]);
    }
    return { quote, item };
  };
  const { quote: quoteDraft } = await offer('Q-1');
  const sent = await offer('Q-2', 'sent');
  const accepted = await offer('Q-3', 'sent', 'accepted');
  const order = await add(
    `insert into public.orders (
       organization_id, quote_id, customer_id, number, currency, subtotal, discount_amount, tax_rate, tax_amount, total
     ) values ($1, $2, $3, 'O-1', 'EUR', 250, 0, 0, 0, 250)`,
    accepted.quote,
    customer,
  );
  const orderItem = await add(
    `insert into public.order_items (
       organization_id, order_id, quote_item_id, configuration_id, position, description, quantity, unit_price, line_total
     ) values ($1, $2, $3, $4, 1, 'Kitchen', 1, 250, 250)`,
    order,
    accepted.item,
    configuration,
  );
  return {
    customer,
    type,
    node,
    template,
    configuration,
    draft,
    quoteDraft,
    quote: sent.quote,
    quoteItem: sent.item,
    ordered: accepted.quote,
    order,
    orderItem,
  };
}

/** Gives both organizations of a street wares. The object is filled before the first test runs. */
export function useWares(db: Database, street: Street): Record<'a' | 'b', Wares> {
  const handle = {} as Record<'a' | 'b', Wares>;
  beforeAll(async () => {
    handle.a = await addWares(db, street.a.id, 'buyer@example.com');
    handle.b = await addWares(db, street.b.id, 'rival@example.com');
  });
  return handle;
}
