import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { type Catalog, columnOf, keyOf, organizationColumn, ownerColumn, type Relation } from './catalog.ts';
import { createFiller, type Filler, type Owner, type Unfilled } from './rows.ts';
import { ident, literal, type Row } from './sql.ts';

/** A user that the audit made. */
export interface Person {
  id: string;
  email: string;
  /** Stands in name and address, and nowhere else. */
  word: string;
}

/** An organization that the audit made, with people and rows. */
export interface House extends Owner {
  /** What the report calls it: A, B, C. */
  name: string;
  slug: string;
  /** Members by the code of their role. */
  people: Map<string, Person>;
  /** Some rows of each tenant table, those with the marker first. */
  rows: Map<string, Row[]>;
}

/** All that is tried against, made for the purpose and undone with the transaction. */
export interface World {
  a: House;
  b: House;
  /** Suspended. */
  c: House;
  /** Members of A whose time is over, or has not come. */
  shutOut: Map<string, Person>;
  /** A member of A and of B. */
  both: Person;
  superadmin: Person;
  /** A member of nothing. */
  outsider: Person;
  /** What the columns of reference tables hold, which are the same for everyone. */
  references: Map<string, string[]>;
  /** What a row for A would say, made new and not kept, per table. */
  drafts: Map<string, Row>;
  /** What a row for B would say. */
  foreignDrafts: Map<string, Row>;
  filler: Filler;
  unfilled: Unfilled[];
}

/** Letters that stand in no word, so that an answer which holds them holds a row of ours. */
function newMarker(name: string): string {
  const letters = 'bcdfghjkmnpqrstvwxz';
  return `q${name.toLowerCase()}${[...randomBytes(9)].map((byte) => letters[byte % letters.length]).join('')}`;
}

/** A user; of a house, one whose id and name show it. */
async function insertUser(
  client: pg.ClientBase,
  label: string,
  metadata: object,
  house?: Pick<House, 'marker' | 'idStem'>,
): Promise<Person> {
  const id = house === undefined ? randomUUID() : house.idStem + randomUUID().slice(8);
  const word = (house?.marker ?? '') + newMarker('u');
  const email = `${word}@example.com`;
  await client.query(
    `insert into auth.users (
       id, instance_id, aud, role, email, email_confirmed_at, raw_user_meta_data, raw_app_meta_data, created_at, updated_at
     ) values (
       $1, '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', $2, now(), $3, $4, now(), now()
     )`,
    [id, email, { full_name: `${word} ${label}`, ...metadata }, { provider: 'email', ...metadata }],
  );
  return { id, email, word };
}

/** What a user of A may have written into their metadata: that they are somebody else, somewhere else. */
const pretending = (house: { organization: string }) => ({
  [organizationColumn]: house.organization,
  organization_role: 'owner',
  platform_role: 'superadmin',
  role: 'service_role',
});

async function found(client: pg.ClientBase, name: string): Promise<House> {
  const marker = newMarker(name);
  const idStem = randomBytes(4).toString('hex');
  const owner = await insertUser(client, 'owner', {}, { marker, idStem });
  const slug = `${marker}-house`;
  await client.query(`select public.create_organization(name => $1, slug => $2, owner_id => $3)`, [
    `House ${marker}`,
    slug,
    owner.id,
  ]);
  const { rows } = await client.query<{ id: string }>(
    `update public.organizations set max_users = 1000 where slug = $1 returning id`,
    [slug],
  );
  const organization = rows[0]?.id;
  if (organization === undefined) throw new Error('create_organization made no organization');
  return {
    name,
    slug,
    organization,
    marker,
    idStem,
    users: [owner.id],
    people: new Map([['owner', owner]]),
    rows: new Map(),
  };
}

/** Gives a house a row more in every table, and a member more. */
export async function enlarge(client: pg.ClientBase, filler: Filler, house: House): Promise<void> {
  await addMember(client, filler, house, await insertUser(client, 'newcomer', {}), null);
  await filler.fill(house);
}

async function addMember(
  client: pg.ClientBase,
  filler: Filler,
  house: House,
  person: Person,
  role: string | null,
) {
  await client.query(
    `insert into public.members (organization_id, user_id, status, joined_at) values ($1, $2, 'active', now())
     on conflict do nothing`,
    [house.organization, person.id],
  );
  if (role === null) return;
  await filler.insert('public.user_roles', house, {
    organization_id: house.organization,
    user_id: person.id,
    role_code: role,
    plant_id: null,
    department: null,
    expires_at: null,
  });
}

/** A member in each system role, and one who has none. */
async function populate(
  client: pg.ClientBase,
  filler: Filler,
  house: House,
  metadata: object,
): Promise<void> {
  const { rows } = await client.query<{ code: string }>(
    `select code from public.roles where organization_id = $1 and is_system order by code`,
    [house.organization],
  );
  for (const role of [...rows.map(({ code }) => code).filter((code) => code !== 'owner'), null]) {
    const label = role ?? 'no role';
    const person = await insertUser(client, label, metadata, house);
    await addMember(client, filler, house, person, role);
    house.people.set(label, person);
    house.users.push(person.id);
  }
  // Users whom a row may name without being a member yet.
  for (const label of ['guest', 'visitor', 'stranger']) {
    const person = await insertUser(client, label, {}, house);
    house.users.push(person.id);
  }
}

async function shutOut(
  client: pg.ClientBase,
  filler: Filler,
  house: House,
  metadata: object,
): Promise<Map<string, Person>> {
  const people = new Map<string, Person>();
  for (const state of ['removed', 'suspended', 'pending', 'deactivated']) {
    const person = await insertUser(client, state, metadata);
    await addMember(client, filler, house, person, 'admin');
    people.set(state, person);
  }
  const idOf = (state: string) => people.get(state)?.id;
  const member = [house.organization];
  await client.query('delete from public.members where organization_id = $1 and user_id = $2', [
    ...member,
    idOf('removed'),
  ]);
  await client.query(
    `update public.members set status = 'suspended', suspended_at = now() where organization_id = $1 and user_id = $2`,
    [...member, idOf('suspended')],
  );
  await client.query(
    `update public.members set status = 'pending', joined_at = null where organization_id = $1 and user_id = $2`,
    [...member, idOf('pending')],
  );
  await client.query(`select public.deactivate_user($1, 'isolation audit')`, [idOf('deactivated')]);
  return people;
}

/** Up to three rows of each tenant table, as texts. */
export async function readRows(client: pg.ClientBase, catalog: Catalog, house: House): Promise<void> {
  for (const table of catalog.tenantTables) {
    const { rows } = await client.query<Row>(
      `select ${table.columns.map(({ name }) => `${ident(name)}::text as ${ident(name)}`).join(', ')}
       from ${table.id} as t where ${ident(ownerColumn(table, catalog.root))} = ${literal(house.organization)}
       order by t::text ~* ${literal(house.marker)} desc, ${keyOf(table)
         .map((name) => ident(name))
         .join(', ')} limit 3`,
    );
    house.rows.set(table.id, rows);
  }
}

/**
 * Makes two organizations with a user in each role and a row in every tenant table, a third that is suspended, and
 * people who have no business in any.
 *
 * @param client a connection of `postgres` in a transaction
 */
export async function buildWorld(client: pg.ClientBase, catalog: Catalog): Promise<World> {
  const filler = await createFiller(client, catalog);
  const houses = { a: await found(client, 'A'), b: await found(client, 'B'), c: await found(client, 'C') };
  const { a, b, c } = houses;
  await populate(client, filler, a, pretending(b));
  await populate(client, filler, b, {});
  await populate(client, filler, c, {});
  const gone = await shutOut(client, filler, a, pretending(b));

  const both = await insertUser(client, 'member of both', {});
  await addMember(client, filler, a, both, 'owner');
  const superadmin = await insertUser(client, 'superadmin', {});
  await client.query(`update public.user_profiles set platform_role = 'superadmin' where user_id = $1`, [
    superadmin.id,
  ]);
  const outsider = await insertUser(client, 'outsider', pretending(b));

  const unfilled: Unfilled[] = [];
  for (const house of [a, b, c]) {
    const missing = await filler.fill(house);
    await readRows(client, catalog, house);
    for (const { table, reason } of missing) {
      const isEmpty = (house.rows.get(table) ?? []).length === 0;
      const isKnown = unfilled.some((each) => each.table === table);
      if (isEmpty && !isKnown) unfilled.push({ table, reason });
    }
  }
  await client.query(`select public.suspend_organization($1, 'isolation audit')`, [c.organization]);
  // What somebody's own profile says of an organization is no leak, and would look like one.
  await client.query(
    'update public.user_profiles set current_organization_id = null where user_id = any ($1)',
    [[a, b, c].flatMap(({ users }) => users)],
  );
  await readRows(client, catalog, c);

  const references = await readReferences(client, catalog);
  const drafts = new Map<string, Row>();
  const foreignDrafts = new Map<string, Row>();
  for (const { id } of catalog.tenantTables) {
    if (id === catalog.root.id || unfilled.some(({ table }) => table === id)) continue;
    for (const [house, kept] of [
      [a, drafts],
      [b, foreignDrafts],
    ] as const) {
      try {
        kept.set(id, await filler.draft(id, house));
      } catch {
        // A table of one row per organization: what there is already says how a row looks.
        const [row] = house.rows.get(id) ?? [];
        if (row) kept.set(id, insertable(columnsWritten(catalog, id), row));
      }
    }
  }
  // Not before B's rows are read: A knows this user as well, who is therefore no trace of B.
  await addMember(client, filler, b, both, 'viewer');
  return {
    ...houses,
    shutOut: gone,
    both,
    superadmin,
    outsider,
    references,
    drafts,
    foreignDrafts,
    filler,
    unfilled,
  };
}

/** Two values of each text column of the tables that all organizations share. */
async function readReferences(client: pg.ClientBase, catalog: Catalog): Promise<Map<string, string[]>> {
  const references = new Map<string, string[]>();
  const shared = catalog.relations.filter(
    ({ id, schema, kind, columns, foreignKeys }) =>
      schema === 'public' &&
      kind === 'r' &&
      !columns.some(({ name }) => name === organizationColumn) &&
      id !== catalog.root.id &&
      !foreignKeys.some(({ target }) => target === 'auth.users'),
  );
  for (const table of shared) {
    const { rows } = await client.query<{ row: Row }>(
      `select to_jsonb(t) as row from ${table.id} as t limit 2`,
    );
    for (const { name } of table.columns.filter(({ baseType }) => baseType === 'text')) {
      const values = rows.flatMap(({ row }) => row[name] ?? []);
      references.set(name, [...(references.get(name) ?? []), ...values]);
    }
  }
  return references;
}

function columnsWritten(catalog: Catalog, id: string): Relation {
  const relation = catalog.relations.find((each) => each.id === id);
  if (!relation) throw new Error(`There is no table ${id}.`);
  return relation;
}

function insertable(relation: Relation, row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !columnOf(relation, name).isComputed));
}
