import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { asAnon, asService, asUser } from '../support/roles.ts';

const db = useDatabase();

const workerCalls = [
  `public.claim_jobs('user_sync')`,
  `public.complete_jobs('user_sync', '{}')`,
  `public.fail_job('user_sync', 1, 'It broke.')`,
  `public.waiting_queues()`,
  `public.jobs_overview()`,
  `public.dead_letters('user_sync')`,
  `public.replay_dead_letters('user_sync')`,
];
const innerCalls = [
  `private.enqueue('user_sync', 'identity.sync_profiles')`,
  `private.enqueue_batch('user_sync', 'identity.sync_profiles', '{}')`,
  `private.is_first_effect('user_sync', 1)`,
  `private.create_queue('mine')`,
  `private.drop_queue('user_sync')`,
  `private.wake_worker()`,
  `private.purge_job_history()`,
  `private.retry_delay(1)`,
];
const tables = ['private.job_queues', 'private.job_effects', 'private.job_failures', 'pgmq.q_user_sync'];
const denied = { code: '42501' };

test.each(workerCalls)('%s is for the backend alone', async (call) => {
  await expect(asAnon(db, (client) => client.query(`select ${call}`))).rejects.toMatchObject(denied);
  await expect(asUser(db, randomUUID(), (client) => client.query(`select ${call}`))).rejects.toMatchObject(
    denied,
  );
  await asService(db, (client) => client.query(`select ${call}`));
});

test.each(innerCalls)('%s is for nobody who comes through the API', async (call) => {
  for (const as of [asAnon, asService]) {
    await expect(as(db, (client) => client.query(`select ${call}`))).rejects.toMatchObject(denied);
  }
  await expect(asUser(db, randomUUID(), (client) => client.query(`select ${call}`))).rejects.toMatchObject(
    denied,
  );
  await db.inRollback((client) => client.query(`select ${call}`));
});

test.each(tables)('%s is read by nobody who comes through the API', async (table) => {
  for (const as of [asAnon, asService]) {
    await expect(as(db, (client) => client.query(`select from ${table}`))).rejects.toMatchObject(denied);
  }
  await expect(
    asUser(db, randomUUID(), (client) => client.query(`select from ${table}`)),
  ).rejects.toMatchObject(denied);
  await db.query(`select from ${table}`);
});
