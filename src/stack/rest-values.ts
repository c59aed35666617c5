import { randomUUID } from 'node:crypto';
import pg from 'pg';

/**
 * How values of the database become JSON, and JSON becomes values. PostgREST leaves both to PostgreSQL (`to_json`);
 * here the driver and `@supabase/lite` do it, and these are the places where they would do it differently.
 */

/** Marks a JSON value that is already text. New for each process, so that no caller can send it. */
const marker = `json ${randomUUID()}`;
const marked = `{"${marker}":`;

/**
 * Packs a value for a json or jsonb parameter so that it arrives as it is. lite takes a boolean for one of SQL's, and
 * cannot tell a text from JSON that was made of an object.
 */
function asJsonParameter(value: unknown): unknown {
  return value === null ? null : { [marker]: JSON.stringify(value) };
}

/** JSON text of a parameter: one that was packed, or one from an address (a filter, an argument of a GET). */
function jsonText(value: unknown): string {
  const text = typeof value === 'string' && /^\s*[[{]/.test(value) ? value : JSON.stringify(value);
  return text.startsWith(marked) ? ((JSON.parse(text) as Record<string, string>)[marker] ?? 'null') : text;
}

/** A moment as ISO 8601; `infinity` and dates before our era keep what marks them. */
function isoMoment(text: string): string {
  return text
    .replace(' ', 'T')
    .replace(/([+-]\d\d)( BC)?$/, '$1:00$2')
    .replace('TBC', ' BC');
}

/** JSON has no number for NaN and the infinities. */
function finite(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** The driver hands a null inside an array to the parser of its elements; as none of these types is `NULL` a value. */
function type(oid: number, parse: (text: string) => unknown) {
  return {
    to: oid,
    from: [oid],
    serialize: String,
    parse: (text: string) => (text === 'NULL' ? null : parse(text)),
  };
}

function json(oid: number) {
  return { to: oid, from: [oid], serialize: jsonText, parse: (text: string) => JSON.parse(text) as unknown };
}

const textArrayOid = 1009;
const parseTexts = pg.types.getTypeParser(textArrayOid as never) as (text: string) => unknown;

function textArrayLiteral(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  const items = value.map((item: string | null | unknown[]) => {
    if (item === null) return 'null';
    return Array.isArray(item) ? textArrayLiteral(item) : `"${item.replace(/["\\]/g, '\\$&')}"`;
  });
  return `{${items.join(',')}}`;
}

function textArray(oid: number) {
  return { to: oid, from: [oid], serialize: textArrayLiteral, parse: parseTexts };
}

const same = (text: string) => text;

/** The driver's types of the REST API, by their oids in pg_type. */
export const restTypes = {
  bytea: type(17, same),
  oid: type(26, same),
  json: json(114),
  jsonb: json(3802),
  float4: type(700, finite),
  float8: type(701, finite),
  numeric: type(1700, finite),
  date: type(1082, same),
  time: type(1083, same),
  timetz: type(1266, same),
  timestamp: type(1114, isoMoment),
  timestamptz: type(1184, isoMoment),
  uuid: type(2950, same),
  texts: textArray(textArrayOid),
  varchars: textArray(1015),
};

/** The part of the schema that says where JSON goes. */
export interface JsonPlaces {
  columns: { schema?: string; table: string; name: string; pg_type?: string }[];
  functions?: { schema: string; name: string; arg_names: string[]; arg_types: string[] }[];
}

const isJson = (name: string | undefined) => name === 'json' || name === 'jsonb';

function jsonNames(places: JsonPlaces, schema: string, target: string): Set<string> {
  const functionName = /^rpc\/(.+)$/.exec(target)?.[1];
  const names =
    functionName === undefined
      ? places.columns
          .filter((each) => each.schema === schema && each.table === target && isJson(each.pg_type))
          .map((each) => each.name)
      : (places.functions ?? [])
          .filter((each) => each.schema === schema && each.name === functionName)
          .flatMap((each) => each.arg_names.filter((name, index) => name && isJson(each.arg_types[index])));
  return new Set(names);
}

/**
 * Packs what a request writes into json columns, or hands to json parameters of a function; leaves every other request
 * as it is.
 *
 * @param request a request to `/rest/v1`
 * @param places which columns and parameters are JSON
 * @param defaultSchema the schema of a request that names none
 */
export async function withJsonParameters(
  request: Request,
  places: JsonPlaces,
  defaultSchema: string,
): Promise<Request> {
  if (!['POST', 'PATCH', 'PUT'].includes(request.method)) return request;
  if (!(request.headers.get('content-type') ?? 'application/json').includes('json')) return request;
  const target = decodeURIComponent(new URL(request.url).pathname.slice('/rest/v1/'.length));
  const names = jsonNames(places, request.headers.get('content-profile') ?? defaultSchema, target);
  if (names.size === 0) return request;

  const pack = (row: unknown): unknown =>
    typeof row === 'object' && row !== null && !Array.isArray(row)
      ? Object.fromEntries(
          Object.entries(row).map(([key, value]) => [key, names.has(key) ? asJsonParameter(value) : value]),
        )
      : row;
  let body = await request.text();
  try {
    const parsed = JSON.parse(body) as unknown;
    body = JSON.stringify(Array.isArray(parsed) ? parsed.map(pack) : pack(parsed));
  } catch {
    // lite says what is wrong with it
  }
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  return new Request(request.url, { method: request.method, headers, body, signal: request.signal });
}
