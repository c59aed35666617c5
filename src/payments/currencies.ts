/**
 * Amounts as Stripe takes them: whole numbers of the smallest unit of a currency, by https://docs.stripe.com/currencies.
 * Everywhere else an amount is its decimal digits.
 */

/** Currencies that have no smaller unit. */
const withoutDecimals = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));

/** Of these an amount has three decimals, and the last one is to be 0. */
const withThreeDecimals = new Set('BHD JOD KWD OMR TND'.split(' '));

/** Whole units only, and written with two decimals all the same. */
const wholeWithTwoDecimals = new Set(['ISK', 'UGX']);

/** An amount that a currency does not have. */
export class AmountNotPayable extends Error {
  override readonly name = 'AmountNotPayable';
}

function decimalsOf(currency: string): { written: number; used: number } {
  if (withoutDecimals.has(currency)) return { written: 0, used: 0 };
  if (withThreeDecimals.has(currency)) return { written: 3, used: 2 };
  return { written: 2, used: wholeWithTwoDecimals.has(currency) ? 0 : 2 };
}

/**
 * An amount as Stripe takes it.
 *
 * @param amount its decimal digits, as in `1234.50`
 * @param currency a code of ISO 4217 in capitals
 * @throws {AmountNotPayable} when it has more decimals than can be paid, or is too large to be counted
 */
export function minorUnits(amount: string, currency: string): number {
  const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  const { written, used } = decimalsOf(currency);
  const significant = fraction.replace(/0+$/, '');
  const units = Number(whole + significant.padEnd(written, '0'));
  if (whole === '' || significant.length > used || !Number.isSafeInteger(units)) {
    throw new AmountNotPayable(`${amount} is no amount that can be paid in ${currency}.`);
  }
  return units;
}

/**
 * The decimal digits of an amount that Stripe tells.
 *
 * @param units the number of smallest units
 * @param currency a code of ISO 4217 in capitals
 */
export function decimalAmount(units: number, currency: string): string {
  if (!Number.isSafeInteger(units) || units < 0)
    throw new AmountNotPayable(`${units} is no number of units.`);
  const { written } = decimalsOf(currency);
  if (written === 0) return String(units);
  const digits = String(units).padStart(written + 1, '0');
  return `${digits.slice(0, -written)}.${digits.slice(-written)}`;
}
