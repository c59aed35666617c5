import { randomUUID } from 'node:crypto';
import { beforeAll } from 'vitest';
import type { Database as RowhouseDatabase, RowhouseClient } from '../../src/client/index.ts';
import type { Api } from '../support/api.ts';
import type { Database } from '../support/database.ts';

/** Somebody with the typed client of a front end, signed in. */
export interface Guest {
  id: string;
  email: string;
  client: RowhouseClient;
}

/** An organization that lets customers join by themselves. */
export interface Shop {
  id: string;
  name: string;
  slug: string;
  owner: Guest;
}

/** The window that a shop sells, and its template. */
export interface Catalogue {
  window: string;
  comfort: string;
  /** Its attributes, by code. */
  nodes: Map<string, string>;
}

type NewNode = Omit<TableInserts['attribute_nodes']['Insert'], 'manufacturing_type_id'>;
type TableInserts = RowhouseDatabase['public']['Tables'];

const password = 'correct horse battery';

/** Signs somebody up; their address counts as verified, as it does where the auth server asks for no confirmation. */
export async function signedUp(
  api: Api,
  name: string,
  email = `${randomUUID()}@example.com`,
): Promise<Guest> {
  const client = api.client();
  const { data, error } = await client.auth.signUp({
    email,
    password,
    options: { data: { full_name: name } },
  });
  if (error) throw error;
  return { id: data.user?.id ?? '', email, client };
}

/** What a query of a table answers; throws what it refuses. */
export async function answered<T>(query: PromiseLike<{ data: T; error: unknown }>): Promise<NonNullable<T>> {
  const { data, error } = await query;
  if (error || data === null || data === undefined) {
    throw new Error(`The query failed: ${JSON.stringify(error)}`);
  }
  return data;
}

/** Lets somebody join a shop as a customer would, and work in it. */
export async function joined(guest: Guest, shop: Shop): Promise<Guest> {
  await guest.client.call('join_organization', { slug: shop.slug });
  await guest.client.switchOrganization(shop.id);
  return guest;
}

async function opened(db: Database, api: Api, name: string): Promise<Shop> {
  const owner = await signedUp(api, `Owner of ${name}`);
  const slug = name.toLowerCase();
  const { rows } = await db.query<{ id: string }>(
    'select id from public.create_organization($1, $2, owner_id => $3, max_users => 50)',
    [name, slug, owner.id],
  );
  const id = rows[0]?.id ?? '';
  await owner.client.switchOrganization(id);
  const { error } = await owner.client
    .from('organizations')
    .update({ allow_self_registration: true, requires_approval: false })
    .eq('id', id);
  if (error) throw error;
  return { id, name, slug, owner };
}

/** Gives the test file shops that do not know of each other. The object is filled before the first test runs. */
export function useShops(db: Database, api: Api): Record<'acme' | 'shared' | 'here' | 'there', Shop> {
  const handle = {} as Record<'acme' | 'shared' | 'here' | 'there', Shop>;
  beforeAll(async () => {
    Object.assign(handle, {
      acme: await opened(db, api, 'Acme'),
      shared: await opened(db, api, 'Shared'),
      here: await opened(db, api, 'Here'),
      there: await opened(db, api, 'There'),
    });
  });
  return handle;
}

/** Staff that makes quotes and moves orders. */
export async function addSeller(api: Api, shop: Shop): Promise<Guest> {
  const seller = await joined(await signedUp(api, 'Sally Seller'), shop);
  await shop.owner.client.call('grant_role', { user_id: seller.id, role_code: 'data_entry' });
  await shop.owner.client.call('grant_role', { user_id: seller.id, role_code: 'supervisor' });
  return seller;
}

/**
 * Enters a window as the owner of a shop: base price 200 and 20 kg, the frame by area, triple glazing a quarter of the base
 * price, a shutter, and a motor where there is one.
 *
 * @param owner who enters it
 * @param basePrice another base price; triple glazing costs a quarter of it
 */
export async function addCatalogue(owner: Guest, basePrice = 200): Promise<Catalogue> {
  const { client } = owner;
  const type = await answered(
    client
      .from('manufacturing_types')
      .insert({ name: 'Window', category: 'Openings', base_price: basePrice, base_weight: 20 })
      .select('id')
      .single(),
  );
  const nodes = new Map<string, string>();
  const add = async (node: NewNode, parent?: string) => {
    const { id } = await answered(
      client
        .from('attribute_nodes')
        .insert({
          sort_order: nodes.size,
          ...node,
          manufacturing_type_id: type.id,
          ...(parent === undefined ? {} : { parent_id: nodes.get(parent) ?? null }),
        })
        .select('id')
        .single(),
    );
    nodes.set(node.code, id);
  };
  const length = {
    node_type: 'attribute',
    data_type: 'dimension',
    unit: 'mm',
    is_required: true,
    validation_rules: { min: 400, max: 2400 },
  } as const;
  await add({ code: 'size', name: 'Size', node_type: 'category' });
  await add({ code: 'width', name: 'Width', ...length }, 'size');
  await add({ code: 'height', name: 'Height', ...length }, 'size');
  await add(
    {
      code: 'area',
      name: 'Area',
      node_type: 'technical_spec',
      data_type: 'formula',
      unit: 'm²',
      formula: 'width * height / 1000000',
    },
    'size',
  );
  await add({
    code: 'frame',
    name: 'Frame',
    node_type: 'component',
    price_impact_type: 'formula',
    price_formula: 'area * 150',
    weight_impact_type: 'formula',
    weight_formula: 'area * 25',
  });
  await add({
    code: 'glazing',
    name: 'Glazing',
    node_type: 'attribute',
    data_type: 'selection',
    is_required: true,
  });
  await add({ code: 'double', name: 'Double', node_type: 'option' }, 'glazing');
  await add(
    {
      code: 'triple',
      name: 'Triple',
      node_type: 'option',
      price_impact_type: 'percentage',
      price_impact: 25,
      weight_impact_type: 'fixed',
      weight_impact: 4,
    },
    'glazing',
  );
  await add({
    code: 'shutter',
    name: 'Shutter',
    node_type: 'attribute',
    data_type: 'boolean',
    price_impact_type: 'fixed',
    price_impact: 180,
  });
  await add(
    {
      code: 'motor',
      name: 'Motor',
      node_type: 'attribute',
      data_type: 'boolean',
      display_condition: { field: 'shutter', operator: 'equals', value: true },
      price_impact_type: 'fixed',
      price_impact: 95,
    },
    'shutter',
  );

  const template = await answered(
    client
      .from('configuration_templates')
      .insert({
        manufacturing_type_id: type.id,
        name: 'Comfort',
        template_type: 'premium',
        is_public: true,
      })
      .select('id')
      .single(),
  );
  const chosen = [
    { code: 'width', numeric_value: 1200 },
    { code: 'height', numeric_value: 1500 },
    { code: 'glazing', string_value: 'triple' },
    { code: 'shutter', boolean_value: true },
  ];
  for (const { code, ...value } of chosen) {
    const { error } = await client.from('template_selections').insert({
      template_id: template.id,
      manufacturing_type_id: type.id,
      attribute_node_id: nodes.get(code) ?? '',
      ...value,
    });
    if (error) throw new Error(`${code}: ${error.message}`);
  }
  return { window: type.id, comfort: template.id, nodes };
}
