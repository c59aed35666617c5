import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';

const db = useDatabase();

const organizations = 100;
const perOrganization = 1000;
const organizationId = (index: number) => `SRCH${String(index).padStart(5, '0')}`;
let viewer: string;

/** 100,000 customers whose names occur in every organization, so that an index of names alone would find all of them. */
beforeAll(async () => {
  viewer = await insertAuthUser(db.pool);
  const client = await db.superuser();
  await client.query(
    `insert into public.organizations (id, name, slug)
     select 'SRCH' || lpad(number::text, 5, '0'), 'Search ' || number, 'search-' || number
     from generate_series(1, ${organizations}) as number`,
  );
  await client.query(
    `insert into public.members (organization_id, user_id, status, joined_at) values ($1, $2, 'active', now())`,
    [organizationId(7), viewer],
  );
  await client.query(
    `insert into public.user_roles (organization_id, user_id, role_code) values ($1, $2, 'viewer')`,
    [organizationId(7), viewer],
  );
  // Neither the log of 100,000 insertions nor the upkeep of the index during them is what this is about.
  await client.query(`set session_replication_role = 'replica'`);
  const { rows } = await client.query<{ definition: string }>(
    `select pg_get_indexdef('public.customers_search_idx'::regclass) as definition`,
  );
  await client.query('drop index public.customers_search_idx');
  await client.query(
    `insert into public.customers (organization_id, contact_person, company_name, email, phone)
     select
       'SRCH' || lpad(house::text, 5, '0'),
       (array['Anna', 'Bruno', 'Clara', 'David', 'Emma', 'Franz', 'Greta', 'Hans', 'Ines', 'Jakob'])[1 + number % 10]
         || ' ' || (array['Gruber', 'Huber', 'Bauer', 'Wagner', 'Pichler', 'Steiner', 'Moser'])[1 + number % 7],
       case when number % 3 = 0 then 'Firma ' || substr(md5(number::text), 1, 6) end,
       'u' || number || '@example.com',
       '+43 664 ' || (1000000 + number)
     from generate_series(1, ${organizations}) as house, generate_series(1, ${perOrganization}) as number`,
  );
  await client.query(`reset session_replication_role; ${rows[0]?.definition ?? ''}`);
  await client.query('vacuum analyze public.customers');
}, 120_000);

const planNode = z.looseObject({
  'Node Type': z.string(),
  'Index Name': z.string().optional(),
  'Index Cond': z.string().optional(),
  'Relation Name': z.string().optional(),
  'Actual Rows': z.number().optional(),
  'Rows Removed by Filter': z.number().optional(),
  'Rows Removed by Index Recheck': z.number().optional(),
  get Plans() {
    return z.array(planNode).optional();
  },
});
type PlanNode = z.infer<typeof planNode>;
const explained = z.looseObject({ 'Query Text': z.string(), Plan: planNode });

const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];

/** How the search ran that the function itself made: what the server's own log of plans says of it. */
async function searched(
  query: string,
  planCacheMode = 'auto',
): Promise<{ total: number; nodes: PlanNode[] }> {
  const client = await db.superuser();
  const logged: string[] = [];
  client.on('notice', ({ message }) => logged.push(message ?? ''));
  await client.query(
    `load 'auto_explain';
     set auto_explain.log_min_duration = 0;
     set auto_explain.log_nested_statements = on;
     set auto_explain.log_analyze = on;
     set auto_explain.log_format = 'json';
     set auto_explain.log_level = 'notice';
     set plan_cache_mode = ${planCacheMode};
     begin`,
  );
  const { rows } = await asUser(
    client,
    { id: viewer, organization_id: organizationId(7) },
    (session: pg.ClientBase) =>
      session.query<{ total: string }>('select total from public.search_customers(query => $1)', [query]),
  );
  await client.query('rollback');
  const plans = logged
    .flatMap((message) => /plan:\s*(\{.*\})\s*$/s.exec(message)?.[1] ?? [])
    .map((json) => explained.parse(JSON.parse(json)))
    .filter((plan) => plan['Query Text'].includes('with found as'));
  expect(plans).toHaveLength(1);
  return { total: Number(rows[0]?.total), nodes: plans.flatMap(({ Plan }) => flatten(Plan)) };
}

/** The organization of the caller: its id, or the parameter that holds it in a plan that was made for any. */
const wall = new RegExp(`organization_id = ('${organizationId(7)}'|\\$\\d+)`);

/** Expects that the index gave the rows: those of one organization that match, and next to no others. */
function expectIndex(nodes: PlanNode[], condition: string): void {
  const entered = nodes.filter((node) => node['Index Name'] === 'customers_search_idx');
  expect(entered).toHaveLength(1);
  expect(entered[0]?.['Index Cond']).toMatch(wall);
  expect(entered[0]?.['Index Cond']).toContain(condition);
  expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
  for (const node of nodes.filter((node) => node['Relation Name'] === 'customers')) {
    const read =
      (node['Actual Rows'] ?? 0) +
      (node['Rows Removed by Filter'] ?? 0) +
      (node['Rows Removed by Index Recheck'] ?? 0);
    expect(read).toBeLessThan(perOrganization / 2);
  }
}

describe('among 100,000 customers of 100 organizations', () => {
  const queries = [
    ['three letters', 'ann', 'search_text ~~', 100],
    ['a name', 'gruber', 'search_text ~~', 142],
    ['two words in any order', 'gruber anna', 'search_text ~~', 14],
    ['a part of an address', 'u77@exam', 'search_text ~~', 1],
    ['a part of a number', '664 10005', 'search_text ~~', 100],
    ['two letters', 'an', 'search_words @@', 100],
    ['a letter', 'f', 'search_words @@', 400],
  ] as const;

  test.each(queries)(
    '%s is answered from the index, and from the rows of one organization: "%s"',
    async (_, query, condition, total) => {
      const answer = await searched(query);
      expect(answer.total).toBe(total);
      expectIndex(answer.nodes, condition);
    },
  );

  test.each(queries.slice(0, 5))(
    '%s is so by a plan that was made for any words: "%s"',
    async (_, query, condition, total) => {
      const answer = await searched(query, 'force_generic_plan');
      expect(answer.total).toBe(total);
      expect(JSON.stringify(answer.nodes)).toMatch(/organization_id = \$/);
      expectIndex(answer.nodes, condition);
    },
  );

  test.each(['@', '%', 'a.b', '- -', ''])(
    'what no index answers reads the rows of one organization: "%s"',
    async (query) => {
      const { nodes } = await searched(query);
      expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
      // Not the trigrams, which would be those of everybody.
      const conditions = nodes.flatMap((node) => node['Index Cond'] ?? []);
      expect(conditions.join()).not.toContain('search_text');
      for (const condition of conditions) expect(condition).toMatch(wall);
    },
  );
});
