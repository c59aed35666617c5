import type { Actor } from './actors.ts';
import type { House } from './houses.ts';
import { literal } from './sql.ts';

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const moment = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:\+\d\d(?::?\d\d)?|Z)?/g;

/** The texts that occur in the rows of an organization, and nowhere else. */
export function tracesOf(house: House): string[] {
  const values = [...house.rows.values()].flat().flatMap((row) => Object.values(row));
  const ids = values.flatMap((value) => value?.match(uuid) ?? []);
  return [...new Set([house.organization, house.marker, ...house.users, ...ids])];
}

/**
 * An expression of SQL: whether a text holds a trace of one of the houses. What fills a row, marker and stem of the ids, is
 * enough for the database to look for; an answer is looked through for everything.
 *
 * @param text the text, as SQL
 * @param own what is the actor's own, wherever it stands
 */
export function holdsTrace(text: string, houses: House[], own: string[]): string {
  const words = houses.flatMap(({ organization, marker, idStem }) => [organization, marker, `${idStem}-`]);
  const rest = own.reduce((inner, value) => `replace(${inner}, ${literal(value)}, '')`, text);
  return `${rest} ~* ${literal(words.join('|'))}`;
}

const patterns = new WeakMap<House[], RegExp>();

/** Finds traces of organizations in a text, but for what is the actor's own. */
export function traceIn(text: string, houses: House[], actor: Actor | 'postgres'): string | undefined {
  if (houses.length === 0 || text === '') return undefined;
  const pattern = patterns.get(houses) ?? new RegExp(houses.flatMap(tracesOf).join('|'), 'i');
  patterns.set(houses, pattern);
  const rest =
    actor === 'postgres' ? text : actor.own.reduce((left, value) => left.replaceAll(value, '§own§'), text);
  const found = pattern.exec(rest);
  if (!found) return undefined;
  const trace = found[0].toLowerCase();
  const whose = houses.find((house) => tracesOf(house).some((each) => each.toLowerCase() === trace));
  const around = rest.slice(Math.max(0, found.index - 60), found.index + trace.length + 60);
  return `${whose?.name ?? 'another'}'s ${found[0]} in: ${around.replaceAll(/\s+/g, ' ')}`;
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** What was given, and the name in an address: words for a search are made of that. */
const partsOf = (given: string[]) => [
  ...new Set(given.flatMap((value) => [value, ...(/^[^\s@]+(?=@[^\s@]+$)/.exec(value) ?? [])])),
];

/** Takes what was given out of an answer, so that what is left is what was told. */
export function withoutGiven(text: string, given: string[]): string {
  let rest = text;
  // Most of what was given is not repeated: to look for it so is cheaper than an expression of its own.
  const upper = text.toUpperCase();
  for (const [index, value] of partsOf(given)
    .sort((one, other) => other.length - one.length)
    .entries()) {
    if (value.length < 2 || !upper.includes(value.toUpperCase())) continue;
    rest = rest.replaceAll(new RegExp(escaped(value), 'gi'), `§${index}§`);
  }
  return rest;
}

const lexemes = /'[^']+'(?::[\d,A-D]+)?(?: '[^']+'(?::[\d,A-D]+)?)+/g;

/**
 * As {@link withoutGiven}, and without the words that what was given consists of, its digits, and the order in which words
 * stand where they were sorted: an answer may be made of what was given (for a search, say) and still tell nothing.
 */
export function withoutWords(text: string, given: string[]): string {
  const lower = given.map((value) => value.toLowerCase());
  const words = new Set([
    ...lower.flatMap((value) => value.match(/[\p{L}\p{N}]+/gu) ?? []),
    ...lower.map((value) => value.replaceAll(/\D+/g, '')),
  ]);
  return withoutGiven(text, given)
    .replaceAll(/(?<![\p{L}\p{N}§])[\p{L}\p{N}]+(?![\p{L}\p{N}§])/gu, (word) =>
      words.has(word.toLowerCase()) ? '§' : word,
    )
    .replaceAll(lexemes, (list) => list.split(' ').sort().join(' '));
}

/** An answer without what differs from call to call. */
export function withoutChance(text: string): string {
  return text.replaceAll(uuid, '§id§').replaceAll(moment, '§at§');
}
