import { z } from 'zod';
import { quantile } from './support/measure.ts';
import { type Place, progress, withPlace } from './support/place.ts';
import { type Bench, type Comparison, type Figure, figure } from './support/report.ts';
import type { Side, Statement } from './support/requests.ts';
import {
  customerCaller,
  makeCustomerBase,
  managerCaller,
  usersPerOrganization,
} from './support/sales-customers.ts';
import {
  bareId,
  buyerOf,
  configurationOf,
  makeDocuments,
  perQuote,
  previewedType,
  previewedValues,
  quotesPerOrganization,
} from './support/sales-documents.ts';
import { answered, callOf, compare, listed, type Matter, requestOf } from './support/sales-requests.ts';

const customers = 1_000_000;
const customerOrganizations = 100;
/** How many configurations wait for a quote. They stay what they are until it is sent, so that they serve again. */
const waiting = 4000;

/** Which of so many, another one each turn, spread evenly. */
const spread = (turn: number, count: number) => Math.floor(((turn * 0.6180339887) % 1) * count);

/**
 * The three reads that the answer takes, each by primary key, in one statement: whether the member is in, which customer
 * they act for, and that customer.
 */
const bareReads = `
  select customer.*
  from public.members as member
    join public.customer_users as mapping
      on mapping.organization_id = member.organization_id and mapping.user_id = member.user_id
    join public.customers as customer
      on customer.organization_id = mapping.organization_id and customer.id = mapping.customer_id
  where member.organization_id = $1 and member.user_id = $2 and member.is_open`;

const knownUser: Matter = {
  name: 'get_or_create_customer for a known user',
  database: 'customers',
  isWrite: true,
  ratioOf: 'time',
  target: { atMost: 3 },
  turnsPerRound: 15,
  checks: 20,
  ask: (side, turn) => {
    const pick = spread(turn, customerOrganizations * usersPerOrganization);
    const caller = customerCaller(
      Math.floor(pick / usersPerOrganization),
      customerOrganizations,
      pick % usersPerOrganization,
    );
    const statement: Statement =
      side === 'ours'
        ? callOf('get_or_create_customer', {}, {})
        : { text: answered(bareReads), values: [caller.organizationId, caller.userId] };
    return { caller, statements: [statement] };
  },
  essence: (body) => z.looseObject({ id: z.string(), email: z.string() }).parse(body),
};

/** What search_customers sends for these words, for who may read all customers. */
const searched = (words: number) => `
  with found as materialized (
    select
      customer.id,
      starts_with(split_part(customer.search_text, E'\\n', 1), $2)
        or starts_with(split_part(customer.search_text, E'\\n', 2), $2) as begins,
      ltrim(customer.search_text, E'\\n') collate "C" as name
    from public.customers as customer
    where customer.organization_id = $1 and customer.search_text like $3
      ${words > 1 ? 'and customer.search_text like $4' : ''}
  ),
  listed as (
    select found.*
    from found
    order by found.begins desc, found.name, found.id
    limit 50
  )
  select
    (select count(*) from found) as total,
    coalesce(
      jsonb_agg(
        to_jsonb(
          row(
            customer.id, customer.company_name, customer.contact_person, customer.email, customer.phone,
            customer.customer_type, customer.is_active, customer.tags, customer.total_bookings, customer.total_spent,
            customer.last_booking_at, customer.created_at
          )::public.customer_summary
        )
        order by listed.begins desc, listed.name, listed.id
      ),
      '[]'
    ) as customers
  from listed
    join public.customers as customer on customer.organization_id = $1 and customer.id = listed.id`;

const searching = (name: string, query: (turn: number) => string): Matter => ({
  name,
  database: 'customers',
  isWrite: false,
  ratioOf: 'rate',
  target: { atLeast: 0.8 },
  turnsPerRound: 5,
  checks: 20,
  ask: (side: Side, turn: number) => {
    const caller = managerCaller(spread(turn, customerOrganizations), customerOrganizations);
    const words = query(turn).split(' ');
    const statement =
      side === 'ours'
        ? callOf('search_customers', { query: 'text' }, { query: words.join(' ') })
        : {
            text: answered(searched(words.length)),
            values: [
              caller.organizationId,
              words.join(' '),
              ...words.toSorted((a, b) => b.length - a.length).map((word) => `%${word}%`),
            ],
          };
    return { caller, statements: [statement] };
  },
  essence: (body) => {
    const { total, customers } = z
      .object({ total: z.number(), customers: z.array(z.unknown()) })
      .loose()
      .parse(body);
    return [total, customers];
  },
});
const prefixes = ['gru', 'hub', 'pic', 'kor', 'ran', 'zim', 'dob', 'nov', 'vra', 'bra'];
const byPrefix = searching('search by three letters', (turn) => prefixes[turn % prefixes.length] ?? '');
const firstNames = ['anna', 'clara', 'felix', 'jonas', 'rosa'];
const byWords = searching(
  'search by two words',
  (turn) => `${firstNames[turn % firstNames.length] ?? ''} ${prefixes[turn % prefixes.length] ?? ''}`,
);

/** The list of a quote desk. The index is (organization_id, status, created_at). */
const byStatus = (organizations: number): Matter => ({
  name: `newest 50 sent quotes of an organization's ${quotesPerOrganization}`,
  database: 'sales',
  isWrite: false,
  ratioOf: 'rate',
  target: { atLeast: 0.9 },
  turnsPerRound: 15,
  checks: 20,
  ask: (side, turn) => {
    const caller = managerCaller(spread(turn, organizations), organizations);
    const [filter, values] =
      side === 'ours'
        ? ['', ['sent', 50, 0]]
        : ['and organization_id = $4', ['sent', 50, 0, caller.organizationId]];
    const text = listed(
      `select * from public.quotes where status = $1 ${filter} order by created_at desc limit $2 offset $3`,
    );
    return { caller, statements: [{ text, values }] };
  },
  essence: (body) =>
    z
      .array(z.looseObject({ id: z.string() }))
      .length(50)
      .parse(body),
});

const insertQuote = answered(
  `insert into bench.quotes (
     organization_id, id, number, customer_id, currency, subtotal, discount_amount, tax_rate, valid_until, created_by
   )
   values ($1, $2, $3, $4, 'EUR', $5, 0, 20, current_date + 30, $6)
   returning *`,
);
const insertItems = `
  insert into bench.quote_items (
    organization_id, id, quote_id, customer_id, configuration_id, position, description, quantity, unit_price
  )
  select $1, item.id, $2, $3, item.configuration_id, item.position, 'Door: Door of room ' || item.position, 1, $4
  from unnest($5::uuid[], $6::uuid[]) with ordinality as item (id, configuration_id, position)`;
const insertLogs = `
  insert into public.audit_logs (organization_id, actor_id, actor_role, action, table_name, row_key, after)
  select $1, $2, 'authenticated', 'create', log.table_name, log.row_key, log.after
  from unnest($3::text[], $4::jsonb[], $5::jsonb[]) as log (table_name, row_key, after)`;

/** What the audit log says of a quote and its lines. */
function logsOf(
  quoteId: string,
  lines: { id: string; configurationId: string }[],
): [string, object, object][] {
  const moment = '2026-11-21T12:00:00.000000+00:00';
  return [
    [
      'quotes',
      { id: quoteId },
      {
        number: 'Q-20261121-001',
        customer_id: buyerOf(0),
        status: 'draft',
        currency: 'EUR',
        subtotal: 7400,
        discount_amount: 0,
        tax_rate: 20,
        tax_amount: 1480,
        total: 8880,
        valid_until: '2026-12-21',
        created_at: moment,
        created_by: quoteId,
        id: quoteId,
      },
    ],
    ...lines.map(({ id, configurationId }, index): [string, object, object] => [
      'quote_items',
      { id },
      {
        id,
        quote_id: quoteId,
        customer_id: buyerOf(0),
        configuration_id: configurationId,
        position: index + 1,
        description: `Door: Door of room ${index}`,
        quantity: 1,
        unit_price: 370,
        line_total: 370,
      },
    ]),
  ];
}

/** A quote from 20 configurations, over the inserts that leave the same rows, with all that is computed given. */
const quoting = (isLogged: boolean, first: number): Matter => ({
  name: `create_quote from ${perQuote} configurations, over bare inserts ${isLogged ? 'of all its rows' : 'without those of the audit log'}`,
  database: 'sales',
  isWrite: true,
  isDurable: true,
  ratioOf: 'rate',
  ...(isLogged ? { target: { atLeast: 0.4 } } : {}),
  turnsPerRound: 1,
  checks: 5,
  ask: (side, turn) => {
    const caller = managerCaller(0, 1000);
    const number = first + turn;
    const configurationIds = Array.from({ length: perQuote }, (_, index) =>
      configurationOf((number * perQuote + index) % waiting),
    );
    if (side === 'ours') {
      const types = { configuration_ids: 'uuid[]', tax_rate: 'numeric' };
      return {
        caller,
        statements: [callOf('create_quote', types, { configuration_ids: configurationIds, tax_rate: 20 })],
      };
    }
    const quoteId = bareId(number * 100);
    const lines = configurationIds.map((configurationId, index) => ({
      id: bareId(number * 100 + index + 1),
      configurationId,
    }));
    const logs = logsOf(quoteId, lines);
    const user = caller.userId;
    const statements: Statement[] = [
      {
        text: insertQuote,
        values: [caller.organizationId, quoteId, `Q-20261121-${number}`, buyerOf(0), 370 * perQuote, user],
      },
      {
        text: insertItems,
        values: [
          caller.organizationId,
          quoteId,
          buyerOf(0),
          370,
          lines.map(({ id }) => id),
          configurationIds,
        ],
      },
      {
        text: insertLogs,
        values: [
          caller.organizationId,
          user,
          logs.map(([table]) => table),
          logs.map(([, key]) => JSON.stringify(key)),
          logs.map(([, , after]) => JSON.stringify(after)),
        ],
      },
    ];
    return { caller, statements: isLogged ? statements : statements.slice(0, 2) };
  },
  essence: (body) =>
    z
      .object({
        status: z.literal('draft'),
        subtotal: z.number(),
        tax_amount: z.number(),
        total: z.number().positive(),
      })
      .parse(body),
});

const previewAnswer = z.object({
  is_valid: z.literal(true),
  total_price: z.number().positive(),
  fields: z
    .array(z.object({ code: z.string(), is_visible: z.boolean(), value: z.unknown() }).loose())
    .length(200),
});

/** Requests of a preview, one after the other. */
async function preview(place: Place, calls: number): Promise<Figure[]> {
  progress('entry_preview');
  const client = await place.open('sales', 'authenticator');
  const caller = managerCaller(0, 1000);
  const times: number[] = [];
  let started = 0;
  for (let turn = -50; turn < calls; turn += 1) {
    if (turn === 0) started = performance.now();
    const statement = callOf(
      'entry_preview',
      { manufacturing_type_id: 'uuid', selections: 'jsonb' },
      { manufacturing_type_id: previewedType, selections: previewedValues(turn + 50) },
    );
    const before = performance.now();
    const { body } = await requestOf(client, 'ours', { caller, statements: [statement] }, false);
    if (turn >= 0) times.push(performance.now() - before);
    else checkPreview(JSON.parse(String(body)));
  }
  const seconds = (performance.now() - started) / 1000;
  return [
    figure(
      'entry_preview of 200 nodes with 60 visible formulas, p50 of a request',
      quantile(times, 0.5),
      'ms',
    ),
    figure(`the same, p95 of ${calls}`, quantile(times, 0.95), 'ms', { atMost: 15 }),
    figure('the same, by one connection', calls / seconds, 'per second'),
  ];
}

function checkPreview(body: unknown): void {
  const { fields } = previewAnswer.parse(body);
  const formulas = fields.filter(
    ({ code, is_visible, value }) => is_visible && code.startsWith('figure_') && typeof value === 'number',
  );
  if (formulas.length !== 60) throw new Error(`${formulas.length} formulas are visible and have a value.`);
}

/** Everything about customers: a database of its own. */
export async function measureCustomers(place: Place, scale: number): Promise<Comparison[]> {
  const rounds = Math.ceil(200 * scale);
  return [
    ...(await compare(place, knownUser, rounds)),
    ...(await compare(place, byPrefix, rounds)),
    ...(await compare(place, byWords, rounds)),
  ];
}

/** Everything about what is sold, in another. */
export async function measureDocuments(place: Place, scale: number) {
  const rounds = Math.ceil(200 * scale);
  return {
    figures: await preview(place, Math.ceil(1000 * scale)),
    comparisons: [
      ...(await compare(place, quoting(true, 0), rounds)),
      ...(await compare(place, quoting(false, 100_000), rounds)),
      ...(await compare(place, byStatus(organizationsOf(scale)), rounds)),
    ],
  };
}

export const organizationsOf = (scale: number) => Math.max(10, Math.ceil(1000 * scale));

async function measure(place: Place, scale: number) {
  const count = Math.max(customerOrganizations * usersPerOrganization, Math.ceil(customers * scale));
  await makeCustomerBase(place, 'customers', customerOrganizations, count);
  const found = await measureCustomers(place, scale);
  await makeDocuments(place, 'sales', organizationsOf(scale), waiting);
  const sold = await measureDocuments(place, scale);
  return { comparisons: [...found, ...sold.comparisons], figures: sold.figures, notes: notesOf(count) };
}

const notesOf = (customers: number) => [
  'Every case is a request as PostgREST makes it, prepared: begin, set_config of role, claims and headers, the statement around which it puts its own, commit. Both sides do that; the floor does it as a role that no policy holds, and names the organization by hand. "The statement alone" is without all of that, in a transaction that is open. Before time is taken, both sides must have given the same answers.',
  `Customers: ${customers.toLocaleString('en')} of ${customerOrganizations} organizations, of which ${(customerOrganizations * usersPerOrganization).toLocaleString('en')} have a user. The callers of get_or_create_customer are those users, another one each time; its floor is one statement that reads three rows by primary key: the member, whom they act for, that customer. Callers of the search are the managers. Three letters find between 2 and 9 of 100 customers of an organization; the floor is the query of the function, prepared once, over the same table and index.`,
  `create_quote: what it leaves is a quote, ${perQuote} lines, and a row of the audit log for each. The floor inserts the same rows, with all that was computed given, by three statements into tables of the same columns, checks, indexes, statistics and foreign keys, without triggers or policies; once with the rows of the log and once without. Ours looks at ${perQuote} configurations and locks them, takes a number, and computes the amounts.`,
  'entry_preview: a type of 200 nodes with 60 formulas, 20 of which have a price formula besides, 40 dimensions, 10 strings with a pattern, 10 booleans, 10 selections of five options, 10 components; 30 nodes have conditions, 65 values are sent. One connection.',
  `The list of quotes: ${quotesPerOrganization} of each organization, two in five sent. Its policy looks twice, at who is a member and who may read all, because customers and salesmen see their own; the tables of the bench tenancy look once.`,
];

export const bench: Bench = {
  description:
    'customers and sales: the functions of the API, over the reads and inserts that the same takes without them',
  run: (scale) => withPlace(['customers', 'sales'], {}, (place) => measure(place, scale)),
};
