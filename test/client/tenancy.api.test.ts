import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  ConflictError,
  createRowhouseClient,
  ForbiddenError,
  InvalidInputError,
  NotAuthenticatedError,
  NotFoundError,
  type RowhouseClient,
  RowhouseError,
  toRowhouseError,
} from '../../src/client/index.ts';
import { asSuperuser } from '../stack/clients.ts';
import { useStack } from '../support/stack.ts';
import { complaints, repository } from './compile.ts';

const stack = useStack();

interface Person {
  client: RowhouseClient;
  id: string;
  email: string;
}

function newClient(options: Parameters<typeof createRowhouseClient>[2] = {}): RowhouseClient {
  return createRowhouseClient(stack.apiUrl, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    ...options,
  });
}

async function signedUp(name: string): Promise<Person> {
  const client = newClient();
  const email = `${randomUUID()}@example.com`;
  const { data, error } = await client.auth.signUp({
    email,
    password: 'correct horse battery',
    options: { data: { full_name: name } },
  });
  if (error) throw error;
  return { client, email, id: data.user?.id ?? '' };
}

/** A person with an organization of their own, that they work in. */
async function founder(name: string, organization: string): Promise<Person & { organization: string }> {
  const person = await signedUp(name);
  const { id } = await person.client.call('create_organization', {
    name: organization,
    slug: organization.toLowerCase(),
  });
  await person.client.switchOrganization(id);
  return { ...person, organization: id };
}

async function claimsOf({ client }: Person): Promise<Record<string, unknown>> {
  const { data, error } = await client.auth.getClaims();
  if (error) throw error;
  return data?.claims ?? {};
}

async function errorOf(promise: PromiseLike<unknown>): Promise<RowhouseError> {
  const thrown: unknown = await Promise.resolve(promise).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof RowhouseError)) throw new Error(`This was no RowhouseError: ${String(thrown)}`);
  return thrown;
}

let root: Person;
let ada: Person & { organization: string };
let grace: Person & { organization: string };

beforeAll(async () => {
  root = await signedUp('Root');
  await asSuperuser(
    stack,
    `update public.user_profiles set platform_role = 'superadmin' where user_id = $1`,
    [root.id],
  );
});

test('a user founds an organization only where the platform allows it', async () => {
  const early = await signedUp('Early Bird');
  const input = { name: 'Too early', slug: 'early' };
  const refused = await errorOf(early.client.call('create_organization', input));
  expect(refused).toBeInstanceOf(ForbiddenError);
  expect(refused.code).toBe('superadmin_required');

  await root.client.call('update_platform_settings', { allow_organization_sign_up: true });
  ada = await founder('Ada Lovelace', 'Analytical');
  grace = await founder('Grace Hopper', 'Cobol');
  expect(ada.organization).toMatch(/^[A-Z0-9]{9}$/);
  expect(ada.organization).not.toBe(grace.organization);
});

describe('switching', () => {
  test('renews the session: the next token names the organization, and the role there', async () => {
    const person = await signedUp('Katherine Johnson');
    expect((await claimsOf(person)).organization_id).toBeNull();
    const { id } = await person.client.call('create_organization', { name: 'Orbit', slug: 'orbit' });
    expect(
      (await claimsOf(person)).organization_id,
      'a token says what was so when it was issued',
    ).toBeNull();

    const chosen = await person.client.switchOrganization(id);
    expect(chosen).toMatchObject({
      organization_id: id,
      organization_name: 'Orbit',
      organization_status: 'active',
      member_status: 'active',
      role_codes: ['owner'],
      is_current: true,
    });
    expect(await claimsOf(person)).toMatchObject({ organization_id: id, organization_role: 'owner' });
  });

  test('goes to and fro for who belongs to several, and each request is in one of them', async () => {
    const second = await ada.client.call('create_organization', { name: 'Difference', slug: 'difference' });
    await ada.client.from('plants').insert({ code: 'A', name: 'Of the first' });
    await ada.client.switchOrganization(second.id);
    expect((await ada.client.from('plants').select('code')).data).toEqual([]);
    await ada.client.switchOrganization(ada.organization);
    expect((await ada.client.from('plants').select('code')).data).toEqual([{ code: 'A' }]);
    const mine = await ada.client.call('my_organizations');
    expect(mine.map(({ slug, is_current }) => [slug, is_current])).toEqual([
      ['analytical', true],
      ['difference', false],
    ]);
  });

  test('to somebody else’s is refused as to one that is not there, and leaves the session as it was', async () => {
    const before = (await ada.client.auth.getSession()).data.session?.access_token;
    const foreign = await errorOf(ada.client.switchOrganization(grace.organization));
    const missing = await errorOf(ada.client.switchOrganization('NOSUCH00'));
    expect(foreign).toBeInstanceOf(NotFoundError);
    expect(foreign).toMatchObject({ code: 'organization_not_found', status: 404 });
    const said = ({ name, code, status, message, hint }: RowhouseError) => ({
      name,
      code,
      status,
      message,
      hint,
    });
    expect(said(missing)).toEqual(said(foreign));
    expect((await ada.client.auth.getSession()).data.session?.access_token).toBe(before);
  });

  test('is the user’s choice: another session follows when its token is renewed, and not before', async () => {
    const { data: second } = await newClient().auth.signInWithPassword({
      email: ada.email,
      password: 'correct horse battery',
    });
    const other = newClient();
    if (second.session) await other.auth.setSession(second.session);
    const named = async () => (await other.auth.getClaims()).data?.claims.organization_id as unknown;
    const { organization_id } = (await ada.client.call('my_organizations')).find(
      ({ is_current }) => !is_current,
    ) ?? { organization_id: '' };
    await ada.client.switchOrganization(organization_id);
    expect(await named()).toBe(ada.organization);
    await other.auth.refreshSession();
    expect(await named()).toBe(organization_id);
    await ada.client.switchOrganization(ada.organization);
  });

  test('takes a superadmin anywhere', async () => {
    expect(await root.client.switchOrganization(grace.organization)).toMatchObject({ member_status: null });
    const { data } = await root.client.from('organizations').select('name').single();
    expect(data).toEqual({ name: 'Cobol' });
  });

  test('checks its input before anything is sent', async () => {
    const error = await errorOf(ada.client.switchOrganization('not an id'));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error instanceof InvalidInputError && Object.keys(error.fields)).toEqual(['id']);
  });

  test('without a session that can be renewed is a NotAuthenticatedError', async () => {
    expect(await errorOf(newClient().switchOrganization(ada.organization))).toBeInstanceOf(RowhouseError);
    const token = (await ada.client.auth.getSession()).data.session?.access_token ?? '';
    const withToken = newClient({ global: { headers: { Authorization: `Bearer ${token}` } } });
    const error = await errorOf(withToken.switchOrganization(ada.organization));
    expect(error).toBeInstanceOf(NotAuthenticatedError);
    expect(error).toMatchObject({ status: 401 });
  });
});

describe('a table of the organization', () => {
  test('is read and written under its types; the organization fills itself in', async () => {
    const added = await grace.client
      .from('plants')
      .insert({ code: 'NYC', name: 'New York', timezone: 'America/New_York' })
      .select('organization_id, code, type')
      .single();
    expect(added.error).toBeNull();
    expect(added.data).toEqual({ organization_id: grace.organization, code: 'NYC', type: 'site' });

    const changed = await grace.client
      .from('plants')
      .update({ type: 'office', manager_id: grace.id })
      .eq('code', 'NYC')
      .select('type, manager_id');
    expect(changed.data).toEqual([{ type: 'office', manager_id: grace.id }]);
    expect((await ada.client.from('plants').select('code').eq('code', 'NYC')).data).toEqual([]);
    expect((await ada.client.from('plants').insert({ code: 'NYC', name: 'Another' })).error).toBeNull();
    expect((await grace.client.from('plants').delete().eq('code', 'NYC').select('code')).data).toEqual([
      { code: 'NYC' },
    ]);
    expect((await ada.client.from('plants').select('name').eq('code', 'NYC')).data).toEqual([
      { name: 'Another' },
    ]);
  });

  test('refuses in a way that toRowhouseError makes typed', async () => {
    const { error, status } = await ada.client
      .from('plants')
      .insert({ organization_id: grace.organization, code: 'X', name: 'X' });
    expect(toRowhouseError(error, status)).toBeInstanceOf(ForbiddenError);
    const twice = await ada.client.from('plants').insert({ code: 'NYC', name: 'Again' });
    expect(toRowhouseError(twice.error, twice.status)).toBeInstanceOf(ConflictError);
    // @ts-expect-error there is no such column
    await ada.client.from('plants').insert({ code: 'Y', name: 'Y', colour: 'red' });
    // @ts-expect-error not a status of an organization
    await ada.client.from('organizations').select('name').eq('status', 'closed');
  });
});

describe('members', () => {
  test('are let in, and see and do what their role allows', async () => {
    await ada.client
      .from('organizations')
      .update({ allow_self_registration: true })
      .eq('id', ada.organization);
    const mary = await signedUp('Mary Somerville');
    expect(await mary.client.call('join_organization', { slug: 'analytical' })).toMatchObject({
      member_status: 'pending',
    });
    expect(await errorOf(mary.client.switchOrganization(ada.organization))).toBeInstanceOf(NotFoundError);
    expect((await errorOf(mary.client.call('organization_usage'))).code).toBe('organization_required');

    const waiting = await ada.client.call('list_members', { status: 'pending' });
    expect(waiting).toMatchObject({ total: 1, members: [{ email: mary.email, status: 'pending' }] });
    await ada.client.call('approve_member', { user_id: mary.id });
    await ada.client.call('grant_role', { user_id: mary.id, role_code: 'operator' });

    await mary.client.switchOrganization(ada.organization);
    const held = (await mary.client.call('my_permissions')).map(({ permission }) => permission);
    expect(held).toContain('plants.read');
    expect(held).not.toContain('plants.manage');
    expect(await mary.client.call('check_permission', { code: 'plants.manage' })).toBe(false);

    const denied = await errorOf(mary.client.call('create_role', { code: 'boss', name: 'Boss' }));
    expect(denied).toBeInstanceOf(ForbiddenError);
    expect(denied).toMatchObject({ code: 'permission_required', status: 403 });
    expect(denied.hint).toBeDefined();
    const { error, status } = await mary.client.from('plants').insert({ code: 'Z', name: 'Z' });
    expect(toRowhouseError(error, status)).toMatchObject({ name: 'ForbiddenError', code: '42501' });

    // The token is as good as before; the door is closed at once.
    expect((await mary.client.from('plants').select('code')).data).not.toEqual([]);
    await ada.client.call('suspend_member', { user_id: mary.id });
    expect((await mary.client.from('plants').select('code')).data).toEqual([]);
    expect((await errorOf(mary.client.call('organization_usage'))).code).toBe('organization_required');
  });

  test('are as many as the plan allows, and one owner stays', async () => {
    await root.client.call('update_organization', { id: grace.organization, max_users: 1 });
    await grace.client
      .from('organizations')
      .update({ allow_self_registration: true, requires_approval: false })
      .eq('id', grace.organization);
    const late = await signedUp('Late');
    const full = await errorOf(late.client.call('join_organization', { slug: 'cobol' }));
    expect(full).toBeInstanceOf(ConflictError);
    expect(full.code).toBe('limit_reached');
    const last = await errorOf(grace.client.call('remove_member', { user_id: grace.id }));
    expect(last).toBeInstanceOf(ConflictError);
    expect(last.code).toBe('last_owner');
  });
});

test('the examples of docs/client.md about organizations compile', () => {
  const [, section = ''] = readFileSync(join(repository, 'docs/client.md'), 'utf8').split(
    '\n## Organizations\n',
  );
  const examples = [...section.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
  expect(examples).toHaveLength(3);
  const surroundings = `
    import type { RowhouseClient } from 'rowhouse/client';
    declare const rowhouse: RowhouseClient;
    declare const token: string;
    declare function show(...what: unknown[]): void;`;
  expect(complaints(`${examples.join('\n')}\n${surroundings}`)).toEqual([]);
  expect(complaints(`${examples.join('\n').replaceAll('plant_id', 'plant')}\n${surroundings}`)).not.toEqual(
    [],
  );
});
