import { resolve } from 'node:path';
import { Failure } from '../failure.ts';
import { folderWebhookSecret } from '../payments/folder.ts';
import { paymentSettings, type PaymentVariable } from '../payments/settings.ts';
import type { FunctionAccess } from './function-process.ts';

/** How the embedded stack's edge functions take payments. */
export interface TakenPayments {
  /** Their environment. */
  settings: Record<string, string>;
  /** What the functions that ask the provider may do for it. */
  access: FunctionAccess;
  /** The folder that stands in for a provider; absent where there is one. */
  directory?: string;
}

/**
 * Completes the settings of payments: without any, nobody takes money, and payments are files of a folder.
 *
 * @param options what is set, the folder to write to otherwise, and the stack's secret key, which a secret is made of
 * @throws {Failure} when a setting is missing or wrong
 */
export async function takenPayments(options: {
  settings: Partial<Record<PaymentVariable, string>>;
  folder: string;
  secretKey: string;
}): Promise<TakenPayments> {
  const given = options.settings;
  const isStripe = given.ROWHOUSE_PAYMENTS === 'stripe' || given.ROWHOUSE_STRIPE_SECRET_KEY !== undefined;
  const settings: Record<string, string> = {
    ...(isStripe
      ? {}
      : {
          ROWHOUSE_PAYMENTS: `folder:${options.folder}`,
          ROWHOUSE_STRIPE_WEBHOOK_SECRET: await folderWebhookSecret(options.secretKey),
        }),
    ...given,
  };
  let understood: ReturnType<typeof paymentSettings>;
  try {
    understood = paymentSettings(settings);
  } catch (error) {
    throw new Failure((error as Error).message, { hint: 'See .env.example.', exitCode: 2, cause: error });
  }
  const { taker } = understood;
  if (taker.kind === 'stripe') return { settings, access: { hosts: [new URL(taker.url).host] } };
  // The functions work in another directory.
  const directory = resolve(taker.path);
  return {
    settings: { ...settings, ROWHOUSE_PAYMENTS: `folder:${directory}` },
    access: { hosts: [], writable: [directory] },
    directory,
  };
}
