import { z } from 'zod';

const databaseError = z.object({
  code: z.string().regex(/^[0-9A-Z]{5}$/),
  message: z.string(),
  detail: z.string().nullish(),
  hint: z.string().nullish(),
});

/** What `@supabase/lite` answers as PostgREST does; every other SQLSTATE it reports as an unnamed error 500. */
const answeredByLite = /^(PT\d{3}|PGRST|21...|22...|42...|23502|23503|23505|25006)$/;

function statusOf(code: string): number {
  if (code === 'P0001') return 400;
  if (/^(08|53)/.test(code)) return 503;
  if (/^(0L|0P|28)/.test(code)) return 403;
  if (/^(09|25|2D|38|39|3B|40|54|55|57|58|F0|HV|P0|XX)/.test(code)) return 500;
  return 400;
}

/**
 * Gives errors of the database the status and the body that PostgREST gives them.
 *
 * @param error what the database driver threw
 * @returns the error in the form that `@supabase/lite` passes on unchanged (an error that names its own answer)
 */
export function likePostgrest(error: unknown): unknown {
  const parsed = databaseError.safeParse(error);
  if (!parsed.success || answeredByLite.test(parsed.data.code)) return error;
  const { code, message, detail, hint } = parsed.data;
  return {
    code: 'PGRST',
    message: JSON.stringify({ code, message, details: detail ?? null, hint: hint ?? null }),
    detail: JSON.stringify({ status: statusOf(code), headers: {} }),
  };
}
