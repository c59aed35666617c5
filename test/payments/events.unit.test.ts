import { describe, expect, test } from 'vitest';
import { eventOf } from '../../src/payments/events.ts';
import type { EventNotTaken } from '../../src/payments/provider.ts';
import { eventText, intent } from './events.ts';

const created = Date.UTC(2026, 10, 21, 12) / 1000;
const organization_id = 'ACME12345';
const changeOf = (type: string, object: unknown) => eventOf(eventText(object, { type, created })).change;

const refund = (particulars: Record<string, unknown> = {}) => ({
  id: 're_1Nispe2eZvKYlo2Cd31jOCgZ',
  object: 'refund',
  amount: 1000,
  currency: 'eur',
  payment_intent: 'pi_1',
  status: 'succeeded',
  metadata: {},
  ...particulars,
});

describe('an event', () => {
  test('is told with its id, its time and all that it says', () => {
    const text = eventText(intent(), { id: 'evt_1', created });
    expect(eventOf(text)).toEqual({
      id: 'evt_1',
      type: 'payment_intent.succeeded',
      occurredAt: new Date(created * 1000),
      payload: JSON.parse(text) as unknown,
      change: {
        kind: 'payment',
        intent_id: 'pi_3MtwBwLkdIwHu7ix28a3tqPa',
        status: 'succeeded',
        amount: '100.50',
        currency: 'EUR',
      },
    });
  });

  test.each([
    ['payment_intent.processing', 'processing'],
    ['payment_intent.succeeded', 'succeeded'],
    ['payment_intent.payment_failed', 'failed'],
    ['payment_intent.canceled', 'cancelled'],
  ])('%s means that a payment is %s', (type, status) => {
    expect(changeOf(type, intent({ metadata: { organization_id } }))).toMatchObject({
      kind: 'payment',
      status,
      organization_id,
    });
  });

  test('of a payment tells what was received, in its currency', () => {
    expect(
      changeOf('payment_intent.succeeded', intent({ amount: 500, amount_received: 400, currency: 'jpy' })),
    ).toMatchObject({ amount: '400', currency: 'JPY' });
    expect(
      changeOf(
        'payment_intent.payment_failed',
        intent({ amount: 5120, amount_received: 0, currency: 'kwd' }),
      ),
    ).toMatchObject({ amount: '5.120', currency: 'KWD' });
  });

  test('of a payment that failed says why, in 1,000 characters', () => {
    const last_payment_error = { code: 'card_declined', message: 'Your card was declined.' };
    expect(changeOf('payment_intent.payment_failed', intent({ last_payment_error }))).toMatchObject({
      failure: 'Your card was declined.',
    });
    const long = changeOf(
      'payment_intent.payment_failed',
      intent({ last_payment_error: { message: 'x'.repeat(5000) } }),
    );
    expect(long?.failure).toHaveLength(1000);
    // What went wrong on the way to success is past.
    expect(changeOf('payment_intent.succeeded', intent({ last_payment_error }))).not.toHaveProperty(
      'failure',
    );
  });

  test.each([
    ['refund.created', 'pending', 'pending'],
    ['refund.updated', 'requires_action', 'pending'],
    ['refund.updated', 'succeeded', 'succeeded'],
    ['charge.refund.updated', 'succeeded', 'succeeded'],
    ['refund.failed', 'failed', 'failed'],
    ['refund.updated', 'canceled', 'failed'],
  ])('%s of a refund that is %s means %s', (type, status, meant) => {
    expect(changeOf(type, refund({ status }))).toMatchObject({
      kind: 'refund',
      provider_refund_id: 're_1Nispe2eZvKYlo2Cd31jOCgZ',
      status: meant,
      intent_id: 'pi_1',
      amount: '10.00',
      currency: 'EUR',
    });
  });

  test('of a refund tells whether it is one of ours, and why it failed', () => {
    const refund_id = crypto.randomUUID();
    expect(changeOf('refund.updated', refund({ metadata: { refund_id, organization_id } }))).toMatchObject({
      refund_id,
      organization_id,
    });
    const others = refund({ metadata: { refund_id: 'theirs' }, payment_intent: { id: 'pi_2' } });
    expect(changeOf('refund.updated', others)).toMatchObject({ intent_id: 'pi_2' });
    expect(changeOf('refund.updated', others)).not.toHaveProperty('refund_id');
    const failed = refund({ status: 'failed', failure_reason: 'expired_or_canceled_card' });
    expect(changeOf('refund.failed', failed)).toMatchObject({ failure: 'expired_or_canceled_card' });
    expect(changeOf('refund.failed', refund({ status: 'failed' }))).toMatchObject({ failure: 'failed' });
  });

  test.each([
    ['customer.created', { id: 'cus_1' }],
    ['payment_intent.created', intent()],
    ['charge.refunded', { id: 'ch_1', refunds: null }],
    ['constructor', intent()],
    ['something.new', 7],
    ['refund.updated', refund({ payment_intent: null })],
    ['refund.updated', refund({ status: 'something_new' })],
  ])('%s changes nothing here', (type, object) => {
    expect(changeOf(type, object)).toBeNull();
  });

  test('is told as PostgreSQL can keep it', () => {
    const text = eventText({ name: 'a\0b\ud800c', ['k\0']: ['\udc00', 1, null, true] }, { type: 'x' });
    expect(eventOf(text).payload.data).toEqual({
      object: { name: 'a\ufffdb\ufffdc', 'k\ufffd': ['\ufffd', 1, null, true] },
    });
    expect(eventOf(eventText({ smile: '\u{1f600}' }, { type: 'x' })).payload.data).toEqual({
      object: { smile: '\u{1f600}' },
    });
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['an object', '{}'],
    ['an event without an id', eventText(intent(), { id: '' })],
    ['an event with an id that is too long', eventText(intent(), { id: 'x'.repeat(256) })],
    ['an event without a type', eventText(intent(), { type: '' })],
    ['an event of no time', eventText(intent(), { created: -1 })],
    ['an event of another kind', '{"id":"evt_1","object":"v2.core.event","created":"2026-11-21T12:00:00Z"}'],
    ['a payment without an amount', eventText(intent({ amount: null }))],
    ['a payment of a negative amount', eventText(intent({ amount_received: -1 }))],
    ['a payment of part of a cent', eventText(intent({ amount_received: 1.5 }))],
    ['a payment without a currency', eventText(intent({ currency: 'euro' }))],
    ['a payment without anything', eventText(null)],
  ])('is none that is %s', (_, text) => {
    expect(() => eventOf(text)).toThrow(
      expect.objectContaining({ code: 'invalid_event' } satisfies Partial<EventNotTaken>) as Error,
    );
  });
});
