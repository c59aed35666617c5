import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import { addMember, digest, faceOf, hash, nobody, outcome, useStreet } from './street.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);

/** What a function is told: something of B, the like of which does not exist, and, as the twin, something of A. */
interface Question {
  theirs: Record<string, unknown>;
  unknown: Record<string, unknown>;
  /** What both are refused with. */
  refusal: string;
}

/**
 * For each function that takes an id, a code or a token: every argument that could name something of another
 * organization, each asked by A's owner.
 */
function questions(): Record<string, Question[]> {
  const { a, b, stranger } = street;
  const users = (rest: object = {}): Question[] => [
    {
      theirs: { user_id: b.viewer.id, ...rest },
      unknown: { user_id: nobody, ...rest },
      refusal: 'PT404 member_not_found',
    },
    {
      theirs: { user_id: stranger.id, ...rest },
      unknown: { user_id: randomUUID(), ...rest },
      refusal: 'PT404 member_not_found',
    },
    {
      theirs: { user_id: b.pending.id, ...rest },
      unknown: { user_id: nobody, ...rest },
      refusal: 'PT404 member_not_found',
    },
  ];
  const superadminOnly = (theirs: object, unknown: object): Question[] => [
    { theirs: { ...theirs }, unknown: { ...unknown }, refusal: 'PT403 superadmin_required' },
  ];
  const organizations = (rest: object = {}) =>
    superadminOnly({ id: b.id, ...rest }, { id: 'ZZZZZZZZZ', ...rest });
  const accounts = (rest: object = {}) =>
    superadminOnly({ id: b.owner.id, ...rest }, { id: nobody, ...rest });
  const invitation = () => ({
    id: randomUUID(),
    email: `${randomUUID()}@example.com`,
    token_hash: hash(randomUUID()),
  });

  return {
    approve_member: users(),
    reject_member: users(),
    suspend_member: users(),
    reactivate_member: users(),
    remove_member: users(),
    grant_role: [
      ...users({ role_code: 'viewer' }),
      {
        theirs: { user_id: a.viewer.id, role_code: b.roleCode },
        unknown: { user_id: a.viewer.id, role_code: 'crew_of_nobody' },
        refusal: 'PT404 role_not_found',
      },
      {
        theirs: { user_id: a.viewer.id, role_code: 'viewer', plant_id: b.plantId },
        unknown: { user_id: a.viewer.id, role_code: 'viewer', plant_id: nobody },
        refusal: 'PT404 plant_not_found',
      },
    ],
    revoke_role: [
      { theirs: { id: b.grantId }, unknown: { id: nobody }, refusal: 'PT404 role_grant_not_found' },
    ],
    update_role: [
      {
        theirs: { code: b.roleCode, name: 'Mine' },
        unknown: { code: 'crew_of_nobody', name: 'Mine' },
        refusal: 'PT404 role_not_found',
      },
      {
        theirs: { code: b.roleCode, permissions: ['plants.read'] },
        unknown: { code: 'crew_of_nobody', permissions: ['plants.read'] },
        refusal: 'PT404 role_not_found',
      },
    ],
    delete_role: [
      { theirs: { code: b.roleCode }, unknown: { code: 'crew_of_nobody' }, refusal: 'PT404 role_not_found' },
    ],
    grant_plant_access: [
      ...users({ plant_id: a.plantId }),
      {
        theirs: { user_id: a.viewer.id, plant_id: b.plantId },
        unknown: { user_id: a.viewer.id, plant_id: nobody },
        refusal: 'PT404 plant_not_found',
      },
    ],
    revoke_plant_access: [
      ...users({ plant_id: a.plantId }),
      {
        theirs: { user_id: a.viewer.id, plant_id: b.plantId },
        unknown: { user_id: a.viewer.id, plant_id: nobody },
        refusal: 'PT404 plant_access_not_found',
      },
    ],
    create_invitation: [
      {
        theirs: { ...invitation(), role_codes: [b.roleCode] },
        unknown: { ...invitation(), role_codes: ['crew_of_nobody'] },
        refusal: 'PT404 role_not_found',
      },
      {
        theirs: { ...invitation(), plant_id: b.plantId },
        unknown: { ...invitation(), plant_id: nobody },
        refusal: 'PT404 plant_not_found',
      },
    ],
    revoke_invitation: [
      { theirs: { id: b.invitationId }, unknown: { id: nobody }, refusal: 'PT404 invitation_not_found' },
    ],
    accept_invitation: [
      {
        theirs: { token: b.invitationToken },
        unknown: { token: randomUUID() },
        refusal: 'PT404 invitation_not_found',
      },
      {
        theirs: { token: hash(b.invitationToken) },
        unknown: { token: hash('x') },
        refusal: 'PT404 invitation_not_found',
      },
    ],
    switch_organization: [
      { theirs: { id: b.id }, unknown: { id: 'ZZZZZZZZZ' }, refusal: 'PT404 organization_not_found' },
    ],
    join_organization: [
      {
        theirs: { slug: b.slug },
        unknown: { slug: 'no-such-slug' },
        refusal: 'PT404 organization_not_found',
      },
    ],
    update_organization: organizations({ name: 'Mine' }),
    suspend_organization: organizations({ reason: 'x' }),
    reactivate_organization: organizations(),
    cancel_organization: organizations({ reason: 'x' }),
    purge_organization: organizations({ confirm_name: b.name }),
    create_organization: [
      ...superadminOnly(
        { name: 'Mine', slug: 'mine', owner_id: b.owner.id },
        { name: 'Mine', slug: 'mine', owner_id: nobody },
      ),
      ...superadminOnly({ name: 'Mine', slug: b.slug }, { name: 'Mine', slug: 'no-such-slug' }),
      ...superadminOnly(
        { name: 'Mine', slug: 'mine', id: b.id },
        { name: 'Mine', slug: 'mine', id: 'ZZZZZZZZZ' },
      ),
    ],
    get_user: accounts(),
    update_user: accounts({ display_name: 'Mine' }),
    deactivate_user: accounts({ reason: 'x' }),
    reactivate_user: accounts(),
    delete_user: accounts(),
  };
}

/** Functions whose arguments name nothing that somebody has, or that answer both alike with no error. */
const answeredWithoutRefusal = [
  'check_permission',
  'create_role',
  'is_organization_id',
  'list_members',
  'list_organizations',
  'list_users',
  'sync_user_profiles',
  'update_platform_settings',
];

let all: Record<string, Question[]>;
beforeAll(() => {
  all = questions();
});

test('“not yours” and “does not exist” are one answer: every function, every argument', async () => {
  const before = await digest(db);
  for (const [name, asked] of Object.entries(all)) {
    for (const { theirs, unknown, refusal } of asked) {
      const answer = await api.call(name, street.a.owner.token, theirs);
      expect(outcome(answer), `${name} ${JSON.stringify(theirs)}: ${JSON.stringify(answer.body)}`).toBe(
        refusal,
      );
      const other = await api.call(name, street.a.owner.token, unknown);
      expect(faceOf(answer, ...Object.values(theirs)), name).toEqual(
        faceOf(other, ...Object.values(unknown)),
      );
    }
  }
  expect(await digest(db)).toEqual(before);
});

test('no function that users may call and that takes an argument is left out above', async () => {
  const { rows } = await db.query<{ name: string }>(
    `select proname as name from pg_proc
     where pronamespace = 'public'::regnamespace and has_function_privilege('authenticated', oid, 'execute')
       and pronargs > 0 and prokind = 'f'
       and exists (select from unnest(proargtypes::oid[]) as arg where arg in ('text'::regtype, 'uuid'::regtype, 'text[]'::regtype, 'boolean'::regtype))
     order by 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual([...Object.keys(all), ...answeredWithoutRefusal].sort());
});

describe('alike without an error', () => {
  test('check_permission says false at another’s plant as at none', async () => {
    for (const plant_id of [street.b.plantId, nobody]) {
      expect(
        await api.call('check_permission', street.a.owner.token, { code: 'plants.read', plant_id }),
      ).toMatchObject({
        status: 200,
        body: false,
      });
    }
    const own = { code: 'plants.read', plant_id: street.a.plantId };
    expect((await api.call('check_permission', street.a.owner.token, own)).body).toBe(true);
  });

  test('create_role takes a code that another has as one that nobody has', async () => {
    const create = (code: string) =>
      api.call('create_role', street.a.owner.token, { code, name: 'Same', permissions: ['plants.read'] });
    expect(faceOf(await create(street.b.roleCode), street.b.roleCode).status).toBe(200);
    expect((await create('nobody_has_it')).status).toBe(200);
    for (const code of [street.b.roleCode, 'nobody_has_it']) {
      expect(await api.call('delete_role', street.a.owner.token, { code })).toMatchObject({
        status: 200,
        body: { organization_id: street.a.id },
      });
    }
    expect((await api.call('delete_role', street.b.owner.token, { code: 'nobody_has_it' })).status).toBe(404);
  });

  test('an invitation to a member of another organization is made as one to a stranger', async () => {
    const invite = (email: string, id: string = randomUUID()) =>
      api.call('create_invitation', street.a.owner.token, { id, email, token_hash: hash(id) });
    const known = await invite(street.b.owner.email);
    const unknown = await invite('nobody@example.com');
    const invitedByB = await invite(street.b.invitationEmail);
    const shape = (answer: typeof known) => [answer.status, Object.keys(answer.body as object)];
    expect(known.status).toBe(200);
    expect(shape(known)).toEqual(shape(unknown));
    expect(shape(invitedByB)).toEqual(shape(unknown));
    // With the id of another’s invitation it is one’s own all the same.
    expect(shape(await invite('other@example.com', street.b.invitationId))).toEqual(shape(unknown));
    const { rows } = await db.query(
      'select email, revoked_at from public.invitations where organization_id = $1',
      [street.b.id],
    );
    expect(rows).toEqual([{ email: street.b.invitationEmail, revoked_at: null }]);
  });

  test('joining: an organization that is suspended and open is as one that does not exist', async () => {
    await db.query('update public.organizations set allow_self_registration = true where id = $1', [
      street.b.id,
    ]);
    await db.query(`select public.suspend_organization($1, 'test')`, [street.b.id]);
    const join = (slug: string) => api.call('join_organization', street.stranger.token, { slug });
    expect(faceOf(await join(street.b.slug))).toEqual(faceOf(await join('no-such-slug')));
    await db.query('select public.reactivate_organization($1)', [street.b.id]);
    // Twin
    expect(await join(street.b.slug)).toMatchObject({ status: 200, body: { member_status: 'pending' } });
    await db.query('update public.organizations set allow_self_registration = false where id = $1', [
      street.b.id,
    ]);
  });

  test('a suspended organization is as one that does not exist, also to its members', async () => {
    await addMember(db, street.b.id, street.a.viewer.id, 'viewer');
    await db.query(`select public.suspend_organization($1, 'test')`, [street.b.id]);
    const choose = (id: string) => api.call('switch_organization', street.a.viewer.token, { id });
    expect(faceOf(await choose(street.b.id))).toEqual(faceOf(await choose('ZZZZZZZZZ')));
    await db.query('select public.reactivate_organization($1)', [street.b.id]);
    expect((await choose(street.b.id)).status).toBe(200);
  });
});

describe('allowed: the same functions with what is one’s own', () => {
  test('answer', async () => {
    const { a } = street;
    const own: [string, Record<string, unknown>][] = [
      ['suspend_member', { user_id: a.viewer.id }],
      ['reactivate_member', { user_id: a.viewer.id }],
      ['approve_member', { user_id: a.pending.id }],
      ['grant_role', { user_id: a.pending.id, role_code: a.roleCode, plant_id: a.plantId }],
      ['grant_plant_access', { user_id: a.pending.id, plant_id: a.plantId, access_level: 'write' }],
      ['revoke_plant_access', { user_id: a.pending.id, plant_id: a.plantId }],
      ['revoke_role', { id: a.grantId }],
      ['update_role', { code: a.roleCode, name: 'Renamed' }],
      ['delete_role', { code: a.roleCode }],
      ['revoke_invitation', { id: a.invitationId }],
      ['remove_member', { user_id: a.pending.id }],
      ['switch_organization', { id: a.id }],
    ];
    for (const [name, args] of own) {
      const answer = await api.call(name, a.owner.token, args);
      expect(answer.status, `${name}: ${JSON.stringify(answer.body)}`).toBe(200);
    }
  });
});
