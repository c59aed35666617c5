import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, exportJWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import { claiming, useStreet } from './street.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const hmac = (input: string, secret: string, digest = 'sha256') =>
  createHmac(digest, secret).update(input).digest('base64url');

let claims: Record<string, unknown>;
beforeAll(() => {
  claims = decodeJwt(street.a.owner.token);
});

/** A token made by hand, where a library would object. */
function made(header: object, payload: object, signature: (input: string) => string): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signature(input)}`;
}

const now = () => Math.floor(Date.now() / 1000);
const hs256 = { alg: 'HS256', typ: 'JWT' };
const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
const attackerPem = createPublicKey(attacker.privateKey).export({ type: 'spki', format: 'pem' }).toString();

const forgeries: Record<string, () => string | Promise<string>> = {
  'a changed signature': () => {
    const token = street.a.owner.token;
    const last = token.lastIndexOf('.') + 1;
    return token.slice(0, last) + (token[last] === 'A' ? 'B' : 'A') + token.slice(last + 1);
  },
  'no signature': () => street.a.owner.token.replace(/[^.]+$/, ''),
  'a cut signature': () => street.a.owner.token.slice(0, -4),
  'the claims of another under a true signature': () => {
    const [header, , signature] = street.stranger.token.split('.');
    return `${header}.${street.a.owner.token.split('.')[1]}.${signature}`;
  },
  'another header under a true signature': () => {
    const [, payload, signature] = street.a.owner.token.split('.');
    return `${encode({ ...hs256, kid: 'x' })}.${payload}.${signature}`;
  },
  'the secret of somebody else': () => api.sign(claims, { secret: 'x'.repeat(64) }),
  'the secret that Supabase ships to developers': () =>
    api.sign(claims, { secret: 'super-secret-jwt-token-with-at-least-32-characters-long' }),
  'the publishable key as the secret': () => api.sign(claims, { secret: api.publishableKey }),
  'an empty secret': () => made(hs256, claims, (input) => hmac(input, '')),
  'alg none': () => made({ alg: 'none', typ: 'JWT' }, claims, () => ''),
  'alg None': () => made({ alg: 'None' }, claims, () => ''),
  'alg NONE with a signature': () => made({ alg: 'NONE' }, claims, (input) => hmac(input, 'x')),
  'alg none under a true signature': () =>
    made({ alg: 'none' }, claims, (input) => hmac(input, api.jwtSecret)),
  'no alg': () => made({ typ: 'JWT' }, claims, (input) => hmac(input, api.jwtSecret)),
  'alg as a list': () => made({ alg: ['HS256', 'none'] }, claims, (input) => hmac(input, api.jwtSecret)),
  'HS512 with the right secret': () =>
    made({ alg: 'HS512', typ: 'JWT' }, claims, (input) => hmac(input, api.jwtSecret, 'sha512')),
  'RS256 with a key of one’s own': () =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(attacker.privateKey),
  'RS256 with a key of one’s own in the header': async () =>
    new SignJWT(claims)
      .setProtectedHeader({
        alg: 'RS256',
        jwk: await exportJWK(attacker.publicKey),
        jku: 'http://127.0.0.1:1/',
      })
      .sign(attacker.privateKey),
  'HS256 with a public key as the secret': () => made(hs256, claims, (input) => hmac(input, attackerPem)),
  'RS256 under an HS256 signature': () =>
    made({ alg: 'RS256', typ: 'JWT' }, claims, (input) => hmac(input, api.jwtSecret)),
  'a critical header that nobody knows': () =>
    made({ ...hs256, crit: ['exp'] }, claims, (input) => hmac(input, api.jwtSecret)),
  'an expired token': () => api.sign({ ...claims, exp: now() - 1 }),
  'an expiry that is no number': () =>
    made(hs256, { ...claims, exp: '9999999999' }, (i) => hmac(i, api.jwtSecret)),
  'a token that is not yet valid': () => api.sign({ ...claims, nbf: now() + 600 }),
  'claims that are no object': () => made(hs256, [claims], (input) => hmac(input, api.jwtSecret)),
  'a token in pieces': () => street.a.owner.token.replace('.', '..'),
  'a secret key that is guessed': () => `sb_secret_${'x'.repeat(31)}`,
  'the secret key in capitals': () => api.secretKey.toUpperCase(),
  'a word': () => 'service_role',
};

describe('refused with 401, and nothing read or done, whatever comes before the token:', () => {
  test.each(Object.keys(forgeries))('%s', async (name) => {
    const token = await forgeries[name]?.();
    // 42501: a bearer that looks like a key, beside one that is, does not count, and the caller is anonymous.
    const refused = { status: 401, body: { code: expect.stringMatching(/^(PGRST30\d|42501)$/) as string } };
    for (const key of [api.publishableKey, null]) {
      expect(await api.rest('plants', { token: token ?? '', key })).toMatchObject(refused);
      expect(await api.rest('rpc/my_organizations', { token: token ?? '', key, body: {} })).toMatchObject(
        refused,
      );
      expect(
        await api.rest('plants', { token: token ?? '', key, body: { code: 'FORGED', name: 'Forged' } }),
      ).toMatchObject(refused);
    }
    // As the key, in the header and in the address.
    expect(await api.rest('plants', { key: token ?? '' })).toMatchObject(refused);
    expect(await api.rest(`plants?apikey=${encodeURIComponent(token ?? '')}`, { key: null })).toMatchObject(
      refused,
    );
    // A forged key is no key, even beside a true token.
    expect(await api.rest('plants', { key: token ?? '', token: street.a.owner.token })).toMatchObject(
      refused,
    );
    // The auth server and its admin API read tokens on their own.
    for (const path of ['/auth/v1/user', '/auth/v1/admin/users']) {
      expect([401, 403]).toContain((await api.request(path, { token: token ?? '' })).status);
    }
  });

  test('and what was to be written is not there', async () => {
    const { rows } = await db.query(`select from public.plants where code = 'FORGED'`);
    expect(rows).toEqual([]);
  });

  test('a refresh token in place of an access token', async () => {
    const client = api.client();
    const { data } = await client.auth.signInWithPassword({
      email: street.a.owner.email,
      password: 'correct horse battery',
    });
    const token = data.session?.refresh_token;
    expect(token).toEqual(expect.any(String));
    expect((await api.rest('plants', { token: token ?? '' })).status).toBe(401);
    expect((await client.from('plants').select('code')).data).toHaveLength(2);
  });
});

describe('allowed: the same requests', () => {
  test('with the token that the sign-in gave', async () => {
    const { token } = street.a.owner;
    expect(decodeProtectedHeader(token)).toEqual(hs256);
    expect(decodeJwt(token)).toMatchObject({
      role: 'authenticated',
      organization_id: street.a.id,
      organization_role: 'owner',
      platform_role: 'user',
    });
    for (const key of [api.publishableKey, null]) {
      const { status, body } = await api.rest('plants?select=code&order=code', { token, key });
      expect([status, body]).toEqual([200, [{ code: 'MAIN' }, { code: 'ONLY-Acme' }]]);
    }
    expect(await api.request('/auth/v1/user', { token })).toMatchObject({
      status: 200,
      body: { id: street.a.owner.id },
    });
  });

  test('with a token signed like it, with a little left of its time', async () => {
    const token = await claiming(api, street.a.owner, { exp: now() + 30, nbf: now() - 30 });
    expect((await api.rest('plants', { token })).body).toHaveLength(2);
  });

  test('and with the secret key, for the admin API', async () => {
    expect((await api.request('/auth/v1/admin/users', { key: api.secretKey })).status).toBe(200);
    expect((await api.request('/auth/v1/admin/users', { token: street.superadmin.token })).status).not.toBe(
      200,
    );
  });
});

test('without any token nothing of an organization is read, and no function answers', async () => {
  for (const key of [api.publishableKey, null]) {
    for (const path of ['plants', 'organizations', 'members', 'roles', 'permissions', 'audit_logs']) {
      expect((await api.rest(path, { key })).status, path).toBe(401);
    }
    expect((await api.rest('rpc/my_organizations', { key, body: {} })).status).toBe(401);
  }
});
