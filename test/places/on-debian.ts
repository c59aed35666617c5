/*
 * Runs a command with DATABASE_URL set to a cluster of Debian's PostgreSQL 15 with pg_cron, and exits as it did:
 * tsx test/places/on-debian.ts npx vitest run --project database
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startDebianCluster } from '../support/places/debian.ts';

const [program, ...args] = process.argv.slice(2);
if (program === undefined) throw new Error('Usage: on-debian.ts <command> [arguments]');

const cluster = await startDebianCluster('postgres');
const child = spawn(program, args, {
  stdio: 'inherit',
  env: { ...process.env, DATABASE_URL: cluster.superuserUrl() },
});
const [code] = (await once(child, 'exit')) as [number | null];
await cluster.stop();
process.exitCode = code ?? 1;
