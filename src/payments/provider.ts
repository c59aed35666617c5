import type * as z from 'zod';

/** A payment that somebody is about to make. */
export interface PaymentToMake {
  organizationId: string;
  bookingId: string;
  /** Our id of it: the provider makes one intent of it, however often it is asked. */
  paymentId: string;
  /** The provider's id of the intent, where it was made before. */
  intentId: string | null;
  /** Decimal digits. */
  amount: string;
  /** A code of ISO 4217 in capitals. */
  currency: string;
}

/** What a front end needs to have the customer pay. */
export interface PaymentIntent {
  id: string;
  /** For whoever pays, and nobody else. */
  clientSecret: string;
}

/** Money that is to be given back. */
export interface RefundToMake {
  organizationId: string;
  refundId: string;
  paymentId: string;
  /** The provider's id of what was paid. */
  intentId: string;
  /** Decimal digits. */
  amount: string;
  /** A code of ISO 4217 in capitals. */
  currency: string;
}

/** What has become of it, unless it was refused. */
export interface MadeRefund {
  /** The provider's id of it. */
  id: string;
  /** pending: the provider will tell. */
  status: 'pending' | 'succeeded';
}

/** What an event says of a payment, as public.record_payment_event takes it. */
export interface PaymentChange {
  kind: 'payment';
  intent_id: string;
  status: 'processing' | 'succeeded' | 'failed' | 'cancelled';
  amount: string;
  currency: string;
  organization_id?: string;
  failure?: string;
}

/** What an event says of a refund. */
export interface RefundChange {
  kind: 'refund';
  /** Ours, where the refund is one of ours. */
  refund_id?: string;
  provider_refund_id: string;
  status: 'pending' | 'succeeded' | 'failed';
  intent_id: string;
  amount: string;
  currency: string;
  organization_id?: string;
  failure?: string;
}

/** What a provider tells. */
export interface PaymentEvent {
  /** The provider's id of it. */
  id: string;
  type: string;
  occurredAt: Date;
  /** All of it. */
  payload: Record<string, z.core.util.JSONType>;
  /** What of it concerns us; null where nothing does. */
  change: PaymentChange | RefundChange | null;
}

/** The provider has refused for good: asking again would not help. Its message is the provider's. */
export class RefusedByProvider extends Error {
  override readonly name = 'RefusedByProvider';
}

/** An event that is not taken. */
export class EventNotTaken extends Error {
  override readonly name = 'EventNotTaken';
  readonly code: 'invalid_signature' | 'event_too_old' | 'invalid_event';

  constructor(code: EventNotTaken['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Who takes the money. */
export interface PaymentProvider {
  /** By what name the database knows it. */
  name: 'stripe';
  /**
   * Begins a payment. For the same payment it is the same intent.
   *
   * @throws {RefusedByProvider} when it cannot be paid so; else trying again may help
   */
  createIntent(payment: PaymentToMake): Promise<PaymentIntent>;
  /**
   * Gives money back. For the same payment of the same refund it is done once.
   *
   * @throws {RefusedByProvider} when it cannot be given back; else trying again may help
   */
  refund(refund: RefundToMake): Promise<MadeRefund>;
  /**
   * Reads what the provider tells.
   *
   * @param rawBody the body of its request, byte for byte
   * @param signatureHeader what shows that it comes from the provider
   * @throws {EventNotTaken} when it does not, or is not from now
   */
  readEvent(rawBody: Uint8Array, signatureHeader: string | null): Promise<PaymentEvent>;
}
