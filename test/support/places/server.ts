import { Failure } from '../../../src/failure.ts';
import { withConnection } from '../../../src/postgres/connect.ts';
import type { Place } from './place.ts';

/**
 * A server that somebody else runs. Raises a Failure when it cannot be reached, is older than 15, when the role is no
 * superuser, and when `postgres` is one there (migrations would then be tested with rights that Supabase denies them).
 */
export async function serverPlace(url: string): Promise<Place> {
  await withConnection(url, async (client) => {
    const { rows } = await client.query<{ version: number; superuser: boolean; postgres: boolean }>(
      `select current_setting('server_version_num')::integer as version,
              (select rolsuper from pg_roles where rolname = current_user) as superuser,
              exists (select from pg_roles where rolname = 'postgres' and rolsuper) as postgres`,
    );
    const server = rows[0];
    if (server === undefined || server.version < 150_000) {
      throw new Failure('The server in DATABASE_URL is older than PostgreSQL 15.', {
        hint: 'Use a newer one.',
      });
    }
    if (!server.superuser) {
      throw new Failure(
        'The role in DATABASE_URL is not a superuser, and the tests make databases and roles.',
        {
          hint: 'Use a superuser of a server that is there for tests; the tests themselves run as role postgres.',
        },
      );
    }
    if (server.postgres) {
      throw new Failure(
        'On the server in DATABASE_URL, the role postgres is a superuser; on Supabase it is not.',
        {
          hint: 'Use a cluster made with `initdb --username=supabase_admin`.',
        },
      );
    }
  });
  return { superuserUrl: url, stop: () => Promise.resolve() };
}
