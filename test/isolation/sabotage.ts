import type { Kind } from '../../src/isolation/attempt.ts';

/** Something broken on purpose, and what the audit must say of it. */
export interface Sabotage {
  name: string;
  /** Statements, as `postgres`. */
  sql: string;
  /** What the audit looks at; a leak must name the first. */
  objects: string[];
  /** How it must be noticed: each of these kinds of attempt leaks. `rule` alone is for what no attempt can show. */
  kinds: Kind[];
}

const ownOnly = 'organization_id = (select private.current_organization_id())';

/** A function that decides whose a request is, with another body. */
const currentOrganization = (condition: string, organization = `claims ->> 'organization_id'`) => `
  create or replace function private.current_organization_id() returns text
    language plpgsql stable security definer set search_path = '' as $$
  declare
    claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '');
  begin
    return (
      select organization.id
      from public.organizations as organization
        left join public.members as member
          on member.organization_id = organization.id and member.user_id = (claims ->> 'sub')::uuid
      where organization.id = ${organization} and (${condition})
    );
  end;
  $$;`;

/** The permission goes with the organization: what decides about the one decides about the other. */
const permissionFollows = `
  create or replace function private.has_permission(code text) returns boolean
    language sql stable security definer set search_path = '' as $$
    select private.current_organization_id() is not null;
  $$;
  create or replace function private.organization_with(code text) returns text
    language sql stable security definer set search_path = '' as $$
    select private.current_organization_id();
  $$;`;

/**
 * Plants behind policies that ask for the permission alone, and behind a wall that says whose they are: what a module looks
 * like that was made without private.secure_table.
 */
const plantsBehind = (wall: string) => `
  do $$
  declare
    policy record;
  begin
    for policy in select polname from pg_policy where polrelid = 'public.plants'::regclass loop
      execute format('drop policy %I on public.plants', policy.polname);
    end loop;
  end $$;
  create policy "who may" on public.plants to authenticated
    using ((select private.has_permission('plants.read'))) with check ((select private.has_permission('plants.manage')));
  ${wall}`;

const wall = (using: string, check = using, command = 'all') =>
  `create policy "only rows of the current organization" on public.plants as restrictive for ${command} to authenticated
     using (${using}) ${check === '' ? '' : `with check (${check})`};`;

const isOpen = `member.status = 'active' and member.organization_status = 'active' and member.user_is_active`;

const granted = (signature: string, to = 'authenticated') =>
  `revoke execute on function ${signature} from public; grant execute on function ${signature} to ${to};`;

export const sabotages: Sabotage[] = [
  {
    name: 'row-level security is switched off',
    sql: 'alter table public.plants disable row level security',
    objects: ['public.plants'],
    kinds: ['read', 'read by key', 'count', 'peek', 'update', 'delete', 'influence', 'rule'],
  },
  {
    name: 'the restrictive policy is missing',
    sql: 'drop policy "only rows of the current organization" on public.plants',
    objects: ['public.plants'],
    kinds: ['rule'],
  },
  {
    name: 'the restrictive policy is missing, and the others ask for the permission alone',
    sql: plantsBehind(''),
    objects: ['public.plants'],
    kinds: [
      'read',
      'count',
      'peek',
      'embed',
      'update',
      'delete',
      'upsert',
      'insert for B',
      'move to B',
      'rule',
    ],
  },
  {
    name: 'a policy has no with check',
    sql: plantsBehind(wall(ownOnly, '')),
    objects: ['public.plants'],
    kinds: ['rule'],
  },
  {
    name: 'a policy checks what is read, and not what is written',
    sql: plantsBehind(wall(ownOnly, 'true')),
    objects: ['public.plants'],
    kinds: ['insert for B', 'upsert', 'move to B', 'rule'],
  },
  {
    name: 'the restrictive policy is for reading only',
    sql: plantsBehind(wall(ownOnly, '', 'select')),
    objects: ['public.plants'],
    kinds: ['insert for B', 'move to B', 'rule'],
  },
  {
    name: 'a policy ends in "or true"',
    sql: plantsBehind(wall(`${ownOnly} or true`, ownOnly)),
    objects: ['public.plants'],
    kinds: ['read', 'count', 'delete', 'rule'],
  },
  {
    name: 'a view reads with the rights of its owner',
    sql: `create view public.plant_names as select id, name from public.plants;
      grant select on public.plant_names to authenticated`,
    objects: ['public.plant_names'],
    kinds: ['read', 'influence', 'rule'],
  },
  {
    name: 'a view counts the rows of everyone, and shows none',
    sql: `create view public.plant_statistics as select count(*) as plants from public.plants;
      grant select on public.plant_statistics to authenticated`,
    objects: ['public.plant_statistics'],
    kinds: ['influence', 'rule'],
  },
  {
    name: 'a definer function trusts the organization that it is given',
    sql: `create function public.plants_of(organization text) returns setof public.plants
        language sql stable security definer set search_path = ''
        as $$ select * from public.plants where organization_id = organization $$;
      ${granted('public.plants_of(text)')}`,
    objects: ['public.plants_of(text)'],
    kinds: ['call', 'rule'],
  },
  {
    name: 'a definer function of private returns what it is asked for by id',
    sql: `create function private.get_plant(id uuid) returns jsonb
        language sql stable security definer set search_path = ''
        as $$ select to_jsonb(plant) from public.plants as plant where plant.id = get_plant.id $$;
      create function public.get_plant(id uuid) returns jsonb
        language sql stable set search_path = '' as $$ select private.get_plant(id) $$;
      ${granted('private.get_plant(uuid)')} ${granted('public.get_plant(uuid)')}`,
    objects: ['public.get_plant(uuid)', 'private.get_plant(uuid)'],
    kinds: ['call'],
  },
  {
    name: 'a definer function writes to what it is asked for by id',
    sql: `create function private.rename_plant(id uuid, name text) returns void
        language sql security definer set search_path = ''
        as $$ update public.plants as plant set name = rename_plant.name where plant.id = rename_plant.id $$;
      ${granted('private.rename_plant(uuid, text)')}`,
    objects: ['private.rename_plant(uuid,text)'],
    kinds: ['call'],
  },
  {
    name: 'a definer function says "not yours" of what is another\'s, and "not there" of what is not',
    sql: `create function private.touch_plant(id uuid) returns void
        language plpgsql security definer set search_path = '' as $$
        begin
          if not exists (select from public.plants as plant where plant.id = touch_plant.id) then
            raise sqlstate 'PT404' using message = 'There is no such plant.';
          elsif not exists (
            select from public.plants as plant
            where plant.id = touch_plant.id and plant.organization_id = private.current_organization_id()
          ) then
            raise sqlstate 'PT403' using message = 'This plant is not yours.';
          end if;
        end $$;
      ${granted('private.touch_plant(uuid)')}`,
    objects: ['private.touch_plant(uuid)'],
    kinds: ['call'],
  },
  {
    name: 'a function without a token answers from the tables',
    sql: `create function public.count_plants() returns bigint
        language sql stable security definer set search_path = '' as $$ select count(*) from public.plants $$;
      ${granted('public.count_plants()', 'anon')}`,
    objects: ['public.count_plants()'],
    kinds: ['influence', 'rule'],
  },
  {
    name: 'a partition is granted',
    sql: `do $$ begin
        execute format('grant select on private.audit_logs_%s to authenticated', to_char(now() at time zone 'utc', 'YYYY_MM'));
      end $$`,
    objects: ['the partition of this month'],
    kinds: ['read', 'count', 'rule'],
  },
  {
    name: 'a client may say whose a row is, when it inserts it',
    sql: 'grant insert (organization_id) on public.plants to authenticated',
    objects: ['public.plants'],
    kinds: ['rule'],
  },
  {
    name: 'a client may change whose a row is',
    sql: 'grant update (organization_id) on public.plants to authenticated',
    objects: ['public.plants'],
    kinds: ['rule'],
  },
  {
    name: 'a unique constraint spans organizations',
    sql: 'alter table public.plants add constraint plants_code_everywhere unique (code)',
    objects: ['public.plants'],
    kinds: ['same key as B', 'rule'],
  },
  {
    name: 'a unique index of an expression spans organizations',
    sql: 'create unique index plants_name_everywhere on public.plants (lower(name))',
    objects: ['public.plants'],
    kinds: ['same key as B', 'rule'],
  },
  {
    name: 'a foreign key leaves the organization out',
    sql: `alter table public.plants add constraint plants_id_key unique (id);
      alter table public.invitations drop constraint invitations_plant_id_fkey;
      alter table public.invitations add constraint invitations_plant_id_fkey foreign key (plant_id) references public.plants (id)`,
    objects: ['public.invitations'],
    kinds: ['refer to B', 'rule'],
  },
  {
    name: 'a membership that is over is accepted',
    sql: currentOrganization('member.user_id is not null') + permissionFollows,
    objects: ['public.plants', 'public.list_members(text,text,integer,integer)'],
    kinds: ['read', 'count'],
  },
  {
    name: 'the token is believed, without a look at the membership',
    sql: currentOrganization('true') + permissionFollows,
    objects: ['public.plants', 'public.list_members(text,text,integer,integer)'],
    kinds: ['read', 'count', 'update'],
  },
  {
    name: 'the user metadata are trusted',
    sql:
      currentOrganization(
        'true',
        `coalesce(claims -> 'user_metadata' ->> 'organization_id', claims ->> 'organization_id')`,
      ) + permissionFollows,
    objects: ['public.plants'],
    kinds: ['read', 'count'],
  },
  {
    name: 'a policy reads the user metadata',
    sql: plantsBehind(wall(`organization_id = (select auth.jwt()) -> 'user_metadata' ->> 'organization_id'`)),
    objects: ['public.plants'],
    kinds: ['read', 'count', 'rule'],
  },
  {
    name: 'a header is trusted',
    sql:
      currentOrganization(
        'true',
        `coalesce(nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-organization-id', claims ->> 'organization_id')`,
      ) + permissionFollows,
    objects: ['public.plants'],
    kinds: ['read', 'count'],
  },
  {
    name: 'an organization that is suspended is let in',
    sql:
      currentOrganization(isOpen.replace(`and member.organization_status = 'active' `, '')) +
      permissionFollows,
    objects: ['public.plants'],
    kinds: ['read', 'count'],
  },
  {
    name: 'a user who is deactivated is let in',
    sql: currentOrganization(isOpen.replace(' and member.user_is_active', '')) + permissionFollows,
    objects: ['public.plants'],
    kinds: ['read', 'count'],
  },
  {
    name: 'a list in the token opens each of its organizations',
    sql:
      plantsBehind(
        wall(
          `(nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'organization_id') ? organization_id`,
        ),
      ) +
      `create or replace function private.has_permission(code text) returns boolean
        language sql stable security definer set search_path = '' as 'select true'`,
    objects: ['public.plants'],
    kinds: ['read', 'count', 'rule'],
  },
  {
    name: 'the claim of a superadmin is believed',
    sql: `create or replace function private.is_superadmin() returns boolean
        language sql stable security definer set search_path = ''
        as $$ select coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'platform_role' = 'superadmin', false) $$`,
    objects: [
      'public.list_organizations(text,text,integer,integer)',
      'public.suspend_organization(text,text)',
    ],
    kinds: ['call'],
  },
  {
    name: 'the claim of the service role is believed',
    sql: `create or replace function private.is_operator() returns boolean
        language sql stable set search_path = ''
        as $$ select coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role' = 'service_role', true) $$`,
    objects: ['public.suspend_organization(text,text)', 'public.list_users(text,text,text,integer,integer)'],
    kinds: ['call'],
  },
  {
    name: 'profiles are shown to everyone',
    sql: `create policy "everyone" on public.user_profiles for select to authenticated using (true)`,
    objects: ['public.user_profiles'],
    kinds: ['read', 'peek', 'influence'],
  },
  {
    name: 'a function follows the search path of its caller',
    sql: `create function public.greet() returns text language sql stable as $$ select 'hello' $$;
      ${granted('public.greet()')}`,
    objects: ['public.greet()'],
    kinds: ['rule'],
  },
];
