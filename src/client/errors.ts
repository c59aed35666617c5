import * as z from 'zod';

/** What every error of Rowhouse carries. */
export interface ErrorDetails {
  /** A stable code such as `user_not_found`; docs/errors.md lists them. */
  code: string;
  /** The HTTP status, 0 when there was no answer. */
  status: number;
  /** What to do about it, when there is something. */
  hint?: string | undefined;
  /** What the refusal tells a program beside its code. */
  details?: Record<string, unknown> | undefined;
  cause?: unknown;
}

/** A request that did not succeed. Its message is a sentence for a person; programs look at `code`. */
export class RowhouseError extends Error {
  // Written out, here and below, since bundlers shorten the names of classes.
  override readonly name: string = 'RowhouseError';
  readonly code: string;
  readonly status: number;
  readonly hint: string | undefined;
  /**
   * What the refusal tells a program beside its code, such as the `position` of a mistake in a formula or the `references`
   * that are in the way; docs/errors.md says what comes with which code. Empty when there is nothing.
   */
  readonly details: Record<string, unknown>;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.status = details.status;
    this.hint = details.hint;
    this.details = details.details ?? {};
  }
}

/**
 * The input was wrong (400, 422): it was refused here or by the server. `fields` says what is wrong with which, where that
 * is known; several sentences about one field are put together.
 */
export class InvalidInputError extends RowhouseError {
  override readonly name = 'InvalidInputError';
  readonly fields: Record<string, string>;

  constructor(message: string, details: ErrorDetails & { fields?: Record<string, string> }) {
    super(message, details);
    this.fields = details.fields ?? fieldsIn(details.details);
  }
}

/** Nobody is signed in, or the token is no longer valid (401). */
export class NotAuthenticatedError extends RowhouseError {
  override readonly name = 'NotAuthenticatedError';
}

/** The caller may not do this (403). */
export class ForbiddenError extends RowhouseError {
  override readonly name = 'ForbiddenError';
}

/** There is no such thing, or the caller may not know of it (404). */
export class NotFoundError extends RowhouseError {
  override readonly name = 'NotFoundError';
}

/** The state of things is in the way (409). */
export class ConflictError extends RowhouseError {
  override readonly name = 'ConflictError';
}

/** It was there, and is no more (410): an invitation that has expired. */
export class GoneError extends RowhouseError {
  override readonly name = 'GoneError';
}

/** Too many requests (429): later they are answered again. */
export class RateLimitedError extends RowhouseError {
  override readonly name = 'RateLimitedError';
}

/** The server did not answer, or failed (0, 5xx): trying again may help. */
export class UnavailableError extends RowhouseError {
  override readonly name = 'UnavailableError';
}

/** What PostgREST, the auth server and the edge functions say when they refuse. */
const refusal = z.object({
  message: z.string().optional().catch(undefined),
  // The gateway in front of the edge functions repeats the status here, as a number.
  code: z.string().nullish().catch(undefined),
  details: z.string().nullish().catch(undefined),
  hint: z.string().nullish().catch(undefined),
});

const businessDetail = z.looseObject({ code: z.string() });

/** The code and the rest of a detail; nothing of one that is no object with a code. */
function readDetail(details: string | null | undefined): {
  code?: string;
  details?: Record<string, unknown>;
} {
  if (!details) return {};
  try {
    const parsed = businessDetail.safeParse(JSON.parse(details));
    if (!parsed.success) return {};
    const { code, ...rest } = parsed.data;
    return { code, details: rest };
  } catch {
    // The detail of a constraint violation is a sentence, not JSON.
    return {};
  }
}

const fieldMessages = z.object({
  fields: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});

/** What the server says about the fields of a form, where it does. */
function fieldsIn(details: ErrorDetails['details']): Record<string, string> {
  const { fields } = fieldMessages.safeParse(details).data ?? { fields: {} };
  return Object.fromEntries(
    Object.entries(fields).map(([field, said]) => [field, typeof said === 'string' ? said : said.join(' ')]),
  );
}

/**
 * Makes a typed error of what a server answered.
 *
 * @param answer the error object of supabase-js, or the JSON body of a refusal
 * @param status the HTTP status of the answer, 0 when there was none
 * @returns the error to throw; its code is Rowhouse's where there is one, else PostgreSQL's or PostgREST's
 */
export function toRowhouseError(answer: unknown, status: number): RowhouseError {
  const { message, code, details, hint } = refusal.safeParse(answer).data ?? {};
  const detail = readDetail(details);
  const text = status === 0 ? 'The server did not answer.' : (message ?? 'The request failed.');
  const error: ErrorDetails = {
    code: detail.code ?? (code || (status === 0 ? 'no_answer' : 'unknown')),
    status,
    hint: (status === 0 ? 'Is the address right, and the server running?' : hint) || undefined,
    details: detail.details,
    cause: answer,
  };
  if (status === 400 || status === 422) return new InvalidInputError(text, error);
  if (status === 401) return new NotAuthenticatedError(text, error);
  if (status === 403) return new ForbiddenError(text, error);
  if (status === 404) return new NotFoundError(text, error);
  if (status === 409) return new ConflictError(text, error);
  if (status === 410) return new GoneError(text, error);
  if (status === 429) return new RateLimitedError(text, error);
  if (status === 0 || status >= 500) return new UnavailableError(text, error);
  return new RowhouseError(text, error);
}
