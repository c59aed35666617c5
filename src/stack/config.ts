import { readFile } from 'node:fs/promises';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import { bytesOf } from './storage-names.ts';

const hookUri = /^pg-functions:\/\/[^/]+\/([a-z_][a-z0-9_]*)\/([a-z_][a-z0-9_]*)$/;

const fileSize = z.string().transform((text, context) => {
  const bytes = bytesOf(text, 1024);
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: 'custom', message: 'is no size such as "50MiB"' });
  return z.NEVER;
});

const configSchema = z.object({
  api: z
    .object({
      schemas: z.array(z.string()).default(['public']),
      extra_search_path: z.array(z.string()).default(['public', 'extensions']),
      max_rows: z.number().int().positive().default(1000),
    })
    .prefault({}),
  auth: z
    .object({
      site_url: z.string().default('http://127.0.0.1:3000'),
      additional_redirect_urls: z.array(z.string()).default([]),
      jwt_expiry: z.number().int().positive().default(3600),
      minimum_password_length: z.number().int().default(6),
      enable_signup: z.boolean().default(true),
      email: z.object({ enable_confirmations: z.boolean().default(false) }).prefault({}),
      hook: z
        .object({
          custom_access_token: z
            .object({ enabled: z.boolean().default(true), uri: z.string().regex(hookUri) })
            .optional(),
        })
        .prefault({}),
    })
    .prefault({}),
  storage: z.object({ file_size_limit: fileSize.prefault('50MiB') }).prefault({}),
  functions: z.record(z.string(), z.object({ verify_jwt: z.boolean().default(true) })).default({}),
});

/** The part of `supabase/config.toml` that the embedded stack follows. */
export interface StackConfig {
  /** Schemas that the REST API exposes. */
  schemas: string[];
  /** Schemas in which unqualified names are found, after the exposed one. */
  extraSearchPath: string[];
  /** The most rows that one REST request returns. */
  maxRows: number;
  auth: z.infer<typeof configSchema>['auth'];
  /** The most bytes that a file in storage may have. */
  fileSizeLimit: number;
  /** The SQL function that may change the claims of an access token. */
  tokenHook: { schema: string; name: string } | undefined;
  /** Names of the edge functions that anybody may call without a key. */
  openFunctions: Set<string>;
}

/**
 * Reads the real Supabase CLI's configuration file.
 *
 * @param file path of `config.toml`
 * @throws {Failure} when it is missing or says something that the stack cannot follow
 */
export async function loadConfig(file: string): Promise<StackConfig> {
  let parsed: z.infer<typeof configSchema>;
  try {
    parsed = configSchema.parse(parse(await readFile(file, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Failure(`${file} cannot be used: ${reason}`, { hint: 'Correct the file.', cause: error });
  }
  const hook = parsed.auth.hook.custom_access_token;
  const [, schema, name] = hook?.enabled ? (hookUri.exec(hook.uri) ?? []) : [];
  return {
    schemas: parsed.api.schemas,
    extraSearchPath: parsed.api.extra_search_path,
    maxRows: parsed.api.max_rows,
    auth: parsed.auth,
    fileSizeLimit: parsed.storage.file_size_limit,
    tokenHook: schema && name ? { schema, name } : undefined,
    openFunctions: new Set(
      Object.entries(parsed.functions).flatMap(([key, value]) => (value.verify_jwt ? [] : [key])),
    ),
  };
}
