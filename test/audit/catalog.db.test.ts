import type pg from 'pg';
import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

/** Triggers whose arguments are not what the catalog and the comments say at this moment. */
async function staleTriggers(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ trigger: string }>(
    `select format('%s on %s', trg.tgname, trg.tgrelid::regclass) as trigger
     from pg_trigger as trg
     where trg.tgfoid = 'private.tg__audit()'::regprocedure
       and pg_get_triggerdef(trg.oid) not like '%EXECUTE FUNCTION private.tg\\_\\_audit('
         || replace(replace(replace(
              (select string_agg(quote_literal(argument), ', ' order by place)
               from unnest(private.audit_arguments(trg.tgrelid)) with ordinality as listed (argument, place)),
              '\\', '\\\\'), '%', '\\%'), '_', '\\_')
         || ')'`,
  );
  return rows.map(({ trigger }) => trigger);
}

/** Tables of organizations that are changed without anybody noting it. */
async function unaudited(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ gap: string }>(
    `select format('%s %s', rel.oid::regclass, verb) as gap
     from pg_class as rel, unnest(array['insert', 'update', 'delete']) as verb
     where rel.relnamespace = 'public'::regnamespace
       and rel.relkind in ('r', 'p')
       and not rel.relispartition
       and rel.relname <> 'audit_logs'
       and (rel.relname = 'organizations' or exists (
         select from pg_attribute as att where att.attrelid = rel.oid and att.attname = 'organization_id' and not att.attisdropped))
       and not exists (
         select from pg_trigger as trg
         where trg.tgrelid = rel.oid and trg.tgname = '_500_audit_' || verb
           and trg.tgfoid = 'private.tg__audit()'::regprocedure and trg.tgenabled = 'O')
     order by 1`,
  );
  return rows.map(({ gap }) => gap);
}

test('every audit trigger has the arguments that the catalog and the comments ask for', async () => {
  await db.inRollback(async (client) => {
    const { rows } = await client.query<{ count: string }>(
      `select count(*) from pg_trigger where tgfoid = 'private.tg__audit()'::regprocedure`,
    );
    expect(Number(rows[0]?.count)).toBeGreaterThan(15);
    expect(await staleTriggers(client)).toEqual([]);
  });
});

test.each([
  `comment on column public.plants.name is 'Now a secret. @secret'`,
  `comment on column public.plants.type is 'Now nothing to log. @unlogged'`,
  `alter table public.plants add column notes jsonb`,
  `alter table public.plants rename to sites`,
])('it is noticed when they do not: %s', async (statement) => {
  await db.inRollback(async (client) => {
    await client.query(statement);
    expect(await staleTriggers(client)).toHaveLength(3);
  });
});

test('every table of organizations is audited', async () => {
  await db.inRollback(async (client) => {
    expect(await unaudited(client)).toEqual([]);
    await client.query('alter table public.plants disable trigger _500_audit_update');
    await client.query('create table public.forgotten (organization_id text, id integer)');
    expect(await unaudited(client)).toEqual([
      'forgotten delete',
      'forgotten insert',
      'forgotten update',
      'plants update',
    ]);
  });
});

test('the hash of the token of an invitation is a secret to the log', async () => {
  const { rows } = await db.query<{ secrets: string[] }>(
    `select (private.audit_arguments('public.invitations'))[6]::text[] as secrets`,
  );
  expect(rows[0]?.secrets).toContain('token_hash');
});
