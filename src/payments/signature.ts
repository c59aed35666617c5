import Stripe from 'stripe';
import { EventNotTaken } from './provider.ts';

/** How far from now an event may have been signed. */
export const toleranceSeconds = 5 * 60;

const notSigned = () => new EventNotTaken('invalid_signature', 'The signature is not one of the provider.');

/** When it was signed, as the header says: once, and in digits alone. The library takes more than that. */
function timestampIn(header: string): number {
  const [text, ...others] = header.split(',').filter((part) => part.trimStart().startsWith('t='));
  const digits = /^t=(\d{1,12})$/.exec(text ?? '')?.[1];
  if (digits === undefined || others.length > 0) throw notSigned();
  return Number(digits);
}

/**
 * Checks that a body comes from the provider, and was signed within the last five minutes: the scheme is
 * https://docs.stripe.com/webhooks/signature, and the library's.
 *
 * @param rawBody the body, byte for byte
 * @param header the header `Stripe-Signature`
 * @param secret what the provider signs with
 * @param now for tests
 * @returns the body as text
 * @throws {EventNotTaken} invalid_signature, event_too_old
 */
export async function verifiedText(
  rawBody: Uint8Array,
  header: string | null,
  secret: string,
  now: number = Date.now(),
): Promise<string> {
  if (header === null) throw notSigned();
  const signedAt = timestampIn(header);
  let text: string;
  try {
    // The library would put a replacement for bytes that are no text: then two bodies would have one signature.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rawBody);
  } catch {
    throw notSigned();
  }
  const { signature } = Stripe.webhooks;
  if (signature === null) throw new Error('The library of Stripe came without its signatures.');
  const verify = (receivedAt: number) =>
    signature.verifyHeaderAsync(
      text,
      header,
      secret,
      toleranceSeconds,
      Stripe.createSubtleCryptoProvider(),
      receivedAt,
    );
  try {
    await verify(now);
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
    // Signed well, and only late?
    await verify(signedAt * 1000).catch(() => {
      throw notSigned();
    });
    throw new EventNotTaken('event_too_old', 'The event was signed more than five minutes ago.');
  }
  // The library takes what is to come.
  if (signedAt - Math.floor(now / 1000) > toleranceSeconds) throw notSigned();
  return text;
}
