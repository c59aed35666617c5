/** Runs a stack in a process of its own: `run-stack.ts <JSON of the options> [with-parent]`. Prints its addresses when it is ready. */
import { runStack } from '../../src/stack/lifetime.ts';
import type { StackOptions } from '../../src/stack/start.ts';

try {
  const started = Date.now();
  const options = JSON.parse(process.argv[2] ?? '{}') as StackOptions;
  const reason = await runStack({ ...options, withParent: process.argv[3] === 'with-parent' }, (stack) =>
    console.log(JSON.stringify({ ...stack, pid: process.pid, milliseconds: Date.now() - started })),
  );
  console.log(reason);
} catch (error) {
  console.log(JSON.stringify({ failure: (error as Error).message, hint: (error as { hint?: string }).hint }));
  process.exitCode = 1;
}
