import { expect } from 'vitest';
import { z } from 'zod';

/** `pg` says `detail`, PostgREST and supabase-js say `details`. */
const refusal = z.looseObject({
  code: z.string(),
  message: z.string(),
  detail: z.string().nullish(),
  details: z.string().nullish(),
  hint: z.string().nullish(),
});

/**
 * Expects a business rule to refuse: SQLSTATE `PT<status>` and the stable code in the detail. Takes what a query by
 * `pg` returns, which rejects, and what supabase-js returns, which resolves with an `error`. Returns what a person
 * would read.
 */
export async function expectRefusal(
  outcome: PromiseLike<unknown>,
  status: number,
  code: string,
): Promise<{ message: string; hint: string | null }> {
  const error = await Promise.resolve(outcome).then(errorOf, (thrown: unknown) => thrown);
  expect(error, `expected a refusal with code ${code}, but nothing was refused`).not.toBeUndefined();
  const parsed = refusal.safeParse(error);
  if (!parsed.success) throw error;

  const { code: sqlstate, message, hint } = parsed.data;
  const detail = parsed.data.detail ?? parsed.data.details;
  expect(`${sqlstate} ${codeIn(detail)}`, message).toBe(`PT${status} ${code}`);
  return { message, hint: hint ?? null };
}

function errorOf(result: unknown): unknown {
  return z.looseObject({ error: z.unknown() }).safeParse(result).data?.error ?? undefined;
}

function codeIn(detail: string | null | undefined): string {
  try {
    return z.looseObject({ code: z.string() }).parse(JSON.parse(detail ?? '')).code;
  } catch {
    return `(no code in: ${detail})`;
  }
}
