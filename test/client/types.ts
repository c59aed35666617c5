/**
 * What the compiler must know of the client. This file is never run: types.unit.test.ts has it compiled, and every
 * `@ts-expect-error` that is not needed is an error.
 */
import type { RowhouseClient } from '../../src/client/index.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function sure<_ extends true>(): void {
  // Only the type argument matters.
}

export async function check(rowhouse: RowhouseClient): Promise<unknown> {
  // A check constraint that lists its values is a union.
  const profiles = await rowhouse.from('user_profiles').select('platform_role, display_name');
  type Profile = NonNullable<typeof profiles.data>[number];
  sure<Same<Profile['platform_role'], 'user' | 'superadmin'>>();
  sure<Same<Profile['display_name'], string>>();
  const page = await rowhouse.call('list_users', { role: 'superadmin', per_page: 10 });
  type User = (typeof page.users)[number];
  sure<Same<User['platform_role'], 'user' | 'superadmin'>>();
  sure<Same<User['profile_status'], 'present' | 'missing'>>();
  sure<Same<User['email'], string | null>>();
  // Functions that return nothing, one value, rows.
  sure<Same<Awaited<ReturnType<typeof rowhouse.call<'delete_user'>>>, undefined>>();
  sure<Same<Awaited<ReturnType<typeof rowhouse.call<'is_superadmin'>>>, boolean>>();
  sure<Same<Awaited<ReturnType<typeof rowhouse.call<'waiting_queues'>>>, string[]>>();
  sure<Same<Awaited<ReturnType<typeof rowhouse.invoke<'invite-user'>>>['action_link'], string>>();

  await rowhouse.call('list_users');
  await rowhouse.call('is_superadmin');
  await rowhouse.invoke('worker', undefined);

  // @ts-expect-error there is no such table
  rowhouse.from('user_profile');
  // @ts-expect-error there is no such column
  await rowhouse.from('user_profiles').update({ nickname: 'Ada' });
  // @ts-expect-error not one of the values that the check constraint lists
  await rowhouse.from('user_profiles').update({ platform_role: 'admin' });
  // @ts-expect-error there is no such function
  await rowhouse.call('list_user');
  // @ts-expect-error the auth server's alone
  await rowhouse.call('custom_access_token_hook', { event: {} });
  // @ts-expect-error a reason is missing
  await rowhouse.call('deactivate_user', { id: '' });
  // @ts-expect-error the input is missing
  await rowhouse.call('get_user');
  // @ts-expect-error not a role
  await rowhouse.call('list_users', { role: 'admin' });
  // @ts-expect-error a misspelt argument
  await rowhouse.call('list_users', { perPage: 10 });
  // @ts-expect-error a text is no number
  await rowhouse.call('list_users', { page: '1' });
  // @ts-expect-error there is no such edge function
  await rowhouse.invoke('invite-users', { email: '' });
  // @ts-expect-error an e-mail address is missing
  await rowhouse.invoke('invite-user', {});
  return [profiles, page];
}
