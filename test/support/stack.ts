import { afterAll, beforeAll } from 'vitest';
import { type Stack, type StackOptions, startStack } from '../../src/stack/start.ts';

/**
 * Gives the test file that calls it an embedded stack of its own on free ports, and removes it after the last test.
 * The object is filled before the first test runs.
 */
export function useStack(options: StackOptions = {}): Stack {
  const handle = {} as Stack;
  let stack: Stack | undefined;
  beforeAll(async () => {
    stack = await startStack({ quiet: true, ...options });
    Object.assign(handle, stack);
  });
  afterAll(() => stack?.stop());
  return handle;
}
