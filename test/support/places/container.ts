import { randomBytes } from 'node:crypto';
import { GenericContainer, Wait } from 'testcontainers';
import { withConnection } from '../../../src/postgres/connect.ts';
import type { Place } from './place.ts';

const supabaseImage = 'supabase/postgres:15.8.1.085';

/**
 * A PostgreSQL in a container, of `supabase/postgres` or of the image that ROWHOUSE_TEST_IMAGE names. Such an image
 * provides PostgreSQL 15 or newer on port 5432, with a superuser `supabase_admin` whose password is POSTGRES_PASSWORD;
 * test/places/Dockerfile is one.
 */
export async function containerPlace(): Promise<Place> {
  const image = process.env['ROWHOUSE_TEST_IMAGE'] || supabaseImage;
  const password = randomBytes(16).toString('hex');
  const container = await new GenericContainer(image)
    .withEnvironment({ POSTGRES_PASSWORD: password })
    .withExposedPorts(5432)
    // Both kinds of image start PostgreSQL once to set it up and once for good, so the log is asked for the last step
    // that only the second start reaches: listening on the network and answering there.
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(180_000)
    .start();
  const superuserUrl = `postgresql://supabase_admin:${password}@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
  try {
    await untilItAnswers(superuserUrl);
  } catch (error) {
    await container.stop();
    throw error;
  }
  return { superuserUrl, stop: async () => void (await container.stop()) };
}

/** A port that Docker forwards is open before PostgreSQL listens behind it. */
async function untilItAnswers(url: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    try {
      return await withConnection(url, async (client) => void (await client.query('select 1')));
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
