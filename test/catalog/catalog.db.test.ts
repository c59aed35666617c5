import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { generalRules } from './general-rules.ts';
import { expectRule } from './rules.ts';

const db = useDatabase();

describe('every table, view and function, present and future', () => {
  test.each(Object.entries(generalRules))('%s', async (_, rule) => {
    await expectRule(db, rule);
  });

  test('a new table and a new function belong to nobody but their owner', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        `create table public.later (id integer); create function public.later() returns integer language sql as 'select 1'`,
      );
      const { rows } = await client.query(`
        select role from unnest(array['anon', 'authenticated', 'service_role']) as role
        where has_table_privilege(role, 'public.later', 'select, insert, update, delete')
          or has_function_privilege(role, 'public.later()', 'execute')`);
      expect(rows).toEqual([]);
    });
  });
});
