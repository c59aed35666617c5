import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateApiKey } from '@supabase/lite';
import { z } from 'zod';
import { Failure } from '../failure.ts';

const secretsSchema = z.object({
  password: z.string().min(16),
  jwtSecret: z.string().min(32),
  publishableKey: z.string().startsWith('sb_publishable_'),
  secretKey: z.string().startsWith('sb_secret_'),
});

/** What an embedded stack keeps secret: the password of its database roles, its signing secret and its API keys. */
export type Secrets = z.infer<typeof secretsSchema>;

async function generateSecrets(): Promise<Secrets> {
  return {
    password: randomBytes(24).toString('base64url'),
    jwtSecret: randomBytes(48).toString('base64url'),
    publishableKey: (await generateApiKey('publishable')).key,
    secretKey: (await generateApiKey('secret')).key,
  };
}

/**
 * Gives a stack its secrets: those that its directory keeps, or new ones.
 *
 * @param directory where a kept stack lives; absent for an ephemeral stack, whose secrets are written nowhere
 * @throws {Failure} when the kept file is damaged
 */
export async function loadSecrets(directory?: string): Promise<Secrets> {
  if (!directory) return generateSecrets();
  const file = join(directory, 'secrets.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    const secrets = await generateSecrets();
    await writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    return secrets;
  }
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Failure(`${file} is damaged.`, {
      hint: `The database in ${directory} cannot be opened without it. Restore the file, or remove the directory to start anew.`,
      cause: error,
    });
  }
}
