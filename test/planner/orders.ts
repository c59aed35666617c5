import type pg from 'pg';
import type { Database } from '../support/database.ts';
import type { Caller } from '../support/roles.ts';

export const organizations = 50;
export const rowsPerOrganization = 1000;

/** In how many organizations the users are. */
export const memberships = [1, 2, organizations];

const userIn = (count: number) => `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;

/** The user who is in this many organizations, at work in the first, with the claims of their token. */
export const callerIn = (count: number): Caller => ({
  id: userIn(count),
  organization_id: 'PLAN0000',
  organization_role: 'manager',
  platform_role: 'user',
  email: `${userIn(count)}@example.com`,
  app_metadata: { provider: 'email', providers: ['email'] },
  user_metadata: { full_name: 'Ada Lovelace' },
});

/** The id of a row of the first organization. */
export const rowId = (index: number) =>
  `01900000-0000-7000-8000-${(index * organizations).toString(16).padStart(12, '0')}`;

/** A tenant table as a module makes it, with 50,000 rows of 50 organizations, and users in 1, 2 and 50 of them. */
export async function makeOrders(db: Database): Promise<void> {
  await db.query(`
    -- A page counts as visible to all, for index-only scans, only once its commit is on the disk.
    select set_config('synchronous_commit', 'on', true);
    select private.define_permissions(
      '{"visits.read": "See orders.", "visits.write": "Change orders."}',
      '{"owner": ["visits.*"], "manager": ["visits.*"]}'
    );
    insert into public.organizations (id, name, slug, max_users)
    select 'PLAN' || lpad(number::text, 4, '0'), 'Organization ' || number, 'organization-' || number, 100
    from generate_series(0, ${organizations - 1}) as number;

    insert into auth.users (id, aud, role, email, email_confirmed_at)
    select ('00000000-0000-4000-8000-' || lpad(count::text, 12, '0'))::uuid, 'authenticated', 'authenticated',
      'user' || count || '@example.com', now()
    from unnest(array[${memberships.join(', ')}]) as count;
    insert into public.members (organization_id, user_id, status, joined_at)
    select 'PLAN' || lpad(number::text, 4, '0'), ('00000000-0000-4000-8000-' || lpad(count::text, 12, '0'))::uuid, 'active', now()
    from unnest(array[${memberships.join(', ')}]) as count, generate_series(0, count - 1) as number;
    insert into public.user_roles (organization_id, user_id, role_code)
    select organization_id, user_id, 'manager' from public.members;

    create table public.visits (
      organization_id text not null default private.current_organization_id(),
      id uuid not null default private.uuid_v7(),
      status text not null default 'draft' check (status in ('draft', 'sent', 'done')),
      title text not null,
      primary key (organization_id, id),
      foreign key (organization_id) references public.organizations (id) on delete cascade
    );
    create index visits_status_idx on public.visits (organization_id, status, id);
    insert into public.visits
    select 'PLAN' || lpad((number % ${organizations})::text, 4, '0'),
      ('01900000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid,
      (array['draft', 'sent', 'done'])[number / ${organizations} % 3 + 1],
      'Repair of the roof at number ' || number
    from generate_series(0, ${organizations * rowsPerOrganization - 1}) as number;
    select private.secure_table(
      'public.visits', read => 'visits.read', write => 'visits.write',
      insertable => '{status, title}', updatable => '{status, title}'
    );
  `);
  await db.query('vacuum (analyze) public.visits');
}

/** How often each function of `private` has been called since the transaction began. Wants track_functions = 'all'. */
export async function callsOf(client: pg.ClientBase): Promise<Record<string, number>> {
  const { rows } = await client.query<{ name: string; calls: number }>(
    `select funcname as name, calls::integer as calls from pg_catalog.pg_stat_xact_user_functions
     where schemaname = 'private' order by funcname`,
  );
  return Object.fromEntries(rows.map(({ name, calls }) => [name, calls]));
}
