import { Hono } from 'hono';
import type pg from 'pg';
import { z } from 'zod';
import {
  createUserSchema,
  deleteUserSchema,
  generateLinkSchema,
  inviteSchema,
  listUsersSchema,
  updateUserSchema,
  type LinkRequest,
} from './admin-schemas.ts';
import {
  createLink,
  createUser,
  deleteUser,
  getUser,
  listUsers,
  updateUser,
  type Link,
} from './admin-users.ts';
import { AuthError, authErrorResponse } from './auth-error.ts';
import { identify, type Keys } from './callers.ts';

/** What {@link adminApi} needs. */
export interface AdminApiOptions {
  /** Connections as `supabase_auth_admin`. */
  pool: pg.Pool;
  keys: Keys;
  /** Address of the gateway. */
  apiUrl: () => string;
  /** Where a link leads that names no other address. */
  siteUrl: string;
  minimumPasswordLength: number;
  log: (line: string) => void;
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.');
  throw new AuthError(400, 'validation_failed', `${where ? `${where}: ` : ''}${issue?.message ?? 'invalid'}`);
}

async function body<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const text = await request.text();
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new AuthError(400, 'bad_json', 'Could not parse request body as JSON');
  }
  return parse(schema, value);
}

function userId(id: string): string {
  if (z.guid().safeParse(id).success) return id;
  throw new AuthError(404, 'validation_failed', 'user_id must be an UUID');
}

/**
 * GoTrue's admin API, which supabase-js calls as `auth.admin`: for the secret key and for tokens of `service_role`.
 * Each call is one transaction.
 *
 * @param options connections, keys and addresses
 * @returns a Hono application for `/auth/v1/admin/*` and `/auth/v1/invite`
 */
export function adminApi(options: AdminApiOptions): Hono {
  const { pool, keys, apiUrl, siteUrl, minimumPasswordLength, log } = options;
  const app = new Hono();

  const inTransaction = async <T>(run: (client: pg.ClientBase) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const result = await run(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  };

  const makeLink = async (request: LinkRequest): Promise<Link & { address: string; redirectTo: string }> => {
    const link = await inTransaction((client) => createLink(client, request, minimumPasswordLength));
    const redirectTo = request.redirect_to ?? siteUrl;
    const address = new URL(`${apiUrl()}/auth/v1/verify`);
    address.searchParams.set('token', link.token);
    address.searchParams.set('type', link.type);
    address.searchParams.set('redirect_to', redirectTo);
    return { ...link, address: address.toString(), redirectTo };
  };

  app.onError((error) => authErrorResponse(error, log));
  app.notFound(() => authErrorResponse(new AuthError(404, 'not_found', 'No such endpoint'), log));

  app.use(async (context, next) => {
    const caller = await identify(context.req.raw, keys);
    if ('message' in caller) throw new AuthError(403, 'bad_jwt', `invalid JWT: ${caller.message}`);
    if (!caller.known)
      throw new AuthError(401, 'no_authorization', 'This endpoint requires a valid Bearer token');
    if (caller.role !== 'service_role') throw new AuthError(403, 'not_admin', 'User not allowed');
    return next();
  });

  app.get('/auth/v1/admin/users', async (context) => {
    const { page, per_page: perPage } = parse(listUsersSchema, context.req.query());
    const { users, total } = await inTransaction((client) => listUsers(client, page, perPage));
    const lastPage = Math.max(1, Math.ceil(total / perPage));
    const link = (number: number, rel: string) =>
      `<${apiUrl()}/auth/v1/admin/users?page=${number}&per_page=${perPage}>; rel="${rel}"`;
    context.header('x-total-count', String(total));
    context.header(
      'link',
      [...(page < lastPage ? [link(page + 1, 'next')] : []), link(lastPage, 'last')].join(', '),
    );
    return context.json({ users, aud: 'authenticated' });
  });

  app.post('/auth/v1/admin/users', async (context) => {
    const user = await body(context.req.raw, createUserSchema);
    return context.json(await inTransaction((client) => createUser(client, user, minimumPasswordLength)));
  });

  app.get('/auth/v1/admin/users/:id', async (context) => {
    const id = userId(context.req.param('id'));
    return context.json(await inTransaction((client) => getUser(client, id)));
  });

  app.put('/auth/v1/admin/users/:id', async (context) => {
    const id = userId(context.req.param('id'));
    const attributes = await body(context.req.raw, updateUserSchema);
    return context.json(
      await inTransaction((client) => updateUser(client, id, attributes, minimumPasswordLength)),
    );
  });

  app.delete('/auth/v1/admin/users/:id', async (context) => {
    const id = userId(context.req.param('id'));
    const { should_soft_delete: isSoft } = await body(context.req.raw, deleteUserSchema);
    await inTransaction((client) => deleteUser(client, id, isSoft));
    return context.json({});
  });

  app.post('/auth/v1/invite', async (context) => {
    const { email, data } = await body(context.req.raw, inviteSchema);
    const link = await makeLink({
      type: 'invite',
      email,
      data,
      redirect_to: context.req.query('redirect_to'),
    });
    log(`mail to ${email}: You have been invited\n${link.address}`);
    return context.json(link.user);
  });

  app.post('/auth/v1/admin/generate_link', async (context) => {
    const request = await body(context.req.raw, generateLinkSchema);
    const link = await makeLink({
      ...request,
      redirect_to: request.redirect_to ?? context.req.query('redirect_to'),
    });
    return context.json({
      ...link.user,
      action_link: link.address,
      email_otp: link.otp,
      hashed_token: link.token,
      redirect_to: link.redirectTo,
      verification_type: link.type,
    });
  });

  return app;
}
