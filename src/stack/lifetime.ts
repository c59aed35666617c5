import { hasLostParent } from './parents.ts';
import type { Stack, StackOptions } from './start.ts';

/** Why a stack was stopped. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'parent ended';

const parentPollMilliseconds = 500;

/**
 * Runs a stack until somebody ends it, which may be while it starts, and stops it.
 *
 * @param options as for `startStack`; `withParent` ends the stack also when the process that started this one ends
 * @param onReady is called when everything answers
 * @returns why it was stopped, once it has stopped
 * @throws {Failure} when it cannot start
 */
export async function runStack(
  options: StackOptions & { withParent?: boolean },
  onReady: (stack: Stack) => void,
): Promise<StopReason> {
  process.on('uncaughtException', surviveLateWrite);
  const ending = endOf(options.withParent ?? false);
  const stopping = new AbortController();
  void ending.then(() => stopping.abort());
  let stack: Stack;
  try {
    // The stack is most of the code: what ends it is watched while it loads.
    const { startStack } = await import('./start.ts');
    stack = await startStack({ ...options, signal: stopping.signal });
  } catch (error) {
    if (stopping.signal.aborted) return ending;
    throw error;
  }
  if (!stopping.signal.aborted) onReady(stack);
  const reason = await ending;
  await stack.stop();
  return reason;
}

/**
 * postgres.js, under `@supabase/lite`, writes to a connection that the server has just closed, in a place where nobody
 * can catch it. One request is lost; the stack need not be. Anything else ends the process, as it would have.
 */
function surviveLateWrite(error: Error): void {
  if (error instanceof TypeError && (error.stack ?? '').includes('node_modules/postgres/src/connection.js'))
    return;
  throw error;
}

/** Waits for the end of this process' time: a signal, or its parent's death. */
function endOf(withParent: boolean): Promise<StopReason> {
  return new Promise((resolve) => {
    // A stack that runs keeps the process alive; waiting for its end does not.
    const timer = withParent
      ? setInterval(() => {
          if (hasLostParent()) end('parent ended');
        }, parentPollMilliseconds).unref()
      : undefined;
    const end = (reason: StopReason) => {
      clearInterval(timer);
      resolve(reason);
    };
    // A second signal finds the handler gone and ends the process at once.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(signal));
  });
}
