import type pg from 'pg';
import { interleave, timed } from './support/measure.ts';
import { type Place, progress, withPlace } from './support/place.ts';
import { type Bench, comparison } from './support/report.ts';

type Side = 'ours' | 'floor';

const organization = 'BENCH0001';
const owner = '0190a1b2-0000-7000-8000-000000000001';

/** A table as a module makes it: ten columns, a unique number, two foreign keys, policies and grants. */
const makeTable = (side: Side) => `
  create table public.bench_${side} (
    organization_id text not null default private.current_organization_id()
      references public.organizations (id) on delete cascade,
    id uuid not null default private.uuid_v7(),
    number text not null,
    plant_id uuid,
    title text not null check (length(title) between 1 and 200),
    status text not null default 'draft' check (status in ('draft', 'sent', 'done')),
    total numeric(12, 2) not null,
    due_on date,
    notes text,
    created_at timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, number),
    foreign key (organization_id, plant_id) references public.plants (organization_id, id) on delete set null (plant_id)
  );
  create index on public.bench_${side} (organization_id, status, created_at);
  select private.secure_table(
    'public.bench_${side}',
    read => 'plants.read',
    write => 'plants.manage',
    insertable => array['number', 'plant_id', 'title', 'status', 'total', 'due_on', 'notes'],
    updatable => array['status', 'total']
  );`;

const prepare = `
  insert into auth.users (id, aud, role, email) values ('${owner}', 'authenticated', 'authenticated', 'ada@example.com');
  select public.create_organization('Bench', 'bench', owner_id => '${owner}', id => '${organization}');
  ${makeTable('ours')}
  ${makeTable('floor')}
  drop trigger _500_audit_insert on public.bench_floor;
  drop trigger _500_audit_update on public.bench_floor;
  drop trigger _500_audit_delete on public.bench_floor;
  create schema bench;
  grant usage on schema bench to authenticated;
  create table bench.batch as
  select
    'Repair of the roof at number ' || n as title, 'draft' as status, n * 1.25 as total, current_date + n as due_on,
    'Ring twice; the dog is friendly.' as notes
  from generate_series(1, 1000) as n;
  grant select on bench.batch to authenticated;
  analyze bench.batch;`;

/** What a request of the owner brings along, for the whole session. */
const becomeOwner = `
  select
    set_config('request.jwt.claims', '${JSON.stringify({ sub: owner, role: 'authenticated', organization_id: organization })}', false),
    set_config('request.headers', '${JSON.stringify({
      host: 'api.example.com',
      'user-agent': 'Mozilla/5.0',
      'x-request-id': '4c9f2a60',
      'x-forwarded-for': '203.0.113.7, 10.0.0.1',
    })}', false);
  set role authenticated;`;

/** What was written so far, by one connection. */
interface Writer {
  client: pg.Client;
  /** How many numbers it has given out. */
  last: number;
}

function insertOne(writer: Writer, side: Side) {
  writer.last += 1;
  const text = `insert into public.bench_${side} (number, title, status, total, due_on, notes)
    values ($1, 'Repair of the roof', 'draft', 125.50, current_date, 'Ring twice; the dog is friendly.')`;
  return writer.client.query({ name: `insert_${side}`, text, values: [String(writer.last)] });
}

function insertBatch(writer: Writer, side: Side) {
  writer.last += 1;
  const text = `insert into public.bench_${side} (number, title, status, total, due_on, notes)
    select $1 || '-' || row_number() over (), title, status, total, due_on, notes from bench.batch`;
  return writer.client.query({ name: `batch_${side}`, text, values: [`batch-${writer.last}`] });
}

/** Changes two columns of one row, as a form would. */
function updateOne(writer: Writer, side: Side, number: string) {
  writer.last += 1;
  const text = `update public.bench_${side} set status = 'sent', total = $2 where number = $1`;
  return writer.client.query({ name: `update_${side}`, text, values: [number, writer.last] });
}

const perTurn = 20;

/** Both sides, as often as a turn has it. */
const turns = (work: (side: Side) => Promise<unknown>, count = perTurn) => {
  const turn = (side: Side) => () =>
    timed(async () => {
      for (let done = 0; done < count; done += 1) await work(side);
    });
  return { ours: turn('ours'), floor: turn('floor') };
};

/** The numbers of rows that were inserted one by one. */
async function numbersIn(client: pg.Client, side: Side): Promise<string[]> {
  const { rows } = await client.query<{ number: string }>(
    `select number from public.bench_${side} where number !~ '-' order by number::integer`,
  );
  return rows.map(({ number }) => number);
}

async function measure(place: Place, scale: number) {
  const rounds = Math.ceil(200 * scale);
  const operator = await place.open('bench');
  await operator.query(prepare);
  const client = await place.open('bench');
  await client.query(becomeOwner);
  const writer: Writer = { client, last: 0 };

  progress('single inserts');
  const inserted = await interleave(
    rounds,
    turns((side) => insertOne(writer, side)),
    3,
  );
  progress('batches of 1,000');
  const batches = await interleave(
    rounds,
    turns((side) => insertBatch(writer, side), 1),
    8,
  );
  progress('single updates');
  const numbers = { ours: await numbersIn(client, 'ours'), floor: await numbersIn(client, 'floor') };
  const next = { ours: 0, floor: 0 };
  const nextOf = (side: Side) => numbers[side][(next[side] += 1) % numbers[side].length] ?? '';
  const updated = await interleave(
    rounds,
    turns((side) => updateOne(writer, side, nextOf(side))),
    3,
  );
  await client.query('set synchronous_commit = off');
  progress('single inserts without waiting for the disk');
  const unflushed = await interleave(
    rounds,
    turns((side) => insertOne(writer, side)),
    3,
  );

  const { rows } = await operator.query<{ missing: string }>(
    `select (select count(*) from public.bench_ours)
       - (select count(*) from public.audit_logs where table_name = 'bench_ours' and action = 'create') as missing`,
  );
  if (rows[0]?.missing !== '0') throw new Error(`${rows[0]?.missing ?? 'All'} rows were not logged.`);

  const options = { unit: 'ms per statement', ratioOf: 'rate' as const };
  return {
    comparisons: [
      comparison('single inserts', inserted, { ...options, per: perTurn, target: { atLeast: 0.85 } }),
      comparison('inserts of 1,000 rows', batches, { ...options, target: { atLeast: 0.4 } }),
      comparison('updates of two columns of one row', updated, { ...options, per: perTurn }),
      comparison('single inserts, without waiting for the disk', unflushed, { ...options, per: perTurn }),
    ],
    notes: [
      'Two equal tables made by private.secure_table: ten columns, primary key, a unique number, an index to list by, foreign keys to the organization and a plant. Ours has the audit triggers, the floor has not. One transaction per statement, prepared statements, as the owner of the organization, through the policies, with the claims and headers of a request.',
    ],
  };
}

export const bench: Bench = {
  description: 'writes to a tenant table with the audit triggers, over the same table without them',
  run: (scale) => withPlace(['bench'], {}, (place) => measure(place, scale)),
};
