/** An answer of the auth server that refuses, in GoTrue's form. */
export class AuthError extends Error {
  readonly status: number;
  /** GoTrue's stable name of the error, such as `user_not_found`. */
  readonly errorCode: string;

  constructor(status: number, errorCode: string, message: string) {
    super(message);
    this.name = 'AuthError';
    this.status = status;
    this.errorCode = errorCode;
  }
}

/**
 * The HTTP answer for an error: its own when it is an {@link AuthError}, otherwise a plain 500 that tells nothing.
 *
 * @param error what was thrown
 * @param log where an unexpected error is reported
 */
export function authErrorResponse(error: unknown, log: (line: string) => void): Response {
  const known =
    error instanceof AuthError
      ? error
      : new AuthError(
          500,
          'unexpected_failure',
          'Unexpected failure, please check server logs for more information',
        );
  if (known !== error) log(`auth: ${error instanceof Error ? error.message : String(error)}`);
  return Response.json(
    { code: known.status, error_code: known.errorCode, msg: known.message },
    { status: known.status, headers: { 'x-sb-error-code': known.errorCode } },
  );
}
