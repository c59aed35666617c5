import { AsyncLocalStorage } from 'node:async_hooks';

type Sink = (line: string) => void;

const sinks = new AsyncLocalStorage<Sink>();
let installed = false;

/**
 * Runs a call into `@supabase/lite` so that what it prints goes to a sink. It reports each refused statement on the
 * console, stack trace included; refusals are an ordinary answer here.
 *
 * @param sink takes one line; the rest of the process prints as before
 * @param run the call
 */
export function withLiteLog<T>(sink: Sink, run: () => T): T {
  if (!installed) {
    installed = true;
    for (const method of ['error', 'warn', 'info', 'log'] as const) {
      const print = console[method].bind(console);
      console[method] = (...values: unknown[]) => {
        const inside = sinks.getStore();
        if (!inside) {
          print(...values);
          return;
        }
        // Outside again: a sink may print to the console itself.
        const line = values
          .map((value) => (value instanceof Error ? value.message : String(value)))
          .join(' ');
        sinks.exit(() => inside(line));
      };
    }
  }
  return sinks.run(sink, run);
}
