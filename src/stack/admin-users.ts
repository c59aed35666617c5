import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import bcrypt from 'bcryptjs';
import pg from 'pg';
import { AuthError } from './auth-error.ts';
import type { LinkRequest, NewUser, UserAttributes } from './admin-schemas.ts';

/** A connection inside the transaction of one call. */
type Transaction = pg.ClientBase;

/** A user as GoTrue shows it. */
export type UserJson = Record<string, unknown> & { id: string; email: string };

interface UserRow {
  id: string;
  aud: string | null;
  role: string | null;
  email: string | null;
  phone: string | null;
  raw_app_meta_data: Record<string, unknown> | null;
  raw_user_meta_data: Record<string, unknown> | null;
  email_confirmed_at: Date | null;
  phone_confirmed_at: Date | null;
  confirmed_at: Date | null;
  confirmation_sent_at: Date | null;
  recovery_sent_at: Date | null;
  invited_at: Date | null;
  last_sign_in_at: Date | null;
  banned_until: Date | null;
  deleted_at: Date | null;
  created_at: Date | null;
  updated_at: Date | null;
  is_anonymous: boolean;
  identities: Record<string, unknown>[];
}

const selectUsers = `
  select u.id, u.aud, u.role, u.email, u.phone, u.raw_app_meta_data, u.raw_user_meta_data, u.email_confirmed_at,
    u.phone_confirmed_at, u.confirmed_at, u.confirmation_sent_at, u.recovery_sent_at, u.invited_at, u.last_sign_in_at,
    u.banned_until, u.deleted_at, u.created_at, u.updated_at, u.is_anonymous,
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data,
        'provider', i.provider, 'last_sign_in_at', i.last_sign_in_at, 'created_at', i.created_at,
        'updated_at', i.updated_at, 'email', i.email) order by i.created_at, i.id)
      from auth.identities as i where i.user_id = u.id
    ), '[]') as identities
  from auth.users as u`;

const optionalMoments = [
  'email_confirmed_at',
  'phone_confirmed_at',
  'confirmed_at',
  'confirmation_sent_at',
  'recovery_sent_at',
  'invited_at',
  'last_sign_in_at',
  'banned_until',
  'deleted_at',
] as const;

function toJson(row: UserRow): UserJson {
  const moments = optionalMoments.flatMap((name) =>
    row[name] === null ? [] : [[name, row[name].toISOString()]],
  );
  return {
    id: row.id,
    aud: row.aud ?? 'authenticated',
    role: row.role ?? '',
    email: row.email ?? '',
    phone: row.phone ?? '',
    ...(Object.fromEntries(moments) as Record<string, string>),
    app_metadata: row.raw_app_meta_data ?? {},
    user_metadata: row.raw_user_meta_data ?? {},
    identities: row.identities,
    created_at: row.created_at?.toISOString() ?? null,
    updated_at: row.updated_at?.toISOString() ?? null,
    is_anonymous: row.is_anonymous,
  };
}

/** GoTrue's answers to a conflict on a unique index of `auth.users`. */
function explainConflict(error: unknown): unknown {
  const { code, detail } = error as { code?: string; detail?: string };
  if (code !== '23505') return error;
  if (detail?.includes('(phone)')) {
    return new AuthError(422, 'phone_exists', 'A user with this phone number has already been registered');
  }
  if (detail?.includes('(email')) {
    return new AuthError(422, 'email_exists', 'A user with this email address has already been registered');
  }
  return new AuthError(422, 'conflict', 'A user with this id has already been registered');
}

async function change(transaction: Transaction, statement: string, values: unknown[]): Promise<void> {
  try {
    await transaction.query(statement, values);
  } catch (error) {
    throw explainConflict(error);
  }
}

async function hashPassword(password: string, minimumLength: number): Promise<string> {
  if (password.length < minimumLength) {
    throw new AuthError(422, 'weak_password', `Password should be at least ${minimumLength} characters.`);
  }
  return bcrypt.hash(password, 10);
}

/** Merges as GoTrue does: a key set to null is removed. */
function merged(
  current: Record<string, unknown> | null,
  changes: Record<string, unknown> | null | undefined,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...current, ...changes }).filter(([, value]) => value !== null));
}

function bannedUntil(milliseconds: number): Date | null {
  return milliseconds > 0 ? new Date(Date.now() + milliseconds) : null;
}

async function addIdentity(
  transaction: Transaction,
  userId: string,
  provider: 'email' | 'phone',
  data: Record<string, unknown>,
): Promise<void> {
  await transaction.query(
    `insert into auth.identities (id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at)
     values ($1, $2, $3::uuid::text, $3::uuid, $4, now(), now(), now())`,
    [
      randomUUID(),
      provider,
      userId,
      JSON.stringify({ sub: userId, email_verified: false, phone_verified: false, ...data }),
    ],
  );
}

/**
 * Reads one user.
 *
 * @throws {AuthError} 404 when there is none
 */
export async function getUser(transaction: Transaction, id: string): Promise<UserJson> {
  const { rows } = await transaction.query<UserRow>(`${selectUsers} where u.id = $1`, [id]);
  if (!rows[0]) throw new AuthError(404, 'user_not_found', 'User not found');
  return toJson(rows[0]);
}

/**
 * Reads one page of all users, newest first.
 *
 * @returns the users of the page and the number of all
 */
export async function listUsers(
  transaction: Transaction,
  page: number,
  perPage: number,
): Promise<{ users: UserJson[]; total: number }> {
  const { rows } = await transaction.query<UserRow>(
    `${selectUsers} order by u.created_at desc nulls last, u.id limit $1 offset $2`,
    [perPage, (page - 1) * perPage],
  );
  const count = await transaction.query<{ total: number }>(
    'select count(*)::integer as total from auth.users',
  );
  return { users: rows.map(toJson), total: count.rows[0]?.total ?? 0 };
}

/**
 * Creates a user as GoTrue's admin API does, with an identity for the e-mail address and one for the phone number.
 *
 * @throws {AuthError} 422 when the address, the number or the id is taken, or the password is weak
 */
export async function createUser(
  transaction: Transaction,
  user: NewUser,
  minimumPasswordLength: number,
): Promise<UserJson> {
  const id = user.id ?? randomUUID();
  const providers = [...(user.email ? ['email'] : []), ...(user.phone ? ['phone'] : [])];
  const password = user.password ?? randomBytes(24).toString('base64url');
  await change(
    transaction,
    `insert into auth.users (id, aud, role, email, phone, encrypted_password, email_confirmed_at, phone_confirmed_at,
       raw_app_meta_data, raw_user_meta_data, banned_until, created_at, updated_at)
     values ($1, 'authenticated', $2, $3, $4, $5, case when $6 then now() end, case when $7 then now() end,
       $8, $9, $10, now(), now())`,
    [
      id,
      user.role ?? 'authenticated',
      user.email ?? null,
      user.phone ?? null,
      await hashPassword(password, minimumPasswordLength),
      Boolean(user.email && user.email_confirm),
      Boolean(user.phone && user.phone_confirm),
      JSON.stringify(merged({ provider: providers[0], providers }, user.app_metadata)),
      JSON.stringify(merged(user.email_confirm ? { email_verified: true } : {}, user.user_metadata)),
      bannedUntil(user.ban_duration ?? 0),
    ],
  );
  if (user.email) await addIdentity(transaction, id, 'email', { email: user.email });
  if (user.phone) await addIdentity(transaction, id, 'phone', { phone: user.phone });
  return getUser(transaction, id);
}

async function setIdentity(
  transaction: Transaction,
  userId: string,
  provider: 'email' | 'phone',
  value: string,
): Promise<void> {
  const { rowCount } = await transaction.query(
    `update auth.identities set updated_at = now(),
       identity_data = identity_data || jsonb_build_object($2::text, $3::text, $2::text || '_verified', false)
     where user_id = $1 and provider = $2::text`,
    [userId, provider, value],
  );
  if (rowCount === 0) await addIdentity(transaction, userId, provider, { [provider]: value });
}

/**
 * Changes a user as GoTrue's admin API does. A new password ends the user's sessions.
 *
 * @throws {AuthError} 404 when there is no such user, 422 as {@link createUser}
 */
export async function updateUser(
  transaction: Transaction,
  id: string,
  attributes: UserAttributes,
  minimumPasswordLength: number,
): Promise<UserJson> {
  const { rows } = await transaction.query<UserRow>('select * from auth.users where id = $1 for update', [
    id,
  ]);
  const current = rows[0];
  if (!current) throw new AuthError(404, 'user_not_found', 'User not found');
  const { email, phone, password, ban_duration: ban } = attributes;
  await change(
    transaction,
    `update auth.users set email = coalesce($2, email), phone = coalesce($3, phone), role = coalesce($4, role),
       encrypted_password = coalesce($5, encrypted_password),
       email_confirmed_at = case when $6 then now() else email_confirmed_at end,
       phone_confirmed_at = case when $7 then now() else phone_confirmed_at end,
       raw_app_meta_data = $8, raw_user_meta_data = $9,
       banned_until = case when $10 then $11::timestamptz else banned_until end,
       updated_at = now()
     where id = $1`,
    [
      id,
      email ?? null,
      phone ?? null,
      attributes.role ?? null,
      password === undefined ? null : await hashPassword(password, minimumPasswordLength),
      Boolean(attributes.email_confirm && current.email_confirmed_at === null),
      Boolean(attributes.phone_confirm && current.phone_confirmed_at === null),
      JSON.stringify(merged(current.raw_app_meta_data, attributes.app_metadata)),
      JSON.stringify(merged(current.raw_user_meta_data, attributes.user_metadata)),
      ban !== undefined,
      bannedUntil(ban ?? 0),
    ],
  );
  if (email !== undefined && email !== current.email) await setIdentity(transaction, id, 'email', email);
  if (phone !== undefined && phone !== current.phone) await setIdentity(transaction, id, 'phone', phone);
  if (password !== undefined) await transaction.query('delete from auth.sessions where user_id = $1', [id]);
  return getUser(transaction, id);
}

function obscured(userId: string, value: string | null): string | null {
  return value === null || value === ''
    ? value
    : createHash('sha256')
        .update(userId + value)
        .digest('base64url');
}

/**
 * Deletes a user. The soft kind keeps the row for what refers to it, without anything that tells who it was.
 *
 * @throws {AuthError} 404 when there is no such user, 422 when something still refers to it
 */
export async function deleteUser(transaction: Transaction, id: string, isSoft: boolean): Promise<void> {
  const { rows } = await transaction.query<UserRow>('select * from auth.users where id = $1 for update', [
    id,
  ]);
  const user = rows[0];
  if (!user) throw new AuthError(404, 'user_not_found', 'User not found');
  if (!isSoft) {
    try {
      await transaction.query('delete from auth.users where id = $1', [id]);
    } catch (error) {
      const { code, table } = error as { code?: string; table?: string };
      if (code !== '23503') throw error;
      throw new AuthError(
        422,
        'conflict',
        `The user cannot be deleted: ${table ?? 'another table'} still refers to it`,
      );
    }
    return;
  }
  if (user.deleted_at !== null) return;
  const phone = obscured(id, user.phone);
  await transaction.query(
    `update auth.users set email = $2, phone = $3, encrypted_password = '', confirmation_token = null,
       recovery_token = null, email_change = null, email_change_token_new = null, email_change_token_current = null,
       reauthentication_token = null, raw_app_meta_data = '{}', raw_user_meta_data = '{}',
       deleted_at = now(), updated_at = now()
     where id = $1`,
    [id, obscured(id, user.email), phone?.slice(0, 15)],
  );
  await transaction.query('delete from auth.sessions where user_id = $1', [id]);
  await transaction.query(
    `update auth.identities set identity_data = '{}', updated_at = now(),
       provider_id = encode(sha256(convert_to(user_id::text || provider_id, 'utf8')), 'hex')
     where user_id = $1`,
    [id],
  );
}

/** A link that signs a user in, and what stands behind it. */
export interface Link {
  user: UserJson;
  /** The six digits of a mail. */
  otp: string;
  /** The secret of the link. */
  token: string;
  /** What the link verifies. */
  type: LinkRequest['type'];
}

async function findByEmail(transaction: Transaction, email: string): Promise<UserRow | undefined> {
  const { rows } = await transaction.query<UserRow>(
    `${selectUsers} where u.email = $1 and not u.is_sso_user for update of u`,
    [email],
  );
  return rows[0];
}

/**
 * Makes a link by which a user signs in: a new one (`invite`, `signup`, and `magiclink` for an unknown address) or one
 * that exists (`magiclink`, `recovery`, and an invitation sent again).
 *
 * @throws {AuthError} 404 for the recovery of an unknown user, 422 when an invited user is one already
 */
export async function createLink(
  transaction: Transaction,
  request: LinkRequest,
  minimumPasswordLength: number,
): Promise<Link> {
  const { email } = request;
  const existing = await findByEmail(transaction, email);
  const type = request.type === 'magiclink' && !existing ? 'signup' : request.type;
  const isNew = type === 'invite' || type === 'signup';
  if (isNew && existing?.email_confirmed_at) {
    throw new AuthError(422, 'email_exists', 'A user with this email address has already been registered');
  }
  if (type === 'recovery' && !existing) {
    throw new AuthError(404, 'user_not_found', 'User with this email not found');
  }
  if (request.type === 'signup' && !request.password) {
    throw new AuthError(400, 'validation_failed', 'Signup requires a valid password');
  }
  const id =
    existing?.id ??
    (
      await createUser(
        transaction,
        {
          email,
          ...(request.password === undefined ? {} : { password: request.password }),
          ...(request.data === undefined ? {} : { user_metadata: request.data }),
        },
        minimumPasswordLength,
      )
    ).id;
  const otp = String(randomInt(0, 1_000_000)).padStart(6, '0');
  // The hash that the auth server computes when somebody types the digits in.
  const token = createHash('sha256')
    .update(email.toLowerCase() + otp)
    .digest('hex');
  const column = isNew ? 'confirmation' : 'recovery';
  await transaction.query(
    `update auth.users set ${column}_token = $2, ${column}_sent_at = now(), updated_at = now(),
       invited_at = case when $3::boolean then now() else invited_at end
     where id = $1`,
    [id, token, type === 'invite'],
  );
  return { user: await getUser(transaction, id), otp, token, type };
}
