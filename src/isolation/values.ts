import { createHash, randomUUID } from 'node:crypto';
import type { Check, Column } from './catalog.ts';
import { drawFrom, samplePattern } from './sample-pattern.ts';

/** What the values of a row are made of. */
export interface Seed {
  /** Lower-case letters that stand in as many values as will hold them, so that they are known again in an answer. */
  marker: string;
  /** The first eight digits of ids, for the same reason. */
  idStem: string;
  /** Different for each row. */
  serial: number;
}

/** A value in PostgreSQL's text form, or null. */
export type Candidate = string | null;

const longestText = 300;

const unquoted = (quoted: string) => quoted.slice(1, -1).replaceAll("''", "'");

/** The texts that a check compares with: `status = any (array['active', 'suspended'])`. */
function textsIn(expressions: string[]): string[] {
  return expressions.flatMap((expression) => expression.match(/'(?:[^']|'')*'/g) ?? []).map(unquoted);
}

/** The regular expressions that a check matches with. */
function patternsIn(expressions: string[]): string[] {
  return expressions
    .flatMap((expression) => [...expression.matchAll(/!?~\*? '((?:[^']|'')*)'/g)])
    .filter(([operator]) => !operator.startsWith('!'))
    .map(([, pattern = '']) => pattern.replaceAll("''", "'"));
}

/** The numbers that a check compares with, of values or of lengths. */
function numbersIn(expressions: string[]): number[] {
  const found = expressions.flatMap((expression) => expression.match(/(?<![\w'])\d+(?:\.\d+)?/g) ?? []);
  return [...new Set(found.map(Number))].filter((number) => number < 1e9);
}

function texts({ marker, serial }: Seed, expressions: string[], maxLength: number | null): string[] {
  const digits = String(serial).padStart(3, '0');
  const hash = createHash('sha256').update(`${marker} ${serial}`).digest('hex');
  const upper = marker.toUpperCase();
  const free = [
    `${marker} ${serial}`,
    `${marker}${serial}`,
    `${upper}${serial}`,
    `${marker}-${serial}`,
    `${marker}_${serial}`,
    `${marker}${serial}@example.com`,
    `https://example.com/${marker}/${serial}`,
    `/${marker}/${serial}`,
    `${marker}.s${serial}`,
    hash,
    hash.slice(0, 32),
    `+1555${digits}${String(hash.charCodeAt(0)).padStart(4, '0')}`,
    `#${hash.slice(0, 6)}`,
    `${digits}.${serial}.0`,
  ];
  const sampled = patternsIn(expressions).flatMap((pattern) =>
    Array.from({ length: 6 }, (_, index) =>
      samplePattern(pattern, drawFrom(serial * 10 + index + hash.charCodeAt(3))),
    ),
  );
  const exact = numbersIn(expressions)
    .filter((length) => Number.isInteger(length) && length > 0 && length <= longestText)
    .flatMap((length) =>
      [
        `${marker}${serial}${hash}`,
        `${upper}${serial}${hash.toUpperCase()}`,
        `${digits}${serial}${'7'.repeat(longestText)}`,
      ].map((text) => text.padEnd(length, 'x').slice(0, length)),
    );
  const usual = [
    'UTC',
    'USD',
    'US',
    'en',
    'en-US',
    '08:00',
    '1',
    'a',
    'A',
    'text/plain',
    '* * * * *',
    '{}',
    '[]',
    '',
  ];
  const all = [...free, ...textsIn(expressions), ...sampled, ...exact, ...usual];
  return maxLength === null ? all : all.map((text) => text.slice(0, maxLength));
}

const numbers = ({ serial }: Seed, expressions: string[]): string[] => [
  String(serial),
  ...numbersIn(expressions).flatMap((number) => [number, number + 1, number - 1].map(String)),
  '1',
  '0',
  '-1',
  '100',
  '0.5',
];

const moments = ({ serial }: Seed): string[] => {
  const day = (offset: number) => new Date(Date.UTC(2031, 0, 1 + serial + offset)).toISOString().slice(0, 10);
  const lately = new Date(Date.now() - serial * 1000).toISOString();
  return ['now', 'tomorrow', 'yesterday', day(0), day(400), lately, 'epoch'];
};

function jsons(seed: Seed, expressions: string[]): string[] {
  const keys = textsIn(expressions).filter((text) => /^[a-z_]+$/.test(text));
  return [
    JSON.stringify({ note: `${seed.marker} ${seed.serial}` }),
    JSON.stringify([`${seed.marker} ${seed.serial}`]),
    '{}',
    '[]',
    JSON.stringify(`${seed.marker} ${seed.serial}`),
    JSON.stringify(Object.fromEntries(keys.map((key) => [key, `${seed.marker} ${seed.serial}`]))),
    JSON.stringify(Object.fromEntries(keys.map((key) => [key, true]))),
    '1',
    'true',
  ];
}

const arrayOf = (item: string) => `{"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"}`;

function ofType(type: string, column: Column, seed: Seed, expressions: string[]): string[] {
  if (column.labels.length > 0) return column.labels;
  const host = `10.${(seed.serial >> 8) & 255}.${seed.serial & 255}.1`;
  switch (type) {
    case 'text':
    case 'character varying':
    case 'character':
    case 'bpchar':
    case 'name':
    case 'citext':
    case 'extensions.citext':
    case '"char"':
      return texts(seed, expressions, type === '"char"' ? 1 : column.maxLength);
    case 'uuid':
      return [seed.idStem + randomUUID().slice(8)];
    case 'boolean':
      return ['false', 'true'];
    case 'smallint':
    case 'integer':
    case 'bigint':
      return numbers(seed, expressions).filter((number) => !number.includes('.'));
    case 'numeric':
    case 'real':
    case 'double precision':
    case 'money':
      return numbers(seed, expressions);
    case 'date':
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return moments(seed);
    case 'time without time zone':
    case 'time with time zone':
      return ['08:00', '17:00', `12:${String(seed.serial % 60).padStart(2, '0')}`];
    case 'interval':
      return [`${seed.serial} hours`, '1 day', '30 days', '0', '1 minute'];
    case 'json':
    case 'jsonb':
      return jsons(seed, expressions);
    case 'bytea':
      return [`\\x${Buffer.from(`${seed.marker} ${seed.serial}`).toString('hex')}`, '\\x'];
    case 'inet':
      return [host];
    case 'cidr':
      return [`${host}/32`];
    case 'macaddr':
      return [`08:00:2b:01:02:${(seed.serial & 255).toString(16).padStart(2, '0')}`];
    case 'xml':
      return [`<note>${seed.marker}</note>`];
    case 'bit':
    case 'bit varying':
      return ['1', '0'];
    case 'tsvector':
    case 'ltree':
    case 'extensions.ltree':
      return [`${seed.marker}${seed.serial}`];
    case 'point':
      return [`(${seed.serial},1)`];
    case 'box':
    case 'lseg':
      return [`((0,0),(${seed.serial},1))`];
    case 'path':
    case 'polygon':
      return [`((0,0),(${seed.serial},0),(0,1))`];
    case 'circle':
      return [`<(0,0),${seed.serial}>`];
    case 'line':
      return ['{1,1,0}'];
    case 'int4range':
    case 'int8range':
    case 'numrange':
      return [`[${seed.serial},${seed.serial + 1})`, 'empty'];
    case 'daterange':
    case 'tsrange':
    case 'tstzrange': {
      const [, , , first = '', second = ''] = moments(seed);
      return [`[${first},${second})`, 'empty'];
    }
    case 'regclass':
      return ['pg_catalog.pg_class'];
    case 'oid':
      return ['1259'];
    default:
      break;
  }
  if (column.typeKind === 'm') return ['{}'];
  if (column.typeKind === 'c') return [];
  return ['1', '{}', seed.marker];
}

const isText = (type: string) => /^(text|character|citext|extensions\.citext|jsonb?)/.test(type);

/**
 * What a column may be filled with, the likeliest first: the marker where it fits, else its default or nothing, and
 * behind those whatever its checks speak of.
 *
 * @param column the column
 * @param checks the checks that mention it, its domain's among them
 * @param seed what to make values of
 * @param standard the value of its default, when it has one
 */
export function candidatesFor(column: Column, checks: Check[], seed: Seed, standard: Candidate): Candidate[] {
  const expressions = [...checks.map(({ expression }) => expression), ...column.domainChecks];
  const made: Candidate[] = column.isArray
    ? [
        ...ofType(
          column.baseType.replace(/\[\]$/, ''),
          { ...column, maxLength: null },
          seed,
          expressions,
        ).map(arrayOf),
        '{}',
      ]
    : ofType(column.baseType, column, seed, expressions);
  // A default of a checked text is likely a state that the rest of the row agrees with.
  const isFree =
    /^(jsonb?|uuid)$/.test(column.baseType) || (isText(column.baseType) && expressions.length === 0);
  const rest = standard === null ? made : isFree ? [...made, standard] : [standard, ...made];
  const list = column.notNull ? rest : isText(column.baseType) ? [...rest, null] : [null, ...rest];
  return [...new Set(list)];
}
