import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiAnswer, type Person, useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import {
  addMember,
  addMemberPerson,
  addPerson,
  digest,
  expectRefused,
  outcome,
  renewed,
  useStreet,
  valueOf,
} from './street.ts';
import { useWares } from './wares.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);
const wares = useWares(db, street);

/** Acts for the customer of A, and has no role. */
let buyer: Person;
/** Another customer's user, of the same organization. */
let rival: Person;
let rivalCustomer: string;
/** Looks after the customer of A. */
let salesman: Person;

beforeAll(async () => {
  const { a } = street;
  const link = (table: string, customer: string, user: Person) =>
    db.query(`insert into public.${table} (organization_id, customer_id, user_id) values ($1, $2, $3)`, [
      a.id,
      customer,
      user.id,
    ]);
  buyer = await addMemberPerson(db, api, a.id);
  await link('customer_users', wares.a.customer, buyer);
  rival = await addMemberPerson(db, api, a.id);
  rivalCustomer = await valueOf<string>(
    db,
    `insert into public.customers (organization_id, contact_person) values ($1, 'Rival') returning id as value`,
    [a.id],
  );
  await link('customer_users', rivalCustomer, rival);
  salesman = await addMemberPerson(db, api, a.id, 'salesman');
  await link('customer_assignments', wares.a.customer, salesman);
});

/** All that clients may ever write in the tables of what is sold; what is not here is the database's. */
const writable: Record<string, { insert: string[]; update: string[]; delete?: boolean }> = {
  configurations: { insert: [], update: ['description', 'name'] },
  configuration_selections: { insert: [], update: [] },
  configuration_snapshots: { insert: [], update: [] },
  order_items: { insert: [], update: [] },
  orders: { insert: [], update: [] },
  price_history: { insert: [], update: [] },
  quote_items: { insert: [], update: [] },
  quotes: { insert: [], update: [] },
  template_usage: { insert: [], update: [] },
};

test('of what was sold, clients write the name of a configuration and what it is for, and nothing else', async () => {
  const { rows } = await db.query<{ name: string; insert: string[]; update: string[]; delete: boolean }>(
    `select rel.relname as name,
       array(select attname::text from pg_attribute where attrelid = rel.oid and attnum > 0 and not attisdropped
         and has_column_privilege('authenticated', rel.oid, attnum, 'insert') order by 1) as insert,
       array(select attname::text from pg_attribute where attrelid = rel.oid and attnum > 0 and not attisdropped
         and has_column_privilege('authenticated', rel.oid, attnum, 'update') order by 1) as update,
       has_table_privilege('authenticated', rel.oid, 'delete') as delete
     from pg_class as rel where rel.relnamespace = 'public'::regnamespace and rel.relname = any ($1)`,
    [Object.keys(writable)],
  );
  expect(Object.fromEntries(rows.map(({ name, ...may }) => [name, may]))).toEqual(
    Object.fromEntries(Object.entries(writable).map(([name, may]) => [name, { ...may, delete: false }])),
  );
});

/** What somebody would like to write, by table: the row that is there, and a value for each column. */
const wishes = (): Record<string, { id: string; columns: Record<string, unknown> }> => {
  const money = { subtotal: 1, discount_amount: 249, tax_rate: 0, currency: 'ZWL' };
  return {
    configurations: {
      id: wares.a.configuration,
      columns: {
        status: 'ordered',
        total_price: 1,
        base_price: 1,
        total_weight: 1,
        technical_data: { area: 0 },
        reference_code: 'C-666',
        customer_id: rivalCustomer,
        organization_id: street.b.id,
        created_by: street.a.owner.id,
        priced_revision: 99,
        saved_at: '2020-01-01T00:00:00Z',
      },
    },
    configuration_selections: {
      id: wares.a.configuration,
      columns: { string_value: 'gold', numeric_value: 1, attribute_node_id: wares.a.node },
    },
    configuration_snapshots: { id: wares.a.configuration, columns: { total_price: 1, data: {} } },
    price_history: { id: wares.a.configuration, columns: { new_price: 1, changed_by: street.a.owner.id } },
    quotes: {
      id: wares.a.quote,
      columns: {
        ...money,
        status: 'accepted',
        number: 'Q-666',
        customer_id: rivalCustomer,
        total: 1,
        tax_amount: 0,
        valid_until: '2099-01-01',
        accepted_at: '2020-01-01T00:00:00Z',
      },
    },
    quote_items: {
      id: wares.a.quoteItem,
      columns: {
        unit_price: 1,
        quantity: 1000,
        line_total: 1,
        customer_id: rivalCustomer,
        description: 'Gold',
      },
    },
    orders: {
      id: wares.a.order,
      columns: {
        ...money,
        status: 'cancelled',
        number: 'O-666',
        customer_id: rivalCustomer,
        total: 1,
        quote_id: wares.a.quote,
        cancelled_at: '2020-01-01T00:00:00Z',
      },
    },
    order_items: {
      id: wares.a.orderItem,
      columns: { unit_price: 1, quantity: 1000, line_total: 1, status: 'completed' },
    },
    customers: {
      id: wares.a.customer,
      columns: {
        id: rivalCustomer,
        organization_id: street.b.id,
        total_spent: 1_000_000,
        total_bookings: 99,
        first_booking_at: '2020-01-01T00:00:00Z',
        created_at: '2020-01-01T00:00:00Z',
      },
    },
    template_usage: { id: wares.a.template, columns: { ordered_at: '2020-01-01T00:00:00Z' } },
  };
};

/** The columns of each primary key, the organization first, and those that PostgreSQL computes. */
const primaryKeys: Record<string, string[]> = {};
const generated = new Set<string>();

beforeAll(async () => {
  const { rows } = await db.query<{ name: string; key: string[]; generated: string[] }>(
    `select rel.relname as name,
       (select array_agg(col.attname::text order by key.place)
        from pg_constraint as con, unnest(con.conkey) with ordinality as key (attnum, place)
          join pg_attribute as col on col.attnum = key.attnum
        where con.conrelid = rel.oid and con.contype = 'p' and col.attrelid = rel.oid) as key,
       array(select attname::text from pg_attribute where attrelid = rel.oid and attgenerated <> '') as generated
     from pg_class as rel where rel.relnamespace = 'public'::regnamespace and rel.relname = any ($1)`,
    [Object.keys(wishes())],
  );
  for (const { name, key, generated: columns } of rows) {
    primaryKeys[name] = key;
    for (const column of columns) generated.add(`${name}.${column}`);
  }
});

/** The column by which `wishes` names a row, where it is not the id. */
const named: Record<string, string> = {
  configuration_selections: 'configuration_id',
  configuration_snapshots: 'configuration_id',
  price_history: 'configuration_id',
  template_usage: 'template_id',
};

/** A wish for one column of one row. */
interface Wish {
  table: string;
  id: string;
  column: string;
  value: unknown;
}

/** A row to insert: of customers, which clients may, one that would be taken but for the wish. */
function rowOf({ table, id, column, value }: Wish): object {
  const rest = table === 'customers' ? { email: 'buyer@example.com' } : { [named[table] ?? 'id']: id };
  return { ...rest, [column]: value };
}

const targetOf = ({ table }: Wish) =>
  table === 'customers' ? 'organization_id,email' : (primaryKeys[table] ?? []).join();

type Verb = (wish: Wish) => Parameters<typeof api.rest>;
const change = ({ column, value }: Wish) => ({ method: 'PATCH', body: { [column]: value } });
const merging = { prefer: 'resolution=merge-duplicates' };
const verbs: Record<string, Verb> = {
  PATCH: (wish) => [`${wish.table}?${named[wish.table] ?? 'id'}=eq.${wish.id}`, change(wish)],
  'PATCH of every row': (wish) => [`${wish.table}?organization_id=not.is.null`, change(wish)],
  POST: (wish) => [wish.table, { body: rowOf(wish) }],
  'POST of many': (wish) => [wish.table, { body: [rowOf(wish), rowOf(wish)] }],
  'POST with merge-duplicates': (wish) => [wish.table, { headers: merging, body: [rowOf(wish)] }],
  'POST with merge-duplicates and on_conflict': (wish) => [
    `${wish.table}?on_conflict=${targetOf(wish)}`,
    { headers: merging, body: [rowOf(wish)] },
  ],
  'POST with ignore-duplicates': (wish) => [
    `${wish.table}?on_conflict=${targetOf(wish)}`,
    { headers: { prefer: 'resolution=ignore-duplicates' }, body: rowOf(wish) },
  ],
  PUT: (wish) => {
    const key = Object.fromEntries(
      (primaryKeys[wish.table] ?? []).map((column) => [
        column,
        column === 'organization_id' ? street.a.id : column === 'attribute_node_id' ? wares.a.node : wish.id,
      ]),
    );
    const filter = Object.entries(key).map(([column, value]) => `${column}=eq.${value}`);
    return [
      `${wish.table}?${filter.join('&')}`,
      { method: 'PUT', body: { ...key, ...(wish.column in key ? {} : { [wish.column]: wish.value }) } },
    ];
  },
};

/** What becomes of a wish of each of three people. */
async function outcomesOf(verb: Verb, wish: Wish): Promise<string[]> {
  const [path, request] = verb(wish);
  const answers = await Promise.all(
    [buyer, salesman, street.a.owner].map(({ token }) => api.rest(path, { ...request, token })),
  );
  return answers.map((answer) => outcome(answer));
}

describe('a price, a status, a number, another’s customer: by', () => {
  test.each(Object.entries(verbs))('%s', async (_, verb) => {
    const before = await digest(db);
    for (const [table, { id, columns }] of Object.entries(wishes())) {
      for (const [column, value] of Object.entries(columns)) {
        // Nobody writes what is computed, whoever they are.
        const refusal = generated.has(`${table}.${column}`) ? /^(42501|428C9)$/ : /^42501$/;
        for (const said of await outcomesOf(verb, { table, id, column, value })) {
          expect(said, `${table}.${column}`).toMatch(refusal);
        }
      }
    }
    expect(await digest(db)).toEqual(before);
  });

  test('were a price granted, each verb would be seen to write it, or to be refused for something else', async () => {
    const columns = 'organization_id, id, email, total_spent';
    const wish = { table: 'customers', id: wares.a.customer, column: 'total_spent', value: 1_000_000 };
    await db.query(`grant insert (${columns}), update (${columns}) on public.customers to authenticated`);
    try {
      for (const [name, verb] of Object.entries(verbs)) {
        expect(await outcomesOf(verb, wish), name).not.toEqual(['42501', '42501', '42501']);
      }
    } finally {
      await db.query(
        `revoke insert (organization_id, id, total_spent), update (organization_id, id, total_spent)
         on public.customers from authenticated;
         update public.customers set total_spent = 0`,
      );
    }
  });

  test('allowed: the particulars of a customer, by each of them, for who may', async () => {
    const particulars = {
      table: 'customers',
      id: wares.a.customer,
      column: 'payment_terms',
      value: '30 days',
    };
    const names = ['PATCH', 'POST with merge-duplicates and on_conflict', 'POST with ignore-duplicates'];
    for (const [name, verb] of Object.entries(verbs).filter(([each]) => names.includes(each))) {
      const [, , owner] = await outcomesOf(verb, particulars);
      expect(owner, name).toBe('ok');
    }
  });

  test('DELETE', async () => {
    const before = await digest(db);
    const path = (table: string, id: string) => `${table}?${named[table] ?? 'id'}=eq.${id}`;
    for (const [table, { id }] of Object.entries(wishes())) {
      for (const { token } of [buyer, salesman, street.a.owner]) {
        expect(outcome(await api.rest(path(table, id), { method: 'DELETE', token })), table).toBe('42501');
      }
    }
    expect(await digest(db)).toEqual(before);
  });

  test('the tables that count numbers and say what may follow: they are not there', async () => {
    for (const table of ['number_counters', 'state_transitions', 'private.number_counters']) {
      for (const request of [{}, { method: 'POST', body: {} }]) {
        const answer = await api.rest(table, { ...request, token: street.a.owner.token });
        expect(answer.status, table).toBe(404);
      }
    }
  });
});

describe('what is one’s own to write', () => {
  const patch = (person: Person, path: string, body: object): Promise<ApiAnswer> =>
    api.rest(path, {
      method: 'PATCH',
      token: person.token,
      headers: { prefer: 'return=representation' },
      body,
    });

  test('a draft is renamed by who acts for its customer or looks after it, and by nobody else of their kind', async () => {
    const path = () => `configurations?id=eq.${wares.a.draft}&select=name`;
    for (const [person, written] of [
      [buyer, 1],
      [salesman, 1],
      [rival, 0],
      [street.b.owner, 0],
    ] as const) {
      const answer = await patch(person, path(), { name: 'Mine' });
      expect(answer.body).toHaveLength(written);
    }
  });

  test('what is saved is renamed by staff alone', async () => {
    const path = () => `configurations?id=eq.${wares.a.configuration}&select=name`;
    expect((await patch(buyer, path(), { name: 'Mine' })).body).toEqual([]);
    expect((await patch(street.a.owner, path(), { name: 'Ours' })).body).toEqual([{ name: 'Ours' }]);
  });

  test('who acts for a customer makes nothing for another, nor links themself to it', async () => {
    const before = await digest(db);
    const entry = { manufacturing_type_id: wares.a.type, name: 'Mine', selections: { colour: 'red' } };
    for (const person of [rival, salesman]) {
      for (const customer_id of person === rival
        ? [wares.a.customer, wares.b.customer]
        : [rivalCustomer, wares.b.customer]) {
        expectRefused(
          await api.call('save_entry', person.token, { ...entry, customer_id }),
          403,
          'customer_authorization',
        );
        const apply = { template_id: wares.a.template, name: 'Mine', customer_id };
        expectRefused(await api.call('apply_template', person.token, apply), 403, 'customer_authorization');
        for (const table of ['customer_users', 'customer_assignments']) {
          const link = { customer_id, user_id: person.id };
          const answer = await api.rest(table, { method: 'POST', token: person.token, body: link });
          expect(outcome(answer), table).toBe('42501');
        }
      }
    }
    expect(await digest(db)).toEqual(before);
    expect((await api.call('save_entry', rival.token, entry)).body).toMatchObject({
      customer_id: rivalCustomer,
      total_price: 250,
    });
  });
});

describe('who signs up with the address of a customer, and has not verified it', () => {
  const address = 'director@conglomerate.example';
  let known: string;

  beforeAll(async () => {
    known = await valueOf<string>(
      db,
      `insert into public.customers (organization_id, company_name, email) values ($1, 'Conglomerate', $2) returning id as value`,
      [street.a.id, address],
    );
    const configuration = await valueOf<string>(
      db,
      `insert into public.configurations (organization_id, manufacturing_type_id, customer_id, name, reference_code)
       values ($1, $2, $3, 'Headquarters', 'C-9') returning id as value`,
      [street.a.id, wares.a.type, known],
    );
    expect(configuration).toBeDefined();
  });

  /** Signs up with an address, joins, and tries to become its customer; says what became of it. */
  async function attack(email: string, isVerified: boolean) {
    const person = await addPerson(db, api, email);
    await db.query(
      'update auth.users set email_confirmed_at = case when $2::boolean then now() end where id = $1',
      [person.id, isVerified],
    );
    await addMember(db, street.a.id, person.id);
    // The token says what the attacker wants it to say: metadata are the user's own words.
    await db.query(
      `update auth.users set raw_user_meta_data = raw_user_meta_data || '{"email_verified": true, "email": "${address}"}' where id = $1`,
      [person.id],
    );
    const { token } = await renewed(api, person);
    const answer = await api.call('get_or_create_customer', token);
    const saved = await api.call('save_entry', token, {
      manufacturing_type_id: wares.a.type,
      name: 'Mine',
      selections: { colour: 'red' },
    });
    const seen = await Promise.all(
      ['customers', 'customer_users', 'configurations', 'quotes', 'orders', 'customer_health_notes'].map(
        async (table) =>
          ((await api.rest(`${table}?select=organization_id`, { token })).body as unknown[]).length,
      ),
    );
    await db.query('delete from auth.users where id = $1', [person.id]);
    const { id } = answer.body as { id?: string };
    return {
      answer: outcome(answer),
      saved: outcome(saved),
      reached: id === known,
      sees: seen.reduce((sum, count) => sum + count, 0),
    };
  }
  const nothing = {
    answer: 'PT403 email_not_verified',
    saved: 'PT403 email_not_verified',
    reached: false,
    sees: 0,
  };

  test('reaches nothing, and is told what is told of an address that nobody knows', async () => {
    const before = await digest(db, 'audit_logs');
    expect(await attack(address, false)).toEqual(nothing);
    expect(await attack('nobody@conglomerate.example', false)).toEqual(nothing);
    expect(await digest(db, 'audit_logs')).toEqual(before);
  });

  test('would reach all of it, were the check not there: the test above sees that', async () => {
    const { definition } = (
      await db.query<{ definition: string }>(
        `select pg_get_functiondef('private.verified_email(uuid)'::regprocedure) as definition`,
      )
    ).rows[0] ?? { definition: '' };
    const broken = definition.replace('account.email_confirmed_at is not null', 'true');
    expect(broken).not.toBe(definition);
    await db.query(broken);
    try {
      expect(await attack(address, false)).not.toEqual(nothing);
    } finally {
      await db.query(definition);
    }
  });

  test('twin: who has verified it is that customer, and sees what was sold to it', async () => {
    expect(await attack(address, true)).toMatchObject({ answer: 'ok', saved: 'ok', reached: true });
  });
});
