/**
 * The secret in the link of an invitation. Nobody keeps it: whoever sends the invitation's mail computes it from the
 * invitation's id, and the database knows its hash alone. WebCrypto, so that it runs in Deno and in Node.
 */

const encoder = new TextEncoder();

async function hmac(secret: string, message: string): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey(
    'raw',
    encoder.encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(message)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** What the secret comes from: ROWHOUSE_INVITATION_SECRET, or else the key of the service role. */
export interface SecretSource {
  invitationSecret: string | undefined;
  serviceKey: string | undefined;
}

/**
 * The secret that tokens are made with. Where none is set, it is derived from the key of the service role, so that what
 * has one needs no other, and neither tells anything about the other.
 *
 * @throws when there is neither
 */
export async function invitationSecret(source: SecretSource): Promise<string> {
  if (source.invitationSecret) return source.invitationSecret;
  if (source.serviceKey) return base64url(await hmac(source.serviceKey, 'rowhouse invitations'));
  throw new Error('Neither ROWHOUSE_INVITATION_SECRET nor SUPABASE_SERVICE_ROLE_KEY is set.');
}

/**
 * The token of an invitation: 43 characters that fit into an address.
 *
 * @param secret what {@link invitationSecret} returns
 * @param invitationId the invitation's id
 */
export async function invitationToken(secret: string, invitationId: string): Promise<string> {
  return base64url(await hmac(secret, invitationId.toLowerCase()));
}

/**
 * What the database keeps of a token.
 *
 * @returns SHA-256, as 64 hexadecimal digits
 */
export async function tokenHash(token: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(token)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
