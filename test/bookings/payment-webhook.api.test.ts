import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callAs } from '../customers/customers.ts';
import { eventText, intent, signatureOf, signedHeader, webhookSecret } from '../payments/events.ts';
import { eventually } from '../stack/clients.ts';
import { useStack } from '../support/stack.ts';
import { call, callAll } from '../tenancy/organizations.ts';
import { addCourse, addSession, book, invariants, openSchool, type School } from './bookings.ts';

const lines: string[] = [];
const stack = useStack({
  quiet: false,
  log: (line) => lines.push(line),
  functionSettings: { ROWHOUSE_STRIPE_WEBHOOK_SECRET: webhookSecret },
});
let pool: pg.Pool;
let here: School;
let there: School;
beforeAll(async () => {
  pool = new pg.Pool({ connectionString: stack.dbUrl, max: 4 });
  here = await openSchool(pool, 'Here');
  there = await openSchool(pool, 'There');
});
afterAll(() => pool.end());

/** A booking that waits for 100.50 EUR, which somebody is about to pay. */
async function awaited(school = here, particulars: Record<string, unknown> = {}) {
  const course_id = await addCourse(pool, school, { price: 100.5, ...particulars });
  const session = await addSession(pool, school, { course_id });
  const booking = await book({ pool }, school, school.owner, session);
  const begun = (await callAs({ pool }, school, school.owner, 'create_payment', {
    booking_id: booking.id,
  })) as {
    id: string;
  };
  const intentId = `pi_${randomUUID().replaceAll('-', '')}`;
  await call(pool, 'attach_payment_intent', {
    organization_id: school.id,
    payment_id: begun.id,
    provider_intent_id: intentId,
  });
  return { booking: booking.id, payment: begun.id, intentId };
}

type AwaitedPayment = Awaited<ReturnType<typeof awaited>>;

const paidEvent = (
  { intentId }: AwaitedPayment,
  more: Record<string, unknown> = {},
  of: { id?: string } = {},
) => eventText(intent({ id: intentId, ...more }), of);

async function post(body: string | Uint8Array, header: string | null, init: RequestInit = {}) {
  const response = await fetch(`${stack.functionsUrl}/payment-webhook`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(header === null ? {} : { 'Stripe-Signature': header }),
    },
    body: body as BodyInit,
    ...init,
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as Record<string, unknown> };
}

const tell = (body: string) => post(body, signedHeader(body));

async function statusOf({ booking, payment }: AwaitedPayment) {
  const { rows } = await pool.query<{ booking: string; paid: string; payment: string }>(
    `select booking.status as booking, booking.amount_paid as paid, payment.status as payment
     from public.bookings as booking join public.payments as payment on payment.booking_id = booking.id
     where booking.id = $1 and payment.id = $2`,
    [booking, payment],
  );
  return rows[0];
}

const untouched = { booking: 'pending', paid: '0.00', payment: 'pending' };
const settled = { booking: 'confirmed', paid: '100.50', payment: 'succeeded' };

async function kept(body: string) {
  const { id } = JSON.parse(body) as { id: string };
  const { rows } = await pool.query<Record<string, unknown>>(
    `select event_type, organization_id, outcome, error, payload from private.webhook_events where event_id = $1`,
    [id],
  );
  return rows;
}

const count = async () =>
  Number((await pool.query<{ n: string }>('select count(*) as n from private.webhook_events')).rows[0]?.n);

describe('an event of a payment', () => {
  test('signed by the scheme that is documented is applied, and kept as it came', async () => {
    const waiting = await awaited();
    const body = paidEvent(waiting, {
      metadata: { organization_id: here.id },
      description: 'Kurs für Zoë \u{1f600}',
    });
    expect(await tell(body)).toEqual({ status: 200, body: { outcome: 'applied' } });
    expect(await statusOf(waiting)).toEqual(settled);
    expect(await kept(body)).toEqual([
      {
        event_type: 'payment_intent.succeeded',
        organization_id: here.id,
        outcome: 'applied',
        error: null,
        payload: JSON.parse(body) as unknown,
      },
    ]);
  });

  test('altered by one byte is refused: in its body, its signature or its time', async () => {
    const waiting = await awaited();
    const body = paidEvent(waiting);
    const header = signedHeader(body);
    const before = await count();
    const altered = (text: string, at: number) =>
      text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1);
    const amount = body.indexOf('10050');
    for (const [changed, signature] of [
      [altered(body, amount), header],
      [altered(body, body.indexOf(waiting.intentId) + 5), header],
      [`${body} `, header],
      [body, altered(header, header.length - 1)],
      [body, altered(header, header.indexOf('v1=') + 3)],
      [body, altered(header, 'v'.length)],
      [body, altered(header, 't=123456789'.length)],
    ] as const) {
      expect(changed + signature).not.toBe(body + header);
      expect(await post(changed, signature)).toEqual({
        status: 400,
        body: {
          code: 'invalid_signature',
          message: 'The signature is missing or wrong.',
          details: '{"code":"invalid_signature"}',
          hint: null,
        },
      });
    }
    expect(await count()).toBe(before);
    expect(await statusOf(waiting)).toEqual(untouched);
    expect(await post(body, header)).toMatchObject({ body: { outcome: 'applied' } });
  });

  test('that is not signed, or by somebody else, is refused with the same words', async () => {
    const body = paidEvent(await awaited());
    for (const header of [null, '', 'hello', 't=,v1=', signedHeader(body, { secret: 'whsec_guess' })]) {
      expect(await post(body, header)).toMatchObject({
        status: 400,
        body: { code: 'invalid_signature', message: 'The signature is missing or wrong.' },
      });
    }
  });

  test('of six minutes ago is refused, and one of the future; one of four minutes ago is taken', async () => {
    const waiting = await awaited();
    const body = paidEvent(waiting);
    const at = (minutes: number) => signedHeader(body, { at: Date.now() + minutes * 60_000 });
    expect(await post(body, at(-6))).toMatchObject({
      status: 400,
      body: { code: 'event_too_old', message: 'The event was signed too long ago.' },
    });
    expect(await post(body, at(6))).toMatchObject({ status: 400, body: { code: 'invalid_signature' } });
    expect(await post(body, at(60 * 24 * 365))).toMatchObject({ body: { code: 'invalid_signature' } });
    expect(await statusOf(waiting)).toEqual(untouched);
    expect(await post(body, at(-4))).toMatchObject({ status: 200, body: { outcome: 'applied' } });
  });

  test('with several signatures is taken when one of them is ours', async () => {
    const body = paidEvent(await awaited());
    const [time = '', ours = ''] = signedHeader(body).split(',');
    const other = `v1=${signatureOf(body, Number(time.slice(2)), 'whsec_of_before')}`;
    expect(await post(body, [time, other, `v0=${'0'.repeat(64)}`].join(','))).toMatchObject({ status: 400 });
    expect(await post(body, [time, other, `v0=${'0'.repeat(64)}`, ours].join(','))).toMatchObject({
      body: { outcome: 'applied' },
    });
  });

  test('that comes again is a duplicate, also ten times at once and signed anew', async () => {
    const waiting = await awaited();
    const body = paidEvent(waiting);
    const answers = await Promise.all(Array.from({ length: 10 }, () => tell(body)));
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 200));
    const outcomes = answers.map((answer) => answer.body.outcome).sort();
    expect(outcomes).toEqual(['applied', ...Array.from({ length: 9 }, () => 'duplicate')]);
    expect(await post(body, signedHeader(body, { at: Date.now() - 60_000 }))).toMatchObject({
      body: { outcome: 'duplicate' },
    });
    expect(await statusOf(waiting)).toEqual(settled);
    expect(await kept(body)).toHaveLength(1);
  });

  test.each([
    ['as they happened', ['processing', 'payment_failed', 'succeeded']],
    ['the last one first', ['succeeded', 'payment_failed', 'processing']],
    ['mixed', ['payment_failed', 'succeeded', 'processing']],
  ])('is one of several that come in any order: %s', async (_, order) => {
    const waiting = await awaited();
    const began = Math.floor(Date.now() / 1000) - 100;
    for (const what of order) {
      const created = began + ['processing', 'payment_failed', 'succeeded'].indexOf(what) * 10;
      const body = eventText(intent({ id: waiting.intentId }), { type: `payment_intent.${what}`, created });
      const answer = await tell(body);
      expect(answer.status).toBe(200);
      expect(['applied', 'ignored']).toContain(answer.body.outcome);
    }
    expect(await statusOf(waiting)).toEqual(settled);
    expect(await invariants(pool, here.id)).toEqual([]);
  });

  test('that says it is of another organization is kept, and changes nothing', async () => {
    const waiting = await awaited();
    const body = paidEvent(waiting, { metadata: { organization_id: there.id } });
    expect(await tell(body)).toEqual({ status: 200, body: { outcome: 'failed' } });
    expect(await kept(body)).toMatchObject([{ outcome: 'failed', error: 'organization_mismatch' }]);
    expect(await statusOf(waiting)).toEqual(untouched);
  });

  test.each([
    ['another amount', { amount_received: 10049 }],
    ['another currency', { currency: 'usd' }],
    ['a currency without cents', { currency: 'jpy' }],
  ])('of %s is kept, and changes nothing', async (_, more) => {
    const waiting = await awaited();
    const body = paidEvent(waiting, more);
    expect(await tell(body)).toEqual({ status: 200, body: { outcome: 'failed' } });
    expect(await kept(body)).toMatchObject([{ outcome: 'failed', error: 'amount_mismatch' }]);
    expect(await statusOf(waiting)).toEqual(untouched);
  });

  test('in a currency without cents counts its units as Stripe does', async () => {
    const waiting = await awaited(here, { price: 500, currency: 'JPY' });
    const body = paidEvent(waiting, { amount: 500, amount_received: 500, currency: 'jpy' });
    expect(await tell(body)).toMatchObject({ body: { outcome: 'applied' } });
    expect(await statusOf(waiting)).toEqual({ ...settled, paid: '500.00' });
  });

  test('that nobody here waits for is kept, and ignored', async () => {
    for (const body of [
      eventText({ id: 'cus_1', name: 'a\0b\ud800' }, { type: 'customer.created' }),
      paidEvent({ booking: '', payment: '', intentId: `pi_${randomUUID()}` }),
    ]) {
      expect(await tell(body)).toEqual({ status: 200, body: { outcome: 'ignored' } });
      expect(await kept(body)).toMatchObject([{ outcome: 'ignored', organization_id: null }]);
    }
  });
});

describe('the webhook', () => {
  test.each([
    ['not JSON', '{"id": "evt_1"'],
    ['no event', '{"hello": "world"}'],
    ['a list', '[]'],
    ['an event without a time', '{"id": "evt_1", "type": "payment_intent.succeeded"}'],
  ])('takes nothing that is signed and %s', async (_, body) => {
    const before = await count();
    expect(await tell(body)).toMatchObject({ status: 400, body: { code: 'invalid_event' } });
    expect(await count()).toBe(before);
  });

  test('takes nothing that is empty, or too large, however it is signed', async () => {
    expect(await tell('')).toMatchObject({ status: 400, body: { code: 'invalid_signature' } });
    const large = eventText(intent({ description: 'x'.repeat(1024 * 1024) }));
    expect(await tell(large)).toMatchObject({ status: 413, body: { code: 'request_too_large' } });
    // Without saying its length beforehand.
    const stream = new Blob([large]).stream();
    const chunked = { body: stream as BodyInit, duplex: 'half' } as RequestInit;
    expect(await post('', signedHeader(large), chunked)).toMatchObject({ status: 413 });
    const fits = eventText(
      { id: 'cus_1', description: 'x'.repeat(500 * 1024) },
      { type: 'customer.created' },
    );
    expect(await tell(fits)).toMatchObject({ status: 200, body: { outcome: 'ignored' } });
  });

  test('takes nothing but POST, and no key is needed for that', async () => {
    const response = await fetch(`${stack.functionsUrl}/payment-webhook`);
    expect(response.status).toBe(405);
    expect(await response.json()).toMatchObject({ code: 'method_not_allowed' });
  });

  test('asks for the event once more when it could not be kept', async () => {
    const waiting = await awaited();
    const body = paidEvent(waiting, { description: 'who is told nothing' });
    await pool.query('alter table private.webhook_events rename to webhook_events_away');
    try {
      expect(await tell(body)).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    } finally {
      await pool.query('alter table private.webhook_events_away rename to webhook_events');
    }
    expect(await statusOf(waiting)).toEqual(untouched);
    expect(await tell(body)).toMatchObject({ status: 200, body: { outcome: 'applied' } });
  });

  test('says nothing of events and secrets in its log', async () => {
    const body = paidEvent(await awaited(), { description: 'who is told nothing' });
    await post(body, signedHeader(body, { secret: 'whsec_guess' }));
    // Of the one that could not be kept there is something to say.
    await eventually(() => lines.some((line) => line.includes('webhook_events')));
    expect(lines.join('\n')).not.toMatch(/who is told nothing|whsec_/);
  });
});

test('all that was told has left everything in order', async () => {
  expect(await invariants(pool, here.id)).toEqual([]);
  expect(await invariants(pool, there.id)).toEqual([]);
  const failed = await callAll(pool, 'payment_events', { outcome: 'failed' });
  expect(failed).toHaveLength(1);
});
