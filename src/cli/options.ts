import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

/**
 * Makes a commander parser of a zod schema.
 *
 * @param schema what the text of the flag must be
 * @returns a function that commander calls with the text; a wrong one ends in exit code 2 and a sentence
 */
export function parsedBy<T>(schema: z.ZodType<T>): (text: string) => T {
  return (text) => {
    const result = schema.safeParse(text);
    if (result.success) return result.data;
    throw new InvalidArgumentError(result.error.issues[0]?.message ?? 'It is not valid.');
  };
}

/**
 * Makes a commander parser for an argument that may be repeated.
 *
 * @param schema what each text must be
 */
export function listedBy<T>(schema: z.ZodType<T>): (text: string, previous: T[] | undefined) => T[] {
  const parse = parsedBy(schema);
  return (text, previous) => [...(previous ?? []), parse(text)];
}

/**
 * A whole number from 1, as people type it.
 *
 * @param most the largest that is accepted
 */
export function countUpTo(most: number) {
  return z
    .string()
    .regex(/^\d+$/, 'It is a whole number.')
    .transform(Number)
    .refine((count) => count >= 1 && count <= most, `It is a number from 1 to ${most.toLocaleString('en')}.`);
}
