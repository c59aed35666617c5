import { expect, test } from 'vitest';
import { useStack } from '../support/stack.ts';
import { clientOf, eventually } from './clients.ts';

const lines: string[] = [];
const stack = useStack({ quiet: false, log: (line) => lines.push(line) });

test('mail goes to the log, and the link in it works', async () => {
  const client = clientOf(stack);
  const email = 'ada@example.com';
  const { data } = await client.auth.signUp({ email, password: 'correct horse battery' });
  expect((await client.auth.resetPasswordForEmail(email)).error).toBeNull();
  await eventually(() => lines.some((line) => line.startsWith(`mail to ${email}`)));
  const link = /http:\S+/.exec(lines.find((line) => line.startsWith(`mail to ${email}`)) ?? '')?.[0] ?? '';
  expect(link.startsWith(`${stack.apiUrl}/auth/v1/verify?`)).toBe(true);
  const response = await fetch(link, { redirect: 'manual' });
  const session = new URLSearchParams(response.headers.get('location')?.split('#')[1]);
  const user = await client.auth.getUser(session.get('access_token') ?? '');
  expect(user.data.user?.id).toBe(data.user?.id);
});
