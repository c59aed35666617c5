import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pc from 'picocolors';
import PostalMime, { type Email } from 'postal-mime';
import { note, print } from '../../../src/cli/output.ts';
import { createRowhouseClient, type RowhouseClient } from '../../../src/client/index.ts';
import { Failure } from '../../../src/failure.ts';
import type { Stack } from '../../../src/stack/start.ts';

let failures = 0;

/** How many expectations were not met. */
export const unmet = (): number => failures;

/** Begins a step. */
export function heading(text: string): void {
  print();
  print(pc.bold(text));
}

/** Says what was expected and whether it is so. */
export function expect(sentence: string, isTrue: boolean): void {
  if (!isTrue) failures += 1;
  print(`  ${isTrue ? pc.green('✓') : pc.red('✗')} ${sentence}`);
}

/** Says what something was refused with, and whether that is the code that was expected. */
export async function expectRefusal(
  sentence: string,
  code: string,
  attempt: PromiseLike<unknown>,
): Promise<void> {
  const error = await Promise.resolve(attempt).then(
    (answer) => (answer as { error?: unknown } | null)?.error,
    (thrown: unknown) => thrown,
  );
  const { message, code: found } = (error ?? { message: 'nothing was refused' }) as {
    message: string;
    code?: string;
  };
  expect(`${sentence}: ${pc.dim(message)}`, found === code);
  if (found !== code) note(`    expected ${code}, got ${found ?? 'nothing'}`);
}

/** Somebody with an account, signed in over HTTP. */
export interface Person {
  id: string;
  name: string;
  email: string;
  client: RowhouseClient;
}

/** Signs somebody up with supabase-js; the metadata is what a hostile front end might send along. */
export async function signUp(
  stack: Stack,
  email: string,
  name: string,
  metadata: Record<string, unknown> = {},
): Promise<Person> {
  const client = createRowhouseClient(stack.apiUrl, stack.publishableKey);
  const { data, error } = await client.auth.signUp({
    email,
    password: 'correct horse battery',
    options: { data: { full_name: name, platform_role: 'superadmin', role: 'service_role', ...metadata } },
  });
  if (error || !data.user) throw new Failure(`Signing up ${email} failed: ${error?.message ?? 'no user'}`);
  return { id: data.user.id, name: name.trim().replace(/\s+/g, ' '), email, client };
}

/** What a read or a write returned, which must not have failed. */
export async function dataOf<T>(
  answer: PromiseLike<{ data: T; error: { message: string } | null }>,
): Promise<NonNullable<T>> {
  const { data, error } = await answer;
  if (error || data === null || data === undefined)
    throw new Failure(`A request failed: ${error?.message ?? 'no data'}`);
  return data;
}

/** Waits for the worker to write a mail to the stack's folder. */
export async function mailTo(stack: Stack, address: string): Promise<Email> {
  const folder = stack.mailDirectory ?? '';
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const files = await readdir(folder).catch(() => []);
    // Those that are being written end otherwise.
    for (const file of files.filter((name) => name.endsWith('.eml'))) {
      const mail = await PostalMime.parse(await readFile(join(folder, file)));
      if (mail.to?.some((to) => to.address === address)) return mail;
    }
    await sleep(50);
  }
  throw new Failure(`No mail to ${address} was written to ${folder} in 30 seconds.`);
}
