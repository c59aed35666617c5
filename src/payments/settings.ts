// Not `{ z }`: of a namespace, bundlers keep only what is used.
import * as z from 'zod';

/** Who takes the money. */
export type PaymentTaker =
  { kind: 'stripe'; secretKey: string; url: string } | { kind: 'folder'; path: string };

/** A setting of payments is missing or wrong. Its message says which, and does not repeat it. */
export class PaymentsNotConfigured extends Error {
  override readonly name = 'PaymentsNotConfigured';
}

/** The settings of payments, by the names that they have in the environment. */
export const paymentVariables = z.object({
  /** Who takes the money: `stripe`, or `folder:<path>`, where nobody does. */
  ROWHOUSE_PAYMENTS: z
    .string()
    .regex(/^(?:stripe|folder:\S(?:.*\S)?)$/, 'it is stripe, or folder:<path>')
    .default('stripe'),
  /** A key of Stripe that may write payment intents and refunds. */
  ROWHOUSE_STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(?:sk|rk)_\w+$/, 'it is a secret or restricted key of Stripe: sk_…, rk_…')
    .optional(),
  /** What Stripe signs the events of the webhook with. */
  ROWHOUSE_STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_\w+$/, 'it is the signing secret of the webhook: whsec_…')
    .optional(),
  /** Where Stripe's API is. */
  ROWHOUSE_STRIPE_URL: z
    .url({ protocol: /^https?$/, error: 'it is an http or https address' })
    .refine((url) => /^https?:\/\/[^/?#]+\/?$/.test(url), 'it has no path')
    .default('https://api.stripe.com'),
});

/** The name of a setting of payments. */
export type PaymentVariable = keyof typeof paymentVariables.shape;

/** The settings of payments, by the names that the code uses. */
export interface PaymentSettings {
  taker: PaymentTaker;
  webhookSecret: string;
}

function required<T>(name: PaymentVariable, value: T | undefined): T {
  if (value === undefined) {
    throw new PaymentsNotConfigured(
      `${name} is not set, so no payment can be taken. docs/payments.md says what it is.`,
    );
  }
  return value;
}

/**
 * Reads the settings of payments.
 *
 * @param environment variables by name; an empty one counts as not set
 * @throws {PaymentsNotConfigured} when one is missing or wrong
 */
export function paymentSettings(environment: Record<string, string | undefined>): PaymentSettings {
  const given = Object.fromEntries(
    Object.keys(paymentVariables.shape).map((name) => [name, environment[name] || undefined]),
  );
  const result = paymentVariables.safeParse(given);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new PaymentsNotConfigured(`${String(issue?.path[0])} is wrong: ${issue?.message ?? ''}.`);
  }
  const variables = result.data;
  const { ROWHOUSE_PAYMENTS: taker } = variables;
  return {
    taker:
      taker === 'stripe'
        ? {
            kind: 'stripe',
            secretKey: required('ROWHOUSE_STRIPE_SECRET_KEY', variables.ROWHOUSE_STRIPE_SECRET_KEY),
            url: variables.ROWHOUSE_STRIPE_URL,
          }
        : { kind: 'folder', path: taker.slice('folder:'.length) },
    webhookSecret: required('ROWHOUSE_STRIPE_WEBHOOK_SECRET', variables.ROWHOUSE_STRIPE_WEBHOOK_SECRET),
  };
}
