/**
 * Begins to pay what is open of a booking: POST {"booking_id", "idempotency_key"?} by who has booked or may take payments,
 * answered with {"payment_id", "client_secret", "amount", "currency"}. The client secret is for the provider's form in the
 * front end; what has become of the payment comes to `payment-webhook`.
 */
import { edgeInputs } from '../../src/client/inputs.ts';
import { AmountNotPayable } from '../../src/payments/currencies.ts';
import { type PaymentIntent, RefusedByProvider } from '../../src/payments/provider.ts';
import { callerClient, serviceClient } from '../_shared/clients.ts';
import { paymentProvider } from '../_shared/payments.ts';
import { jsonHandler, refuse, respond } from '../_shared/respond.ts';

Deno.serve(
  jsonHandler(async (body, request) => {
    const input = edgeInputs['create-payment'].safeParse(body);
    if (!input.success) {
      return refuse(400, 'invalid_input', 'The body is {"booking_id", "idempotency_key"?}.');
    }
    const { booking_id, idempotency_key } = input.data;
    const provider = paymentProvider();
    if (provider === undefined) {
      return refuse(
        503,
        'payments_not_configured',
        'Payments are not set up here.',
        'The log of the function says what is missing.',
      );
    }

    const payment = await callerClient(request).call('create_payment', {
      booking_id,
      ...(idempotency_key === undefined ? {} : { idempotency_key }),
    });
    let intent: PaymentIntent;
    try {
      intent = await provider.createIntent({
        organizationId: payment.organization_id,
        bookingId: payment.booking_id,
        paymentId: payment.id,
        intentId: payment.provider_intent_id,
        amount: String(payment.amount),
        currency: payment.currency,
      });
    } catch (error) {
      console.error(error);
      if (error instanceof RefusedByProvider || error instanceof AmountNotPayable) {
        return refuse(
          422,
          'payment_refused',
          'The payment provider does not take this payment.',
          'Pay in another way; the log of the function says why.',
        );
      }
      return refuse(
        502,
        'payment_provider_unavailable',
        'The payment provider did not answer.',
        'Try again in a moment: nothing was paid.',
      );
    }
    if (payment.provider_intent_id !== intent.id) {
      await serviceClient(request).call('attach_payment_intent', {
        organization_id: payment.organization_id,
        payment_id: payment.id,
        provider_intent_id: intent.id,
      });
    }
    return respond(200, {
      payment_id: payment.id,
      client_secret: intent.clientSecret,
      amount: payment.amount,
      currency: payment.currency,
    });
  }),
);
