import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AmountNotPayable, decimalAmount, minorUnits } from '../../src/payments/currencies.ts';

describe('an amount', () => {
  test.each([
    ['10.00', 'EUR', 1000],
    ['10', 'USD', 1000],
    ['0.01', 'EUR', 1],
    ['0.10', 'EUR', 10],
    ['1234.5', 'PLN', 123_450],
    ['500.00', 'JPY', 500],
    ['500', 'JPY', 500],
    ['1000', 'MGA', 1000],
    ['5.12', 'KWD', 5120],
    ['5.120', 'KWD', 5120],
    ['5', 'BHD', 5000],
    ['5', 'ISK', 500],
    ['5.00', 'UGX', 500],
    ['10.45', 'HUF', 1045],
    ['800.45', 'TWD', 80_045],
    ['999999999999.99', 'EUR', 99_999_999_999_999],
  ])('of %s %s is %i for Stripe', (amount, currency, units) => {
    expect(minorUnits(amount, currency)).toBe(units);
    expect(Number(decimalAmount(units, currency))).toBe(Number(amount));
  });

  test.each([
    ['0.005', 'EUR'],
    ['10.50', 'JPY'],
    ['5.124', 'KWD'],
    ['5.5', 'ISK'],
    ['0.01', 'UGX'],
    ['99999999999999.99', 'EUR'],
    ['-1', 'EUR'],
    ['+1', 'EUR'],
    ['1e3', 'EUR'],
    ['1,50', 'EUR'],
    ['.5', 'EUR'],
    ['5.', 'EUR'],
    [' 5', 'EUR'],
    ['NaN', 'EUR'],
    ['', 'EUR'],
  ])('of %j %s cannot be paid', (amount, currency) => {
    expect(() => minorUnits(amount, currency)).toThrow(AmountNotPayable);
  });

  test.each([
    [1, 'EUR', '0.01'],
    [10, 'EUR', '0.10'],
    [100, 'EUR', '1.00'],
    [5, 'JPY', '5'],
    [5, 'KWD', '0.005'],
    [5120, 'KWD', '5.120'],
    [0, 'EUR', '0.00'],
  ])('of %i units of %s is %s', (units, currency, amount) => {
    expect(decimalAmount(units, currency)).toBe(amount);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53])('of %d units is none', (units) => {
    expect(() => decimalAmount(units, 'EUR')).toThrow(AmountNotPayable);
  });

  test('comes back as it went, whatever the currency', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 99_999_999 }),
        fc.constantFrom('EUR', 'JPY', 'KWD', 'ISK', 'HUF'),
        (cents, currency) => {
          const step = ['JPY', 'ISK'].includes(currency) ? 100 : 1;
          const amount = ((cents * step) / 100).toFixed(2);
          expect(Number(decimalAmount(minorUnits(amount, currency), currency))).toBe(Number(amount));
        },
      ),
    );
  });
});
