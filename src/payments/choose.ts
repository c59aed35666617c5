import { folderProvider } from './folder.ts';
import type { PaymentProvider } from './provider.ts';
import type { PaymentSettings } from './settings.ts';
import { stripeProvider } from './stripe.ts';

/** Who takes the money, as the settings say. */
export function paymentProviderOf({ taker, webhookSecret }: PaymentSettings): PaymentProvider {
  switch (taker.kind) {
    case 'stripe':
      return stripeProvider(taker.secretKey, webhookSecret, taker.url);
    case 'folder':
      return folderProvider(taker.path, webhookSecret);
  }
}
