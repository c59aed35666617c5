import { createHmac } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { refusals, storageRefusal } from './storage-errors.ts';

const downloadSchema = z.object({ kind: z.literal('download'), url: z.string() });
const uploadSchema = z.object({
  kind: z.literal('upload'),
  url: z.string(),
  upsert: z.boolean(),
  owner: z.string().optional(),
});

/** What a signed address allows, to whoever has it. */
export type Signed = z.infer<typeof downloadSchema> | z.infer<typeof uploadSchema>;

/** Signs addresses, and reads what was signed. */
export interface Signatures {
  /** @param seconds how long it is good for */
  sign(signed: Signed, seconds: number): Promise<string>;
  /**
   * @param token what came with the address
   * @param kind what it is used for
   * @param url the bucket and the key of the address
   * @throws a refusal when it was not signed here, has expired, or is for something else
   */
  verify<Kind extends Signed['kind']>(
    token: string,
    kind: Kind,
    url: string,
  ): Promise<Extract<Signed, { kind: Kind }> & { expires: Date }>;
}

/**
 * Makes what signs the addresses of files. It has a key of its own, made from the stack's secret: an access token is no
 * signature, and a signature no access token.
 *
 * @param jwtSecret the secret of the stack; addresses that were signed outlive a restart as long as it stays the same
 */
export function signatures(jwtSecret: string): Signatures {
  const key = createHmac('sha256', jwtSecret).update('rowhouse storage signatures').digest();
  const read = async (token: string) => {
    try {
      return (await jwtVerify(token, key, { algorithms: ['HS256'], requiredClaims: ['exp'] })).payload;
    } catch (error) {
      throw storageRefusal(
        400,
        'InvalidJWT',
        error instanceof errors.JWTExpired ? '"exp" claim timestamp check failed' : 'Invalid signature',
      );
    }
  };
  return {
    sign: (signed, seconds) =>
      new SignJWT({ ...signed })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .sign(key),
    async verify<Kind extends Signed['kind']>(token: string, kind: Kind, url: string) {
      if (token === '') throw refusals.invalidRequest(`querystring must have required property 'token'`);
      const payload = await read(token);
      const parsed = z.discriminatedUnion('kind', [downloadSchema, uploadSchema]).safeParse(payload);
      if (!parsed.success || parsed.data.kind !== kind || parsed.data.url !== url) {
        throw storageRefusal(400, 'InvalidSignature', 'The url do not match the signature');
      }
      return {
        ...(parsed.data as Extract<Signed, { kind: Kind }>),
        expires: new Date((payload.exp ?? 0) * 1000),
      };
    },
  };
}
