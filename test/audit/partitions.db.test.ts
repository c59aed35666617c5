import type pg from 'pg';
import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';

const db = useDatabase();

/** The months that there are parts for, as 2026_05, and the other parts by name. */
async function parts(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select replace(inhrelid::regclass::text, 'private.audit_logs_', '') as name
     from pg_inherits where inhparent = 'public.audit_logs'::regclass order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Months from this one on, in UTC. */
async function comingMonths(client: pg.ClientBase, count: number): Promise<string[]> {
  const { rows } = await client.query<{ month: string }>(
    `select to_char(date_trunc('month', now() at time zone 'UTC') + make_interval(months => n), 'YYYY_MM') as month
     from generate_series(0, $1 - 1) as n`,
    [count],
  );
  return rows.map(({ month }) => month);
}

async function makeParts(client: pg.ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ made: number }>('select private.create_audit_partitions() as made');
  return rows[0]?.made;
}

async function dropParts(client: pg.ClientBase, retention = '7 years'): Promise<number | undefined> {
  const { rows } = await client.query<{ dropped: number }>(
    'select private.drop_expired_audit_partitions($1) as dropped',
    [retention],
  );
  return rows[0]?.dropped;
}

const note = (client: pg.ClientBase, at: string, details = {}) =>
  client.query(
    `insert into public.audit_logs (organization_id, at, actor_role, action, event, after)
     values ('TEST00001', $1, 'test', 'system', 'clock.tested', $2)`,
    [at, details],
  );

/** Where the test's rows are, and what identifies them. */
async function noted(
  client: pg.ClientBase,
): Promise<{ part: string; id: string; at: Date; after: unknown }[]> {
  const { rows } = await client.query<{ part: string; id: string; at: Date; after: unknown }>(
    `select replace(tableoid::regclass::text, 'private.audit_logs_', '') as part, id, at, after
     from public.audit_logs where event = 'clock.tested' order by id`,
  );
  return rows;
}

test('a migrated database has parts for this month, the next three, and whatever else comes', async () => {
  await db.inRollback(async (client) => {
    expect(await parts(client)).toEqual([...(await comingMonths(client, 4)), 'default'].sort());
    expect(await makeParts(client)).toBe(0);
  });
});

test('a part that is missing is made again', async () => {
  await db.inRollback(async (client) => {
    const [, next] = await comingMonths(client, 2);
    await client.query(`drop table private.audit_logs_${next}`);
    expect(await makeParts(client)).toBe(1);
    expect(await parts(client)).toContain(next);
  });
});

test('a month begins and ends in UTC', async () => {
  await db.inRollback(async (client) => {
    await client.query(`set local timezone = 'Asia/Tokyo'`);
    await client.query(
      `select private.create_audit_partition('2031-05-01'), private.create_audit_partition('2031-06-01')`,
    );
    await note(client, '2031-05-01 00:00:00+00');
    await note(client, '2031-05-31 23:59:59.999999+00');
    await note(client, '2031-06-01 00:00:00+00');
    expect((await noted(client)).map(({ part }) => part)).toEqual(['2031_05', '2031_05', '2031_06']);
  });
});

test('what no month has room for is kept, and put in its month by the next maintenance', async () => {
  await db.inRollback(async (client) => {
    const moments = ['2019-03-15T12:00:00Z', '2019-03-31T23:59:59Z', '2041-12-31T23:00:00Z'];
    for (const at of moments) await note(client, at, { at });
    const before = await noted(client);
    expect(before.map(({ part }) => part)).toEqual(['default', 'default', 'default']);

    expect(await makeParts(client)).toBe(2);
    const after = await noted(client);
    expect(after.map(({ part }) => part)).toEqual(['2019_03', '2019_03', '2041_12']);
    expect(after.map(({ part: _, ...row }) => row)).toEqual(before.map(({ part: _, ...row }) => row));
    expect(await parts(client)).toContain('default');
    expect((await client.query('select from private.audit_logs_default')).rowCount).toBe(0);

    await note(client, '2055-01-01T00:00:00Z');
    expect((await noted(client)).at(-1)?.part).toBe('default');
    expect(await makeParts(client)).toBe(1);
    expect((await noted(client)).at(-1)?.part).toBe('2055_01');
  });
});

test('a month goes when it has been over for as long as it is kept, and not before', async () => {
  await db.inRollback(async (client) => {
    const { rows } = await client.query<{ kept: string; over: string }>(
      `select to_char(month, 'YYYY-MM-DD') as kept, to_char(month - interval '1 month', 'YYYY-MM-DD') as over
       from (select date_trunc('month', now() at time zone 'UTC' - interval '7 years') as month) as edge`,
    );
    const { kept, over } = rows[0] ?? { kept: '', over: '' };
    await note(client, `${kept} 00:00:00+00`);
    await note(client, `${over} 00:00:00+00`);
    await note(client, '2001-01-01 00:00:00+00');
    await note(client, '2001-02-01 00:00:00+00');
    await makeParts(client);
    expect(await dropParts(client)).toBe(3);
    expect((await noted(client)).map(({ part }) => part)).toEqual([kept.slice(0, 7).replace('-', '_')]);
    expect(await dropParts(client)).toBe(0);

    const log = await client.query(
      `select organization_id, action, after ->> 'month' as month from public.audit_logs where event = 'audit.expired' order by id`,
    );
    expect(log.rows).toEqual(
      ['2001-01', '2001-02', over.slice(0, 7)].map((month) => ({
        organization_id: 'PLATFORM',
        action: 'system',
        month,
      })),
    );
  });
});

test('this month, the last one and the part for everything else do not expire', async () => {
  await db.inRollback(async (client) => {
    const before = await parts(client);
    expect(await dropParts(client, '1 month')).toBe(0);
    expect(await parts(client)).toEqual(before);
  });
});

test.each(['0', '29 days', '-1 year'])('a retention of %s is refused', async (retention) => {
  await db.inRollback(async (client) => {
    await expectRefusal(dropParts(client, retention), 400, 'retention_invalid');
  });
});

test('no retention at all is refused', async () => {
  await expectRefusal(
    db.query('select private.drop_expired_audit_partitions(null)'),
    400,
    'retention_invalid',
  );
});

test('others write to the log while a month is made', async () => {
  await db.inRollback(async (maker) => {
    await maker.query(`select private.create_audit_partition('2031-05-01')`);
    await db.inRollback(async (writer) => {
      await writer.query(`set local lock_timeout = '1s'`);
      await writer.query(`select private.record_event('clock.tested', 'system')`);
      expect(await noted(maker)).toEqual([]);
    });
  });
});

test('two maintenances at once make each part once', async () => {
  const [, , third] = await db.inRollback((client) => comingMonths(client, 3));
  await db.query(`drop table private.audit_logs_${third}`);
  const made = await Promise.all(
    [1, 2].map(async () => {
      const { rows } = await db.query<{ made: number }>('select private.create_audit_partitions() as made');
      return rows[0]?.made;
    }),
  );
  expect(made.sort()).toEqual([0, 1]);
});

test('pg_cron calls the maintenance daily', async () => {
  const { rows } = await db.query<{ schedule: string; command: string }>(
    `select schedule, command from cron.job where jobname = 'rowhouse-audit-partitions'`,
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.schedule).toMatch(/^\d+ \d+ \* \* \*$/);
  await db.inRollback(async (client) => {
    await client.query(`drop table private.audit_logs_default`);
    await client.query(rows[0]?.command ?? '');
    expect(await parts(client)).toContain('default');
  });
});
