/**
 * Takes what the payment provider tells: POST of an event with its signature, by the provider, answered with {"outcome":
 * "applied" | "ignored" | "failed" | "duplicate"}. Whatever is kept is answered with 200, also when it could not be applied:
 * it is in the database then, and sending it again would not help. Only what could not be kept is to be sent again.
 */
import { EventNotTaken, type PaymentEvent, type PaymentProvider } from '../../src/payments/provider.ts';
import { serviceClient } from '../_shared/clients.ts';
import { limitedBody } from '../_shared/limited-body.ts';
import { paymentProvider } from '../_shared/payments.ts';
import { refuse, respond } from '../_shared/respond.ts';

const largestBody = 512 * 1024;

/** Why an event is not taken: who has signed it wrongly learns no more than that. */
function refuseEvent(error: EventNotTaken): Response {
  switch (error.code) {
    case 'event_too_old':
      return refuse(400, 'event_too_old', 'The event was signed too long ago.');
    case 'invalid_event':
      return refuse(400, 'invalid_event', 'The body is no event.');
    default:
      return refuse(400, 'invalid_signature', 'The signature is missing or wrong.');
  }
}

async function keep(
  event: PaymentEvent,
  provider: PaymentProvider['name'],
  request: Request,
): Promise<Response> {
  const { outcome } = await serviceClient(request).call('record_payment_event', {
    provider,
    event_id: event.id,
    event_type: event.type,
    occurred_at: event.occurredAt.toISOString(),
    payload: event.payload,
    ...(event.change === null ? {} : { change: { ...event.change, amount: Number(event.change.amount) } }),
  });
  return respond(200, { outcome });
}

Deno.serve(async (request) => {
  if (request.method !== 'POST') return refuse(405, 'method_not_allowed', 'This function takes POST.');
  try {
    const provider = paymentProvider();
    if (provider === undefined) {
      return refuse(
        503,
        'payments_not_configured',
        'Payments are not set up here.',
        'The log of the function says what is missing.',
      );
    }
    const body = await limitedBody(request, largestBody);
    if (body === undefined) return refuse(413, 'request_too_large', 'The body is larger than 512 KB.');
    const event = await provider.readEvent(body, request.headers.get('stripe-signature'));
    return await keep(event, provider.name, request);
  } catch (error) {
    if (error instanceof EventNotTaken) return refuseEvent(error);
    console.error(error);
    return refuse(500, 'internal_error', 'The function failed.', 'The log of the function says why.');
  }
});
