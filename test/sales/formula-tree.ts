import { Decimal } from 'decimal.js';
import fc from 'fast-check';

/** A formula as a tree: what is generated, written as text for the database, and evaluated here without reading that text. */
export type Formula =
  | { kind: 'number'; text: string }
  | { kind: 'name'; name: string }
  | { kind: 'negative'; of: Formula }
  | { kind: 'group'; of: Formula }
  | { kind: 'operation'; operator: '+' | '-' | '*' | '/' | '^'; left: Formula; right: Formula }
  | { kind: 'call'; name: 'min' | 'max' | 'round' | 'abs' | 'ceil' | 'floor'; values: Formula[] };

/** What a name stands for, as JSON: the text of a number may have more digits than a JavaScript number. */
export type Facts = Record<string, string>;

/** The names that formulas may use. Two of them are also functions: only a parenthesis makes a call. */
export const names = ['a', 'width_2', 'on', 'min', 'round'] as const;

const sign = fc.constantFrom('', '', '', '-');
const digits = (most: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: most }).map((list) => list.join(''));
const whole = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }).map(String) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 5000 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('10000000000', '9999999999', '007') },
);
const literal = fc.oneof(
  { weight: 5, arbitrary: whole },
  { weight: 4, arbitrary: fc.tuple(fc.nat({ max: 999 }), digits(3)).map(([n, part]) => `${n}.${part}`) },
  { weight: 1, arbitrary: fc.tuple(fc.nat({ max: 99 }), digits(20)).map(([n, part]) => `${n}.${part}`) },
);
const fact = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.tuple(sign, literal).map(([minus, text]) => minus + text.replace(/^0+(?=[0-9])/, '')),
  },
  // More decimals than count, and more digits than are allowed.
  { weight: 4, arbitrary: fc.tuple(sign, digits(30)).map(([minus, part]) => `${minus}0.${part}`) },
  { weight: 1, arbitrary: fc.constantFrom('10000000000.1', '-1e30', '1e-30', '1e5') },
  { weight: 8, arbitrary: fc.constantFrom('true', 'false') },
  { weight: 1, arbitrary: fc.constantFrom('null', '"12"', '[1]', '{"a": 1}') },
);
/** Of the names a few may be absent. */
export const facts: fc.Arbitrary<Facts> = fc
  .tuple(fc.tuple(...names.map(() => fact)), fc.nat({ max: 60 }))
  .map(([values, absent]) =>
    Object.fromEntries(
      names.flatMap((name, index) => (index === absent ? [] : [[name, values[index] ?? '0']])),
    ),
  );

const number = (text: string): Formula => ({ kind: 'number', text });
const operation = (operator: '/' | '^', left: string, right: string): Formula => ({
  kind: 'operation',
  operator,
  left: number(left),
  right: number(right),
});

/** A quotient so little below a half of the last decimal that rounding it twice rounds it up. */
const nearHalf = fc
  .tuple(fc.integer({ min: 400_000_000, max: 500_000_000 }), fc.integer({ min: 1, max: 2 ** 40 }))
  .map(([half, n]) => {
    const divisor = BigInt(half) * 2n + 1n;
    const scaled = (divisor * (2n * BigInt(n) + 1n) - 1n) / 2n;
    return operation('/', new Decimal(scaled.toString()).div('1e20').toFixed(), divisor.toString());
  });

/** A power that is exactly a half of the last decimal: it has 21. */
const half = fc.constantFrom('0.5', '1.5', '2.5').map((base) => operation('^', base, '21'));

/** A power of a power, that depends on which is taken first. */
const tower = fc
  .tuple(fc.constantFrom('2', '3', '1.5'), fc.constantFrom('2', '3'), fc.constantFrom('2', '3', '0.5'))
  .map(([base, middle, exponent]): Formula => ({
    kind: 'operation',
    operator: '^',
    left: number(base),
    right: operation('^', middle, exponent),
  }));

/** Powers that are of a size to be judged, of all kinds. */
const power = fc
  .tuple(
    fc.constantFrom('0', '0.1', '0.5', '1', '1.0000000001', '2', '4', '10', '99.9', '10000000000'),
    sign,
    fc.constantFrom('0', '0.5', '1', '2', '2.5', '3', '10', '33.3', '1000000', '9999999999'),
  )
  .map(([base, minus, exponent]): Formula => ({
    kind: 'operation',
    operator: '^',
    left: number(base),
    right: minus ? { kind: 'negative', of: number(exponent) } : number(exponent),
  }));

export const formula: fc.Arbitrary<Formula> = fc
  .letrec<{ formula: Formula }>((tie) => ({
    formula: fc.oneof(
      { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: literal.map(number) },
      {
        weight: 6,
        arbitrary: fc.constantFrom(...names).map((name): Formula => ({ kind: 'name', name })),
      },
      {
        weight: 8,
        arbitrary: fc
          .tuple(fc.constantFrom('+', '-', '*', '/'), tie('formula'), tie('formula'))
          .map(([operator, left, right]): Formula => ({ kind: 'operation', operator, left, right })),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(
            tie('formula'),
            fc.oneof(fc.constantFrom('2', '3', '0.5', '1.5', '0', '1').map(number), tie('formula')),
          )
          .map(([left, right]): Formula => ({ kind: 'operation', operator: '^', left, right })),
      },
      { weight: 2, arbitrary: tie('formula').map((of): Formula => ({ kind: 'negative', of })) },
      { weight: 1, arbitrary: tie('formula').map((of): Formula => ({ kind: 'group', of })) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('min', 'max'), fc.array(tie('formula'), { minLength: 1, maxLength: 3 }))
          .map(([name, values]): Formula => ({ kind: 'call', name, values })),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('abs', 'ceil', 'floor', 'round'), tie('formula'))
          .map(([name, value]): Formula => ({ kind: 'call', name, values: [value] })),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(tie('formula'), fc.constantFrom('0', '1', '2', '19', '20', '21', '1.5'), sign)
          .map(([value, text, minus]): Formula => ({
            kind: 'call',
            name: 'round',
            values: [value, minus ? { kind: 'negative', of: number(text) } : number(text)],
          })),
      },
      { weight: 1, arbitrary: fc.oneof(nearHalf, half, tower, power) },
    ),
  }))
  .formula.filter((drawn) => written(drawn).length <= 600);

/** How tightly an operator binds what stands beside it; the rest needs no parentheses. */
const binding = { '+': 1, '-': 1, '*': 2, '/': 2, '^': 4 };
const bindingOf = (formula: Formula) => {
  if (formula.kind === 'operation') return binding[formula.operator];
  return formula.kind === 'negative' ? 3 : 5;
};

/** A formula as text, with no parentheses but those that it needs (and its groups); `gap` stands around every part. */
export function written(formula: Formula, gap = ''): string {
  const beside = (part: Formula, least: number) =>
    bindingOf(part) < least ? `(${written(part, gap)})` : written(part, gap);
  switch (formula.kind) {
    case 'number':
      return `${gap}${formula.text}${gap}`;
    case 'name':
      return `${gap}${formula.name}${gap}`;
    case 'negative':
      return `${gap}-${beside(formula.of, 3)}`;
    case 'group':
      return `(${written(formula.of, gap)})${gap}`;
    case 'call':
      return `${gap}${formula.name}${gap}(${formula.values.map((value) => written(value, gap)).join(',')})`;
    case 'operation': {
      const { operator, left, right } = formula;
      const own = binding[operator];
      // ^ associates to the right, and takes a negative exponent without parentheses; the others associate to the left.
      return operator === '^'
        ? `${beside(left, 5)}^${beside(right, 3)}`
        : `${beside(left, own)}${operator}${beside(right, own + 1)}`;
    }
  }
}

/** Twice as many digits as a quotient of two numbers of 30 digits needs to be rounded rightly. */
const Exact = Decimal.clone({ precision: 120, rounding: Decimal.ROUND_HALF_UP });
const limit = new Exact('1e10');

/** A number, or the code of a refusal. */
type Outcome = Decimal | string;

/** What the formula is worth: the number as text without trailing zeros, null, or the code of the refusal. */
export function evaluated(formula: Formula, given: Facts): string | null {
  if (namesIn(formula).some((name) => !/^[-0-9tf]/.test(given[name] ?? 'null'))) return null;
  const outcome = worth(formula, given);
  return typeof outcome === 'string' ? outcome : outcome.toFixed();
}

/** The names that a formula uses, in alphabetical order. */
export function namesIn(formula: Formula): string[] {
  const found = (part: Formula): string[] => {
    if (part.kind === 'name') return [part.name];
    if (part.kind === 'operation') return [...found(part.left), ...found(part.right)];
    if (part.kind === 'call') return part.values.flatMap(found);
    return part.kind === 'number' ? [] : found(part.of);
  };
  return [...new Set(found(formula))].sort();
}

function worth(formula: Formula, given: Facts): Outcome {
  switch (formula.kind) {
    case 'number':
      return new Exact(formula.text);
    case 'name': {
      const text = given[formula.name] ?? '';
      return within(text === 'true' ? new Exact(1) : text === 'false' ? new Exact(0) : new Exact(text));
    }
    case 'negative': {
      const value = worth(formula.of, given);
      return typeof value === 'string' ? value : value.neg();
    }
    case 'group':
      return worth(formula.of, given);
    case 'operation':
      return joined([formula.left, formula.right], given, ([left, right]) =>
        calculated(formula.operator, left, right),
      );
    case 'call':
      return joined(formula.values, given, (values) => called(formula.name, values));
  }
}

/** The first refusal from the left, else what is made of the values. */
function joined(
  parts: Formula[],
  given: Facts,
  make: (values: [Decimal, ...Decimal[]] & { 1: Decimal }) => Outcome,
): Outcome {
  const values: Decimal[] = [];
  for (const part of parts) {
    const value = worth(part, given);
    if (typeof value === 'string') return value;
    values.push(value);
  }
  const outcome = make(values as [Decimal, Decimal]);
  return typeof outcome === 'string' ? outcome : within(outcome);
}

function within(value: Decimal): Outcome {
  const rounded = value.toDecimalPlaces(20);
  return rounded.abs().gt(limit) ? 'formula_out_of_range' : rounded;
}

function calculated(operator: '+' | '-' | '*' | '/' | '^', left: Decimal, right: Decimal): Outcome {
  if (operator === '+') return left.plus(right);
  if (operator === '-') return left.minus(right);
  if (operator === '*') return left.times(right);
  if (operator === '/') return right.isZero() ? 'formula_division_by_zero' : left.div(right);

  if (left.isZero() && right.isNegative() && !right.isZero()) return 'formula_division_by_zero';
  if (left.isNegative() && !left.isZero() && !right.isInteger()) return 'formula_undefined';
  if (right.isZero()) return new Exact(1);
  if (left.isZero()) return left;
  const magnitude = right.times(left.abs().log(10));
  if (magnitude.gt(11)) return 'formula_out_of_range';
  if (magnitude.lt(-22)) return new Exact(0);
  // A logarithm has no last digit: a power that is exact is found by rounding what is far behind.
  return left.pow(right).toDecimalPlaces(60);
}

function called(
  name: Extract<Formula, { kind: 'call' }>['name'],
  [value, ...others]: [Decimal, ...Decimal[]],
): Outcome {
  if (name === 'min') return Exact.min(value, ...others);
  if (name === 'max') return Exact.max(value, ...others);
  if (name === 'abs') return value.abs();
  if (name === 'ceil') return value.ceil();
  if (name === 'floor') return value.floor();
  const places = others[0] ?? new Exact(0);
  if (!places.isInteger() || places.gt(20) || places.lt(-10)) return 'formula_undefined';
  const unit = new Exact(10).pow(places.neg());
  return value.div(unit).toDecimalPlaces(0).times(unit);
}
