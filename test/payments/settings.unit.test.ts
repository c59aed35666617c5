import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/failure.ts';
import { folderWebhookSecret } from '../../src/payments/folder.ts';
import { PaymentsNotConfigured, paymentSettings } from '../../src/payments/settings.ts';
import { takenPayments } from '../../src/stack/payments.ts';

const stripe = { ROWHOUSE_STRIPE_SECRET_KEY: 'sk_test_123', ROWHOUSE_STRIPE_WEBHOOK_SECRET: 'whsec_123' };

test('Stripe takes the money unless a folder is named', () => {
  expect(paymentSettings(stripe)).toEqual({
    taker: { kind: 'stripe', secretKey: 'sk_test_123', url: 'https://api.stripe.com' },
    webhookSecret: 'whsec_123',
  });
  expect(paymentSettings({ ...stripe, ROWHOUSE_STRIPE_URL: 'http://127.0.0.1:12111' }).taker).toMatchObject({
    url: 'http://127.0.0.1:12111',
  });
  expect(paymentSettings({ ...stripe, ROWHOUSE_PAYMENTS: 'folder:/srv/our payments' })).toEqual({
    taker: { kind: 'folder', path: '/srv/our payments' },
    webhookSecret: 'whsec_123',
  });
});

test('what is missing is named', () => {
  expect(() => paymentSettings({})).toThrow(PaymentsNotConfigured);
  expect(() => paymentSettings({ ...stripe, ROWHOUSE_STRIPE_SECRET_KEY: '' })).toThrow(
    'ROWHOUSE_STRIPE_SECRET_KEY is not set, so no payment can be taken. docs/payments.md says what it is.',
  );
  expect(() => paymentSettings({ ROWHOUSE_PAYMENTS: 'folder:payments' })).toThrow(
    'ROWHOUSE_STRIPE_WEBHOOK_SECRET is not set',
  );
});

test.each([
  ['ROWHOUSE_PAYMENTS', 'hunter2'],
  ['ROWHOUSE_PAYMENTS', 'folder:'],
  ['ROWHOUSE_STRIPE_SECRET_KEY', 'pk_live_hunter2'],
  ['ROWHOUSE_STRIPE_SECRET_KEY', 'sk_live_hunter2 '],
  ['ROWHOUSE_STRIPE_WEBHOOK_SECRET', 'hunter2'],
  ['ROWHOUSE_STRIPE_WEBHOOK_SECRET', 'whsec_hunter2\n'],
  ['ROWHOUSE_STRIPE_URL', 'hunter2'],
  ['ROWHOUSE_STRIPE_URL', 'https://api.stripe.com/hunter2'],
  ['ROWHOUSE_STRIPE_URL', 'ftp://hunter2'],
])('%s %j is refused, without being repeated', (name, text) => {
  expect(() => paymentSettings({ ...stripe, [name]: text })).toThrow(`${name} is wrong: `);
  expect(() => paymentSettings({ ...stripe, [name]: text })).not.toThrow('hunter2');
});

describe('the embedded stack', () => {
  const folder = '/srv/rowhouse/payments';
  const of = (settings: Parameters<typeof takenPayments>[0]['settings']) =>
    takenPayments({ settings, folder, secretKey: 'sb_secret_123' });

  test('has nobody take the money: payments are files, and events are signed with a secret of its own', async () => {
    const secret = await folderWebhookSecret('sb_secret_123');
    expect(secret).toMatch(/^whsec_[0-9a-f]{64}$/);
    expect(await folderWebhookSecret('sb_secret_124')).not.toBe(secret);
    expect(await of({})).toEqual({
      settings: { ROWHOUSE_PAYMENTS: `folder:${folder}`, ROWHOUSE_STRIPE_WEBHOOK_SECRET: secret },
      access: { hosts: [], writable: [folder] },
      directory: folder,
    });
  });

  test('writes to the folder that is set, seen from where it was started', async () => {
    const { settings, access, directory } = await of({ ROWHOUSE_PAYMENTS: 'folder:some/payments' });
    expect(directory).toBe(resolve('some/payments'));
    expect(access.writable).toEqual([directory]);
    expect(settings.ROWHOUSE_PAYMENTS).toBe(`folder:${join(process.cwd(), 'some/payments')}`);
  });

  test('talks to Stripe and nobody else where a key of it is set', async () => {
    expect(await of(stripe)).toEqual({ settings: stripe, access: { hosts: ['api.stripe.com'] } });
    const elsewhere = await of({ ...stripe, ROWHOUSE_STRIPE_URL: 'http://127.0.0.1:12111' });
    expect(elsewhere.access).toEqual({ hosts: ['127.0.0.1:12111'] });
  });

  test('does not start with settings that are wrong or incomplete', async () => {
    const refused = (settings: Parameters<typeof of>[0]) =>
      of(settings).then(
        () => undefined,
        (error: unknown) => error,
      );
    for (const [settings, message] of [
      [{ ROWHOUSE_PAYMENTS: 'cash' }, 'ROWHOUSE_PAYMENTS is wrong: '],
      [{ ROWHOUSE_PAYMENTS: 'stripe' }, 'ROWHOUSE_STRIPE_SECRET_KEY is not set'],
      [{ ROWHOUSE_STRIPE_SECRET_KEY: 'sk_test_1' }, 'ROWHOUSE_STRIPE_WEBHOOK_SECRET is not set'],
    ] as const) {
      const error = await refused(settings);
      expect(error).toBeInstanceOf(Failure);
      expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(message) as string });
    }
  });
});
