import { hasLostParent } from './parents.ts';
import type { Stack } from './start.ts';

/** Why a stack was stopped. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'parent ended';

const parentPollMilliseconds = 500;

/**
 * Keeps a stack running until somebody ends it, then stops it.
 *
 * @param stack the running stack
 * @param options `withParent`: ends the stack also when the process that started this one ends
 * @returns why it was stopped, once it has stopped
 */
export async function runUntilStopped(
  stack: Stack,
  options: { withParent?: boolean } = {},
): Promise<StopReason> {
  const reason = await endOf(options.withParent ?? false);
  await stack.stop();
  return reason;
}

/**
 * Waits for the end of this process' time: a signal, or its parent's death.
 *
 * @param withParent whether the parent counts
 */
export function endOf(withParent: boolean): Promise<StopReason> {
  return new Promise((resolve) => {
    const timer = withParent
      ? setInterval(() => {
          if (hasLostParent()) end('parent ended');
        }, parentPollMilliseconds)
      : undefined;
    const end = (reason: StopReason) => {
      clearInterval(timer);
      resolve(reason);
    };
    // A second signal finds the handler gone and ends the process at once.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(signal));
  });
}
