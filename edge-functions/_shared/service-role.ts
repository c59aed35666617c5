const encoder = new TextEncoder();

/** Compares without telling by its duration where the difference is. */
function same(a: string, b: string): boolean {
  const left = encoder.encode(a);
  const right = encoder.encode(b);
  let difference = left.length ^ right.length;
  for (let index = 0; index < right.length; index++) difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
}

/**
 * Whether a request carries the project's secret key, as `apikey` or as bearer. Functions that only the backend itself
 * may call ask this: the gateway lets every valid key and token through.
 *
 * @param request the request to the function
 * @throws when SUPABASE_SERVICE_ROLE_KEY is not set
 */
export function isServiceRole(request: Request): boolean {
  const secret = Deno.env.get('SUPABASE_SERVICE_ROLE_KEY');
  if (!secret) throw new Error('SUPABASE_SERVICE_ROLE_KEY is not set.');
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  return [request.headers.get('apikey'), bearer].some((key) => typeof key === 'string' && same(key, secret));
}
