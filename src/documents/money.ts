/**
 * An amount with its currency, in a form that is nobody's own: `EUR 1 234.50`, with the digits that the currency has and
 * spaces that do not break.
 *
 * @param amount a number, or its decimal digits
 * @param currency a code of ISO 4217
 */
export function money(amount: number | string, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' });
  // As text, an amount keeps all of its digits.
  return format
    .formatToParts(amount as number)
    .map(({ type, value }) => (type === 'group' || type === 'literal' ? '\u00a0' : value))
    .join('');
}
