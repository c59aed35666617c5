// Not `{ z }`: of a namespace, bundlers keep only what is used.
import * as z from 'zod';
import { type Database, userProfilesPlatformRole } from './database.types.ts';

/** The SQL functions of the API, as the generated types know them. */
export type Functions = Database['public']['Functions'];

/** The name of one of them. The access token hook is the auth server's alone. */
export type FunctionName = Exclude<keyof Functions, 'custom_access_token_hook'>;

const id = z.guid('It is a user id.');
const queue = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'It is the name of a queue.');
const messageId = z.int('It is a message id.').positive('It is a message id.');
const nothing = z.strictObject({}).optional();

/**
 * What each function takes. A function that is added to the database and not here does not compile.
 */
export const inputs = {
  check_user_integrity: nothing,
  claim_jobs: z.strictObject({
    queue,
    quantity: z.int().min(1).max(1000).optional(),
    visibility_seconds: z.int().min(1).max(43_200).optional(),
  }),
  complete_jobs: z.strictObject({ queue, message_ids: z.array(messageId) }),
  dead_letters: z.strictObject({ queue }),
  deactivate_user: z.strictObject({
    id,
    reason: z.string().trim().min(1, 'Deactivating a user takes a reason.').max(1000),
  }),
  delete_user: z.strictObject({ id }),
  fail_job: z.strictObject({
    queue,
    message_id: messageId,
    error: z.string(),
    is_final: z.boolean().optional(),
    attempt: z.int().positive().optional(),
  }),
  get_user: z.strictObject({ id }),
  is_superadmin: nothing,
  jobs_overview: nothing,
  list_users: z
    .strictObject({
      search: z.string().max(200).optional(),
      status: z.enum(['active', 'inactive', 'missing']).optional(),
      role: z.enum(userProfilesPlatformRole).optional(),
      page: z.int().min(1).optional(),
      per_page: z.int().min(1).max(100).optional(),
    })
    .optional(),
  reactivate_user: z.strictObject({ id }),
  replay_dead_letters: z.strictObject({ queue, message_ids: z.array(messageId).optional() }),
  run_user_sync_job: z.strictObject({ message_id: messageId }),
  sync_user_profiles: z.strictObject({ dry_run: z.boolean().optional() }).optional(),
  update_user: z.strictObject({
    id,
    display_name: z.string().trim().min(1).max(200).optional(),
    platform_role: z.enum(userProfilesPlatformRole).optional(),
    preferences: z.record(z.string(), z.json()).optional(),
  }),
  waiting_queues: nothing,
} satisfies Record<FunctionName, z.ZodType>;

/** What a caller may hand to a function. */
export type FunctionInput<Name extends FunctionName> = z.input<(typeof inputs)[Name]>;

/** What the edge functions take. */
export const edgeInputs = {
  health: nothing,
  'invite-user': z.strictObject({
    email: z.email('It is an e-mail address.').max(320),
    redirect_to: z.url().optional(),
    full_name: z.string().trim().min(1).max(200).optional(),
  }),
  worker: z.strictObject({ queue: queue.optional() }).optional(),
};

/** The name of an edge function. */
export type EdgeFunctionName = keyof typeof edgeInputs;

const invited = z.object({
  user_id: z.guid(),
  email: z.string(),
  action_link: z.url(),
});
const worked = z.object({
  queues: z.array(z.string()),
  done: z.int(),
  failed: z.int(),
  dead: z.int(),
});

const examined = z.object({
  status: z.enum(['ok', 'degraded']),
  /** For superadmins and the secret key alone, as `problems` is. */
  queues: z
    .array(
      z.looseObject({
        queue: z.string(),
        waiting: z.number(),
        failing: z.number(),
        dead_letters: z.number(),
        oldest_waiting_seconds: z.number(),
        last_error: z.string().nullable(),
      }),
    )
    .optional(),
  problems: z
    .array(z.looseObject({ problem: z.string(), object: z.string(), detail: z.string(), remedy: z.string() }))
    .optional(),
});

/** What they answer. */
export const edgeOutputs = {
  health: examined,
  'invite-user': invited,
  worker: worked,
} satisfies Record<EdgeFunctionName, z.ZodType>;
