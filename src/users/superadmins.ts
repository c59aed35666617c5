import type pg from 'pg';
import { z } from 'zod';
import { findUser, type FoundUser } from './find.ts';

const superadmin = z.object({
  user_id: z.string(),
  email: z.string().nullable(),
  display_name: z.string(),
  is_active: z.boolean(),
  last_seen_at: z.date().nullable(),
});

/** Someone who may do everything on the platform. */
export type Superadmin = z.infer<typeof superadmin>;

/**
 * Lists the superadmins, by e-mail.
 *
 * @param client a connection as role `postgres`
 */
export async function listSuperadmins(client: pg.ClientBase): Promise<Superadmin[]> {
  const { rows } = await client.query(
    `select profile.user_id, account.email, profile.display_name, profile.is_active, profile.last_seen_at
     from public.user_profiles as profile join auth.users as account on account.id = profile.user_id
     where profile.platform_role = 'superadmin'
     order by account.email, profile.user_id`,
  );
  return z.array(superadmin).parse(rows);
}

/** What {@link setPlatformRole} did. */
export interface RoleChange {
  user: FoundUser;
  role: 'user' | 'superadmin';
  /** False when the user had the role already. */
  changed: boolean;
}

/**
 * Makes a user a superadmin, or takes that away. The audit log has it.
 *
 * @param client a connection as role `postgres`: the secret key makes no superadmins
 * @param name an e-mail address or a user id
 * @param role the role from now on
 * @throws {Failure} as {@link findUser}
 */
export async function setPlatformRole(
  client: pg.ClientBase,
  name: string,
  role: 'user' | 'superadmin',
): Promise<RoleChange> {
  const user = await findUser(client, name);
  const changed = (user.platform_role ?? 'user') !== role;
  if (changed) await client.query('select public.update_user($1, platform_role => $2)', [user.user_id, role]);
  return { user, role, changed };
}
