import { paymentProviderOf } from '../../src/payments/choose.ts';
import type { PaymentProvider } from '../../src/payments/provider.ts';
import { PaymentsNotConfigured, paymentSettings } from '../../src/payments/settings.ts';

/** Who takes the money; undefined where that is not settled: the log says what is missing then. */
export function paymentProvider(): PaymentProvider | undefined {
  try {
    return paymentProviderOf(paymentSettings(Deno.env.toObject()));
  } catch (error) {
    if (!(error instanceof PaymentsNotConfigured)) throw error;
    console.error(error.message);
    return undefined;
  }
}
