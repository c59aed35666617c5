import { describe, expect, test } from 'vitest';
import { tokenHash } from '../../src/notifications/invitation-token.ts';
import {
  invite,
  mailOf,
  mailsOf,
  type Person,
  signUp,
  signUpOwner,
  tablesThatHold,
  tokenIn,
} from '../notifications/people.ts';
import { hostileNames } from '../notifications/samples.ts';
import { asSuperuser } from '../stack/clients.ts';
import { useStack } from '../support/stack.ts';

const lines: string[] = [];
const stack = useStack({ quiet: false, log: (line) => lines.push(line) });

const sql = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
  asSuperuser<Row>(stack, text, values);
const wrongToken = 'A'.repeat(43);

/** What an edge function answers to a body that no typed client would send. */
async function post(name: string, body: unknown, person?: Person, headers: Record<string, string> = {}) {
  const { data } = (await person?.client.auth.getSession()) ?? {};
  const response = await fetch(`${stack.functionsUrl}/${name}`, {
    method: 'POST',
    headers: {
      apikey: stack.publishableKey,
      Authorization: `Bearer ${data?.session?.access_token ?? stack.publishableKey}`,
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const accept = (person: Person, token: string) => person.client.invoke('accept-invitation', { token });

async function membership(person: Person) {
  return sql<{ organization_id: string; status: string; roles: string[] | null }>(
    `select member.organization_id, member.status,
       array_agg(held.role_code order by held.role_code) filter (where held.role_code is not null) as roles
     from public.members as member
       left join public.user_roles as held using (organization_id, user_id)
     where member.user_id = $1
     group by member.organization_id, member.status`,
    [person.id],
  );
}

describe('an invitation', () => {
  test('goes out by mail, and makes who has the address a member with its roles', async () => {
    const owner = await signUpOwner(stack, 'acme', { organization: 'Acme & Söhne', owner: 'Olga Owner' });
    const invitation = await owner.client.invoke('invite-member', {
      email: 'Ada@Example.com',
      role_codes: ['viewer', 'manager'],
    });
    expect(invitation.email).toBe('ada@example.com');
    const days = (Date.parse(invitation.expires_at) - Date.now()) / (24 * 60 * 60 * 1000);
    expect(Math.round(days)).toBe(7);

    const mail = await mailOf(stack, invitation.invitation_id);
    expect(mail).toMatchObject({
      messageId: `<tenancy.invitation.${invitation.invitation_id}@localhost>`,
      to: [{ address: 'ada@example.com' }],
      subject: 'You are invited to Acme & Söhne',
    });
    expect(mail.text).toContain('Olga Owner invites you to Acme & Söhne, as Manager and Viewer.');
    const token = tokenIn(mail);
    expect(mail.text).toContain(`http://127.0.0.1:3000/accept-invitation?token=${token}\n`);
    expect(mail.html).toContain(`href="http://127.0.0.1:3000/accept-invitation?token=${token}"`);

    const ada = await signUp(stack, 'ada@example.com');
    expect(await accept(ada, token)).toEqual({
      organization_id: owner.organizationId,
      organization_name: 'Acme & Söhne',
    });
    expect(await membership(ada)).toEqual([
      { organization_id: owner.organizationId, status: 'active', roles: ['manager', 'viewer'] },
    ]);
    const { data } = await ada.client.auth.refreshSession();
    const claims = JSON.parse(atob(data.session?.access_token.split('.')[1] ?? '')) as object;
    expect(claims).toMatchObject({ organization_id: owner.organizationId });

    await expect(accept(ada, token)).rejects.toMatchObject({ status: 409, code: 'invitation_used' });
  });

  test('is kept without its token: not in a queue, not in an archive, in no table, not in the log', async () => {
    const owner = await signUpOwner(stack, 'discreet');
    const { id, token } = await invite(stack, owner, 'discreet@example.com');
    const person = await signUp(stack, 'discreet@example.com');
    await accept(person, token);
    expect(token).toHaveLength(43);
    expect(await tablesThatHold(stack, token)).toEqual([]);
    // That the search finds what is there.
    expect(await tablesThatHold(stack, await tokenHash(token))).toEqual(['public.invitations']);
    expect(await tablesThatHold(stack, id)).toEqual(
      expect.arrayContaining(['public.invitations', 'pgmq.a_notifications']),
    );
    expect(lines.join('\n')).toContain('mail to discreet@example.com');
    expect(lines.join('\n')).not.toContain(token);
  });

  test('that is accepted twice at once is accepted once', async () => {
    const owner = await signUpOwner(stack, 'twice');
    const { token } = await invite(stack, owner, 'twice@example.com', ['viewer']);
    const person = await signUp(stack, 'twice@example.com');
    const attempts = await Promise.all(
      Array.from({ length: 8 }, () => post('accept-invitation', { token }, person)),
    );
    expect(attempts.filter(({ status }) => status === 200)).toHaveLength(1);
    const others = attempts.filter(({ status }) => status !== 200);
    expect(others.map(({ status, body }) => [status, body.code])).toEqual(
      Array.from({ length: 7 }, () => [409, 'invitation_used']),
    );
    expect(await membership(person)).toEqual([
      { organization_id: owner.organizationId, status: 'active', roles: ['viewer'] },
    ]);
  });

  test('is for the invited address alone: to others it is as if there were none', async () => {
    const owner = await signUpOwner(stack, 'private');
    const { token } = await invite(stack, owner, 'invited@example.com');
    const eve = await signUp(stack, 'eve@example.com');
    const [stolen, made] = [
      await post('accept-invitation', { token }, eve),
      await post('accept-invitation', { token: wrongToken }, eve),
    ];
    expect(stolen).toEqual(made);
    expect(stolen).toMatchObject({ status: 404, body: { code: 'invitation_not_found' } });
    expect(await membership(eve)).toEqual([]);
    const invited = await signUp(stack, 'invited@example.com');
    expect(await accept(invited, token)).toMatchObject({ organization_id: owner.organizationId });
  });

  test('waits until the address is verified', async () => {
    const owner = await signUpOwner(stack, 'verified');
    const { token } = await invite(stack, owner, 'unverified@example.com');
    const person = await signUp(stack, 'unverified@example.com');
    await sql('update auth.users set email_confirmed_at = null where id = $1', [person.id]);
    await expect(accept(person, token)).rejects.toMatchObject({ status: 403, code: 'email_not_verified' });
    await sql('update auth.users set email_confirmed_at = now() where id = $1', [person.id]);
    expect(await accept(person, token)).toMatchObject({ organization_id: owner.organizationId });
  });

  test('that is revoked, replaced or expired is gone', async () => {
    const owner = await signUpOwner(stack, 'gone');
    const person = await signUp(stack, 'gone@example.com');
    const revoked = await invite(stack, owner, person.email);
    await owner.client.call('revoke_invitation', { id: revoked.id });
    const replaced = await invite(stack, owner, person.email);
    const expired = await invite(stack, owner, person.email);
    await sql(
      `update public.invitations set created_at = now() - interval '8 days', expires_at = now() - interval '1 second'
       where id = $1`,
      [expired.id],
    );
    for (const { token } of [revoked, replaced, expired]) {
      await expect(accept(person, token)).rejects.toMatchObject({ status: 410, code: 'invitation_expired' });
    }
    expect(await membership(person)).toEqual([]);
  });

  test('is worth no more than the place of who sent it', async () => {
    const owner = await signUpOwner(stack, 'leaving');
    const { token } = await invite(stack, owner, 'admin@leaving.example', ['admin']);
    const admin = await signUp(stack, 'admin@leaving.example');
    await accept(admin, token);
    await admin.client.auth.refreshSession();
    const friend = await signUp(stack, 'friend@leaving.example');
    const { token: fromAdmin } = await invite(stack, admin, friend.email, ['manager']);
    await owner.client.call('suspend_member', { user_id: admin.id });
    await expect(accept(friend, fromAdmin)).rejects.toMatchObject({
      status: 410,
      code: 'invitation_expired',
    });
    await owner.client.call('reactivate_member', { user_id: admin.id });
    expect(await accept(friend, fromAdmin)).toMatchObject({ organization_id: owner.organizationId });
  });

  test('that is no longer open when its turn comes is not sent', async () => {
    const owner = await signUpOwner(stack, 'late');
    const id = crypto.randomUUID();
    // In one transaction, so that the worker sees nothing of it before it is revoked.
    await sql(
      `with opened as (
         insert into public.invitations (organization_id, id, email, token_hash, revoked_at)
         values ('${owner.organizationId}', '${id}', 'late@example.com', repeat('0', 64), now())
       )
       select private.enqueue('notifications', 'tenancy.invitation', jsonb_build_object(
         'organization_id', '${owner.organizationId}', 'invitation_id', '${id}'))`,
    );
    // A later one that is sent shows that the worker has come past it.
    await invite(stack, owner, 'later@example.com');
    expect((await mailsOf(stack)).filter(({ file }) => file.includes(id))).toEqual([]);
    const jobs = await sql(`select from pgmq.a_notifications where message::text like '%${id}%'`);
    expect(jobs).toHaveLength(1);
    expect(await sql('select * from public.dead_letters($1)', ['notifications'])).toEqual([]);
  });
});

describe('who invites', () => {
  test('is a member who may; a refusal is in the audit log, with the user of the token', async () => {
    const owner = await signUpOwner(stack, 'strict');
    const { token } = await invite(stack, owner, 'viewer@strict.example', ['viewer']);
    const viewer = await signUp(stack, 'viewer@strict.example');
    await accept(viewer, token);
    await viewer.client.auth.refreshSession();
    const trace = { 'x-request-id': 'request-42', 'x-forwarded-for': '203.0.113.7' };
    for (let n = 1; n <= 22; n++) {
      expect(await post('invite-member', { email: 'friend@example.com' }, viewer, trace)).toMatchObject({
        status: 403,
        body: { code: 'permission_required' },
      });
    }
    const recorded = await sql(
      `select actor_id, organization_id, severity, after, request_id, host(ip) as ip from public.audit_logs
       where event = 'invitation.denied' and actor_id = $1`,
      [viewer.id],
    );
    // Once it is plain what goes on, more would be a flood.
    expect(recorded).toHaveLength(20);
    expect(recorded[0]).toEqual({
      actor_id: viewer.id,
      organization_id: owner.organizationId,
      severity: 'warning',
      after: { code: 'permission_required', email: 'friend@example.com', role_codes: [] },
      request_id: 'request-42',
      ip: '203.0.113.7',
    });
    expect(
      (await mailsOf(stack)).filter(({ email }) => email.to?.[0]?.address === 'friend@example.com'),
    ).toEqual([]);
  });

  test('cannot say who they are or where they belong by anything but the token', async () => {
    const owner = await signUpOwner(stack, 'victim');
    const eve = await signUp(stack, 'eve@victim.example');
    const forged = await post('invite-member', { email: 'eve2@example.com' }, eve, {
      'x-user-id': owner.id,
      'x-organization-id': owner.organizationId,
    });
    expect(forged).toMatchObject({ status: 403, body: { code: 'organization_required' } });
    for (const more of [
      { organization_id: owner.organizationId },
      { actor_id: owner.id },
      { id: owner.id },
    ]) {
      const refused = await post('invite-member', { email: 'eve2@example.com', ...more }, eve);
      expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    }
    const recorded = await sql(
      `select actor_id, organization_id from public.audit_logs where event = 'invitation.denied'
       and (actor_id in ($1, $2))`,
      [eve.id, owner.id],
    );
    expect(recorded).toEqual([{ actor_id: eve.id, organization_id: 'PLATFORM' }]);
  });

  test('is signed in', async () => {
    expect(await post('invite-member', { email: 'ada@example.com' })).toMatchObject({ status: 401 });
    expect(await post('accept-invitation', { token: wrongToken })).toMatchObject({
      status: 401,
      body: { code: 'not_authenticated' },
    });
    const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const payload = Buffer.from('{"sub":"00000000-0000-4000-8000-000000000000","role":"authenticated"}');
    const Authorization = `Bearer ${header}.${payload.toString('base64url')}.`;
    for (const name of ['invite-member', 'accept-invitation']) {
      const body = name === 'invite-member' ? { email: 'ada@example.com' } : { token: wrongToken };
      expect(await post(name, body, undefined, { Authorization })).toMatchObject({ status: 401 });
    }
  });

  test('grants no role that they could not grant otherwise, and none that there is not', async () => {
    const owner = await signUpOwner(stack, 'ranks');
    await owner.client.call('create_role', {
      code: 'recruiter',
      name: 'Recruiter',
      permissions: ['members.read', 'members.manage'],
    });
    const { token } = await invite(stack, owner, 'recruiter@ranks.example', ['recruiter']);
    const recruiter = await signUp(stack, 'recruiter@ranks.example');
    await accept(recruiter, token);
    await recruiter.client.auth.refreshSession();
    const email = 'somebody@example.com';
    for (const code of ['owner', 'admin', 'manager']) {
      await expect(
        recruiter.client.invoke('invite-member', { email, role_codes: ['recruiter', code] }),
      ).rejects.toMatchObject({ status: 403, code: 'grant_exceeds_own' });
    }
    await expect(
      recruiter.client.invoke('invite-member', { email, role_codes: ['nobody'] }),
    ).rejects.toMatchObject({ status: 404, code: 'role_not_found' });
    await expect(
      recruiter.client.invoke('invite-member', { email, plant_id: crypto.randomUUID() }),
    ).rejects.toMatchObject({ status: 404, code: 'plant_not_found' });
    expect(
      await recruiter.client.invoke('invite-member', { email, role_codes: ['recruiter'] }),
    ).toMatchObject({
      email,
    });
  });
});

describe('limits', () => {
  test('a member sends 30 invitations in an hour', async () => {
    const owner = await signUpOwner(stack, 'eager');
    const statuses: number[] = [];
    for (let n = 1; n <= 31; n++) {
      statuses.push((await post('invite-member', { email: `friend${n}@example.com` }, owner)).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 30 }, () => 200), 429]);
    await expect(
      owner.client.invoke('invite-member', { email: 'one-more@example.com' }),
    ).rejects.toMatchObject({ status: 429, code: 'rate_limited' });
  });

  test('a user tries 10 wrong tokens in an hour, and others are not held up by it', async () => {
    const owner = await signUpOwner(stack, 'guessed');
    const { token } = await invite(stack, owner, 'guesser@example.com');
    const guesser = await signUp(stack, 'guesser@example.com');
    const statuses: number[] = [];
    for (let n = 1; n <= 11; n++) {
      statuses.push((await post('accept-invitation', { token: wrongToken }, guesser)).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 404), 429]);
    await expect(accept(guesser, token)).rejects.toMatchObject({ status: 429, code: 'rate_limited' });
    expect(
      await sql(
        `select count(*)::integer from public.audit_logs
         where event = 'invitation.unknown_token' and actor_id = $1 and organization_id = 'PLATFORM'`,
        [guesser.id],
      ),
    ).toEqual([{ count: 10 }]);
    const other = await signUp(stack, 'other-guesser@example.com');
    await expect(accept(other, wrongToken)).rejects.toMatchObject({ status: 404 });
  });
});

describe('hostile input', () => {
  test.each([
    'ada@example.com, eve@example.com',
    'ada@example.com\r\nBcc: eve@example.com',
    'Ada <ada@example.com>',
    '"../../escaped"@example.com',
    '../../escaped@example.com/../..',
    'ada@example.com\u0000',
    'ada@[127.0.0.1]',
    `${'a'.repeat(400)}@example.com`,
    '',
    ['ada@example.com'],
    { address: 'ada@example.com' },
    null,
  ])('no mail goes to %j', async (email) => {
    const before = (await mailsOf(stack)).length;
    const owner = await signUpOwner(stack, `hostile-${crypto.randomUUID()}`);
    expect(await post('invite-member', { email }, owner)).toMatchObject({
      status: 400,
      body: { code: 'invalid_input' },
    });
    expect(await mailsOf(stack)).toHaveLength(before);
  });

  test.each([undefined, null, [], 'token', 5, {}, { token: 5 }, { token: '' }, { token: `${wrongToken}A` }])(
    'a token is not %j',
    async (body) => {
      const person = await signUp(stack, `${crypto.randomUUID()}@example.com`);
      expect(await post('accept-invitation', body, person)).toMatchObject({
        status: 400,
        body: { code: 'invalid_input' },
      });
    },
  );

  test('names change nothing in a mail but what stands there', async () => {
    const plain = await mailFor(await signUpOwner(stack, 'plain'), 'plain@example.com');
    // What PostgreSQL cannot hold cannot come out of it.
    const names = hostileNames.map((name) => name.replace(/[\0\p{Cs}]/gu, ''));
    for (const [index, name] of names.entries()) {
      const owner = await signUpOwner(stack, `hostile-name-${index}`, {
        organization: name.trim() || 'x',
        owner: name,
      });
      const mail = await mailFor(owner, `hostile-name-${index}@example.com`);
      expect(mail.headers.map(({ key }) => key)).toEqual(plain.headers.map(({ key }) => key));
      expect(mail.to).toEqual([{ name: '', address: `hostile-name-${index}@example.com` }]);
      expect(mail.html?.match(/<[a-z/]+/g)).toEqual(plain.html?.match(/<[a-z/]+/g));
      expect(mail.text?.match(/https?:\/\/\S+/g)).toHaveLength(1);
    }
  });
});

async function mailFor(owner: Person, email: string) {
  const { invitation_id } = await owner.client.invoke('invite-member', { email });
  return mailOf(stack, invitation_id);
}
