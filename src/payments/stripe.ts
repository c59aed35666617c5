import Stripe from 'stripe';
import { minorUnits } from './currencies.ts';
import { eventOf } from './events.ts';
import { type MadeRefund, type PaymentProvider, RefusedByProvider, type RefundToMake } from './provider.ts';
import { verifiedText } from './signature.ts';

const timeoutMilliseconds = 10_000;

/** What the provider refuses for good is told apart from what may be tried again. */
async function asking<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    const { StripeCardError, StripeInvalidRequestError } = Stripe.errors;
    if (error instanceof StripeInvalidRequestError || error instanceof StripeCardError) {
      throw new RefusedByProvider(error.message, { cause: error });
    }
    throw error;
  }
}

/** The refund that was made of this before, whenever that was: Stripe forgets idempotency keys after a day. */
async function madeBefore(client: Stripe, refund: RefundToMake): Promise<Stripe.Refund | undefined> {
  for await (const made of client.refunds.list({ payment_intent: refund.intentId, limit: 100 })) {
    const { refund_id, payment_id } = made.metadata ?? {};
    if (refund_id === refund.refundId && payment_id === refund.paymentId) return made;
  }
  return undefined;
}

function outcomeOf({ id, status, failure_reason: reason }: Stripe.Refund): MadeRefund {
  if (status === 'failed' || status === 'canceled') {
    throw new RefusedByProvider(`The refund has failed: ${reason ?? status}.`);
  }
  return { id, status: status === 'succeeded' ? 'succeeded' : 'pending' };
}

/**
 * Stripe takes the money.
 *
 * @param secretKey a key that may write payment intents and refunds
 * @param webhookSecret what Stripe signs its events with
 * @param url where Stripe's API is
 */
export function stripeProvider(secretKey: string, webhookSecret: string, url: string): PaymentProvider {
  const { protocol, hostname, port } = new URL(url);
  const client = new Stripe(secretKey, {
    httpClient: Stripe.createFetchHttpClient(),
    host: hostname,
    port: port || (protocol === 'http:' ? 80 : 443),
    protocol: protocol === 'http:' ? 'http' : 'https',
    timeout: timeoutMilliseconds,
    maxNetworkRetries: 1,
    telemetry: false,
  });
  return {
    name: 'stripe',

    async createIntent({ organizationId, bookingId, paymentId, intentId, amount, currency }) {
      const units = minorUnits(amount, currency);
      const intent = await asking(() =>
        intentId === null
          ? client.paymentIntents.create(
              {
                amount: units,
                currency: currency.toLowerCase(),
                automatic_payment_methods: { enabled: true },
                metadata: { organization_id: organizationId, booking_id: bookingId, payment_id: paymentId },
              },
              { idempotencyKey: `rowhouse-payment-${paymentId}` },
            )
          : client.paymentIntents.retrieve(intentId),
      );
      if (intent.client_secret === null) throw new RefusedByProvider('Stripe gave no client secret.');
      return { id: intent.id, clientSecret: intent.client_secret };
    },

    async refund(refund) {
      const units = minorUnits(refund.amount, refund.currency);
      const create = () =>
        client.refunds.create(
          {
            payment_intent: refund.intentId,
            amount: units,
            metadata: {
              organization_id: refund.organizationId,
              refund_id: refund.refundId,
              payment_id: refund.paymentId,
            },
          },
          { idempotencyKey: `rowhouse-refund-${refund.refundId}-${refund.paymentId}` },
        );
      return asking(async () => {
        const made = (await madeBefore(client, refund)) ?? (await create());
        return outcomeOf(made);
      });
    },

    async readEvent(rawBody, signatureHeader) {
      return eventOf(await verifiedText(rawBody, signatureHeader, webhookSecret));
    },
  };
}
