import fc from 'fast-check';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { edit } from '../properties/property.ts';
import { useDatabase } from '../support/database.ts';
import { asUser } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import { addPlant, callAll, found, inside, type Organization } from '../tenancy/organizations.ts';

const db = useDatabase();

/** The whole catalog, as far as this test is concerned. */
const catalog = [
  'audit.read',
  'members.manage',
  'members.read',
  'organization.manage',
  'organization.read',
  'plants.manage',
  'plants.read',
  'roles.read',
];
const modules = [...new Set(catalog.map((code) => `${code.split('.')[0]}.*`))];
/** Mostly open doors, so that there is something to see behind them. */
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
  );
const memberStatus = mostly('active', 'pending', 'suspended', null);
const organizationStatus = mostly('active', 'suspended', 'cancelled');

/** A grant of a role, in one of the two organizations: of a role of its own, at one of its two plants or all. */
const grant = fc.record({
  role: fc.constantFrom('r0', 'r1', 'r2', 'customer'),
  plant: fc.constantFrom(null, null, 0, 1),
  /** Seconds from now; null for good. */
  expires: fc.constantFrom(null, null, -1, 0, 3600),
});

/** What is in one of the two organizations. */
const side = fc.record({
  status: organizationStatus,
  /** Null for no member. */
  member: memberStatus,
  roles: fc.record({
    r0: fc.subarray([...catalog, ...modules]),
    r1: fc.subarray([...catalog, ...modules], { maxLength: 2 }),
    r2: fc.constant([] as string[]),
    customer: fc.subarray(catalog, { maxLength: 2 }),
  }),
  grants: fc.array(grant, { maxLength: 4 }),
});
type Side = ReturnType<typeof side.generate>['value'];

const world = fc.record({
  sides: fc.tuple(side, side),
  isActive: mostly(true, false),
  isSuperadmin: fc.constantFrom(false, false, false, false, true),
  /** Which of the two the token names; null for none. */
  claim: fc.constantFrom(0, 0, 1, 1, null),
});
type World = ReturnType<typeof world.generate>['value'];

/** What the user may: for the whole organization, and at each of the two plants. */
interface Rights {
  whole: string[];
  plants: [string[], string[]];
}

const expanded = (codes: readonly string[]) =>
  catalog.filter((code) => codes.includes(code) || codes.includes(`${code.split('.')[0]}.*`));
const union = (lists: readonly string[][]) => [...new Set(lists.flat())].sort();

/** The rules, written once more: docs/access.md, "What counts". */
function evaluated({ sides, isActive, isSuperadmin, claim }: World): Rights {
  const none: Rights = { whole: [], plants: [[], []] };
  if (claim === null || !isActive) return none;
  const here: Side = sides[claim];
  const isMember = here.status === 'active' && here.member === 'active';
  if (!isMember && !isSuperadmin) return none;
  const valid = here.member ? here.grants.filter(({ expires }) => expires === null || expires > 0) : [];
  const held = (plant: 0 | 1 | null) =>
    union(valid.filter((each) => each.plant === plant).map(({ role }) => expanded(here.roles[role])));
  const unassigned = isSuperadmin ? catalog : valid.length === 0 ? expanded(here.roles.customer) : [];
  const whole = union([held(null), unassigned]);
  return { whole, plants: [held(0), held(1)] };
}

interface Stage {
  user: string;
  organizations: [Organization, Organization];
  plants: [[string, string], [string, string]];
}

async function build(client: pg.ClientBase, stage: Stage, drawn: World): Promise<void> {
  for (const [index, here] of drawn.sides.entries()) {
    const organization = stage.organizations[index === 0 ? 0 : 1];
    const plants = stage.plants[index === 0 ? 0 : 1];
    await client.query(
      `insert into public.roles (organization_id, code, name, permissions)
       select $1, role.key, role.key, array(select jsonb_array_elements_text(role.value))
       from jsonb_each($2) as role
       on conflict (organization_id, code) do update set permissions = excluded.permissions`,
      [organization.id, JSON.stringify(here.roles)],
    );
    if (here.member) {
      await client.query(
        `insert into public.members (organization_id, user_id, status, joined_at, suspended_at)
         values ($1, $2, $3, case when $3 <> 'pending' then now() end, case when $3 = 'suspended' then now() end)`,
        [organization.id, stage.user, here.member],
      );
      await client.query(
        `insert into public.user_plant_access (organization_id, user_id, plant_id) select $1, $2, unnest($3::uuid[])`,
        [organization.id, stage.user, plants],
      );
      await client.query(
        `insert into public.user_roles (organization_id, user_id, role_code, plant_id, department, expires_at)
         select $1, $2, given.role, ($3::uuid[])[given.plant + 1], gen_random_uuid()::text,
           now() + make_interval(secs => given.expires)
         from jsonb_to_recordset($4) as given (role text, plant integer, expires integer)`,
        [organization.id, stage.user, plants, JSON.stringify(here.grants)],
      );
    }
    await client.query(
      `update public.organizations
       set status = $2,
         status_reason = case when $2 <> 'active' then 'x' end,
         suspended_at = case when $2 = 'suspended' then now() end,
         cancelled_at = case when $2 = 'cancelled' then now() end
       where id = $1`,
      [organization.id, here.status],
    );
  }
  await client.query(`update public.user_profiles set platform_role = $2 where user_id = $1`, [
    stage.user,
    drawn.isSuperadmin ? 'superadmin' : 'user',
  ]);
  if (!drawn.isActive) await client.query(`select public.deactivate_user($1, 'x')`, [stage.user]);
}

async function answered(client: pg.ClientBase, stage: Stage, { claim }: World) {
  const caller = claim === null ? stage.user : inside(stage.organizations[claim], stage.user);
  const own = stage.plants[claim ?? 0];
  const foreign = stage.plants[claim === 1 ? 0 : 1];
  return asUser(client, caller, async (session) => {
    const mine = (await callAll(session, 'my_permissions')) as {
      permission: string;
      plant_id: string | null;
    }[];
    const { rows } = await session.query<{
      has: string[];
      listed: string[];
      whole: string[];
      first: string[];
      second: string[];
      foreign: string[];
    }>(
      `select array(select code from unnest($1::text[]) as code where private.has_permission(code)) as has,
         private.current_permissions() as listed,
         array(select code from unnest($1::text[]) as code where public.check_permission(code)) as whole,
         array(select code from unnest($1::text[]) as code where public.check_permission(code, $2)) as first,
         array(select code from unnest($1::text[]) as code where public.check_permission(code, $3)) as second,
         array(select code from unnest($1::text[]) as code where public.check_permission(code, $4)) as foreign`,
      [[...catalog, ...modules, 'no.such'], own[0], own[1], foreign[0]],
    );
    const at = (plant: string | null) =>
      mine
        .filter(({ plant_id }) => plant_id === plant)
        .map(({ permission }) => permission)
        .sort();
    return { ...rows[0], mine: [at(null), at(own[0]), at(own[1])], extra: mine.length };
  });
}

/** Two organizations with two plants each, and a user. */
async function stageIn(client: pg.ClientBase): Promise<Stage> {
  await client.query('delete from public.permissions where code <> all ($1)', [catalog]);
  const organizations: [Organization, Organization] = [
    await found(client, 'Acme'),
    await found(client, 'Beta'),
  ];
  const plantsOf = async (organization: Organization): Promise<[string, string]> => [
    await addPlant(client, organization),
    await addPlant(client, organization),
  ];
  return {
    user: await insertAuthUser(client),
    organizations,
    plants: [await plantsOf(organizations[0]), await plantsOf(organizations[1])],
  };
}

/** Checks the property; a failure names its seed and the smallest world that it found. Returns how many doors were open. */
async function check(client: pg.ClientBase, options: fc.Parameters<unknown>): Promise<number> {
  const stage = await stageIn(client);
  let opened = 0;
  const property = fc.asyncProperty(world, async (drawn) => {
    await client.query('savepoint run');
    try {
      await build(client, stage, drawn);
      const { whole, plants } = evaluated(drawn);
      if (whole.length > 0) opened += 1;
      expect(await answered(client, stage, drawn)).toEqual({
        has: whole,
        listed: whole,
        whole,
        first: union([whole, plants[0]]),
        second: union([whole, plants[1]]),
        foreign: [],
        mine: [whole, plants[0], plants[1]],
        extra: whole.length + plants[0].length + plants[1].length,
      });
    } finally {
      await client.query('rollback to savepoint run');
      await client.query('release savepoint run');
    }
  });
  await fc.assert(property, options);
  return opened;
}

test('what the database answers is what the rules say, whatever the memberships, roles, expiries and plants', async () => {
  await db.inRollback(async (client) => {
    expect(await check(client, { numRuns: 200 }), 'nearly all worlds were shut').toBeGreaterThan(40);
  });
});

test.each([
  ['who is shut out keeps the roles', 'private.organization_with(text)', 'and held.member_is_open', ''],
  ['who is shut out stays inside', 'private.current_organization_id()', 'and member.is_open', ''],
  ['an expired role counts', 'private.organization_with(text)', 'held.expires_at > now()', 'true'],
  ['a role at a plant counts everywhere', 'private.organization_with(text)', 'and held.plant_id is null', ''],
  [
    'it is listed as if for the whole organization',
    'private.current_permissions()',
    'and held.plant_id is null',
    '',
  ],
  [
    'it counts at each plant',
    'private.check_permission(text,uuid)',
    'held.plant_id = check_permission.plant_id',
    'held.plant_id is not null',
  ],
  ['what has expired at a plant is listed', 'private.my_permissions()', 'held.expires_at > now()', 'true'],
  ['everybody without a role is a viewer', 'private.unassigned_permissions()', `= 'customer'`, `= 'viewer'`],
])('and would not go unnoticed if not: %s', async (_, signature, from, to) => {
  await db.inRollback(async (client) => {
    await edit(signature, [from, to])(client);
    await expect(check(client, { numRuns: 1000, endOnFailure: true })).rejects.toThrow(
      'Property failed after',
    );
  });
});
