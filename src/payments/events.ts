import * as z from 'zod';
import { AmountNotPayable, decimalAmount } from './currencies.ts';
import { EventNotTaken, type PaymentChange, type PaymentEvent, type RefundChange } from './provider.ts';

const longestReason = 1000;

const event = z.looseObject({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  created: z.int().min(0).max(253_402_300_799),
  data: z.looseObject({ object: z.unknown() }).optional(),
});

/** What Stripe gives either as an id or as all of the object. */
const reference = z.union([z.string(), z.looseObject({ id: z.string() }).transform(({ id }) => id)]);
const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/)
  .transform((code) => code.toUpperCase());
const metadata = z
  .record(z.string(), z.string())
  .nullish()
  .transform((data) => data ?? {});

const paymentIntent = z.object({
  id: z.string(),
  amount: z.int(),
  amount_received: z.int().nullish(),
  currency,
  metadata,
  last_payment_error: z.looseObject({ message: z.string().nullish() }).nullish(),
});

const refund = z.object({
  id: z.string(),
  amount: z.int(),
  currency,
  status: z.string().nullish(),
  payment_intent: reference.nullish(),
  metadata,
  failure_reason: z.string().nullish(),
});

const paymentStatus: Record<string, PaymentChange['status']> = {
  'payment_intent.processing': 'processing',
  'payment_intent.succeeded': 'succeeded',
  'payment_intent.payment_failed': 'failed',
  'payment_intent.canceled': 'cancelled',
};

const refundEvents = ['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated'];

const refundStatus: Record<string, RefundChange['status']> = {
  pending: 'pending',
  requires_action: 'pending',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'failed',
};

const id = z.guid();

function ofPayment(status: PaymentChange['status'], object: unknown): PaymentChange {
  const intent = paymentIntent.parse(object);
  const organizationId = intent.metadata.organization_id;
  const failure = status === 'failed' ? intent.last_payment_error?.message : undefined;
  return {
    kind: 'payment',
    intent_id: intent.id,
    status,
    amount: decimalAmount(
      status === 'succeeded' ? (intent.amount_received ?? intent.amount) : intent.amount,
      intent.currency,
    ),
    currency: intent.currency,
    ...(organizationId === undefined ? {} : { organization_id: organizationId }),
    ...(failure ? { failure: failure.slice(0, longestReason) } : {}),
  };
}

function ofRefund(object: unknown): RefundChange | null {
  const { id: refundId, status, payment_intent: intentId, ...told } = refund.parse(object);
  const known = status == null ? undefined : refundStatus[status];
  // Of what was not paid by an intent, nothing is ours.
  if (known === undefined || intentId == null) return null;
  const ours = id.safeParse(told.metadata.refund_id);
  const organizationId = told.metadata.organization_id;
  return {
    kind: 'refund',
    ...(ours.success ? { refund_id: ours.data } : {}),
    provider_refund_id: refundId,
    status: known,
    intent_id: intentId,
    amount: decimalAmount(told.amount, told.currency),
    currency: told.currency,
    ...(organizationId === undefined ? {} : { organization_id: organizationId }),
    ...(known === 'failed' ? { failure: (told.failure_reason ?? status ?? '').slice(0, longestReason) } : {}),
  };
}

/** PostgreSQL's texts have neither NUL nor half a character. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[\0\p{Cs}]/gu, '\ufffd');
  if (Array.isArray(value)) return value.map(storable);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [storable(key), storable(each)]));
}

/**
 * Reads an event as Stripe writes it.
 *
 * @param text its JSON, from whom we know it is
 * @throws {EventNotTaken} invalid_event
 */
export function eventOf(text: string): PaymentEvent {
  try {
    const payload = storable(JSON.parse(text));
    const { id: eventId, type, created, data } = event.parse(payload);
    const status = Object.hasOwn(paymentStatus, type) ? paymentStatus[type] : undefined;
    const change =
      status !== undefined
        ? ofPayment(status, data?.object)
        : refundEvents.includes(type)
          ? ofRefund(data?.object)
          : null;
    return {
      id: eventId,
      type,
      occurredAt: new Date(created * 1000),
      payload: payload as PaymentEvent['payload'],
      change,
    };
  } catch (error) {
    const isExpected =
      error instanceof SyntaxError || error instanceof z.ZodError || error instanceof AmountNotPayable;
    if (!isExpected) throw error;
    throw new EventNotTaken('invalid_event', 'The body is no event of Stripe.', error);
  }
}
