import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../../src/migrations/migrate.ts';
import { withConnection } from '../../../src/postgres/connect.ts';
import { applyPlatform } from '../../../src/postgres/platform.ts';

/** What a test file needs to get its own database. Everything in it is plain data: it travels to the workers. */
export interface Template {
  superuserUrl: string;
  /** The migrated database that is cloned. */
  database: string;
  /** What the names of this run's databases begin with. */
  prefix: string;
  /** Password of role postgres. */
  password: string;
}

/** The same address with another database, and another role if there is one. */
export function urlOf(url: string, database: string, role?: { name: string; password: string }): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  if (role !== undefined) {
    changed.username = role.name;
    changed.password = role.password;
  }
  return changed.href;
}

/** Makes the database that each test file clones: the platform, then the migrations, as role postgres. */
export async function makeTemplate(superuserUrl: string): Promise<Template> {
  const prefix = `rowhouse_test_${randomBytes(5).toString('hex')}`;
  const database = `${prefix}_template`;
  // Runs that share a server share its roles, so they must come to the same password on their own.
  const password = createHash('sha256').update(`rowhouse test ${superuserUrl}`).digest('hex').slice(0, 32);
  const template = { superuserUrl, database, prefix, password };
  try {
    await withConnection(superuserUrl, async (client) => {
      await client.query(`create database ${database} template template0 encoding 'UTF8'`);
      await withConnection(urlOf(superuserUrl, database), (inside) => applyPlatform(inside, { password }));
      await client.query(`alter database ${database} owner to postgres`);
      await migrate(urlOf(superuserUrl, database, { name: 'postgres', password }));
      await client.query(`alter database ${database} with allow_connections false is_template true`);
    });
  } catch (error) {
    await dropAll(template);
    throw error;
  }
  return template;
}

/** Clones the template; returns the name of the new database. */
export async function cloneTemplate({ superuserUrl, database, prefix }: Template): Promise<string> {
  const clone = `${prefix}_${randomBytes(5).toString('hex')}`;
  await withConnection(superuserUrl, (client) =>
    client.query(`create database ${clone} template ${database} owner postgres`),
  );
  return clone;
}

/** Drops one database, whoever is still connected to it. */
export async function dropDatabase(superuserUrl: string, database: string): Promise<void> {
  await withConnection(superuserUrl, (client) =>
    client.query(`drop database if exists ${pg.escapeIdentifier(database)} with (force)`),
  );
}

/** Drops the template and whatever else this run left behind. */
export async function dropAll({ superuserUrl, prefix }: Template): Promise<void> {
  await withConnection(superuserUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [prefix],
    );
    for (const { datname } of rows) {
      await client.query(`alter database ${pg.escapeIdentifier(datname)} is_template false`);
      await client.query(`drop database ${pg.escapeIdentifier(datname)} with (force)`);
    }
  });
}
