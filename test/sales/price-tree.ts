import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import type { NodeSpec, TypeSpec } from './catalogue.ts';
import { evaluated, type Formula, written } from './formula-tree.ts';

/** A test of a condition, or tests joined. */
type Condition =
  | { field: string; operator: string; value?: unknown }
  | { and: Condition[] }
  | { or: Condition[] }
  | { not: Condition };

interface Impact {
  type: 'none' | 'fixed' | 'percentage' | 'formula';
  amount?: string;
  formula?: Formula;
}

interface Option {
  code: string;
  condition: Condition | undefined;
  price: Impact;
  weight: Impact;
}

type Kind =
  | 'category'
  | 'component'
  | 'string'
  | 'number'
  | 'dimension'
  | 'boolean'
  | 'selection'
  | 'formula'
  | 'technical_spec';

interface Node extends Option {
  kind: Kind;
  /** The node that it is under, by its place in the list. */
  parent: number | undefined;
  formula: Formula | undefined;
  options: Option[];
  sort_order: number;
  /** What is sent for it, as JSON. */
  value: string | undefined;
}

/** A type with what somebody chooses of it. */
export interface Case {
  base_price: string;
  base_weight: string;
  nodes: Node[];
}

/** What a configuration comes to, numbers as text without trailing zeros. */
export interface Outcome {
  price: string;
  weight: string;
  technical: Record<string, string>;
  /** The codes of what is shown, and what has a value, options left out. */
  visible: string[];
  values: Record<string, string>;
}

const decimals = (most: number, places: number) =>
  fc.nat({ max: most * 10 ** places }).map((n) => new Decimal(n).div(10 ** places).toFixed());

/** Formulas over slots, to which names are given when it is known which there are. */
const formula = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 2, arbitrary: decimals(50, 3).map((text): Formula => ({ kind: 'number', text })) },
    {
      weight: 4,
      arbitrary: fc.nat({ max: 9 }).map((slot): Formula => ({ kind: 'name', name: String(slot) })),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom('+', '-', '*', '/'), tie('formula'), tie('formula'))
        .map(([operator, left, right]): Formula => ({ kind: 'operation', operator, left, right })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('min', 'max'), tie('formula'), tie('formula'))
        .map(([name, left, right]): Formula => ({ kind: 'call', name, values: [left, right] })),
    },
  ),
})).formula;

/** The formula with names instead of slots; its constants stay. */
function named(part: Formula, names: string[]): Formula {
  const again = (inner: Formula) => named(inner, names);
  if (part.kind === 'name') return { kind: 'name', name: names[Number(part.name) % names.length] ?? '' };
  if (part.kind === 'operation') return { ...part, left: again(part.left), right: again(part.right) };
  if (part.kind === 'call') return { ...part, values: part.values.map(again) };
  return part.kind === 'number' ? part : { ...part, of: again(part.of) };
}

/** Keeps an amount small, so that no total leaves the range of prices. */
const bounded = (of: Formula): Formula => ({
  kind: 'call',
  name: 'min',
  values: [
    {
      kind: 'call',
      name: 'max',
      values: [of, { kind: 'negative', of: { kind: 'number', text: '100' } }],
    },
    { kind: 'number', text: '1000' },
  ],
});

const impact = fc.record({
  type: fc.constantFrom<Impact['type']>('none', 'fixed', 'fixed', 'percentage', 'percentage', 'formula'),
  // Four decimals: what is rounded to cents has halves, and less than halves.
  amount: fc.integer({ min: -30_000, max: 200_000 }).map((n) => new Decimal(n).div(10_000).toFixed()),
  formula,
});
const test = fc.record({ field: fc.nat(), operator: fc.nat(), value: fc.nat({ max: 40 }) });
const conditions = fc.record({
  has: fc.integer({ min: 0, max: 4 }),
  shape: fc.constantFrom('one', 'one', 'and', 'or', 'not'),
  tests: fc.tuple(test, test),
});
const option = fc.record({ conditions, price: impact, weight: impact });
const drawnNode = fc.record({
  kind: fc.constantFrom<Kind>(
    'category',
    'component',
    'string',
    'number',
    'number',
    'dimension',
    'boolean',
    'selection',
    'selection',
    'formula',
    'formula',
    'technical_spec',
  ),
  parent: fc.nat({ max: 30 }),
  conditions,
  formula,
  price: impact,
  weight: impact,
  options: fc.array(option, { minLength: 1, maxLength: 3 }),
  sort_order: fc.nat({ max: 5 }),
  chosen: fc.nat({ max: 12 }),
  amount: fc.oneof(decimals(30, 4), fc.nat({ max: 9 }).map(String)),
});
type Drawn = typeof drawnNode extends fc.Arbitrary<infer T> ? T : never;
type DrawnConditions = Drawn['conditions'];

const isNumber = (kind: Kind) => !['category', 'component', 'string', 'selection'].includes(kind);
const hasValue = (kind: Kind) => kind !== 'category' && kind !== 'component';
const isComputed = (kind: Kind) => kind === 'formula' || kind === 'technical_spec';

/** A test of something that is there, of a kind that suits its values. */
function testOf(
  { operator, value }: { operator: number; value: number },
  on: Pick<Node, 'code' | 'kind' | 'options'>,
): Condition {
  const pick = <T>(...list: [T, ...T[]]): T => list[operator % list.length] ?? list[0];
  const field = on.code;
  if (on.kind === 'boolean') return { field, operator: pick('equals', 'not_equals'), value: value % 2 === 0 };
  if (on.kind === 'string') {
    return pick<Condition>(
      { field, operator: 'equals', value: 'red' },
      { field, operator: 'starts_with', value: 'b' },
      { field, operator: 'is_empty' },
    );
  }
  if (on.kind === 'selection') {
    const code = on.options[value % on.options.length]?.code ?? '';
    return pick<Condition>(
      { field, operator: 'equals', value: code },
      { field, operator: 'not_equals', value: code },
      { field, operator: 'in', value: [code, 'something'] },
      { field, operator: 'exists' },
    );
  }
  return pick<Condition>(
    { field, operator: 'greater_than', value },
    { field, operator: 'less_equal', value },
    { field, operator: 'not_exists' },
    { field, operator: 'exists' },
  );
}

function conditionOf(drawn: DrawnConditions, earlier: Node[]): Condition | undefined {
  const fields = earlier.filter(({ kind }) => hasValue(kind));
  if (drawn.has > 1 || fields.length === 0) return undefined;
  const [first, second] = drawn.tests.map((one) => {
    const on = fields[one.field % fields.length];
    return on === undefined ? { and: [] } : testOf(one, on);
  }) as [Condition, Condition];
  if (drawn.shape === 'and') return { and: [first, second] };
  if (drawn.shape === 'or') return { or: [first, second] };
  return drawn.shape === 'not' ? { not: first } : first;
}

/** Gives places, parents and names: what is read is earlier in the list, what prices are computed from is anywhere. */
function assembled(base_price: string, base_weight: string, drawn: Drawn[]): Case {
  const code = (index: number) => `n${index}`;
  const numbers = [
    'base_price',
    ...drawn.flatMap(({ kind }, index) => (isNumber(kind) ? [code(index)] : [])),
  ];
  const impactOf = ({ type, amount, formula: of }: Drawn['price']): Impact =>
    type === 'formula' ? { type, formula: bounded(named(of, numbers)) } : { type, amount };
  const nodes: Node[] = [];
  drawn.forEach((node, index) => {
    const earlier = nodes.filter(({ kind }) => isNumber(kind)).map((one) => one.code);
    const depths = (place: number | undefined): number =>
      place === undefined ? 0 : 1 + depths(nodes[place]?.parent);
    const parent = node.parent < index && depths(node.parent) < 9 ? node.parent : undefined;
    const options = node.options.map((one, number) => ({
      code: `o${index}_${number}`,
      condition: conditionOf(one.conditions, nodes),
      price: impactOf(one.price),
      weight: impactOf(one.weight),
    }));
    const value = {
      string: node.chosen % 3 === 0 ? '"red"' : '"blue"',
      number: node.amount,
      dimension: node.amount,
      boolean: node.chosen % 3 === 0 ? 'false' : 'true',
      // Now and then one that there is not.
      selection: `"o${index}_${node.chosen % 4}"`,
    }[node.kind as string];
    nodes.push({
      code: code(index),
      kind: node.kind,
      parent,
      condition: conditionOf(node.conditions, nodes),
      formula: isComputed(node.kind) ? named(node.formula, ['base_weight', ...earlier]) : undefined,
      options: node.kind === 'selection' ? options : [],
      sort_order: node.sort_order,
      value: node.chosen === 12 ? undefined : value,
      price: node.kind === 'category' ? { type: 'none' } : impactOf(node.price),
      weight: node.kind === 'category' ? { type: 'none' } : impactOf(node.weight),
    });
  });
  return { base_price, base_weight, nodes };
}

/** Types of up to 16 nodes, with values; their prices stay between 0 and 1e10. */
export const drawnCase: fc.Arbitrary<Case> = fc
  .tuple(
    decimals(80_000, 2).map((amount) => new Decimal(amount).plus(10_000).toFixed()),
    decimals(80_000, 3).map((amount) => new Decimal(amount).plus(10_000).toFixed()),
    fc.array(drawnNode, { minLength: 2, maxLength: 16 }),
  )
  .map(([price, weight, nodes]) => assembled(price, weight, nodes));

function impactColumns(price: Impact, weight: Impact): Partial<NodeSpec> {
  const hasAmount = ({ type }: Impact) => type === 'fixed' || type === 'percentage';
  return {
    price_impact_type: price.type,
    ...(hasAmount(price) && price.amount !== undefined ? { price_impact: price.amount } : {}),
    ...(price.formula ? { price_formula: written(price.formula) } : {}),
    weight_impact_type: weight.type,
    ...(hasAmount(weight) && weight.amount !== undefined ? { weight_impact: weight.amount } : {}),
    ...(weight.formula ? { weight_formula: written(weight.formula) } : {}),
  };
}

/** The case as a type to be inserted. */
export function typeOf({ base_price, base_weight, nodes }: Case): TypeSpec {
  const under = (parent: number | undefined): NodeSpec[] =>
    nodes.flatMap((node, index): NodeSpec[] =>
      node.parent === parent
        ? [
            {
              code: node.code,
              node_type: ['category', 'component', 'technical_spec'].includes(node.kind)
                ? (node.kind as 'category')
                : 'attribute',
              ...(isComputed(node.kind)
                ? { data_type: 'formula', formula: node.formula ? written(node.formula) : '' }
                : hasValue(node.kind)
                  ? { data_type: node.kind }
                  : {}),
              ...(node.condition ? { display_condition: node.condition } : {}),
              ...impactColumns(node.price, node.weight),
              sort_order: node.sort_order,
              children: [
                ...node.options.map((one): NodeSpec => ({
                  code: one.code,
                  node_type: 'option',
                  ...(one.condition ? { display_condition: one.condition } : {}),
                  ...impactColumns(one.price, one.weight),
                })),
                ...under(index),
              ],
            },
          ]
        : [],
    );
  return { base_price, base_weight, nodes: under(undefined) };
}

/** The values of the case, as JSON by code. */
export function valuesOf({ nodes }: Case): string {
  return `{${nodes.flatMap(({ code, value }) => (value === undefined ? [] : [`"${code}": ${value}`])).join(', ')}}`;
}

/**
 * What the case comes to, evaluated from its nodes as they are asked for: no order, no tree that was stored, and no text
 * of a formula is read.
 */
export function outcomeOf({ base_price, base_weight, nodes }: Case): Outcome {
  const shownOf = new Map<number, boolean>();
  const valueOf = new Map<number, string | undefined>();
  const placeOf = new Map(nodes.map(({ code }, index) => [code, index]));

  const shown = (index: number): boolean => {
    const known = shownOf.get(index);
    if (known !== undefined) return known;
    const node = nodes[index];
    const answer =
      node !== undefined &&
      (node.parent === undefined || shown(node.parent)) &&
      (node.condition === undefined || fulfilled(node.condition));
    shownOf.set(index, answer);
    return answer;
  };
  /** As JSON. */
  const value = (index: number): string | undefined => {
    if (!valueOf.has(index)) valueOf.set(index, found(index));
    return valueOf.get(index);
  };
  const found = (index: number): string | undefined => {
    const node = nodes[index];
    if (node === undefined || !shown(index)) return undefined;
    if (node.formula !== undefined) return amountOf(node.formula);
    if (node.kind !== 'selection') return node.value;
    const chosen = node.options.find(({ code }) => JSON.stringify(code) === node.value);
    return chosen && (chosen.condition === undefined || fulfilled(chosen.condition)) ? node.value : undefined;
  };
  const factsFor = (part: Formula): Record<string, string> => {
    if (part.kind === 'name') {
      if (part.name === 'base_price') return { base_price };
      if (part.name === 'base_weight') return { base_weight };
      const text = value(placeOf.get(part.name) ?? -1);
      return text === undefined ? {} : { [part.name]: text };
    }
    if (part.kind === 'operation') return { ...factsFor(part.left), ...factsFor(part.right) };
    if (part.kind === 'call')
      return Object.assign({}, ...part.values.map(factsFor)) as Record<string, string>;
    return part.kind === 'number' ? {} : factsFor(part.of);
  };
  /** The number, or nothing: also where the formula fails. */
  const amountOf = (part: Formula): string | undefined => {
    const text = evaluated(part, factsFor(part));
    return text !== null && /^-?[0-9]/.test(text) ? text : undefined;
  };
  const fulfilled = (condition: Condition): boolean => {
    if ('and' in condition) return condition.and.every(fulfilled);
    if ('or' in condition) return condition.or.some(fulfilled);
    if ('not' in condition) return !fulfilled(condition.not);
    const actual = value(placeOf.get(condition.field) ?? -1);
    const wanted = condition.value;
    switch (condition.operator) {
      case 'exists':
        return actual !== undefined;
      case 'not_exists':
      case 'is_empty':
        return actual === undefined;
      case 'equals':
        return actual === JSON.stringify(wanted);
      case 'not_equals':
        return actual !== JSON.stringify(wanted);
      case 'in':
        return Array.isArray(wanted) && wanted.some((one) => JSON.stringify(one) === actual);
      case 'starts_with':
        return actual?.startsWith(JSON.stringify(wanted).slice(0, -1)) ?? false;
      case 'greater_than':
        return actual !== undefined && new Decimal(actual).gt(String(wanted));
      case 'less_equal':
        return actual !== undefined && new Decimal(actual).lte(String(wanted));
      default:
        throw new Error(`There is no ${condition.operator} here.`);
    }
  };

  const counted = nodes.flatMap((node, index): Option[] => {
    if (!shown(index) || node.kind === 'category') return [];
    const own = value(index);
    if (node.kind === 'component') return [node];
    if (own === undefined || (node.kind === 'boolean' && own === 'false')) return [];
    return [node, ...node.options.filter(({ code }) => JSON.stringify(code) === own)];
  });
  const total = (base: string, impacts: Impact[], places: number) =>
    impacts
      .reduce((sum, { type, amount = '0', formula: of }) => {
        const line =
          type === 'fixed'
            ? new Decimal(amount)
            : type === 'percentage'
              ? new Decimal(base).times(amount).div(100)
              : new Decimal((of ? amountOf(of) : undefined) ?? 0);
        return type === 'none' ? sum : sum.plus(line.toDecimalPlaces(places, Decimal.ROUND_HALF_UP));
      }, new Decimal(base))
      .toFixed();

  const valued = nodes.flatMap((node, index) => {
    const text = value(index);
    return text === undefined
      ? []
      : [{ node, text: isNumberText(text) ? new Decimal(text).toFixed() : text }];
  });
  return {
    price: total(
      base_price,
      counted.map(({ price }) => price),
      2,
    ),
    weight: total(
      base_weight,
      counted.map(({ weight }) => weight),
      3,
    ),
    technical: Object.fromEntries(
      valued.filter(({ node }) => node.kind === 'technical_spec').map(({ node, text }) => [node.code, text]),
    ),
    visible: nodes.flatMap(({ code }, index) => (shown(index) ? [code] : [])).sort(),
    values: Object.fromEntries(valued.map(({ node, text }) => [node.code, text])),
  };
}

const isNumberText = (text: string) => /^-?[0-9]/.test(text);
