import process from 'node:process';
import { z } from 'zod';
import type { Job, WorkerContext } from '../jobs/worker.ts';
import { AmountNotPayable } from './currencies.ts';
import { RefusedByProvider } from './provider.ts';
import { paymentSettings } from './settings.ts';

/** The payload of a job of kind `bookings.refund`. */
export const refundJob = z.looseObject({ organization_id: z.string(), refund_id: z.guid() });

const refundPart = z.object({
  payment_id: z.guid(),
  provider_intent_id: z.string(),
  amount: z.union([z.number(), z.string()]).transform(String),
  currency: z.string(),
});

const longestReason = 1000;

/** What has become of a part, as public.finish_refund takes it. */
type Result = { payment_id: string } & (
  { provider_refund_id: string; status: 'pending' | 'succeeded' } | { failure: string }
);

/**
 * Has the provider give back what an approved refund says, payment by payment, and takes down what has become of it. The
 * provider does each part once, however often the job comes.
 *
 * @throws when settings are missing, or the provider does not answer; what was done by then is taken down
 */
export async function processRefund(
  { messageId, payload: { organization_id, refund_id } }: Job<z.infer<typeof refundJob>>,
  { client }: WorkerContext,
): Promise<void> {
  const settings = paymentSettings(process.env);
  // Loaded where it is needed: few jobs are about money.
  const { paymentProviderOf } = await import('./choose.ts');
  const provider = paymentProviderOf(settings);
  const parts = z
    .array(refundPart)
    .parse(await client.call('refund_to_process', { message_id: messageId, organization_id, refund_id }));
  const results: Result[] = [];
  const takeDown = async () => {
    if (results.length > 0) await client.call('finish_refund', { organization_id, refund_id, results });
  };
  for (const { payment_id, provider_intent_id, amount, currency } of parts) {
    try {
      const made = await provider.refund({
        organizationId: organization_id,
        refundId: refund_id,
        paymentId: payment_id,
        intentId: provider_intent_id,
        amount,
        currency,
      });
      results.push({ payment_id, provider_refund_id: made.id, status: made.status });
    } catch (error) {
      const isFinal = error instanceof RefusedByProvider || error instanceof AmountNotPayable;
      if (isFinal) results.push({ payment_id, failure: error.message.slice(0, longestReason) });
      await takeDown();
      if (isFinal) return;
      throw error;
    }
  }
  await takeDown();
}
