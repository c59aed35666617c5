import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { createRowhouseClient } from '../../src/client/index.ts';
import { handlers } from '../../src/jobs/handlers.ts';
import { startFunction } from '../../src/stack/function-process.ts';
import { eventText, intent, signedHeader } from './events.ts';

const cacheDirectory = await mkdtemp(join(tmpdir(), 'rowhouse-deno-'));
afterAll(() => rm(cacheDirectory, { recursive: true, force: true }));

describe('where payments are not set up', () => {
  test.each([
    ['payment-webhook', eventText(intent()), {}],
    ['create-payment', JSON.stringify({ booking_id: crypto.randomUUID() }), {}],
    ['payment-webhook', eventText(intent()), { ROWHOUSE_STRIPE_SECRET_KEY: 'sk_live_hunter2' }],
    ['create-payment', JSON.stringify({ booking_id: crypto.randomUUID() }), { ROWHOUSE_PAYMENTS: 'hunter2' }],
  ])('%s says so, and its log what is missing', async (name, body, environment) => {
    const lines: string[] = [];
    const running = await startFunction({
      name,
      directory: fileURLToPath(new URL('../../edge-functions', import.meta.url)),
      cacheDirectory,
      environment: { ...environment, SUPABASE_URL: 'http://127.0.0.1:1', SUPABASE_ANON_KEY: 'x' },
      log: (line) => lines.push(line),
    });
    try {
      const response = await fetch(`${running.address}/${name}`, {
        method: 'POST',
        headers: { 'Stripe-Signature': signedHeader(body) },
        body,
      });
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual({
        code: 'payments_not_configured',
        message: 'Payments are not set up here.',
        details: '{"code":"payments_not_configured"}',
        hint: 'The log of the function says what is missing.',
      });
    } finally {
      await running.stop();
    }
    expect(lines.join('\n')).toMatch(/ROWHOUSE_\w+ is (not set|wrong)/);
    expect(lines.join('\n')).not.toContain('hunter2');
  });

  test('a refund fails with the sentence that says what is missing, before anything is asked', async () => {
    const names = ['ROWHOUSE_PAYMENTS', 'ROWHOUSE_STRIPE_SECRET_KEY', 'ROWHOUSE_STRIPE_WEBHOOK_SECRET'];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) Reflect.deleteProperty(process.env, name);
    try {
      const job = {
        queue: 'payments',
        messageId: 1,
        attempt: 1,
        payload: { organization_id: 'ACME12345', refund_id: crypto.randomUUID() },
      };
      const client = createRowhouseClient('http://127.0.0.1:1', 'x');
      await expect(
        handlers['bookings.refund']?.run(job, { client, signal: new AbortController().signal }),
      ).rejects.toThrow('ROWHOUSE_STRIPE_SECRET_KEY is not set, so no payment can be taken.');
    } finally {
      for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
    }
  });
});
