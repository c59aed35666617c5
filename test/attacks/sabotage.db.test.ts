import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import {
  addInvitation,
  addMemberPerson,
  addOrganization,
  addPerson,
  claiming,
  faceOf,
  nobody,
  renewed,
  useStreet,
} from './street.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);

let superuser: pg.Client;
beforeAll(async () => {
  superuser = await db.superuser();
});

/** Takes a rule out, and returns what puts it back. */
type Sabotage = () => Promise<() => Promise<unknown>>;

async function rewrite(signature: string, part: string | RegExp, replacement: string) {
  const { rows } = await superuser.query<{ definition: string }>(
    'select pg_get_functiondef($1::regprocedure) as definition',
    [signature],
  );
  const definition = rows[0]?.definition ?? '';
  const broken = definition.replace(part, () => replacement);
  expect(broken, `${signature} has no such text`).not.toBe(definition);
  await superuser.query(broken);
  return () => superuser.query(definition);
}

/** Writes a function anew with part of its text replaced. */
function inFunction(signature: string, part: string | RegExp, replacement: string): Sabotage {
  return () => rewrite(signature, part, replacement);
}

/** Lets every function that says which organization a request is in return an expression over `claims`. */
function organizationFrom(expression: string): Sabotage {
  return async () => {
    const undo: (() => Promise<unknown>)[] = [];
    for (const signature of ['private.current_organization_id()', 'private.organization_with(text)']) {
      undo.push(
        await rewrite(
          signature,
          /\$function\$[^]*\$function\$/,
          `$function$
           declare claims constant jsonb := current_setting('request.jwt.claims', true);
           begin return (${expression}); end
           $function$`,
        ),
      );
    }
    return async () => {
      for (const one of undo) await one();
    };
  };
}

/** Runs a statement, and later the one that undoes it. */
function bySql(statement: string, undo: string): Sabotage {
  return async () => {
    await superuser.query(statement);
    return () => superuser.query(undo);
  };
}

/** Each attack, by what it would win; the rule without which it does; and whether it has won. */
const attacks: Record<string, { without: Sabotage; wins: () => Promise<boolean> }> = {
  'reading another organization by a claim': {
    without: organizationFrom(`claims ->> 'organization_id'`),
    wins: async () =>
      (await organizationOf(await claiming(api, street.a.owner, { organization_id: street.b.id }))) ===
      street.b.id,
  },
  'reading another organization by what a user says of themself': {
    without: organizationFrom(
      `coalesce(claims -> 'user_metadata' ->> 'organization_id', claims ->> 'organization_id')`,
    ),
    wins: async () => {
      const { token } = await api.signUp({ organization_id: street.b.id });
      return (await organizationOf(token)) === street.b.id;
    },
  },
  'reading on after being suspended': {
    without: organizationFrom(
      `select member.organization_id from public.members as member
       where member.organization_id = claims ->> 'organization_id' and member.user_id = (claims ->> 'sub')::uuid`,
    ),
    wins: async () => {
      const member = await addMemberPerson(db, api, street.a.id, 'viewer');
      expect(await organizationOf(member.token), 'before').toBe(street.a.id);
      await db.query(
        `update public.members set status = 'suspended', suspended_at = now() where organization_id = $1 and user_id = $2`,
        [street.a.id, member.id],
      );
      return (await organizationOf(member.token)) === street.a.id;
    },
  },
  'reading rows past the wall between organizations': {
    without: bySql(
      `alter table public.members disable row level security`,
      `alter table public.members enable row level security`,
    ),
    wins: async () => {
      const path = `members?select=user_id&organization_id=eq.${street.b.id}`;
      return ((await api.rest(path, { token: street.a.owner.token })).body as unknown[]).length > 0;
    },
  },
  'reading the hash of an invitation’s token': {
    without: bySql(
      'grant select (token_hash) on public.invitations to authenticated',
      'revoke select (token_hash) on public.invitations from authenticated',
    ),
    wins: async () =>
      /[0-9a-f]{64}/.test(
        JSON.stringify(
          (await api.rest('invitations?select=token_hash', { token: street.a.owner.token })).body,
        ),
      ),
  },
  'telling a member of another organization from nobody': {
    without: inFunction(
      'private.require_member(uuid)',
      `'The organization has no such member.'`,
      `case when exists (select from public.members as other where other.user_id = require_member.user_id)
         then 'That is a member of another.' else 'The organization has no such member.' end`,
    ),
    wins: async () => {
      const ask = async (user_id: string) =>
        faceOf(await api.call('suspend_member', street.a.owner.token, { user_id }), user_id);
      return JSON.stringify(await ask(street.b.viewer.id)) !== JSON.stringify(await ask(nobody));
    },
  },
  'granting oneself a higher role': {
    without: inFunction(
      'private.grant_role(uuid,text,uuid,text,timestamptz)',
      /perform private\.require_grantable\([^;]*;/,
      '',
    ),
    wins: async () => {
      const steward = await addMemberPerson(db, api, street.a.id, 'steward');
      return (
        (await api.call('grant_role', steward.token, { user_id: steward.id, role_code: 'admin' })).status ===
        200
      );
    },
  },
  'making a role of what one does not have': {
    without: inFunction(
      'private.create_role(text,text,text,text[])',
      /perform private\.require_grantable\([^;]*;/,
      '',
    ),
    wins: async () => {
      const role = { code: `r${Date.now()}`, name: 'More', permissions: ['organization.manage'] };
      return (await api.call('create_role', street.a.steward.token, role)).status === 200;
    },
  },
  'accepting somebody else’s invitation': {
    without: inFunction('private.accept_invitation(text)', /and sent\.email = verified_email/, ''),
    wins: async () => {
      const token = randomUUID();
      await addInvitation(db, street.b.id, street.b.owner.id, `${randomUUID()}@example.com`, token, [
        'admin',
      ]);
      const thief = await addPerson(db, api);
      return (await api.call('accept_invitation', thief.token, { token })).status === 200;
    },
  },
  'accepting with an address that is not verified': {
    without: inFunction('private.accept_invitation(text)', 'and account.email_confirmed_at is not null', ''),
    wins: async () => {
      const token = randomUUID();
      const person = await addPerson(db, api);
      await db.query('update auth.users set email_confirmed_at = null where id = $1', [person.id]);
      await addInvitation(db, street.b.id, street.b.owner.id, person.email, token);
      return (await api.call('accept_invitation', person.token, { token })).status === 200;
    },
  },
  'leaving an organization without an owner': {
    without: inFunction('private.require_owner(text[])', /begin\s/i, 'begin\n  return;\n'),
    wins: async () => {
      const founder = await addPerson(db, api);
      await addOrganization(db, 'Orphan', founder.id);
      const owner = await renewed(api, founder);
      return (await api.call('remove_member', owner.token, { user_id: owner.id })).status === 200;
    },
  },
  'letting in more than the plan allows': {
    without: inFunction(
      'private.require_within_limit(bigint,integer,text)',
      /begin\s/i,
      'begin\n  return;\n',
    ),
    wins: async () => {
      const founder = await addPerson(db, api);
      const id = await addOrganization(db, 'Small', founder.id, 1);
      const owner = await renewed(api, founder);
      const applicant = await addPerson(db, api);
      await db.query('insert into public.members (organization_id, user_id) values ($1, $2)', [
        id,
        applicant.id,
      ]);
      return (await api.call('approve_member', owner.token, { user_id: applicant.id })).status === 200;
    },
  },
  'writing what only functions write': {
    without: bySql(
      `grant insert (user_id, role_code) on public.user_roles to authenticated;
       create policy "sabotage" on public.user_roles for insert to authenticated with check (true)`,
      `revoke insert (user_id, role_code) on public.user_roles from authenticated;
       drop policy "sabotage" on public.user_roles`,
    ),
    wins: async () => {
      const viewer = await addMemberPerson(db, api, street.a.id, 'viewer');
      const row = { user_id: viewer.id, role_code: 'owner' };
      return (await api.rest('user_roles', { token: viewer.token, body: row })).status === 201;
    },
  },
};

/** The organization whose plants a token reads. */
async function organizationOf(token: string): Promise<unknown> {
  const { body } = await api.rest('plants?select=organization_id', { token });
  return (body as { organization_id?: string }[])[0]?.organization_id;
}

describe('what these tests try, succeeds as soon as the rule against it is gone', () => {
  test.each(Object.entries(attacks))('%s', async (_, { without, wins }) => {
    expect(await wins(), 'with the rule').toBe(false);
    const restore = await without();
    try {
      expect(await wins(), 'without the rule').toBe(true);
    } finally {
      await restore();
    }
    expect(await wins(), 'with the rule again').toBe(false);
  });
});
