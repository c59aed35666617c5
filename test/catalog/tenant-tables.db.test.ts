import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { generalRules } from './general-rules.ts';
import { brokenBy, expectRule, tenantTables } from './rules.ts';
import { pumps, tenantRules } from './tenant-rules.ts';

const db = useDatabase();

describe('every tenant table, present and future', () => {
  test.each(Object.entries(tenantRules))('%s', (_, rule) => expectRule(db, rule));

  test('the rules are about tables that are there', async () => {
    const { rows } = await db.query<{ name: string }>(
      `select oid::regclass::text as name from ${tenantTables} as tenant`,
    );
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'audit_logs',
        'members',
        'plants',
        'private.role_permissions',
        'roles',
        'user_roles',
      ]),
    );
  });

  test('what secure_table() makes breaks no rule', async () => {
    await db.inRollback(async (client) => {
      await client.query(
        pumps(
          'price numeric, updated_at timestamptz not null default now(), foreign key (organization_id, plant_id) references public.plants (organization_id, id),',
          `comment on table public.pumps is 'Pumps.'; ${[
            'organization_id',
            'id',
            'plant_id',
            'price',
            'updated_at',
          ]
            .map((column) => `comment on column public.pumps.${column} is 'x';`)
            .join(' ')}
           select private.secure_table('public.pumps', read => 'plants.read', write => 'plants.manage',
             insertable => array['plant_id'], updatable => array['price'], is_deletable => true)`,
        ),
      );
      for (const [name, rule] of Object.entries({ ...generalRules, ...tenantRules })) {
        expect(await brokenBy(client, rule), name).toEqual([]);
      }
    });
  });
});
