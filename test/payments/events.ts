import { createHmac } from 'node:crypto';

/** What the tests' events are signed with. */
export const webhookSecret = 'whsec_0123456789abcdefghijklmnopqrstuv';

const seconds = (date: Date | number) => Math.floor(Number(date) / 1000);

/** HMAC-SHA256 of `timestamp.payload`, as https://docs.stripe.com/webhooks/signature says: by Node, not by the library. */
export function signatureOf(body: string | Buffer, timestamp: number, secret = webhookSecret): string {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
}

/** The header `Stripe-Signature` of a body. */
export function signedHeader(
  body: string | Buffer,
  { at = new Date(), secret = webhookSecret }: { at?: Date | number; secret?: string } = {},
): string {
  return `t=${seconds(at)},v1=${signatureOf(body, seconds(at), secret)}`;
}

/** What a test wants to say of an event. */
export interface EventParticulars {
  id?: string;
  type?: string;
  /** Seconds since 1970. */
  created?: number;
}

let count = 0;

/** An event as Stripe writes it, with what it is about. */
export function eventText(object: unknown, particulars: EventParticulars = {}): string {
  count += 1;
  return JSON.stringify({
    id: `evt_test_${process.pid}_${count}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: seconds(Date.now()),
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type: 'payment_intent.succeeded',
    ...particulars,
    data: { object },
  });
}

/** A payment intent as Stripe writes it into an event. */
export function intent(particulars: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'pi_3MtwBwLkdIwHu7ix28a3tqPa',
    object: 'payment_intent',
    amount: 10050,
    amount_received: 10050,
    currency: 'eur',
    last_payment_error: null,
    metadata: {},
    status: 'succeeded',
    ...particulars,
  };
}
