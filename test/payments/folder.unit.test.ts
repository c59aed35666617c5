import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderEvent, folderProvider } from '../../src/payments/folder.ts';
import { RefusedByProvider } from '../../src/payments/provider.ts';
import { webhookSecret } from './events.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'rowhouse-payments-')), 'payments');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const ids = { organizationId: 'ACME12345', currency: 'EUR' };
const payment = () => ({
  ...ids,
  bookingId: randomUUID(),
  paymentId: randomUUID(),
  intentId: null,
  amount: '10.50',
});
const bytes = (text: string) => new TextEncoder().encode(text);

test('a payment is a file for its owner alone, the same one however often it is asked for', async () => {
  const provider = folderProvider(folder, webhookSecret);
  const asked = payment();
  const first = await provider.createIntent(asked);
  expect(await provider.createIntent(asked)).toEqual(first);
  expect(await readdir(folder)).toEqual([`${first.id}.json`]);
  expect((await stat(join(folder, `${first.id}.json`))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('what it would tell is signed, and understood', async () => {
  const provider = folderProvider(folder, webhookSecret);
  const asked = payment();
  const { id } = await provider.createIntent(asked);
  for (const status of ['processing', 'succeeded', 'failed', 'cancelled'] as const) {
    const { body, signature } = await folderEvent(folder, webhookSecret, id, status);
    const event = await provider.readEvent(bytes(body), signature);
    expect(event.change).toMatchObject({
      kind: 'payment',
      intent_id: id,
      status,
      amount: '10.50',
      currency: 'EUR',
      organization_id: 'ACME12345',
    });
    await expect(provider.readEvent(bytes(`${body} `), signature)).rejects.toMatchObject({
      code: 'invalid_signature',
    });
    await expect(
      folderProvider(folder, `${webhookSecret}x`).readEvent(bytes(body), signature),
    ).rejects.toMatchObject({ code: 'invalid_signature' });
  }
  await expect(folderEvent(folder, webhookSecret, 'pi_unknown', 'succeeded')).rejects.toThrow(
    'no payment pi_unknown',
  );
});

test('no more is given back than was paid, and each part once', async () => {
  const provider = folderProvider(folder, webhookSecret);
  const asked = payment();
  const { id: intentId } = await provider.createIntent(asked);
  const part = { ...ids, refundId: randomUUID(), paymentId: asked.paymentId, intentId, amount: '6.00' };
  const first = await provider.refund(part);
  expect(await provider.refund(part)).toEqual(first);
  const more = { ...part, refundId: randomUUID() };
  await expect(provider.refund({ ...more, amount: '4.51' })).rejects.toBeInstanceOf(RefusedByProvider);
  expect(await provider.refund({ ...more, amount: '4.50' })).toMatchObject({ status: 'succeeded' });
  for (const unknown of ['pi_unknown', '../../etc/passwd', '']) {
    await expect(
      provider.refund({ ...part, refundId: randomUUID(), intentId: unknown }),
    ).rejects.toBeInstanceOf(RefusedByProvider);
  }
});
