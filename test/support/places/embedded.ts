import { randomBytes } from 'node:crypto';
import { startCluster } from '../../../src/postgres/cluster.ts';
import type { Place } from './place.ts';

/** The PostgreSQL that npm installed, in a directory that vanishes afterwards. */
export async function embeddedPlace(): Promise<Place> {
  const cluster = await startCluster({ password: randomBytes(16).toString('hex') });
  return { superuserUrl: cluster.superuserUrl(), stop: cluster.stop };
}
