import type pg from 'pg';
import { z } from 'zod';
import { Failure } from '../failure.ts';

const foundUser = z.object({
  user_id: z.string(),
  email: z.string().nullable(),
  display_name: z.string().nullable(),
  platform_role: z.enum(['user', 'superadmin']).nullable(),
  is_active: z.boolean().nullable(),
  is_verified: z.boolean(),
});

/** A user as an operator names one. What belongs to the profile is null where there is none. */
export type FoundUser = z.infer<typeof foundUser>;

const id = z.guid();

/** What an operator may name a user by. */
export const userName = z
  .string()
  .refine(
    (text) => id.safeParse(text).success || /^[^\s@]+@[^\s@]+$/.test(text),
    'It is an e-mail address or a user id.',
  );

/** How to call a user in a sentence. */
export function nameOf({ user_id, email }: Pick<FoundUser, 'user_id' | 'email'>): string {
  return email ?? `user ${user_id}`;
}

/**
 * Finds the one user whom an operator means.
 *
 * @param client a connection as role `postgres`
 * @param name an e-mail address, in whatever case, or a user id
 * @throws {Failure} when nobody has it, or several do: single sign-on may give two accounts one address
 */
export async function findUser(client: pg.ClientBase, name: string): Promise<FoundUser> {
  const isId = id.safeParse(name).success;
  const { rows } = await client.query(
    `select account.id as user_id, account.email, profile.display_name, profile.platform_role, profile.is_active,
       account.email_confirmed_at is not null as is_verified
     from auth.users as account left join public.user_profiles as profile on profile.user_id = account.id
     where ${isId ? 'account.id = $1' : 'lower(account.email) = lower($1)'}
     order by account.created_at, account.id`,
    [name],
  );
  const [user, ...others] = z.array(foundUser).parse(rows);
  if (!user) {
    throw new Failure(`There is no user with the ${isId ? 'id' : 'e-mail address'} ${name}.`, {
      hint: 'Whoever is meant signs up first, or is invited.',
    });
  }
  if (others.length > 0) {
    throw new Failure(`${others.length + 1} users have the e-mail address ${name}.`, {
      hint: `Name the one that you mean by the id: ${[user, ...others].map(({ user_id }) => user_id).join(', ')}.`,
    });
  }
  return user;
}
