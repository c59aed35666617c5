import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderEvent, folderWebhookSecret } from '../../src/payments/folder.ts';
import type { Stack } from '../../src/stack/start.ts';
import { callAs } from '../customers/customers.ts';
import { type Person, signUp, signUpOwner } from '../notifications/people.ts';
import { type HttpRequest, startApi } from '../notifications/servers.ts';
import { eventText, intent, signedHeader, webhookSecret } from '../payments/events.ts';
import { asSuperuser, eventually } from '../stack/clients.ts';
import { useStack } from '../support/stack.ts';
import { addMember } from '../tenancy/organizations.ts';
import { addCourse, addSession, book, invariants } from './bookings.ts';

/** What stands where Stripe's API is: it answers as Stripe documents it, and keeps what it was asked. */
const refused = new Set<string>();
const stripe = await startApi((request) => {
  const { method, path = '' } = request;
  const fields = (request.body ?? {}) as Record<string, string>;
  const key = String(request.headers['idempotency-key'] ?? '');
  if (refused.has('all')) return { status: 503, body: { error: { type: 'api_error', message: 'Down.' } } };
  if (method === 'POST' && path === '/v1/payment_intents') {
    if (fields.currency === 'xts') {
      const error = { type: 'invalid_request_error', message: 'Invalid currency: xts.' };
      return { status: 400, body: { error } };
    }
    const id = `pi_${key.replaceAll('-', '').slice(-24)}`;
    return { status: 200, body: { id, object: 'payment_intent', client_secret: `${id}_secret_1` } };
  }
  const [, intentId] = /^\/v1\/payment_intents\/(\w+)$/.exec(path) ?? [];
  if (method === 'GET' && intentId !== undefined) {
    return {
      status: 200,
      body: { id: intentId, object: 'payment_intent', client_secret: `${intentId}_secret_1` },
    };
  }
  if (method === 'GET' && path.startsWith('/v1/refunds')) {
    return { status: 200, body: { object: 'list', data: [], has_more: false } };
  }
  if (method === 'POST' && path === '/v1/refunds') {
    if (refused.has(fields.payment_intent ?? '')) {
      const error = { type: 'invalid_request_error', message: 'The charge has been disputed.' };
      return { status: 400, body: { error } };
    }
    const id = `re_${key.replaceAll('-', '').slice(-24)}`;
    return { status: 200, body: { id, object: 'refund', status: 'succeeded', failure_reason: null } };
  }
  return { status: 404, body: { error: { type: 'invalid_request_error', message: `No ${method} ${path}` } } };
});
afterAll(() => stripe.stop());

const throughStripe = useStack({
  functionSettings: {
    ROWHOUSE_STRIPE_SECRET_KEY: 'sk_test_123',
    ROWHOUSE_STRIPE_WEBHOOK_SECRET: webhookSecret,
    ROWHOUSE_STRIPE_URL: stripe.url,
  },
});
const throughFolder = useStack();

interface Office {
  stack: Stack;
  pool: pg.Pool;
  owner: Person & { organizationId: string };
}
const offices: Record<'stripe' | 'folder', Office> = {} as never;

beforeAll(async () => {
  for (const [name, stack] of [
    ['stripe', throughStripe],
    ['folder', throughFolder],
  ] as const) {
    const pool = new pg.Pool({ connectionString: stack.dbUrl, max: 2 });
    offices[name] = { stack, pool, owner: await signUpOwner(stack, 'school') };
  }
});
afterAll(() => Promise.all(Object.values(offices).map(({ pool }) => pool.end())));

/** A customer with an account, and what they have booked. */
async function customerOf({ stack, pool, owner }: Office, course: Record<string, unknown> = {}) {
  const email = `${randomUUID()}@example.com`;
  const person = await signUp(stack, email, 'Ada');
  const school = { id: owner.organizationId };
  await addMember(pool, school, { user: person.id });
  await person.client.auth.refreshSession();
  const course_id = await addCourse(pool, school, { price: 80.5, ...course });
  const booking = await book({ pool }, school, owner.id, await addSession(pool, school, { course_id }), {
    email,
  });
  await person.client.call('get_or_create_customer');
  return { ...person, booking: booking.id };
}

async function bookingOf({ stack }: Office, id: string) {
  const [row] = await asSuperuser<Record<string, unknown>>(
    stack,
    `select booking.status, booking.amount_paid, booking.amount_refunded,
       array(
         select refund.status || coalesce(': ' || refund.failure_reason, '')
         from public.refunds as refund where refund.booking_id = booking.id
       ) as refunds
     from public.bookings as booking where booking.id = $1`,
    [id],
  );
  return row;
}

const asked = (test: (request: HttpRequest) => boolean) => stripe.requests.filter(test);
const cancel = ({ pool, owner }: Office, id: string) =>
  callAs({ pool }, { id: owner.organizationId }, owner.id, 'cancel_booking', { id });

async function told({ stack }: Office, body: string, signature: string): Promise<unknown> {
  const response = await fetch(`${stack.functionsUrl}/payment-webhook`, {
    method: 'POST',
    headers: { 'Stripe-Signature': signature },
    body,
  });
  return response.json();
}

describe('paying through Stripe', () => {
  test('begins with an intent of what is open, the same one however often it is asked', async () => {
    const office = offices.stripe;
    const ada = await customerOf(office);
    const begun = await ada.client.invoke('create-payment', { booking_id: ada.booking });
    expect(begun).toEqual({
      payment_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      client_secret: expect.stringMatching(/^pi_\w{24}_secret_1$/) as string,
      amount: 80.5,
      currency: 'EUR',
    });
    const made = asked(
      ({ method, body }) => method === 'POST' && Object.values(body as object).includes(ada.booking),
    );
    expect(made).toMatchObject([
      {
        path: '/v1/payment_intents',
        headers: {
          authorization: 'Bearer sk_test_123',
          'idempotency-key': `rowhouse-payment-${begun.payment_id}`,
        },
        body: {
          amount: '8050',
          currency: 'eur',
          'metadata[organization_id]': office.owner.organizationId,
          'metadata[booking_id]': ada.booking,
          'metadata[payment_id]': begun.payment_id,
        },
      },
    ]);
    expect(await ada.client.invoke('create-payment', { booking_id: ada.booking })).toEqual(begun);
    const [paymentIntent] = begun.client_secret.split('_secret_');
    expect(
      asked(({ method, path }) => method === 'GET' && path === `/v1/payment_intents/${paymentIntent}`),
    ).toHaveLength(1);

    const body = eventText(intent({ id: paymentIntent, amount: 8050, amount_received: 8050 }));
    expect(await told(office, body, signedHeader(body))).toEqual({ outcome: 'applied' });
    expect(await bookingOf(office, ada.booking)).toMatchObject({ status: 'confirmed', amount_paid: '80.50' });
    await expect(ada.client.invoke('create-payment', { booking_id: ada.booking })).rejects.toMatchObject({
      status: 409,
      code: 'booking_not_payable',
    });

    await cancel(office, ada.booking);
    await eventually(async () => (await bookingOf(office, ada.booking))?.status === 'refunded');
    expect(await bookingOf(office, ada.booking)).toMatchObject({
      amount_refunded: '80.50',
      refunds: ['processed'],
    });
    const refunds = asked(({ method, path }) => method === 'POST' && path === '/v1/refunds');
    expect(
      refunds.filter(({ body }) => (body as Record<string, string>).payment_intent === paymentIntent),
    ).toMatchObject([
      {
        headers: {
          'idempotency-key': expect.stringMatching(/^rowhouse-refund-[0-9a-f-]{36}-[0-9a-f-]{36}$/) as string,
        },
        body: { amount: '8050', 'metadata[payment_id]': begun.payment_id },
      },
    ]);
    expect(await invariants(office.pool, office.owner.organizationId)).toEqual([]);
  });

  test('that Stripe does not give back fails with its words, once and for all', async () => {
    const office = offices.stripe;
    const ada = await customerOf(office);
    const { client_secret } = await ada.client.invoke('create-payment', { booking_id: ada.booking });
    const [paymentIntent = ''] = client_secret.split('_secret_');
    const body = eventText(intent({ id: paymentIntent, amount: 8050, amount_received: 8050 }));
    await told(office, body, signedHeader(body));
    refused.add(paymentIntent);
    await cancel(office, ada.booking);
    await eventually(async () =>
      String((await bookingOf(office, ada.booking))?.refunds).startsWith('failed'),
    );
    expect(await bookingOf(office, ada.booking)).toMatchObject({
      amount_refunded: '0.00',
      refunds: ['failed: The charge has been disputed.'],
    });
    expect(await asSuperuser(office.stack, 'select from pgmq.q_payments')).toEqual([]);
  });

  test('is for who has booked, or takes payments', async () => {
    const office = offices.stripe;
    const ada = await customerOf(office);
    const other = await customerOf(office);
    await expect(other.client.invoke('create-payment', { booking_id: ada.booking })).rejects.toMatchObject({
      status: 404,
      code: 'booking_not_found',
    });
    const key = randomUUID();
    const begun = await office.owner.client.invoke('create-payment', {
      booking_id: ada.booking,
      idempotency_key: key,
    });
    expect(
      await office.owner.client.invoke('create-payment', { booking_id: ada.booking, idempotency_key: key }),
    ).toEqual(begun);
    const anonymous = await fetch(`${office.stack.functionsUrl}/create-payment`, {
      method: 'POST',
      headers: {
        apikey: office.stack.publishableKey,
        Authorization: `Bearer ${office.stack.publishableKey}`,
      },
      body: JSON.stringify({ booking_id: ada.booking }),
    });
    expect(anonymous.status).toBe(401);
    await expect(office.owner.client.invoke('create-payment', { booking_id: 'x' })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  test('says when Stripe does not take it, or does not answer', async () => {
    const office = offices.stripe;
    const odd = await customerOf(office, { currency: 'XTS' });
    await expect(odd.client.invoke('create-payment', { booking_id: odd.booking })).rejects.toMatchObject({
      status: 422,
      code: 'payment_refused',
    });
    const yen = await customerOf(office, { currency: 'JPY' });
    await expect(yen.client.invoke('create-payment', { booking_id: yen.booking })).rejects.toMatchObject({
      status: 422,
      code: 'payment_refused',
    });
    const ada = await customerOf(office);
    refused.add('all');
    await expect(ada.client.invoke('create-payment', { booking_id: ada.booking })).rejects.toMatchObject({
      status: 502,
      code: 'payment_provider_unavailable',
    });
    refused.delete('all');
    expect(await ada.client.invoke('create-payment', { booking_id: ada.booking })).toMatchObject({
      amount: 80.5,
    });
  });
});

test('without a provider, payments are files of the folder, from the first to the refund', async () => {
  const office = offices.folder;
  const ada = await customerOf(office);
  const begun = await ada.client.invoke('create-payment', { booking_id: ada.booking });
  const [intentId = ''] = begun.client_secret.split('_secret_');
  const folder = office.stack.paymentDirectory ?? '';
  expect(await readdir(folder)).toEqual([`${intentId}.json`]);

  const secret = await folderWebhookSecret(office.stack.secretKey);
  const { body, signature } = await folderEvent(folder, secret, intentId, 'succeeded');
  expect(await told(office, body, signature)).toEqual({ outcome: 'applied' });
  const again = await folderEvent(folder, secret, intentId, 'succeeded');
  expect(await told(office, again.body, again.signature)).toEqual({ outcome: 'duplicate' });
  expect(await bookingOf(office, ada.booking)).toMatchObject({ status: 'confirmed', amount_paid: '80.50' });

  await cancel(office, ada.booking);
  await eventually(async () => (await bookingOf(office, ada.booking))?.status === 'refunded');
  const [refund = ''] = (await readdir(folder)).filter((name) => name.startsWith('re_'));
  expect(JSON.parse(await readFile(join(folder, refund), 'utf8'))).toMatchObject({
    amount: 8050,
    currency: 'eur',
    payment_intent: intentId,
    status: 'succeeded',
    metadata: { organization_id: office.owner.organizationId, payment_id: begun.payment_id },
  });
  expect(await invariants(office.pool, office.owner.organizationId)).toEqual([]);
});
