import { withConnection } from '../../src/postgres/connect.ts';
import { type Place, progress } from './place.ts';
import { makeOrganizations, makeReader } from './sales-customers.ts';

/** How many quotes each organization has, of which two in five are sent. */
export const quotesPerOrganization = 200;
/** How many configurations one quote of the bench is made from, and how many values each of them has. */
export const perQuote = 20;
export const valuesPerConfiguration = 15;

export const previewedType = '01900000-0000-7000-a000-000000000200';
const quotedType = '01900000-0000-7000-a000-000000000040';

/** The customer whose configurations are quoted, of the organization with this index. */
export const buyerOf = (organization: number) => idOf('b000', organization);
/** A configuration that waits for its quote, by its number from 0. */
export const configurationOf = (number: number) => idOf('c000', number);

/** The id of a row that the floor writes. */
export const bareId = (number: number) => idOf('a100', number);

const idOf = (kind: string, number: number) =>
  `01900000-0000-7000-${kind}-${number.toString(16).padStart(12, '0')}`;
/** The same in SQL. */
const idIn = (kind: string, number: string) =>
  `('01900000-0000-7000-${kind}-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

/**
 * What a maker of windows might ask: 200 nodes in 10 categories. 60 are formulas that everybody sees, each of the values
 * in its category and of the formula before it; a third of them have a price formula besides. The rest is 40 dimensions,
 * 10 strings with a pattern, 10 booleans, 10 selections of five options, 10 components; 30 nodes have conditions.
 */
const makePreviewedType = `
  insert into public.manufacturing_types (organization_id, id, name, base_price, base_weight)
  values ('BENCH0000', '${previewedType}', 'Window', 480, 35.5);

  insert into public.attribute_nodes (
    organization_id, manufacturing_type_id, id, parent_id, code, name, node_type, data_type, unit, display_condition,
    validation_rules, is_required, formula, price_impact_type, price_impact, price_formula, weight_impact_type,
    weight_impact, sort_order
  )
  select
    'BENCH0000', '${previewedType}', md5(code)::uuid, md5(parent)::uuid, code, 'The ' || code, node_type, data_type, unit,
    condition::jsonb, coalesce(rules, '{}')::jsonb, coalesce(required, false), formula, coalesce(price_type, 'none'),
    price, price_formula, coalesce(weight_type, 'none'), weight, place
  from generate_series(1, 10) as c, lateral (
    select
      'part_' || c as code, null as parent, 'category' as node_type, null as data_type, null as unit, null as condition,
      null as rules, null::boolean as required, null as formula, null as price_type, null::numeric as price,
      null as price_formula, null as weight_type, null::numeric as weight, c as place
    union all
    select
      format('width_%s_%s', c, n), 'part_' || c, 'attribute', 'dimension', 'mm',
      case when n = 4 then format('{"field": "extra_%s", "operator": "equals", "value": true}', c) end,
      '{"min": 100, "max": 4000}', n < 4, null, case when n = 1 then 'percentage' end, case when n = 1 then 2.5 end,
      null, case when n = 2 then 'fixed' end, case when n = 2 then 1.25 end, n
    from generate_series(1, 4) as n
    union all
    select
      'label_' || c, 'part_' || c, 'attribute', 'string', null, null,
      '{"min_length": 2, "max_length": 40, "pattern": "^[A-Z][A-Za-z0-9 ]*$"}', false, null, null, null, null, null, null, 5
    union all
    select
      'extra_' || c, 'part_' || c, 'attribute', 'boolean', null, null, null, false, null, 'fixed', 45.9, null, 'fixed', 2.125, 6
    union all
    select
      'glass_' || c, 'part_' || c, 'attribute', 'selection', null, null, null, true, null, null, null, null, null, null, 7
    union all
    select
      format('glass_%s_%s', c, n), 'glass_' || c, 'option', null, null,
      case when n = 5 then format('{"field": "width_%s_1", "operator": "less_than", "value": 4000}', c) end,
      null, null, null, case when n % 2 = 0 then 'percentage' else 'fixed' end, n * 7.5, null, 'fixed', n * 1.5, n
    from generate_series(1, 5) as n
    union all
    select
      format('figure_%s_%s', c, n), 'part_' || c, 'technical_spec', 'formula', 'kg', null, null, null,
      case
        when n = 1 then format('round((width_%s_1 + 40) * (width_%s_2 + 40) / 1000000, 4)', c, c)
        else
          format(
            'round(figure_%s_%s * 1.02 + max(width_%s_2, width_%s_3) / 1000 + base_price * 0.001 - %s, 3)', c, n - 1, c, c, n
          )
      end,
      case when n % 3 = 0 then 'formula' end, null,
      case when n % 3 = 0 then format('max(figure_%s_%s * 12.5, 4) + extra_%s * 3', c, n, c) end, null, null, 7 + n
    from generate_series(1, 6) as n
    union all
    select
      'fitting_' || c, 'part_' || c, 'component', null, null,
      format(
        '{"or": [{"field": "extra_%s", "operator": "equals", "value": true},
          {"field": "glass_%s", "operator": "equals", "value": "glass_%s_2"}]}', c, c, c
      ),
      null, null, null, 'fixed', 12.4, null, 'percentage', 1.5, 20
  ) as node
  order by node_type <> 'category', node_type = 'option', c, place;`;

/** Values for all inputs of the type, other ones in each turn. */
export function previewedValues(turn: number): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (let part = 1; part <= 10; part += 1) {
    for (let index = 1; index <= 4; index += 1) {
      // The fourth is asked for with the extra alone.
      if (index < 4 || part % 2 === 0) {
        values[`width_${part}_${index}`] = 600 + ((turn * 37 + part * 100 + index) % 1300);
      }
    }
    values[`label_${part}`] = `Opening ${turn % 100}`;
    values[`extra_${part}`] = part % 2 === 0;
    values[`glass_${part}`] = `glass_${part}_${1 + ((turn + part) % 5)}`;
  }
  return values;
}

/** A type of 20 dimensions and 20 formulas of them, and a template. */
const makeQuotedType = `
  insert into public.manufacturing_types (organization_id, id, name, base_price, base_weight)
  values ('BENCH0000', '${quotedType}', 'Door', 250, 20);
  insert into public.attribute_nodes (
    organization_id, manufacturing_type_id, id, code, name, node_type, data_type, formula, price_impact_type, price_impact,
    sort_order
  )
  select
    'BENCH0000', '${quotedType}', md5('door_' || kind || n)::uuid, kind || '_' || n, kind || ' ' || n, 'attribute',
    case kind when 'size' then 'dimension' else 'formula' end, case kind when 'sum' then format('size_%s * 2 + 1', n) end,
    case kind when 'size' then 'fixed' else 'none' end, case kind when 'size' then n end, n
  from unnest(array['size', 'sum']) as kind, generate_series(1, 20) as n
  order by kind, n;`;

/**
 * Every organization has a buyer, and a configuration for each of its quotes, which has one item. Made without triggers.
 * The organizations' types have no nodes, because nothing here evaluates them.
 */
const makeQuotes = `
  set session_replication_role = replica;
  insert into public.customers (organization_id, id, contact_person, email)
  select
    'BENCH' || lpad(number::text, 4, '0'), ${idIn('b000', 'number')}, 'Anna Moser', 'anna' || number || '@example.com'
  from generate_series(0, $organizations - 1) as number;
  insert into public.manufacturing_types (organization_id, id, name)
  select 'BENCH' || lpad(number::text, 4, '0'), '${quotedType}', 'Door'
  from generate_series(1, $organizations - 1) as number;

  create temporary table bench_quotes as
  select
    number, 'BENCH' || lpad((number % $organizations)::text, 4, '0') as organization_id,
    ${idIn('b000', 'number % $organizations')} as customer_id,
    (array['draft', 'sent', 'sent', 'accepted', 'expired'])[1 + number / $organizations % 5] as status,
    now() - make_interval(secs => ($organizations * ${quotesPerOrganization} - number) * 60) as moment
  from generate_series(0, $organizations * ${quotesPerOrganization} - 1) as number;

  insert into public.configurations (
    organization_id, id, manufacturing_type_id, customer_id, name, reference_code, status, base_price, total_price,
    saved_at, quoted_at, created_at
  )
  select
    organization_id, ${idIn('d000', 'number')}, '${quotedType}', customer_id, 'Front door', 'C-20260115-' || number, 'quoted',
    250, 612.5, moment, moment, moment
  from bench_quotes;
  insert into public.quotes (
    organization_id, id, number, customer_id, status, currency, subtotal, tax_rate, valid_until, notes, sent_at,
    accepted_at, expired_at, created_at
  )
  select
    organization_id, ${idIn('e000', 'number')}, 'Q-20260115-' || number, customer_id, status, 'EUR', number % 1000 * 1.25, 20,
    moment::date + 30, 'Including mounting.', case when status <> 'draft' then moment end,
    case status when 'accepted' then moment end, case status when 'expired' then moment end, moment
  from bench_quotes;
  insert into public.quote_items (
    organization_id, id, quote_id, customer_id, configuration_id, position, description, quantity, unit_price
  )
  select
    organization_id, ${idIn('f000', 'number')}, ${idIn('e000', 'number')}, customer_id, ${idIn('d000', 'number')}, 1,
    'Front door', 1, number % 1000 * 1.25
  from bench_quotes;`;

/** Configurations of the first organization's buyer that wait to be quoted. */
const makeWaiting = `
  set session_replication_role = replica;
  insert into public.configurations (
    organization_id, id, manufacturing_type_id, customer_id, name, reference_code, status, base_price, total_price,
    base_weight, total_weight, priced_revision, saved_at
  )
  select
    'BENCH0000', ${idIn('c000', 'number')}, '${quotedType}', ${idIn('b000', '0')}, 'Door of room ' || number,
    'C-20261115-' || number, 'saved', 250, 370, 20, 20, type.revision, now()
  from generate_series(0, $waiting - 1) as number
    join public.manufacturing_types as type on type.organization_id = 'BENCH0000' and type.id = '${quotedType}';
  insert into public.configuration_selections (
    organization_id, configuration_id, manufacturing_type_id, attribute_node_id, numeric_value
  )
  select 'BENCH0000', ${idIn('c000', 'number')}, '${quotedType}', md5('door_size' || n)::uuid, 100 + number % 900 + n
  from generate_series(0, $waiting - 1) as number, generate_series(1, ${valuesPerConfiguration}) as n;`;

/**
 * Where the floor writes: the two tables with the same columns, checks, indexes and foreign keys, and with no trigger, no
 * policy and no default but those of the columns.
 */
const makeBareTables = `
  create schema bench;
  grant usage on schema bench to bench_reader;
  create table bench.quotes (like public.quotes including all);
  create table bench.quote_items (like public.quote_items including all);
  alter table bench.quotes
    add foreign key (organization_id) references public.organizations (id) on delete cascade,
    add foreign key (organization_id, customer_id) references public.customers (organization_id, id),
    add foreign key (created_by) references auth.users (id) on delete set null;
  alter table bench.quote_items
    add foreign key (organization_id) references public.organizations (id) on delete cascade,
    add foreign key (organization_id, quote_id, customer_id)
      references bench.quotes (organization_id, id, customer_id) on update cascade on delete cascade deferrable,
    add foreign key (organization_id, configuration_id, customer_id)
      references public.configurations (organization_id, id, customer_id) on update cascade deferrable;
  insert into bench.quotes (
    organization_id, id, number, customer_id, status, currency, subtotal, tax_rate, valid_until, notes, sent_at,
    accepted_at, expired_at, created_at
  )
  select
    organization_id, id, number, customer_id, status, currency, subtotal, tax_rate, valid_until, notes, sent_at,
    accepted_at, expired_at, created_at
  from public.quotes;
  insert into bench.quote_items (
    organization_id, id, quote_id, customer_id, configuration_id, position, description, quantity, unit_price
  )
  select organization_id, id, quote_id, customer_id, configuration_id, position, description, quantity, unit_price
  from public.quote_items;
  grant select, insert on all tables in schema bench to bench_reader;
  grant insert on public.audit_logs to bench_reader;`;

/**
 * Fills the database: organizations with their quotes, and in the first one the type that is previewed and so many
 * configurations that wait for a quote.
 */
export async function makeDocuments(
  place: Place,
  database: string,
  organizations: number,
  waiting: number,
): Promise<void> {
  const fill = (sql: string) =>
    sql.replaceAll('$organizations', String(organizations)).replaceAll('$waiting', String(waiting));
  progress(`making ${organizations.toLocaleString('en')} organizations and two types`);
  await withConnection(place.url(database), async (client) => {
    await client.query(fill(makeOrganizations));
    await client.query(makePreviewedType);
    await client.query(makeQuotedType);
  });
  await withConnection(place.superuserUrl(database), async (client) => {
    await client.query(makeReader);
    progress(`inserting ${(organizations * quotesPerOrganization).toLocaleString('en')} quotes`);
    await client.query(fill(makeQuotes));
    progress(`inserting ${waiting.toLocaleString('en')} configurations`);
    await client.query(fill(makeWaiting));
    await client.query(makeBareTables);
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });
}
