import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startStack } from '../../src/stack/start.ts';
import { mailOf, signUpOwner } from './people.ts';

test('a stack that leaves nothing behind leaves no mail behind', async () => {
  const stack = await startStack({ quiet: true });
  const folder = stack.mailDirectory ?? '';
  try {
    const owner = await signUpOwner(stack, 'acme');
    const { invitation_id } = await owner.client.invoke('invite-member', { email: 'ada@example.com' });
    await mailOf(stack, invitation_id);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  } finally {
    await stack.stop();
  }
  expect(existsSync(folder)).toBe(false);
});

test('a stack with a directory keeps its mails there', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rowhouse-kept-'));
  // PostgreSQL runs as another user where the tests run as root, and has to get through.
  await chmod(directory, 0o755);
  try {
    const stack = await startStack({ directory, port: 0, quiet: true });
    try {
      expect(stack.mailDirectory).toBe(join(directory, 'mail'));
      const owner = await signUpOwner(stack, 'acme');
      const { invitation_id } = await owner.client.invoke('invite-member', { email: 'ada@example.com' });
      await mailOf(stack, invitation_id);
    } finally {
      await stack.stop();
    }
    expect(existsSync(join(directory, 'mail'))).toBe(true);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
