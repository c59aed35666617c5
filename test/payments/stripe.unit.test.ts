import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { AmountNotPayable } from '../../src/payments/currencies.ts';
import { type PaymentToMake, RefusedByProvider, type RefundToMake } from '../../src/payments/provider.ts';
import { stripeProvider } from '../../src/payments/stripe.ts';
import { type HttpRequest, startApi } from '../notifications/servers.ts';
import { webhookSecret } from './events.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** The provider, with an API on this machine that answers like this where Stripe's is. */
async function withApi(answer: (request: HttpRequest) => { status: number; body: unknown } | undefined) {
  const api = await startApi(answer);
  ends.push(api.stop);
  return { provider: stripeProvider('sk_test_123', webhookSecret, api.url), requests: api.requests };
}

const ids = { organizationId: 'ACME12345', paymentId: randomUUID(), amount: '10.50', currency: 'EUR' };
const payment: PaymentToMake = { ...ids, bookingId: randomUUID(), intentId: null };
const refund: RefundToMake = { ...ids, refundId: randomUUID(), intentId: 'pi_1' };
const list = (...data: unknown[]) => ({ status: 200, body: { object: 'list', data, has_more: false } });
const made = (particulars: Record<string, unknown> = {}) => ({
  status: 200,
  body: {
    id: 're_1',
    object: 'refund',
    status: 'succeeded',
    failure_reason: null,
    metadata: {},
    ...particulars,
  },
});
const refusal = (type: string, message: string, status = 400) => ({
  status,
  body: { error: { type, message } },
});

describe('Stripe', () => {
  test('gives money back with the ids as key, and as what it says of it', async () => {
    const { provider, requests } = await withApi(({ method }) => (method === 'GET' ? list() : made()));
    expect(await provider.refund(refund)).toEqual({ id: 're_1', status: 'succeeded' });
    expect(requests.at(-1)).toMatchObject({
      path: '/v1/refunds',
      headers: { 'idempotency-key': `rowhouse-refund-${refund.refundId}-${refund.paymentId}` },
      body: {
        payment_intent: 'pi_1',
        amount: '1050',
        'metadata[organization_id]': 'ACME12345',
        'metadata[refund_id]': refund.refundId,
        'metadata[payment_id]': refund.paymentId,
      },
    });
  });

  test('is asked for no second refund, also when it has forgotten the key of the first', async () => {
    const ours = { refund_id: refund.refundId, payment_id: refund.paymentId };
    const others = { ...ours, refund_id: randomUUID() };
    const { provider, requests } = await withApi(() =>
      list(made({ id: 're_other', metadata: others }).body, made({ id: 're_ours', metadata: ours }).body),
    );
    expect(await provider.refund(refund)).toEqual({ id: 're_ours', status: 'succeeded' });
    expect(requests.map(({ method }) => method)).toEqual(['GET']);
  });

  test('says what is not done yet, and what has failed', async () => {
    const answers = (particulars: Record<string, unknown>) =>
      withApi(({ method }) => (method === 'GET' ? list() : made(particulars)));
    for (const status of ['pending', 'requires_action']) {
      const { provider } = await answers({ status });
      expect(await provider.refund(refund)).toEqual({ id: 're_1', status: 'pending' });
    }
    const { provider } = await answers({ status: 'failed', failure_reason: 'lost_or_stolen_card' });
    const attempt = provider.refund(refund);
    await expect(attempt).rejects.toBeInstanceOf(RefusedByProvider);
    await expect(attempt).rejects.toThrow('The refund has failed: lost_or_stolen_card.');
  });

  test.each([
    ['invalid_request_error', 400],
    ['card_error', 402],
  ])('that answers with %s has refused for good', async (type, status) => {
    const { provider } = await withApi(() => refusal(type, 'No.', status));
    await expect(provider.refund(refund)).rejects.toBeInstanceOf(RefusedByProvider);
    await expect(provider.createIntent(payment)).rejects.toThrow('No.');
  });

  test.each([
    ['api_error', 500],
    ['api_error', 503],
    ['rate_limit_error', 429],
    ['authentication_error', 401],
    ['idempotency_error', 400],
  ])('that answers with %s (%i) may be asked again', async (type, status) => {
    const { provider } = await withApi(() => refusal(type, 'Later.', status));
    for (const attempt of [provider.refund(refund), provider.createIntent(payment)]) {
      await expect(attempt).rejects.toThrow('Later.');
      await expect(attempt).rejects.not.toBeInstanceOf(RefusedByProvider);
    }
  });

  test('that is not there may be asked again, and the error does not tell the key', async () => {
    const api = await startApi(() => undefined);
    await api.stop();
    const attempt = stripeProvider('sk_test_hunter2', webhookSecret, api.url).createIntent(payment);
    await expect(attempt).rejects.not.toBeInstanceOf(RefusedByProvider);
    await expect(attempt).rejects.not.toThrow('hunter2');
  });

  test('is not asked for an amount that it does not take', async () => {
    const { provider, requests } = await withApi(() => list());
    await expect(provider.createIntent({ ...payment, currency: 'JPY' })).rejects.toBeInstanceOf(
      AmountNotPayable,
    );
    await expect(provider.refund({ ...refund, currency: 'JPY' })).rejects.toBeInstanceOf(AmountNotPayable);
    expect(requests).toEqual([]);
  });
});
