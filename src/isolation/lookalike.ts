import { randomInt } from 'node:crypto';

const alphabets: [RegExp, string][] = [
  [/[0-9]/, '23456789'],
  [/[A-Z]/, 'ABCDEFGHJKMNPQRSTUVWXYZ'],
  [/[a-z]/, 'abcdefghjkmnpqrstuvwxyz'],
];

/**
 * A text of the same form that nobody has: a letter for each letter, a digit for each digit. What is hexadecimal stays so.
 */
export function lookalike(value: string): string {
  const isHexadecimal = /^[0-9a-f-]{16,}$/.test(value);
  return Array.from(value)
    .map((character) => {
      if (isHexadecimal && /[a-f]/.test(character)) return 'abcdef'[randomInt(6)] ?? '';
      const alphabet = alphabets.find(([pattern]) => pattern.test(character))?.[1];
      return alphabet === undefined ? character : (alphabet[randomInt(alphabet.length)] ?? '');
    })
    .join('');
}
