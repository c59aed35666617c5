import fc from 'fast-check';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { edit } from '../properties/property.ts';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asService, asUser, type Caller } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import { addMember, call, inside, promote } from '../tenancy/organizations.ts';
import { addColleague, addConfigurations, addCustomer, openShop, perform, type Shop } from './documents.ts';

const db = useDatabase();
let acme: Shop;
/** Everybody who may be signed in, by what they are. */
let callers: Record<string, Caller>;

interface Transition {
  machine: string;
  from: string;
  to: string;
}
/** What the database says is allowed, and what follows from that. */
let allowed: Transition[];
const machines = ['configurations', 'quotes', 'orders', 'order_items'] as const;
type Machine = (typeof machines)[number];
/** Those of bookings: test/bookings goes their ways. */
const elsewhere = ['booking_waitlist', 'bookings', 'course_sessions', 'invoices', 'payments', 'refunds'];

const statusesOf = (machine: string) => [
  ...new Set(
    allowed
      .filter((each) => each.machine === machine)
      .flatMap(({ from, to }) => (from === 'new' ? [to] : [from, to])),
  ),
];
const isAllowed = (machine: string, from: string, to: string) =>
  allowed.some((each) => each.machine === machine && each.from === from && each.to === to);

/** The shortest way from the beginning to a status. */
function pathTo(machine: string, status: string): string[] {
  const reached = new Map<string, string[]>([['new', []]]);
  for (const [from, path] of reached) {
    for (const step of allowed) {
      if (step.machine === machine && step.from === from && !reached.has(step.to)) {
        reached.set(step.to, [...path, step.to]);
      }
    }
  }
  const path = reached.get(status);
  if (!path) throw new Error(`${machine} never become ${status}`);
  return path;
}

beforeAll(async () => {
  const { rows } = await db.query<Transition>(
    'select machine, from_status as from, to_status as to from private.state_transitions',
  );
  allowed = rows;
  acme = await openShop(db.pool, 'Acme');
  const { rows: roles } = await db.query<{ code: string }>(
    'select code from public.roles where organization_id = $1 and is_system',
    [acme.id],
  );
  callers = {};
  for (const { code } of roles) callers[code] = await addColleague(db.pool, acme, code);
  const user = await insertAuthUser(db.pool);
  await addMember(db.pool, acme, { user });
  const superadmin = await promote(db.pool, await insertAuthUser(db.pool));
  // Whoever is assigned to the customer or acts for it gets as far as anybody can.
  acme.customer = await addCustomer(db.pool, acme, {
    users: [user],
    staff: roles.map(({ code }) => z.object({ id: z.string() }).parse(callers[code]).id),
  });
  callers['user of the customer'] = inside(acme, user);
  callers.superadmin = inside(acme, superadmin);
});

/** A configuration, its quote, and their order with its item: a row of each machine. */
type Rows = Record<Machine, string>;

const setStatus = (client: pg.ClientBase, machine: string, id: string, status: string) =>
  client.query(`update public.${machine} set status = $3 where organization_id = $1 and id = $2`, [
    acme.id,
    id,
    status,
  ]);
const statusOf = async (client: pg.ClientBase, machine: string, id: string): Promise<string> => {
  const { rows } = await client.query<{ status: string }>(
    `select status from public.${machine} where organization_id = $1 and id = $2`,
    [acme.id, id],
  );
  return rows[0]?.status ?? '';
};

/** Makes a row in a status, with what it needs around it so that functions look at nothing but that status. */
async function rowIn(client: pg.ClientBase, machine: Machine, status: string): Promise<Rows> {
  const [configuration = ''] = await addConfigurations(client, acme, [100]);
  const quote = await perform<{ id: string }>(client, acme.seller, 'create_quote', {
    configuration_ids: [configuration],
  });
  const rows = { configurations: configuration, quotes: quote.id, orders: '', order_items: '' };
  if (machine === 'configurations' && status !== 'ordered') {
    for (const step of pathTo(machine, status).slice(2))
      await setStatus(client, machine, configuration, step);
    if (status === 'draft') await setStatus(client, machine, configuration, status);
    return rows;
  }
  if (machine === 'quotes' && status === 'draft') return rows;
  await perform(client, acme.seller, 'send_quote', { id: quote.id });
  const path = machine === 'quotes' ? pathTo('quotes', status) : pathTo('quotes', 'accepted');
  for (const step of path.slice(2)) await setStatus(client, 'quotes', quote.id, step);
  if (machine === 'quotes') return rows;

  rows.orders = (
    await perform<{ id: string }>(client, acme.seller, 'create_order', { quote_id: quote.id })
  ).id;
  if (machine === 'configurations') return rows;

  const { rows: items } = await client.query<{ id: string }>(
    'select id from public.order_items where order_id = $1',
    [rows.orders],
  );
  rows.order_items = items[0]?.id ?? '';
  // An order is shipped when its items are completed, and items are made while their order is in production.
  const steps: Record<string, string[]> = {
    orders: pathTo('orders', machine === 'orders' ? status : 'production').slice(1),
    order_items: pathTo('order_items', machine === 'orders' ? 'completed' : status).slice(1),
  };
  for (const [table, path] of Object.entries(steps)) {
    for (const step of path) await setStatus(client, table, rows[table as Machine], step);
  }
  return rows;
}

/** The functions of the API that bring a row to a status; for other statuses there are none. */
function functionsTo(rows: Rows, machine: Machine, to: string): [string, Record<string, unknown>][] {
  const id = rows[machine];
  const byMachine: Record<Machine, Record<string, [string, Record<string, unknown>]>> = {
    configurations: {
      draft: ['reopen_configuration', { id }],
      saved: ['save_configuration', { id }],
      quoted: ['send_quote', { id: rows.quotes }],
      ordered: ['create_order', { quote_id: rows.quotes }],
    },
    quotes: {
      sent: ['send_quote', { id }],
      accepted: ['accept_quote', { id }],
      rejected: ['reject_quote', { id }],
    },
    orders: {},
    order_items: {},
  };
  if (machine === 'orders') return [['change_order_status', { id, status: to, reason: 'x' }]];
  if (machine === 'order_items') return [['change_order_item_status', { id, status: to }]];
  const found = byMachine[machine][to];
  return found ? [found] : [];
}

const refusal = z.object({ code: z.string(), detail: z.string().optional() });

/** What becomes of something that is tried in a transaction: null when it works, else the SQLSTATE and the code. */
async function outcomeOf(client: pg.ClientBase, work: () => Promise<unknown>): Promise<string | null> {
  await client.query('savepoint tried');
  try {
    await work();
    return null;
  } catch (error) {
    await client.query('rollback to savepoint tried');
    const { code, detail } = refusal.parse(error);
    const named = code.startsWith('PT')
      ? z.object({ code: z.string() }).parse(JSON.parse(detail ?? '')).code
      : '';
    return `${code} ${named}`.trim();
  } finally {
    await client.query('release savepoint tried');
  }
}

test('the machines are those of the tables that have a status and a guard, and their statuses those of the checks', async () => {
  const { rows } = await db.query<{ machine: string; statuses: string[] }>(
    `select rel.relname as machine,
       array(select matched[1] from regexp_matches(pg_get_constraintdef(con.oid), '''([a-z_]+)''', 'g') as matched order by 1) as statuses
     from pg_trigger as trg join pg_class as rel on rel.oid = trg.tgrelid
       join pg_constraint as con on con.conrelid = rel.oid and con.conname = rel.relname || '_status_known'
     where trg.tgfoid = 'private.tg__guard_status'::regproc
     group by rel.oid, rel.relname, con.oid
     order by rel.relname`,
  );
  const all = [...machines, ...elsewhere].sort();
  expect(rows).toEqual(all.map((machine) => ({ machine, statuses: statusesOf(machine).sort() })));
  expect([...new Set(allowed.map(({ machine }) => machine))].sort()).toEqual(all);
});

describe.each(machines)('%s', (machine) => {
  test('go from each status to those that are allowed, and refuse all others to whoever writes the table', async () => {
    const seen: Record<'allowed' | 'refused', number> = { allowed: 0, refused: 0 };
    await db.inRollback(async (client) => {
      for (const from of statusesOf(machine)) {
        const rows = await rowIn(client, machine, from);
        expect(await statusOf(client, machine, rows[machine])).toBe(from);
        for (const to of statusesOf(machine).filter((status) => status !== from)) {
          await client.query('savepoint pair');
          if (isAllowed(machine, from, to)) {
            seen.allowed += 1;
            await setStatus(client, machine, rows[machine], to);
            expect(await statusOf(client, machine, rows[machine])).toBe(to);
          } else {
            seen.refused += 1;
            const { hint } = await expectRefusal(
              setStatus(client, machine, rows[machine], to),
              409,
              'transition_not_allowed',
            );
            expect(hint).not.toBe('');
          }
          await client.query('rollback to savepoint pair');
        }
      }
    });
    expect(seen.allowed).toBe(
      allowed.filter((each) => each.machine === machine && each.from !== 'new').length,
    );
    const count = statusesOf(machine).length;
    expect(seen.refused).toBe(count * (count - 1) - seen.allowed);
  });

  test('begin as what is allowed, and nothing else', async () => {
    await db.inRollback(async (client) => {
      const starts = statusesOf(machine).filter((status) => isAllowed(machine, 'new', status));
      expect(starts).toHaveLength(1);
      const rows = await rowIn(client, machine, starts[0] ?? '');
      const { rows: written } = await client.query<{ columns: string }>(
        `select string_agg(attname, ', ') as columns from pg_attribute
         where attrelid = $1::regclass and attnum > 0 and attgenerated = '' and not attisdropped`,
        [`public.${machine}`],
      );
      const columns = written[0]?.columns ?? '';
      for (const status of statusesOf(machine)) {
        const outcome = await outcomeOf(client, () =>
          client.query(
            `insert into public.${machine} (${columns})
             select ${columns} from jsonb_populate_record(
               null::public.${machine},
               (select to_jsonb(original) from public.${machine} as original where organization_id = $1 and id = $2)
                 || jsonb_build_object('id', gen_random_uuid(), 'number', 'x', 'reference_code', 'x', 'status', $3::text)
             )`,
            [acme.id, rows[machine], status],
          ),
        );
        // A copy of an order or an item is refused for being one, after it was let begin.
        if (starts.includes(status)) expect([null, '23505']).toContain(outcome);
        else expect(outcome).toBe('PT409 transition_not_allowed');
      }
    });
  });

  test('are moved by nobody who is signed in, and not by the service role, but through functions', async () => {
    await db.inRollback(async (client) => {
      for (const { from, to } of allowed.filter((each) => each.machine === machine && each.from !== 'new')) {
        const rows = await rowIn(client, machine, from);
        const attempt = (session: pg.ClientBase) =>
          outcomeOf(session, () => setStatus(session, machine, rows[machine], to));
        for (const [who, caller] of Object.entries(callers)) {
          expect(await asUser(client, caller, attempt), who).toBe('42501');
        }
        expect(await asService(client, attempt)).toBe('42501');
      }
    });
  });

  test('no function brings anybody where the table of transitions does not lead', async () => {
    let tried = 0;
    await db.inRollback(async (client) => {
      for (const from of statusesOf(machine)) {
        const rows = await rowIn(client, machine, from);
        const attempts = statusesOf(machine)
          .filter((to) => !isAllowed(machine, from, to))
          // Saving what is saved is no transition, and may do nothing.
          .filter((to) => machine !== 'configurations' || to !== from)
          .flatMap((to) => functionsTo(rows, machine, to));
        for (const [who, caller] of Object.entries(callers)) {
          await asUser(client, caller, async (session) => {
            for (const [name, args] of attempts) {
              tried += 1;
              const outcome = await outcomeOf(session, () => call(session, name, args));
              expect(outcome, `${who}: ${name} of what is ${from}`).toMatch(/^PT4/);
              if (who === 'owner' && machine !== 'configurations') {
                expect(outcome, `${name} of what is ${from}`).toBe('PT409 transition_not_allowed');
              }
            }
          });
        }
        await asService(client, async (session) => {
          for (const [name, args] of attempts) {
            expect(await outcomeOf(session, () => call(session, name, args))).toBe('PT401 not_authenticated');
          }
        });
        expect(await statusOf(client, machine, rows[machine])).toBe(from);
      }
    });
    expect(tried).toBeGreaterThan(Object.keys(callers).length * 4);
  });

  test('but functions bring who may to everywhere that it leads', async () => {
    await db.inRollback(async (client) => {
      for (const { from, to } of allowed.filter((each) => each.machine === machine && each.from !== 'new')) {
        const rows = await rowIn(client, machine, from);
        if (machine === 'configurations' && to === 'ordered') {
          await setStatus(client, 'quotes', rows.quotes, 'sent');
          await setStatus(client, 'quotes', rows.quotes, 'accepted');
        }
        const [found] = functionsTo(rows, machine, to);
        if (!found) {
          // Time does it.
          expect([machine, to]).toEqual(['quotes', 'expired']);
          await client.query('update public.quotes set valid_until = private.today($1) - 1 where id = $2', [
            acme.id,
            rows.quotes,
          ]);
          await client.query('select private.expire_quotes()');
        } else {
          await perform(client, acme.seller, ...found);
        }
        expect(await statusOf(client, machine, rows[machine]), `${from} to ${to}`).toBe(to);
      }
    });
  });
});

describe('the times of a row fit its status', () => {
  const walks = fc.record({
    machine: fc.constantFrom(...machines),
    steps: fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 8 }),
  });

  /** Takes a row through statuses, whatever they are, and compares it after each with what must have become of it. */
  async function check(client: pg.ClientBase, options: fc.Parameters<unknown>): Promise<number> {
    let moved = 0;
    const property = fc.asyncProperty(walks, async ({ machine, steps }) => {
      await client.query('savepoint walk');
      try {
        const start = statusesOf(machine).find((status) => isAllowed(machine, 'new', status)) ?? '';
        const id = (await rowIn(client, machine, start))[machine];
        const read = async () => {
          const { rows } = await client.query<{ row: Record<string, unknown> }>(
            `select to_jsonb(x) as row from public.${machine} as x where organization_id = $1 and id = $2`,
            [acme.id, id],
          );
          const row = rows[0]?.row ?? {};
          const stamped = statusesOf(machine).filter((status) => `${status}_at` in row);
          return {
            status: row.status,
            times: stamped.filter((status) => row[`${status}_at`] !== null).sort(),
            stamped,
          };
        };
        const { stamped, ...initial } = await read();
        let { status, times } = initial;
        for (const step of steps) {
          const all = statusesOf(machine);
          const to = all[step % all.length] ?? '';
          const outcome = await outcomeOf(client, () => setStatus(client, machine, id, to));
          if (isAllowed(machine, String(status), to)) {
            expect(outcome).toBeNull();
            moved += 1;
            status = to;
            if (stamped.includes(to)) times = [...new Set([...times, to])].sort();
          } else {
            expect(outcome).toBe(to === status ? null : 'PT409 transition_not_allowed');
          }
          expect(await read()).toEqual({ status, times, stamped });
        }
      } finally {
        await client.query('rollback to savepoint walk; release savepoint walk');
      }
    });
    await fc.assert(property, options);
    return moved;
  }

  test('after any walk from status to status', async () => {
    await db.inRollback(async (client) => {
      expect(await check(client, { numRuns: 100 }), 'nearly nobody got anywhere').toBeGreaterThan(50);
    });
  });

  test.each([
    ['any status follows any', 'if not exists (', 'if false and not exists ('],
    ['no time is written', 'jsonb_populate_record(', 'coalesce(new, '],
  ])('and it would not go unnoticed if not: %s', async (_, from, to) => {
    await db.inRollback(async (client) => {
      await edit('private.tg__guard_status()', [from, to])(client);
      await expect(check(client, { numRuns: 100, endOnFailure: true })).rejects.toThrow(
        'Property failed after',
      );
    });
  });

  test('also when someone writes the times of a quote', async () => {
    await db.inRollback(async (client) => {
      for (const status of statusesOf('quotes')) {
        const { quotes } = await rowIn(client, 'quotes', status);
        for (const column of ['sent_at', 'accepted_at', 'rejected_at', 'expired_at']) {
          const outcome = await outcomeOf(client, () =>
            client.query(
              `update public.quotes set ${column} = case when ${column} is null then now() end where id = $1`,
              [quotes],
            ),
          );
          expect(outcome, `${column} of what is ${status}`).toBe('23514');
        }
      }
    });
  });
});
