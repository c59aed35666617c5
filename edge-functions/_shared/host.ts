/**
 * Runs one edge function on the embedded stack: `deno run host.ts <file URL of index.ts>`. The function is loaded as
 * it is; this adds that it ends with the stack, however the stack ends: standard input closes then.
 */
const [entryPoint] = Deno.args;
if (!entryPoint) throw new Error('The entry point of the function is missing.');
await import(entryPoint);
for await (const _ of Deno.stdin.readable) {
  // The stack writes nothing.
}
Deno.exit(0);
