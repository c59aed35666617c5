import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asUser, type Caller } from '../support/roles.ts';
import { insertAuthUser } from '../support/users.ts';
import {
  addMember,
  addPlant,
  call,
  claimsOf,
  events,
  found,
  inside,
  type Organization,
  promote,
} from './organizations.ts';

const db = useDatabase();
let acme: Organization;
let beta: Organization;
let user: string;

beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  beta = await found(db.pool, 'Beta');
  user = await insertAuthUser(db.pool);
});

const choose = (client: pg.ClientBase, who: string, organization: Organization) =>
  client.query('update public.user_profiles set current_organization_id = $1 where user_id = $2', [
    organization.id,
    who,
  ]);

describe('the claims of a token', () => {
  test('name no organization for a user without one', async () => {
    await db.inRollback(async (client) => {
      expect(await claimsOf(client, user)).toEqual({
        platform_role: 'user',
        organization_id: null,
        organization_role: null,
      });
    });
  });

  test('name the organization that the user chose, else the one that they have belonged to for longest', async () => {
    await db.inRollback(async (client) => {
      await addMember(client, beta, { user });
      await addMember(client, acme, { user });
      await client.query(
        `update public.members set joined_at = now() - interval '1 year' where user_id = $1 and organization_id = $2`,
        [user, beta.id],
      );
      expect(await claimsOf(client, user)).toMatchObject({ organization_id: beta.id });
      await choose(client, user, acme);
      expect(await claimsOf(client, user)).toMatchObject({ organization_id: acme.id });
    });
  });

  test.each([
    [
      'the member is suspended',
      `update public.members set status = 'suspended', suspended_at = now() where user_id = $1 and organization_id = $2`,
    ],
    [
      'the member waits',
      `update public.members set status = 'pending', joined_at = null where user_id = $1 and organization_id = $2`,
    ],
    ['the member is gone', `delete from public.members where user_id = $1 and organization_id = $2`],
    ['the organization is suspended', `select public.suspend_organization($2, 'x'), $1::uuid`],
    ['the organization is cancelled', `select public.cancel_organization($2, 'x'), $1::uuid`],
  ])('pass over the chosen one when %s', async (_, statement) => {
    await db.inRollback(async (client) => {
      await addMember(client, acme, { user, roles: ['viewer'] });
      await choose(client, user, acme);
      await client.query(statement, [user, acme.id]);
      expect(await claimsOf(client, user)).toMatchObject({ organization_id: null, organization_role: null });
      await addMember(client, beta, { user, roles: ['operator'] });
      expect(await claimsOf(client, user)).toMatchObject({
        organization_id: beta.id,
        organization_role: 'operator',
      });
    });
  });

  test('name no organization for a user who is deactivated', async () => {
    await db.inRollback(async (client) => {
      await addMember(client, acme, { user, roles: ['viewer'] });
      expect(await claimsOf(client, user)).toMatchObject({ organization_id: acme.id });
      await call(client, 'deactivate_user', { id: user, reason: 'x' });
      expect(await claimsOf(client, user)).toMatchObject({ organization_id: null });
    });
  });

  test('name the most powerful role for the whole organization; customer without any', async () => {
    await db.inRollback(async (client) => {
      const roleOf = async () =>
        ((await claimsOf(client, user)) as { organization_role: string }).organization_role;
      await addMember(client, acme, { user });
      expect(await roleOf()).toBe('customer');

      const plant = await addPlant(client, acme);
      const grant = (role_code: string, options: Record<string, unknown> = {}) =>
        asUser(
          client,
          inside(acme, acme.owner),
          (session) => call(session, 'grant_role', { user_id: user, role_code, ...options }),
          { commit: true },
        );
      await grant('plant_manager', { plant_id: plant });
      expect(await roleOf()).toBe('customer');

      await client.query(
        `insert into public.roles (organization_id, code, name) values ($1, 'a_role_of_ours', 'Ours')`,
        [acme.id],
      );
      await grant('a_role_of_ours');
      expect(await roleOf()).toBe('a_role_of_ours');
      for (const role of ['customer', 'viewer', 'supervisor', 'manager', 'owner']) {
        await grant(role);
        expect(await roleOf(), role).toBe(role);
      }
      await client.query(`delete from public.user_roles where user_id = $1 and role_code = 'owner'`, [user]);
      await client.query(
        `update public.user_roles set expires_at = now() where user_id = $1 and role_code = 'manager'`,
        [user],
      );
      expect(await roleOf()).toBe('supervisor');
    });
  });

  test('a superadmin goes where they chose to, also where they are no member and the door is shut', async () => {
    await db.inRollback(async (client) => {
      await promote(client, user);
      await addMember(client, acme, { user, roles: ['viewer'] });
      expect(await claimsOf(client, user)).toEqual({
        platform_role: 'superadmin',
        organization_id: acme.id,
        organization_role: 'viewer',
      });
      await choose(client, user, beta);
      await call(client, 'suspend_organization', { id: beta.id, reason: 'x' });
      expect(await claimsOf(client, user)).toEqual({
        platform_role: 'superadmin',
        organization_id: beta.id,
        organization_role: null,
      });
      // One that is gone is passed over.
      await call(client, 'cancel_organization', { id: beta.id, reason: 'x' });
      await call(client, 'purge_organization', { id: beta.id, confirm_name: 'Beta' });
      expect(await claimsOf(client, user)).toMatchObject({ organization_id: acme.id });
    });
  });

  test.each([
    ['the table of members is gone', 'drop table public.members cascade'],
    ['the table of organizations is gone', 'drop table public.organizations cascade'],
    [
      'the function is broken',
      `create or replace function private.token_claims(user_id uuid) returns jsonb
       language plpgsql security definer set search_path = '' as $$ begin raise 'broken'; end $$`,
    ],
  ])('never fail a sign-in: %s', async (_, breakage) => {
    const client = await db.superuser();
    await client.query('begin');
    try {
      await client.query(breakage);
      await client.query('set local role supabase_auth_admin');
      const event = { user_id: user, claims: { sub: user, aud: 'authenticated' } };
      const { rows } = await client.query<{ answer: unknown }>(
        'select public.custom_access_token_hook($1) as answer',
        [JSON.stringify(event)],
      );
      expect(rows[0]?.answer).toMatchObject(event);
    } finally {
      await client.query('rollback');
    }
  });

  test('what the event claims is overwritten, also by nothing', async () => {
    await db.inRollback(async (client) => {
      const { rows } = await client.query<{ answer: unknown }>(
        'select public.custom_access_token_hook($1) as answer',
        [JSON.stringify({ user_id: user, claims: { organization_id: acme.id, organization_role: 'owner' } })],
      );
      expect(rows[0]?.answer).toMatchObject({ claims: { organization_id: null, organization_role: null } });
    });
  });
});

describe('switch_organization()', () => {
  const to = (client: pg.ClientBase, who: string, id: string | null) =>
    asUser(client, who, (session) => call(session, 'switch_organization', { id }), { commit: true });

  test('takes a member among theirs, from the next token on, and is in the log', async () => {
    await db.inRollback(async (client) => {
      await addMember(client, acme, { user, roles: ['viewer'] });
      await addMember(client, beta, { user });
      for (const organization of [beta, acme]) {
        expect(await to(client, user, organization.id)).toMatchObject({
          organization_id: organization.id,
          member_status: 'active',
          is_current: true,
        });
        expect(await claimsOf(client, user)).toMatchObject({ organization_id: organization.id });
      }
      expect(await events(client, 'organization.switched')).toMatchObject([
        {
          organization_id: beta.id,
          actor_id: user,
          action: 'login',
          severity: 'info',
          after: { as: 'member' },
        },
        { organization_id: acme.id, actor_id: user, after: { as: 'member' } },
      ]);
    });
  });

  test('what one does not belong to, is shut out of, and what does not exist, is the same', async () => {
    await db.inRollback(async (client) => {
      await addMember(client, beta, { user, status: 'pending' });
      const ask = (id: string | null) => expectRefusal(to(client, user, id), 404, 'organization_not_found');
      const answers = [await ask(acme.id), await ask(beta.id), await ask('NOSUCH001'), await ask(null)];
      await client.query(
        `update public.members set status = 'active', joined_at = now() where user_id = $1`,
        [user],
      );
      expect(await to(client, user, beta.id)).toMatchObject({ slug: 'beta' });
      await call(client, 'suspend_organization', { id: beta.id, reason: 'x' });
      answers.push(await ask(beta.id));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await events(client, 'organization.switched')).toHaveLength(1);
    });
  });

  test('takes a superadmin anywhere, with a warning in the log of that organization', async () => {
    await db.inRollback(async (client) => {
      await promote(client, user);
      await call(client, 'suspend_organization', { id: beta.id, reason: 'x' });
      expect(await to(client, user, beta.id)).toMatchObject({
        organization_id: beta.id,
        member_status: null,
      });
      expect(await events(client, 'organization.switched')).toMatchObject([
        { organization_id: beta.id, actor_id: user, severity: 'warning', after: { as: 'superadmin' } },
      ]);
      await expectRefusal(to(client, user, 'NOSUCH001'), 404, 'organization_not_found');
    });
  });

  test('a deactivated user goes nowhere', async () => {
    await db.inRollback(async (client) => {
      await addMember(client, acme, { user });
      await call(client, 'deactivate_user', { id: user, reason: 'x' });
      await expectRefusal(to(client, user, acme.id), 401, 'not_authenticated');
    });
  });
});

describe('private.current_organization_id()', () => {
  const current = (client: pg.ClientBase, caller: Caller) =>
    asUser(client, caller, async (session) => {
      const { rows } = await session.query<{ id: string | null }>(
        'select private.current_organization_id() as id',
      );
      return rows[0]?.id;
    });

  test('believes the token only as far as the rows agree, at this moment', async () => {
    await db.inRollback(async (client) => {
      const claim = inside(acme, user);
      expect(await current(client, claim)).toBeNull();
      await addMember(client, acme, { user, status: 'pending' });
      expect(await current(client, claim)).toBeNull();
      await client.query(
        `update public.members set status = 'active', joined_at = now() where user_id = $1`,
        [user],
      );
      expect(await current(client, claim)).toBe(acme.id);
      expect(await current(client, inside(beta, user))).toBeNull();
      expect(await current(client, user)).toBeNull();

      await call(client, 'deactivate_user', { id: user, reason: 'x' });
      expect(await current(client, claim)).toBeNull();
      await call(client, 'reactivate_user', { id: user });
      expect(await current(client, claim)).toBe(acme.id);
      await call(client, 'suspend_organization', { id: acme.id, reason: 'x' });
      expect(await current(client, claim)).toBeNull();
      await call(client, 'reactivate_organization', { id: acme.id });
      await client.query(
        `update public.members set status = 'suspended', suspended_at = now() where user_id = $1`,
        [user],
      );
      expect(await current(client, claim)).toBeNull();
      await client.query('delete from public.members where user_id = $1', [user]);
      expect(await current(client, claim)).toBeNull();
    });
  });

  test('a superadmin is everywhere that exists, and nowhere once demoted or deactivated', async () => {
    await db.inRollback(async (client) => {
      await promote(client, user);
      expect(await current(client, inside(beta, user))).toBe(beta.id);
      expect(await current(client, { id: user, organization_id: 'NOSUCH001' })).toBeNull();
      expect(await current(client, user)).toBeNull();
      await client.query(`update public.user_profiles set platform_role = 'user' where user_id = $1`, [user]);
      expect(
        await current(client, { id: user, organization_id: beta.id, platform_role: 'superadmin' }),
      ).toBeNull();
      await promote(client, user);
      await call(client, 'deactivate_user', { id: user, reason: 'x' });
      expect(await current(client, inside(beta, user))).toBeNull();
    });
  });

  test.each([
    ['an array', ['$acme']],
    ['an object', { id: '$acme' }],
    ['null', null],
    ['a number', 1],
    ['a pattern', '%'],
    ['two of them', '$acme,$beta'],
    ['with blanks', ' $acme '],
    ['in lower case', '$lower'],
    ['no text at all', ''],
  ])('a claim that is %s is none', async (_, claim) => {
    await db.inRollback(async (client) => {
      await addMember(client, acme, { user });
      const filled: unknown = JSON.parse(
        JSON.stringify(claim)
          .replaceAll('$acme', acme.id)
          .replaceAll('$beta', beta.id)
          .replaceAll('$lower', acme.id.toLowerCase()),
      );
      expect(await current(client, { id: user, organization_id: filled })).toBeNull();
    });
  });

  test('metadata, headers and settings of the session say nothing', async () => {
    await db.inRollback(async (client) => {
      await addMember(client, acme, { user });
      const liar = {
        id: user,
        user_metadata: { organization_id: acme.id },
        app_metadata: { organization_id: acme.id },
        org_id: acme.id,
      };
      const { rows } = await asUser(client, liar, (session) =>
        session.query(
          `select set_config('request.headers', $1, true), set_config('request.organization_id', $2, true),
             private.current_organization_id() as id`,
          [JSON.stringify({ 'x-organization-id': acme.id }), acme.id],
        ),
      );
      expect(rows[0]).toMatchObject({ id: null });
    });
  });
});
