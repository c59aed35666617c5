import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Database } from '../../src/client/index.ts';
import { valueOf } from './documents.ts';

type Tables = Database['public']['Tables'];
type Connection = Pick<pg.ClientBase, 'query'> | pg.Pool;

/** What a client may say about an attribute node, and what stands under it. Only the code is needed. */
export interface NodeSpec extends Partial<
  Pick<
    Tables['attribute_nodes']['Row'],
    | 'name'
    | 'description'
    | 'help_text'
    | 'node_type'
    | 'data_type'
    | 'unit'
    | 'is_required'
    | 'formula'
    | 'price_impact_type'
    | 'price_formula'
    | 'weight_impact_type'
    | 'weight_formula'
    | 'sort_order'
  >
> {
  code: string;
  /** Numbers as text where they have more digits than a JavaScript number. */
  price_impact?: number | string;
  weight_impact?: number | string;
  display_condition?: unknown;
  validation_rules?: unknown;
  default_value?: unknown;
  children?: NodeSpec[];
}

/** What a test wants to say about a type. */
export interface TypeSpec {
  name?: string;
  base_price?: number | string;
  base_weight?: number | string;
  is_active?: boolean;
  nodes?: NodeSpec[];
}

/** A type with its tree. */
export interface Catalogue {
  /** The manufacturing type. */
  type: string;
  /** The ids of its nodes by code. */
  ids: Record<string, string>;
}

/** A row of attribute_nodes as it is inserted. */
type NodeRow = Omit<NodeSpec, 'children'> & { id: string; parent_id: string | null };

/** The tree as rows, parents first, siblings in the order in which they are written. */
function rowsOf(nodes: NodeSpec[], parent: string | null = null): NodeRow[] {
  return nodes.flatMap(({ children = [], ...node }, index) => {
    const id = randomUUID();
    return [{ sort_order: index, ...node, id, parent_id: parent }, ...rowsOf(children, id)];
  });
}

/**
 * Adds a manufacturing type and its whole tree past the policies.
 *
 * @param client a connection of role `postgres`
 * @param organization whose it is
 * @param spec its name (any), base price (200), base weight (20), and its nodes: an attribute unless it says otherwise,
 *   siblings in the order in which they are written
 */
export async function addType(
  client: Connection,
  organization: { id: string },
  spec: TypeSpec = {},
): Promise<Catalogue> {
  const [added] = await addTypes(client, organization, [spec]);
  if (added === undefined) throw new Error('No type was added.');
  return added;
}

/** As {@link addType}, for many: one statement for the types, one for all their trees. */
export async function addTypes(
  client: Connection,
  organization: { id: string },
  specs: TypeSpec[],
): Promise<Catalogue[]> {
  const types = specs.map(({ name, base_price = 200, base_weight = 20, is_active = true }) => {
    const id = randomUUID();
    return { id, name: name ?? `Type ${id}`, base_price, base_weight, is_active };
  });
  await client.query(
    `insert into public.manufacturing_types (organization_id, id, name, base_price, base_weight, is_active)
     select $1, kind.id, kind.name, kind.base_price, kind.base_weight, kind.is_active
     from jsonb_populate_recordset(null::public.manufacturing_types, $2) as kind`,
    [organization.id, JSON.stringify(types)],
  );
  const rows = specs.map(({ nodes = [] }) => rowsOf(nodes));
  await insertNodes(
    client,
    organization,
    rows.flatMap((list, index) => list.map((row) => ({ ...row, manufacturing_type_id: types[index]?.id }))),
  );
  return types.map(({ id }, index) => ({
    type: id,
    ids: Object.fromEntries((rows[index] ?? []).map((row) => [row.code, row.id])),
  }));
}

/**
 * Adds nodes to a type past the policies, in one statement. Returns their ids by code.
 *
 * @param client a connection of role `postgres`
 * @param parent the node to add them under; the top of the tree by default
 */
export async function addNodes(
  client: Connection,
  organization: { id: string },
  type: string,
  nodes: NodeSpec[],
  parent: string | null = null,
): Promise<Record<string, string>> {
  const rows = rowsOf(nodes, parent);
  await insertNodes(
    client,
    organization,
    rows.map((row) => ({ ...row, manufacturing_type_id: type })),
  );
  return Object.fromEntries(rows.map(({ code, id }) => [code, id]));
}

async function insertNodes(client: Connection, { id }: { id: string }, rows: object[]): Promise<void> {
  await client.query(
    `insert into public.attribute_nodes (
       organization_id, manufacturing_type_id, id, parent_id, code, name, description, help_text, node_type, data_type,
       unit, display_condition, validation_rules, is_required, default_value, formula, price_impact_type, price_impact,
       price_formula, weight_impact_type, weight_impact, weight_formula, sort_order
     )
     select
       $1, node.manufacturing_type_id, node.id, node.parent_id, node.code, coalesce(node.name, node.code),
       node.description, node.help_text, coalesce(node.node_type, 'attribute'), node.data_type, node.unit,
       node.display_condition, coalesce(node.validation_rules, '{}'), coalesce(node.is_required, false),
       node.default_value, node.formula, coalesce(node.price_impact_type, 'none'), node.price_impact,
       node.price_formula, coalesce(node.weight_impact_type, 'none'), node.weight_impact, node.weight_formula,
       node.sort_order
     from jsonb_populate_recordset(null::public.attribute_nodes, $2) as node`,
    [id, JSON.stringify(rows)],
  );
}

/**
 * A window with one node of every kind, on 200.00 and 20 kg: sizes in a category, the area computed from them, a frame
 * priced by area, a material of which `pvc` is only for widths below 2000, a colour that only `pvc` has, a shutter for a
 * tenth of the base price, a motor that only a shutter can have, and a technical figure.
 */
export const windowTree: NodeSpec[] = [
  {
    code: 'size',
    node_type: 'category',
    children: [
      {
        code: 'width',
        data_type: 'dimension',
        unit: 'mm',
        is_required: true,
        validation_rules: { min: 300, max: 3000 },
      },
      { code: 'height', data_type: 'dimension', unit: 'mm', is_required: true, default_value: 1000 },
      { code: 'area', data_type: 'formula', unit: 'm²', formula: 'width * height / 1000000' },
    ],
  },
  {
    code: 'frame',
    node_type: 'component',
    price_impact_type: 'formula',
    price_formula: 'area * 100',
    weight_impact_type: 'formula',
    weight_formula: 'area * 12.5',
  },
  {
    code: 'material',
    data_type: 'selection',
    is_required: true,
    children: [
      {
        code: 'oak',
        name: 'Solid oak',
        node_type: 'option',
        price_impact_type: 'fixed',
        price_impact: 50,
        weight_impact_type: 'percentage',
        weight_impact: 25,
      },
      {
        code: 'pvc',
        node_type: 'option',
        display_condition: { field: 'width', operator: 'less_than', value: 2000 },
        price_impact_type: 'percentage',
        price_impact: -2.5,
      },
    ],
  },
  {
    code: 'colour',
    data_type: 'string',
    display_condition: { field: 'material', operator: 'equals', value: 'pvc' },
    validation_rules: { max_length: 10 },
  },
  { code: 'shutter', data_type: 'boolean', price_impact_type: 'percentage', price_impact: 10 },
  {
    code: 'motor',
    data_type: 'boolean',
    display_condition: { field: 'shutter', operator: 'equals', value: true },
    price_impact_type: 'fixed',
    price_impact: 99.99,
  },
  { code: 'u_value', node_type: 'technical_spec', data_type: 'formula', formula: 'round(1.3 / area, 2)' },
];

/** Values with which {@link windowTree} comes to 200 + 150 - 5 + 20 = 365.00, and to 20 + 18.75 = 38.75 kg. */
export const windowValues = { width: 1500, height: 1000, material: 'pvc', colour: 'white', shutter: true };

/** What entry_preview answers. */
export interface Preview {
  is_valid: boolean;
  currency: string;
  base_price: number;
  total_price: number;
  base_weight: number;
  total_weight: number;
  fields: { code: string; is_visible: boolean; value: unknown; messages: string[] }[];
  lines: { code: string; name: string; price: number; weight: number }[];
  messages: Record<string, string[]>;
}

/** A row of configurations as the API returns it. */
export type Configuration = Tables['configurations']['Row'];

/** Calls entry_preview as who the connection is. */
export function preview(client: Connection, type: string, values: unknown): Promise<Preview> {
  return valueOf(client, 'to_jsonb(public.entry_preview($1, $2))', [type, JSON.stringify(values)]);
}

/** Calls save_entry as who the connection is. */
export function saveEntry(
  client: Connection,
  type: string,
  values: unknown,
  options: { name?: string; customer?: string } = {},
): Promise<Configuration> {
  return valueOf(client, 'to_jsonb(public.save_entry($1, $2, $3, $4))', [
    type,
    options.name ?? 'Kitchen window',
    JSON.stringify(values),
    options.customer ?? null,
  ]);
}

/** Calls update_entry as who the connection is. */
export function updateEntry(
  client: Connection,
  configuration: string,
  values: unknown,
  name: string | null = null,
): Promise<Configuration> {
  return valueOf(client, 'to_jsonb(public.update_entry($1, $2, $3))', [
    configuration,
    JSON.stringify(values),
    name,
  ]);
}
