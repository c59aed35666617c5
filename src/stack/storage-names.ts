import { refusals } from './storage-errors.ts';

/** What S3 advises against, what controls, and what cannot be seen: a name that holds such a character may pass for another. */
const unwantedCharacter =
  /[\p{Cc}#[\]{}^`"<>\\|%~\u061C\u200B\u200E\u200F\u2028\u2029\u202A-\u202E\u2060\u2066-\u2069\uFEFF]|\u034F|\p{Surrogate}/u;
const traversal = /(^|\/)\.{1,2}(\/|$)/;
const longestKey = 1024;
const bucketName = /^[A-Za-z0-9_!.*'() &$=@;:+,?-]{1,100}$/;

/**
 * Checks the name of an object as Supabase's storage server does.
 *
 * @param key a path within a bucket
 * @returns the same
 * @throws a refusal when no object can have that name
 */
export function checkedKey(key: string): string {
  const isUsable =
    key !== '' &&
    Buffer.byteLength(key) <= longestKey &&
    !unwantedCharacter.test(key) &&
    !traversal.test(key);
  if (!isUsable) throw refusals.invalidKey(key);
  return key;
}

/**
 * Checks the name of a bucket as Supabase's storage server does.
 *
 * @param name the name of a bucket that is to be made
 * @returns the same
 * @throws a refusal when no bucket can have that name
 */
export function checkedBucket(name: string): string {
  if (!bucketName.test(name)) throw refusals.invalidRequest('Bucket name invalid');
  return name;
}

const size = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?$/i;

/**
 * Reads a size such as `50MiB` or `20MB`.
 *
 * @param text a number with or without a unit
 * @param thousand what a unit without an `i` counts by: the Supabase CLI takes 1024, the storage server 1000
 * @returns the size in bytes; undefined when the text is none
 */
export function bytesOf(text: string, thousand: 1000 | 1024): number | undefined {
  const [, amount, unit = '', isBinary] = size.exec(text.trim()) ?? [];
  if (amount === undefined) return undefined;
  const exponent = ['', 'K', 'M', 'G', 'T'].indexOf(unit.toUpperCase());
  return Math.round(Number(amount) * (isBinary ? 1024 : thousand) ** exponent);
}
