import { RowhouseError } from '../../src/client/errors.ts';

const crossOrigin = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'authorization, apikey, content-type, x-client-info',
};

/** Answers with JSON. */
export function respond(status: number, body: unknown): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { ...crossOrigin, 'Content-Type': 'application/json' },
  });
}

/**
 * Answers with a file.
 *
 * @param content all of it, or its pieces as they come
 * @param type its media type
 * @param name what it is called where it is kept; it is ours, and nothing that somebody wrote
 */
export function respondWithFile(
  content: string | ReadableStream<Uint8Array>,
  type: string,
  name: string,
): Response {
  return new Response(content, {
    headers: {
      ...crossOrigin,
      'Access-Control-Expose-Headers': 'Content-Disposition',
      'Content-Type': type,
      'Content-Disposition': `attachment; filename="${name}"`,
      // What one caller may see is not for the next one.
      'Cache-Control': 'private, no-store',
    },
  });
}

/**
 * Refuses in the shape that PostgREST refuses in, so that clients know one shape of error.
 *
 * @param details what a program can use beside the code
 */
export function refuse(
  status: number,
  code: string,
  message: string,
  hint: string | null = null,
  details: Record<string, unknown> = {},
): Response {
  return respond(status, { message, code, details: JSON.stringify({ ...details, code }), hint });
}

/**
 * Makes a handler of a function that may throw: a refusal (4xx) keeps its status, code and sentence, anything else
 * is logged and answered with 500 and nothing about the inside. Answers preflight requests of browsers.
 *
 * @param handle answers a POST with the JSON of its body (undefined when it is empty)
 */
export function jsonHandler(
  handle: (body: unknown, request: Request) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method === 'OPTIONS') return respond(204, undefined);
    if (request.method !== 'POST') return refuse(405, 'method_not_allowed', 'This function takes POST.');
    let body: unknown;
    try {
      const text = await request.text();
      body = text === '' ? undefined : JSON.parse(text);
    } catch {
      return refuse(400, 'invalid_json', 'The body is not JSON.');
    }
    try {
      return await handle(body, request);
    } catch (error) {
      if (error instanceof RowhouseError && error.status >= 400 && error.status < 500) {
        return refuse(error.status, error.code, error.message, error.hint ?? null, error.details);
      }
      console.error(error);
      return refuse(500, 'internal_error', 'The function failed.', 'The log of the function says why.');
    }
  };
}
