import { createHash, createHmac, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { invitationSecret, invitationToken, tokenHash } from '../../src/notifications/invitation-token.ts';

const secret = 'a secret that nobody else knows, of some length';
const id = '01997f5e-8f0c-7c11-9f5b-6f1c0d2e3a4b';

test('a token is the HMAC of the invitation’s id, in 43 characters that fit into an address', async () => {
  const token = await invitationToken(secret, id);
  expect(token).toBe(createHmac('sha256', secret).update(id).digest('base64url'));
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(await invitationToken(secret, id.toUpperCase())).toBe(token);
});

test('another invitation and another secret make another token', async () => {
  const ids = Array.from({ length: 1000 }, () => randomUUID());
  const tokens = await Promise.all(ids.map((each) => invitationToken(secret, each)));
  expect(new Set(tokens).size).toBe(1000);
  expect(await invitationToken(`${secret}.`, id)).not.toBe(await invitationToken(secret, id));
});

test('the database keeps the SHA-256 of a token', async () => {
  expect(await tokenHash('token')).toBe(createHash('sha256').update('token').digest('hex'));
});

test('the secret is the one that is set, or else comes from the key of the service role without being it', async () => {
  const serviceKey = 'sb_secret_0123456789';
  expect(await invitationSecret({ invitationSecret: secret, serviceKey })).toBe(secret);
  const derived = await invitationSecret({ invitationSecret: undefined, serviceKey });
  expect(derived).toBe(createHmac('sha256', serviceKey).update('rowhouse invitations').digest('base64url'));
  await expect(invitationSecret({ invitationSecret: undefined, serviceKey: undefined })).rejects.toThrow(
    'Neither ROWHOUSE_INVITATION_SECRET nor SUPABASE_SERVICE_ROLE_KEY is set.',
  );
});
