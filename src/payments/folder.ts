/**
 * Payments of a stack where no money moves: intents and refunds are files of a folder, and what a provider would tell of
 * them is signed as Stripe signs it. For development, demos and tests.
 */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { minorUnits } from './currencies.ts';
import { eventOf } from './events.ts';
import { type PaymentChange, type PaymentProvider, RefusedByProvider } from './provider.ts';
import { verifiedText } from './signature.ts';

const encoder = new TextEncoder();

const keptIntent = z.looseObject({ id: z.string(), amount: z.int(), currency: z.string() });
const keptRefund = z.looseObject({ id: z.string(), amount: z.int(), payment_intent: z.string() });

const squeezed = (id: string) => id.toLowerCase().replaceAll('-', '');

async function keep(folder: string, id: string, object: object): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${id}.json`);
  // Who watches the folder sees whole files only.
  const part = `${file}.${crypto.randomUUID()}.part`;
  await writeFile(part, `${JSON.stringify(object, null, 2)}\n`, { mode: 0o600 });
  await rename(part, file);
}

async function kept<T>(folder: string, id: string, schema: z.ZodType<T>): Promise<T | undefined> {
  if (!/^\w+$/.test(id)) return undefined;
  let text: string;
  try {
    text = await readFile(join(folder, `${id}.json`), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return schema.parse(JSON.parse(text));
}

async function refundsOf(folder: string, intentId: string): Promise<z.output<typeof keptRefund>[]> {
  const names = (await readdir(folder)).filter((name) => /^re_\w+\.json$/.test(name));
  const all = await Promise.all(
    names.map((name) => kept(folder, name.slice(0, -'.json'.length), keptRefund)),
  );
  return all.filter((each) => each?.payment_intent === intentId).filter((each) => each !== undefined);
}

/**
 * Nobody takes the money: what would be asked of a provider is written into a folder.
 *
 * @param folder where; it is made with the first payment
 * @param webhookSecret what its events are signed with
 */
export function folderProvider(folder: string, webhookSecret: string): PaymentProvider {
  return {
    name: 'stripe',

    async createIntent({ organizationId, bookingId, paymentId, amount, currency }) {
      const id = `pi_${squeezed(paymentId)}`;
      await keep(folder, id, {
        id,
        object: 'payment_intent',
        amount: minorUnits(amount, currency),
        currency: currency.toLowerCase(),
        metadata: { organization_id: organizationId, booking_id: bookingId, payment_id: paymentId },
      });
      return { id, clientSecret: `${id}_secret_nobody_takes_money` };
    },

    async refund({ organizationId, refundId, paymentId, intentId, amount, currency }) {
      const id = `re_${squeezed(refundId)}_${squeezed(paymentId)}`;
      if ((await kept(folder, id, keptRefund)) !== undefined) return { id, status: 'succeeded' };
      const intent = await kept(folder, intentId, keptIntent);
      if (intent === undefined) throw new RefusedByProvider(`No such payment_intent: '${intentId}'`);
      const units = minorUnits(amount, currency);
      const before = (await refundsOf(folder, intentId)).reduce((sum, each) => sum + each.amount, 0);
      if (before + units > intent.amount) {
        throw new RefusedByProvider('The refund is greater than what is left of the payment.');
      }
      await keep(folder, id, {
        id,
        object: 'refund',
        amount: units,
        currency: currency.toLowerCase(),
        payment_intent: intentId,
        status: 'succeeded',
        metadata: { organization_id: organizationId, refund_id: refundId, payment_id: paymentId },
      });
      return { id, status: 'succeeded' };
    },

    async readEvent(rawBody, signatureHeader) {
      return eventOf(await verifiedText(rawBody, signatureHeader, webhookSecret));
    },
  };
}

async function hmac(secret: string, message: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign']);
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(message)));
  return Array.from(signature, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * What the events of a stack without a provider are signed with, unless a setting says otherwise.
 *
 * @param secretKey the secret key of the stack
 */
export async function folderWebhookSecret(secretKey: string): Promise<string> {
  return `whsec_${await hmac(secretKey, 'rowhouse payments')}`;
}

const eventTypes: Record<PaymentChange['status'], string> = {
  processing: 'payment_intent.processing',
  succeeded: 'payment_intent.succeeded',
  failed: 'payment_intent.payment_failed',
  cancelled: 'payment_intent.canceled',
};

/**
 * What a provider would tell of a payment in the folder: to be posted to the edge function `payment-webhook`, as it is.
 *
 * @param intentId the intent, which `create-payment` made
 * @param status what has become of it; the same again makes the same event
 * @returns the body, and the header `Stripe-Signature`
 */
export async function folderEvent(
  folder: string,
  webhookSecret: string,
  intentId: string,
  status: PaymentChange['status'],
): Promise<{ body: string; signature: string }> {
  const intent = await kept(folder, intentId, keptIntent);
  if (intent === undefined) throw new Error(`There is no payment ${intentId} in ${folder}.`);
  const now = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({
    id: `evt_${intentId}_${status}`,
    object: 'event',
    type: eventTypes[status],
    created: now,
    data: {
      object: {
        ...intent,
        amount_received: status === 'succeeded' ? intent.amount : 0,
        ...(status === 'failed' ? { last_payment_error: { message: 'Your card was declined.' } } : {}),
      },
    },
  });
  return { body, signature: `t=${now},v1=${await hmac(webhookSecret, `${now}.${body}`)}` };
}
