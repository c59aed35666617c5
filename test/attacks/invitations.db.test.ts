import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import {
  addInvitation,
  addMemberPerson,
  addPerson,
  expectRefused,
  faceOf,
  hash,
  outcome,
  renewed,
  useStreet,
  valueOf,
} from './street.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);

const accept = (caller: string, token: unknown) => api.call('accept_invitation', caller, { token });

/** Somebody who was invited into B, and the token that their mail carried. */
async function invited(roles: string[] = ['viewer'], inviter = street.b.owner) {
  const guest = await addPerson(db, api);
  const token = randomUUID();
  const id = await addInvitation(db, street.b.id, inviter.id, guest.email, token, roles);
  return { guest, token, id };
}

const memberships = (userId: string) =>
  valueOf<number>(db, 'select count(*)::integer as value from public.members where user_id = $1', [userId]);

test('allowed: who was invited joins with the roles that were meant, and no more', async () => {
  const { guest, token } = await invited(['viewer']);
  const answer = await accept(guest.token, token);
  expect(answer).toMatchObject({
    status: 200,
    body: { organization_id: street.b.id, member_status: 'active', role_codes: ['viewer'], is_current: true },
  });
  const next = await renewed(api, guest);
  expect(decodeJwt(next.token)).toMatchObject({ organization_id: street.b.id, organization_role: 'viewer' });
  expect((await api.rest('plants?select=code', { token: next.token })).body).toHaveLength(2);
});

describe('replaying an invitation', () => {
  test('is refused: after it was accepted, by the one who accepted it', async () => {
    const { guest, token } = await invited();
    expect((await accept(guest.token, token)).status).toBe(200);
    expectRefused(await accept(guest.token, token), 409, 'invitation_used');
  });

  test('is refused: after the member was removed, suspended, or left', async () => {
    for (const leave of ['remove_member', 'suspend_member', 'self'] as const) {
      const { guest, token } = await invited();
      expect((await accept(guest.token, token)).status).toBe(200);
      const inside = await renewed(api, guest);
      const gone =
        leave === 'self'
          ? await api.call('remove_member', inside.token, { user_id: guest.id })
          : await api.call(leave, street.b.owner.token, { user_id: guest.id });
      expect(gone.status).toBe(200);
      expectRefused(await accept(guest.token, token), 409, 'invitation_used');
      expect((await api.rest('plants', { token: inside.token })).body).toEqual([]);
    }
  });

  test('is refused: when two requests accept it at once, one wins, and there is one membership', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { guest, token } = await invited();
      const answers = await Promise.all([accept(guest.token, token), accept(guest.token, token)]);
      expect(answers.map(outcome).sort()).toEqual(['PT409 invitation_used', 'ok']);
      expect(await memberships(guest.id)).toBe(1);
    }
  });
});

describe('accepting what is not for one', () => {
  test('with another address is as accepting nothing', async () => {
    const { token } = await invited(['admin']);
    for (const person of [street.stranger, street.a.owner, street.b.viewer]) {
      const theirs = await accept(person.token, token);
      expectRefused(theirs, 404, 'invitation_not_found');
      expect(faceOf(theirs)).toEqual(faceOf(await accept(person.token, randomUUID())));
    }
  });

  test('with the address unverified is refused, the same for a true token as for a false one', async () => {
    const { guest, token } = await invited();
    await db.query('update auth.users set email_confirmed_at = null where id = $1', [guest.id]);
    expectRefused(await accept(guest.token, token), 403, 'email_not_verified');
    expectRefused(await accept(guest.token, randomUUID()), 403, 'email_not_verified');
    // What a token says of the address counts for nothing.
    const sworn = await api.sign({
      ...decodeJwt(guest.token),
      email_verified: true,
      user_metadata: { email_verified: true },
    });
    expectRefused(await accept(sworn, token), 403, 'email_not_verified');
    // Twin
    await db.query('update auth.users set email_confirmed_at = now() where id = $1', [guest.id]);
    expect((await accept(guest.token, token)).status).toBe(200);
  });

  test('with the invited address in the token and another in the account is refused', async () => {
    const { guest, token } = await invited();
    const claimed = await api.sign({ ...decodeJwt(street.stranger.token), email: guest.email });
    expectRefused(await accept(claimed, token), 404, 'invitation_not_found');
  });

  test('with what is stored of the token, or a form of it, is refused', async () => {
    const { guest, token, id } = await invited();
    for (const guess of [
      hash(token),
      hash(token).toUpperCase(),
      ` ${token}`,
      `${token} `,
      token.toUpperCase(),
      id,
      '',
      '%',
      `${token}\u200b`,
    ]) {
      expectRefused(await accept(guest.token, guess), 404, 'invitation_not_found');
    }
    expect((await accept(guest.token, null)).status).toBeGreaterThanOrEqual(400);
    expect(await memberships(guest.id)).toBe(0);
  });

  test('after asking for the invited address as one’s own is refused, while nobody has shown that it is', async () => {
    const email = `${randomUUID()}@example.com`;
    const token = randomUUID();
    await addInvitation(db, street.b.id, street.b.owner.id, email, token, ['admin']);
    const thief = await api.signUp();
    const change = await api.request('/auth/v1/user', { method: 'PUT', token: thief.token, body: { email } });
    expect(change.status).toBe(200);
    expectRefused(await accept(thief.token, token), 404, 'invitation_not_found');
    const claimed = await api.sign({ ...decodeJwt(thief.token), email });
    expectRefused(await accept(claimed, token), 404, 'invitation_not_found');
  });

  test('signed out, or deactivated, is refused', async () => {
    const { guest, token } = await invited();
    expect((await api.call('accept_invitation', undefined, { token })).status).toBe(401);
    await db.query(`select public.deactivate_user($1, 'test')`, [guest.id]);
    expect([401, 403]).toContain((await accept(guest.token, token)).status);
    await db.query('select public.reactivate_user($1)', [guest.id]);
    expect((await accept(guest.token, token)).status).toBe(200);
  });
});

describe('accepting what is no longer open', () => {
  test('revoked, replaced by a later one, expired, or into an organization that is suspended: gone', async () => {
    const spoil: Record<string, (invitation: { guest: { email: string }; id: string }) => Promise<unknown>> =
      {
        revoked: ({ id }) => api.call('revoke_invitation', street.b.owner.token, { id }),
        replaced: ({ guest }) =>
          // The owner has sent as many as one may in an hour by the time that this runs.
          api.call('create_invitation', street.b.admin.token, {
            id: randomUUID(),
            email: guest.email,
            token_hash: hash(randomUUID()),
          }),
        expired: ({ id }) =>
          db.query(
            `update public.invitations set created_at = now() - interval '8 days', expires_at = now() - interval '1 second' where id = $1`,
            [id],
          ),
        suspended: () => db.query(`select public.suspend_organization($1, 'test')`, [street.b.id]),
      };
    for (const [what, act] of Object.entries(spoil)) {
      const invitation = await invited();
      await act(invitation);
      expectRefused(await accept(invitation.guest.token, invitation.token), 410, 'invitation_expired', what);
      expect(await memberships(invitation.guest.id), what).toBe(0);
    }
    await db.query('select public.reactivate_organization($1)', [street.b.id]);
  });

  test('from somebody who belongs no more, is suspended, or is deactivated, is gone with them', async () => {
    const ends: Record<string, (user_id: string) => Promise<unknown>> = {
      removed: (user_id) => api.call('remove_member', street.b.owner.token, { user_id }),
      suspended: (user_id) => api.call('suspend_member', street.b.owner.token, { user_id }),
      deactivated: (id) => db.query(`select public.deactivate_user($1, 'test')`, [id]),
    };
    for (const [what, end] of Object.entries(ends)) {
      // An admin who sees it coming, and keeps a way back in.
      const inviter = await addMemberPerson(db, api, street.b.id, 'admin');
      const { guest, token } = await invited(['admin'], inviter);
      await end(inviter.id);
      expectRefused(await accept(guest.token, token), 410, 'invitation_expired', what);
      expect(await memberships(guest.id), what).toBe(0);
    }
  });

  test('does not lift a member who is suspended', async () => {
    const { guest, token } = await invited();
    await db.query(
      `insert into public.members (organization_id, user_id, status, joined_at, suspended_at)
       values ($1, $2, 'suspended', now(), now())`,
      [street.b.id, guest.id],
    );
    expectRefused(await accept(guest.token, token), 409, 'already_member');
  });
});

test('a member of one organization cannot make, see or revoke invitations of the other', async () => {
  const { id } = await invited();
  expectRefused(
    await api.call('revoke_invitation', street.a.owner.token, { id }),
    404,
    'invitation_not_found',
  );
  const { body } = await api.rest(`invitations?select=id&id=eq.${id}`, { token: street.a.owner.token });
  expect(body).toEqual([]);
  const mail = { organization_id: street.b.id, invitation_id: id };
  expect(outcome(await api.call('invitation_to_send', street.b.owner.token, mail))).toBe('42501');
  expect((await api.call('revoke_invitation', street.b.owner.token, { id })).status).toBe(200);
});
