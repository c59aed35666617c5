import fc from 'fast-check';
import type pg from 'pg';

/** A row of auth.users as an auth server, an import or an attacker would leave it. */
export interface GeneratedUser {
  id: string;
  email: string | null;
  phone: string | null;
  raw_user_meta_data: unknown;
  raw_app_meta_data: unknown;
  is_sso_user: boolean;
  is_anonymous: boolean;
  created_at: string | null;
  last_sign_in_at: string | null;
  deleted_at: string | null;
}

/** Any text that PostgreSQL can store: every code point but zero. */
export const text = (maxLength = 40) =>
  fc.oneof(
    fc.string({ maxLength }),
    fc.string({ maxLength, unit: 'grapheme' }),
    fc.string({ maxLength, unit: 'binary' }).map((value) => value.replaceAll('\0', '')),
    fc.string({
      maxLength,
      unit: fc.constantFrom(
        'a',
        ' ',
        '\t',
        '\n',
        '\u0007',
        '\u001b',
        '\u007f',
        '\u0085',
        '\u009b',
        '\u202e',
        '\u200b',
        '<',
        "'",
        '\\',
      ),
    }),
  );

/** A word that is a clean display name. */
export const word = fc.stringMatching(/^[A-Za-zé]{1,12}$/);

const json = fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }).map(withoutZero);

function withoutZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('\\u0000', ''));
}

/** What someone might write to become more than a user. */
const claims = fc.record(
  {
    platform_role: fc.constantFrom('superadmin', 'user', 'admin'),
    role: fc.constantFrom('superadmin', 'service_role', 'postgres'),
    is_superadmin: fc.boolean(),
    is_active: fc.boolean(),
    deactivated_at: fc.constantFrom('2020-01-01', null),
    preferences: fc.constantFrom({ theme: 'dark' }, [], 'none'),
    sso_provider: fc.constantFrom('google', 'sso:1'),
    claims: fc.constantFrom({ platform_role: 'superadmin' }),
    app_metadata: fc.constantFrom({ platform_role: 'superadmin' }),
  },
  { requiredKeys: [] },
);

const names = fc.record(
  { full_name: fc.oneof(text(), text(400), word, json), name: fc.oneof(text(), word, json) },
  { requiredKeys: [] },
);

/** Metadata: plain, hostile or odd. */
export const metadata: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.tuple(names, claims).map(([a, b]) => ({ ...a, ...b })), weight: 4 },
  { arbitrary: json, weight: 1 },
);

const appMetadata: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    { provider: 'email', providers: ['email'] },
    { provider: 'google', provider_id: '1234' },
    { provider: 'sso:1234', provider_id: 'ada@corp' },
    null,
  ),
  fc.tuple(claims, fc.constant({ provider: 'email' })).map(([a, b]) => ({ ...a, ...b })),
  json,
);

const moment = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

const user = fc.record({
  id: fc.uuid(),
  email: fc.oneof(
    { arbitrary: fc.emailAddress({ size: 'small' }), weight: 3 },
    { arbitrary: text(), weight: 1 },
    { arbitrary: fc.constant(null), weight: 1 },
  ),
  phone: fc.option(fc.stringMatching(/^[1-9][0-9]{7}$/)),
  raw_user_meta_data: metadata,
  raw_app_meta_data: appMetadata,
  is_sso_user: fc.boolean(),
  is_anonymous: fc.boolean(),
  // Few different moments, so that some users are created at once.
  created_at: fc.oneof(moment, fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', null)),
  last_sign_in_at: fc.option(moment),
  deleted_at: fc.option(moment, { freq: 4 }),
});

/** Users with different ids, addresses and phone numbers. */
export const users = (
  range: { minLength?: number; maxLength?: number } = {},
): fc.Arbitrary<GeneratedUser[]> =>
  fc.uniqueArray(user, { minLength: 1, maxLength: 6, selector: ({ id }) => id, ...range }).map((list) =>
    list.map((each, index) => ({
      ...each,
      email: each.email === null ? null : `${each.email.slice(0, 200)}.${index}`,
      phone: each.phone === null ? null : `${each.phone}${index}`,
    })),
  );

/** Users, and for each whether something is true of it. */
export const usersWith = (
  range: { minLength?: number; maxLength?: number } = {},
): fc.Arbitrary<{ all: GeneratedUser[]; chosen: string[]; others: string[] }> =>
  users(range).chain((all) =>
    fc.array(fc.boolean(), { minLength: all.length, maxLength: all.length }).map((flags) => ({
      all,
      chosen: all.filter((_, index) => flags[index]).map(({ id }) => id),
      others: all.filter((_, index) => !flags[index]).map(({ id }) => id),
    })),
  );

/** Inserts users in one statement, as an import does. */
export async function insertUsers(client: pg.ClientBase, list: GeneratedUser[]): Promise<void> {
  await client.query(
    `insert into auth.users (id, instance_id, aud, role, email, phone, raw_user_meta_data, raw_app_meta_data,
       is_sso_user, is_anonymous, created_at, last_sign_in_at, deleted_at)
     select id, '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', email, phone,
       raw_user_meta_data, raw_app_meta_data, is_sso_user, is_anonymous, created_at, last_sign_in_at, deleted_at
     from jsonb_to_recordset($1) as loaded (id uuid, email text, phone text, raw_user_meta_data jsonb,
       raw_app_meta_data jsonb, is_sso_user boolean, is_anonymous boolean, created_at timestamptz,
       last_sign_in_at timestamptz, deleted_at timestamptz)`,
    [JSON.stringify(list)],
  );
}

/** Takes the profiles of some users away, as if they had been there before Rowhouse. */
export async function removeProfiles(client: pg.ClientBase, ids: string[]): Promise<void> {
  await client.query('delete from public.user_profiles where user_id = any ($1)', [ids]);
}

/** Profiles as users and superadmins leave them: every column has been changed, and no date is of this transaction. */
export async function writeProfiles(
  client: pg.ClientBase,
  ids: string[],
  contents: ProfileContents[],
): Promise<void> {
  await client.query(
    `update public.user_profiles as profile
     set display_name = written.display_name, platform_role = written.platform_role, is_active = written.is_active,
       deactivated_at = case when not written.is_active then timestamptz '2025-03-01' end,
       deactivation_reason = case when not written.is_active then 'left' end,
       preferences = written.preferences, sso_provider = 'sso:written', sso_user_id = 'written',
       last_seen_at = '2025-02-01'
     from jsonb_to_recordset($1) as written (user_id uuid, display_name text, platform_role text, is_active boolean,
       preferences jsonb)
     where profile.user_id = written.user_id`,
    [JSON.stringify(ids.map((id, index) => ({ user_id: id, ...contents[index % contents.length] })))],
  );
}

export interface ProfileContents {
  display_name: string;
  platform_role: 'user' | 'superadmin';
  is_active: boolean;
  preferences: Record<string, unknown>;
}

/** What a profile may hold. */
export const contents: fc.Arbitrary<ProfileContents> = fc.record({
  display_name: word,
  platform_role: fc.constantFrom('user', 'superadmin'),
  is_active: fc.boolean(),
  preferences: fc.dictionary(word, json, { maxKeys: 3 }),
});
