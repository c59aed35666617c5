import { z } from 'zod';

const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(255)
  .pipe(z.email({ error: 'Unable to validate email address: invalid format' }));

const phone = z
  .string()
  .transform((value) => value.replace(/^\+/, '').replaceAll(/[\s-]/g, ''))
  .pipe(z.string().regex(/^[1-9]\d{6,14}$/, { error: 'Invalid phone number format (E.164 required)' }));

const password = z.string().refine((value) => Buffer.byteLength(value) <= 72, {
  error: 'Password cannot be longer than 72 characters',
});

const metadata = z.record(z.string(), z.unknown());

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Go's notation of a duration (`300ms`, `1h30m`), or `none`; becomes milliseconds, 0 for none. */
const duration = z
  .string()
  .regex(/^(none|(\d+(\.\d+)?(ms|s|m|h))+)$/, { error: 'invalid format for ban_duration' })
  .transform((value) =>
    [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
      (sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0),
      0,
    ),
  );

const attributes = z.object({
  email: email.optional(),
  phone: phone.optional(),
  password: password.optional(),
  email_confirm: z.boolean().optional(),
  phone_confirm: z.boolean().optional(),
  user_metadata: metadata.nullish(),
  app_metadata: metadata.nullish(),
  ban_duration: duration.optional(),
  role: z.string().min(1).max(255).optional(),
});

/** Body of `POST /admin/users`. */
export const createUserSchema = attributes
  .extend({ id: z.uuid({ error: 'ID must conform to the uuid v4 format' }).optional() })
  .refine((value) => value.email !== undefined || value.phone !== undefined, {
    error: 'Cannot create a user without either an email or phone',
  });

/** Body of `PUT /admin/users/:id`. */
export const updateUserSchema = attributes;

/** Body of `DELETE /admin/users/:id`. */
export const deleteUserSchema = z.object({ should_soft_delete: z.boolean().default(false) });

/** Body of `POST /invite`. */
export const inviteSchema = z.object({ email, data: metadata.nullish() });

/** Body of `POST /admin/generate_link`. */
export const generateLinkSchema = z.object({
  type: z.enum(['signup', 'invite', 'magiclink', 'recovery'], {
    error: 'Invalid email action link type requested: use signup, invite, magiclink or recovery',
  }),
  email,
  password: password.optional(),
  data: metadata.nullish(),
  redirect_to: z.string().optional(),
});

/** A number of a query; supabase-js sends an empty text for one that was not given. */
const count = (maximum: number, otherwise: number) =>
  z
    .string()
    .transform((text) => (text === '' ? otherwise : Number(text)))
    .pipe(z.number().int().min(1).max(maximum))
    .default(otherwise);

/** Query of `GET /admin/users`. */
export const listUsersSchema = z.object({ page: count(1_000_000, 1), per_page: count(1000, 50) });

/** What an administrator may set on a user. */
export type UserAttributes = z.infer<typeof attributes>;
/** A user as an administrator creates it. */
export type NewUser = z.infer<typeof createUserSchema>;
/** What an administrator asks a link for. */
export type LinkRequest = z.infer<typeof generateLinkSchema>;
