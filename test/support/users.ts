import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** What a test wants to say about a user; the rest is what an auth server would write. */
export interface AuthUser {
  id?: string;
  email?: string | null;
  phone?: string | null;
  /** Any JSON value, as hostile as the test needs it. */
  raw_user_meta_data?: unknown;
  raw_app_meta_data?: unknown;
  created_at?: Date;
  last_sign_in_at?: Date | null;
  banned_until?: Date | null;
  deleted_at?: Date | null;
  is_anonymous?: boolean;
  is_sso_user?: boolean;
}

/** Inserts a row into auth.users, past the auth server, and returns its id. */
export async function insertAuthUser(
  client: Pick<pg.ClientBase, 'query'> | pg.Pool,
  user: AuthUser = {},
): Promise<string> {
  const id = user.id ?? randomUUID();
  const row = {
    id,
    instance_id: '00000000-0000-0000-0000-000000000000',
    aud: 'authenticated',
    role: 'authenticated',
    email: `${id}@example.com`,
    created_at: new Date(),
    updated_at: new Date(),
    ...user,
    raw_user_meta_data: JSON.stringify(user.raw_user_meta_data ?? {}),
    raw_app_meta_data: JSON.stringify(user.raw_app_meta_data ?? { provider: 'email', providers: ['email'] }),
  };
  const columns = Object.keys(row);
  await client.query(
    `insert into auth.users (${columns.join(', ')}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(row),
  );
  return id;
}
