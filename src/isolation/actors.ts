import { type ApiRole, organizationColumn } from './catalog.ts';
import type { House, Person, World } from './houses.ts';

/** Someone who tries, as the API would run their request. */
export interface Actor {
  name: string;
  role: ApiRole;
  /** Settings of the transaction: `request.jwt.claims` and whatever else a request brings. */
  settings: Record<string, string>;
  /** The organization that they are a member of and whose token they hold. */
  home: House | null;
  /** Whose rows they must not meet in a table or view. */
  foreign: House[];
  /** Whose name and rows a function must not tell them: one may know the organizations that one belongs to. */
  foreignInFunctions: House[];
  /** What is theirs, wherever it stands. */
  own: string[];
  /**
   * How much they try. Everyone reads every table, writes to it and calls every function; who holds the most, the least, or
   * nothing at all does it with more values, and directly where others go through another function. `read`: a token of an
   * odd shape, which differs in nothing but what organization it is taken for.
   */
  effort: 'utmost' | 'thorough' | 'usual' | 'read';
  /** Superadmins may see every organization by the functions that are for them. */
  callsFunctions: boolean;
}

type Claims = Record<string, unknown>;

function claimsOf(person: Person, organization: unknown, more: Claims = {}): Claims {
  return {
    aud: 'authenticated',
    role: 'authenticated',
    sub: person.id,
    email: person.email,
    app_metadata: { provider: 'email' },
    user_metadata: {},
    platform_role: 'user',
    ...(organization === undefined ? {} : { [organizationColumn]: organization }),
    ...more,
  };
}

function actor(name: string, claims: Claims | null, rest: Partial<Actor> & Pick<Actor, 'foreign'>): Actor {
  return {
    name,
    role: 'authenticated',
    settings: { 'request.jwt.claims': claims === null ? '' : JSON.stringify(claims) },
    home: null,
    foreignInFunctions: rest.foreign,
    // Id, address, and the word in it, which stands in the name as well.
    own: [claims?.sub, claims?.email].flatMap((value) =>
      typeof value === 'string' ? [...new Set([value, value.replace(/@.*/, '')])] : [],
    ),
    effort: 'thorough',
    callsFunctions: true,
    ...rest,
  };
}

export const isThorough = ({ effort }: Actor): boolean => effort === 'utmost' || effort === 'thorough';

/** Everyone who tries to get at another organization. */
export function actorsOf(world: World): Actor[] {
  const { a, b, c } = world;
  const others = [b, c];
  const everyone = [a, b, c];
  const owner = a.people.get('owner') ?? world.outsider;
  const viewer = a.people.get('viewer') ?? a.people.get('no role') ?? world.outsider;
  const victim = b.people.get('owner') ?? world.outsider;
  const pretence = {
    [organizationColumn]: b.organization,
    role: 'service_role',
    platform_role: 'superadmin',
  };

  const members = [...a.people].map(([role, person]) =>
    actor(`${role} of A`, claimsOf(person, a.organization, { organization_role: role }), {
      home: a,
      foreign: others,
      effort: role === 'owner' ? 'utmost' : role === 'viewer' || role === 'no role' ? 'thorough' : 'usual',
    }),
  );

  const gone = [...world.shutOut].map(([state, person]) =>
    actor(`${state} member of A`, claimsOf(person, a.organization, { organization_role: 'admin' }), {
      foreign: everyone,
      effort: state === 'removed' || state === 'deactivated' ? 'thorough' : 'usual',
      // Who waits or is suspended may be told of the organization; who is gone may not.
      foreignInFunctions: state === 'removed' || state === 'deactivated' ? everyone : others,
    }),
  );

  const forged = [
    actor('owner of A whose token names B', claimsOf(owner, b.organization, { organization_role: 'owner' }), {
      foreign: everyone,
      foreignInFunctions: others,
    }),
    actor(
      'owner of A whose metadata name B',
      claimsOf(owner, a.organization, { app_metadata: pretence, user_metadata: pretence }),
      { home: a, foreign: others },
    ),
    actor(
      'owner of A whose token is for nothing, and whose metadata name B',
      claimsOf(owner, undefined, {
        app_metadata: pretence,
        user_metadata: pretence,
        organization: b.organization,
      }),
      { foreign: everyone, foreignInFunctions: others },
    ),
    actor(
      'viewer of A who claims to be superadmin and service_role',
      claimsOf(viewer, a.organization, {
        role: 'service_role',
        platform_role: 'superadmin',
        is_super_admin: true,
      }),
      { home: a, foreign: others },
    ),
    actor('owner of A whose headers name B', claimsOf(owner, a.organization), {
      home: a,
      foreign: others,
      settings: {
        'request.jwt.claims': JSON.stringify(claimsOf(owner, a.organization)),
        'request.headers': JSON.stringify({
          'x-organization-id': b.organization,
          organization_id: b.organization,
          'x-forwarded-host': `${b.slug}.example.com`,
          cookie: `organization_id=${b.organization}`,
        }),
        'request.cookies': JSON.stringify({ organization_id: b.organization }),
        'request.path': `/organizations/${b.organization}`,
        'app.organization_id': b.organization,
        'rowhouse.organization_id': b.organization,
      },
    }),
  ];

  const odd: [name: string, organization: unknown][] = [
    ['a list of B', [b.organization]],
    ['a list of A and B', [a.organization, b.organization]],
    ['an object', { id: b.organization }],
    ['null', null],
    ['a number', 1],
    ['true', true],
    ['B in lower case', b.organization.toLowerCase()],
    ['B between spaces', ` ${b.organization} `],
    ['A and B in one text', `${a.organization},${b.organization}`],
    ['a pattern', '%'],
    ['an empty text', ''],
    ['an injection', `' or true --`],
  ];
  const oddTokens = odd.map(([name, organization]) =>
    actor(`owner of A whose token's organization is ${name}`, claimsOf(owner, organization), {
      foreign: others,
      effort: 'read',
    }),
  );
  const nobodies = [
    actor(
      'a token for A without a user',
      { role: 'authenticated', [organizationColumn]: a.organization },
      {
        foreign: everyone,
        effort: 'read',
      },
    ),
    actor(
      'a token for B whose user is no id',
      { role: 'authenticated', sub: 'me', [organizationColumn]: b.organization },
      {
        foreign: everyone,
        effort: 'read',
      },
    ),
    actor(
      'a token for B whose user is a list',
      claimsOf(owner, b.organization, { sub: [owner.id, victim.id] }),
      {
        foreign: everyone,
        effort: 'read',
        // The refusal repeats what the token says.
        own: [owner.id, victim.id],
      },
    ),
  ];

  const strangers = [
    actor('a user of no organization', claimsOf(world.outsider, undefined), { foreign: everyone }),
    actor('a user of no organization whose token names B', claimsOf(world.outsider, b.organization), {
      foreign: everyone,
    }),
    actor(
      'owner of C, which is suspended',
      claimsOf(c.people.get('owner') ?? world.outsider, c.organization),
      {
        foreign: everyone,
        foreignInFunctions: [a, b],
      },
    ),
    actor('no token', null, { role: 'anon', foreign: everyone }),
    actor('anon with the claims of an owner of B', claimsOf(victim, b.organization, { role: 'anon' }), {
      role: 'anon',
      foreign: everyone,
    }),
    actor('a member of A and of B, with the token for A', claimsOf(world.both, a.organization), {
      home: a,
      foreign: others,
      foreignInFunctions: [c],
    }),
    actor(
      'a superadmin with the token for A',
      claimsOf(world.superadmin, a.organization, { platform_role: 'superadmin' }),
      {
        home: a,
        foreign: others,
        callsFunctions: false,
      },
    ),
  ];

  return [...members, ...gone, ...forged, ...oddTokens, ...nobodies, ...strangers];
}
