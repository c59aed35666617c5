/**
 * A failure that a person can act on: the message says what went wrong, the hint what to do about it. The command
 * line prints both and exits with `exitCode`; it never prints a stack trace for one of these.
 */
export class Failure extends Error {
  /** What to do about it, as a sentence. */
  readonly hint: string | undefined;
  /** 1 something failed, 2 bad usage, 130 interrupted. */
  readonly exitCode: 1 | 2 | 130;

  constructor(message: string, options: { hint?: string; exitCode?: 1 | 2 | 130; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}
