import { randomBytes } from 'node:crypto';
import { GenericContainer, Wait } from 'testcontainers';
import type { Place } from './place.ts';

const supabaseImage = 'supabase/postgres:15.8.1.085';

/**
 * A PostgreSQL in a container, of `supabase/postgres` or of the image that ROWHOUSE_TEST_IMAGE names. Such an image
 * provides PostgreSQL 15 or newer on port 5432, with a superuser `supabase_admin` whose password is POSTGRES_PASSWORD,
 * and `pg_isready` on its path; test/places/Dockerfile is one.
 */
export async function containerPlace(): Promise<Place> {
  const password = randomBytes(16).toString('hex');
  const container = await new GenericContainer(process.env.ROWHOUSE_TEST_IMAGE || supabaseImage)
    .withEnvironment({ POSTGRES_PASSWORD: password })
    .withExposedPorts(5432)
    // While it sets itself up, an image runs a server that listens on a socket only: asked by TCP, it is not ready.
    .withWaitStrategy(Wait.forSuccessfulCommand('pg_isready --host=127.0.0.1 --username=supabase_admin'))
    .withStartupTimeout(120_000)
    .start();
  return {
    superuserUrl: `postgresql://supabase_admin:${password}@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    stop: async () => {
      await container.stop();
    },
  };
}
