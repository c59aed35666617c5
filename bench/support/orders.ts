import { type Case, type Side, wrapRead, wrapWrite } from './requests.ts';
import { type Caller, rowOf, rowsPerOrganization } from './tenants.ts';

const tables: Record<Side, string> = { ours: 'public.visits', floor: 'bench.visits' };

/** What the floor adds by hand. */
const byHand = (side: Side, ...values: unknown[]) => (side === 'floor' ? values : []);

/**
 * A read. Ours says what it wants, the floor also of which organization. PostgREST sends a limit as a parameter, always.
 *
 * @param options `filter` with the value of `first`; `order` ready to follow the conditions
 */
function read(
  name: string,
  rows: number,
  options: {
    filter?: string;
    first?: (caller: Caller, pick: number) => unknown;
    order?: string;
    limit: number;
  },
): Case {
  const { filter, first, order = '', limit } = options;
  const source = (side: Side) => {
    const conditions = [filter, ...byHand(side, `organization_id = $${first ? 2 : 1}`)].filter(Boolean);
    const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
    return `select * from ${tables[side]} ${where} ${order}`;
  };
  const values = (side: Side, caller: Caller, pick: number) => [
    ...(first ? [first(caller, pick)] : []),
    ...byHand(side, caller.organizationId),
  ];
  return {
    name,
    rows,
    isWrite: false,
    statement: (side, caller, pick) => ({
      text: `${source(side)} limit ${limit}`,
      values: values(side, caller, pick),
    }),
    request: (side, caller, pick) => {
      const before = values(side, caller, pick);
      return {
        text: wrapRead(`${source(side)} limit $${before.length + 1} offset $${before.length + 2}`),
        values: [...before, limit, 0],
      };
    },
  };
}

/** The id of one of the caller's rows. */
const pickRow = (caller: Caller, pick: number) =>
  rowOf(caller.organization, caller.organizations, Math.floor(pick * rowsPerOrganization));

export const pointRead = read('point read', 1, { filter: 'id = $1', first: pickRow, limit: 1000 });

export const newest = read('newest 50', 50, { order: 'order by id desc', limit: 50 });

export const byStatus = read('newest 50 of a status', 50, {
  filter: 'status = $1',
  first: () => 'sent',
  order: 'order by id desc',
  limit: 50,
});

/** `Prefer: count=exact` on a page of one. */
export const count: Case = {
  name: `count of an organization's ${rowsPerOrganization.toLocaleString('en')}`,
  rows: rowsPerOrganization,
  isWrite: false,
  statement: (side, caller) => ({
    text: `select count(*) as total_result_set from ${tables[side]} ${byHand(side, 'where organization_id = $1').join('')}`,
    values: byHand(side, caller.organizationId),
  }),
  request: (side, caller) => {
    const from = `from ${tables[side]} ${byHand(side, 'where organization_id = $3').join('')}`;
    return {
      text: wrapRead(`select * ${from} limit $1 offset $2`, `select 1 ${from}`),
      values: [1, 0, ...byHand(side, caller.organizationId)],
    };
  },
};

const written = {
  number: 'B-1',
  customer_id: 'f3b0a2de-5a0c-4d0e-9d6f-0a1b2c3d4e5f',
  title: 'Repair of the roof',
  status: 'draft',
  total: 125.5,
  due_on: '2026-11-21',
  notes: 'Ring twice; the dog is friendly.',
};
const types =
  'number text, customer_id uuid, title text, status text, total numeric, due_on date, notes text';

/** The floor's client says whose row it is; ours has a default. */
export const insert: Case = {
  name: 'insert',
  rows: 1,
  isWrite: true,
  statement: (side, caller) => {
    const row = { ...written, ...(side === 'floor' ? { organization_id: caller.organizationId } : {}) };
    const columns = Object.keys(row);
    return {
      text: `insert into ${tables[side]} (${columns.join(', ')})
        values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
      values: Object.values(row),
    };
  },
  request: (side, caller) => {
    const row = { ...written, ...(side === 'floor' ? { organization_id: caller.organizationId } : {}) };
    const columns = Object.keys(row).join(', ');
    return {
      text: wrapWrite(
        `insert into ${tables[side]} (${columns})
         select ${columns}
         from
           (select $1::json as json_data) as pgrst_payload,
           lateral (
             select case when json_typeof(json_data) = 'array' then json_data else json_build_array(json_data) end as val
           ) as pgrst_uniform_json,
           lateral (
             select * from json_to_recordset(val) as _ (${types}${byHand(side, ', organization_id text').join('')})
           ) as pgrst_body`,
      ),
      values: [JSON.stringify(row)],
    };
  },
};

/** A status and a total, as a form would. The status changes every time. */
export const update: Case = {
  name: 'update',
  rows: 1,
  isWrite: true,
  statement: (side, caller, pick) => ({
    text: `update ${tables[side]} set status = $2, total = $3
      where id = $1 ${byHand(side, 'and organization_id = $4').join('')}`,
    values: [pickRow(caller, pick), statusOf(pick), pick * 1000, ...byHand(side, caller.organizationId)],
  }),
  request: (side, caller, pick) => ({
    text: wrapWrite(
      `update ${tables[side]} as changed
       set status = pgrst_body.status, total = pgrst_body.total
       from
         (select $2::json as json_data) as pgrst_payload,
         lateral (
           select case when json_typeof(json_data) = 'array' then json_data -> 0 else json_data end as val
         ) as pgrst_uniform_json,
         lateral (select * from json_to_record(val) as _ (status text, total numeric)) as pgrst_body
       where changed.id = $1 ${byHand(side, 'and changed.organization_id = $3').join('')}`,
    ),
    values: [
      pickRow(caller, pick),
      JSON.stringify({ status: statusOf(pick), total: pick * 1000 }),
      ...byHand(side, caller.organizationId),
    ],
  }),
};

/** One of the three, by what follows the digits that pick the row. */
function statusOf(pick: number): string {
  return ['draft', 'sent', 'done'][Math.floor(pick * rowsPerOrganization * 97) % 3] ?? 'draft';
}
