/**
 * The typed client of Rowhouse: supabase-js with the types of our schema, inputs that are checked before they are sent,
 * and errors as classes. Runs in Node 20 and later, in Deno and in browsers.
 */
import {
  createClient,
  FunctionsHttpError,
  type SupabaseClient,
  type SupabaseClientOptions,
} from '@supabase/supabase-js';
import type * as z from 'zod';
import type { Database } from './database.types.ts';
import { InvalidInputError, toRowhouseError, UnavailableError } from './errors.ts';
import {
  edgeInputs,
  edgeOutputs,
  inputs,
  type EdgeFunctionName,
  type FunctionInput,
  type FunctionName,
  type Functions,
} from './inputs.ts';

export type { Database, Json } from './database.types.ts';
export * from './errors.ts';
export {
  edgeInputs,
  inputs,
  type EdgeFunctionName,
  type FunctionInput,
  type FunctionName,
} from './inputs.ts';

/** Options of supabase-js's createClient. */
export type RowhouseClientOptions = SupabaseClientOptions<'public'>;

/** A function's answer, as the generated types have it. */
export type FunctionOutput<Name extends FunctionName> = Functions[Name]['Returns'];

/** A client of one Rowhouse, for one user. */
export interface RowhouseClient {
  /** supabase-js itself, typed: tables, storage, realtime. */
  readonly supabase: SupabaseClient<Database>;
  /** Signing up, in and out: supabase-js's auth. */
  readonly auth: SupabaseClient<Database>['auth'];
  /** Reads and writes a table or view, as the user: supabase-js's from. */
  readonly from: SupabaseClient<Database>['from'];
  /**
   * Calls a function of the database.
   *
   * @param name the function, such as `list_users`
   * @param input its arguments by name; what is left out has the function's default
   * @returns what the function returns
   * @throws {RowhouseError} InvalidInputError before anything is sent when the input is wrong; else by HTTP status
   */
  call<Name extends FunctionName>(
    name: Name,
    ...input: undefined extends FunctionInput<Name>
      ? [input?: FunctionInput<Name>]
      : [input: FunctionInput<Name>]
  ): Promise<FunctionOutput<Name>>;
  /**
   * Calls an edge function.
   *
   * @param name the function, such as `invite-user`
   * @param input its JSON body
   * @returns its JSON answer
   * @throws {RowhouseError} as `call`
   */
  invoke<Name extends EdgeFunctionName>(
    name: Name,
    input: z.input<(typeof edgeInputs)[Name]>,
  ): Promise<z.output<(typeof edgeOutputs)[Name]>>;
  /**
   * Chooses the organization that the user works in, and renews the session, so that the requests after it are in there.
   *
   * @param id one of those that `call('my_organizations')` lists; for superadmins, any
   * @returns the organization as the user sees it from outside
   * @throws {RowhouseError} as `call`: a NotFoundError where the user is no active member
   */
  switchOrganization(id: string): Promise<FunctionOutput<'switch_organization'>>;
}

function checked<T>(schema: z.ZodType<T>, input: unknown, what: string): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const fields = Object.fromEntries(
    result.error.issues.map((issue) => [issue.path.join('.') || 'input', issue.message]),
  );
  const summary = Object.entries(fields).map(([field, message]) => `${field}: ${message}`);
  throw new InvalidInputError(`The input of ${what} is wrong. ${summary.join(' ')}`, {
    code: 'invalid_input',
    status: 400,
    fields,
  });
}

/** Stands in where the runtime has no WebSocket (Node 20), so that only using realtime fails, with a reason. */
function missingWebSocket(): never {
  throw new Error('This runtime has no WebSocket: pass realtime.transport, for example from the package ws.');
}

function withTransport(options: RowhouseClientOptions): RowhouseClientOptions {
  if (typeof globalThis.WebSocket !== 'undefined' || options.realtime?.transport) return options;
  return {
    ...options,
    realtime: { ...options.realtime, transport: missingWebSocket as unknown as typeof WebSocket },
  };
}

/**
 * Makes a client.
 *
 * @param url the API's address: https://<project>.supabase.co, or what `npm start` prints
 * @param key the publishable key; the secret key only on a server
 * @param options options of supabase-js
 * @returns the client; it connects on first use
 */
export function createRowhouseClient(
  url: string,
  key: string,
  options: RowhouseClientOptions = {},
): RowhouseClient {
  const supabase = createClient<Database>(url, key, withTransport(options));

  const client: RowhouseClient = {
    supabase,
    auth: supabase.auth,
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-assertion -- bind() keeps one overload of two
    from: supabase.from.bind(supabase) as SupabaseClient<Database>['from'],

    async call(name, ...[input]) {
      const args = checked<unknown>(inputs[name], input, name);
      // The compiler cannot relate the schema of a name to the arguments of that name; `inputs` is checked where it is made.
      const { data, error, status } = await supabase.rpc(name, (args ?? {}) as never);
      if (error) throw toRowhouseError(error, status);
      return data;
    },

    async invoke(name, input) {
      const body = checked<unknown>(edgeInputs[name], input, name) ?? {};
      const result: { data: unknown; error: unknown } = await supabase.functions.invoke(name, {
        body: body as Record<string, unknown>,
      });
      const { data, error } = result;
      if (error instanceof FunctionsHttpError) {
        const response = error.context as Response;
        throw toRowhouseError(await response.json().catch(() => error), response.status);
      }
      if (error) throw toRowhouseError(error, 0);
      const answer = edgeOutputs[name].safeParse(data);
      if (!answer.success) {
        throw new UnavailableError(`The answer of ${name} is not what this client expects.`, {
          code: 'unexpected_answer',
          status: 502,
          hint: 'Are client and server of the same release?',
          cause: answer.error,
        });
      }
      return answer.data as z.output<(typeof edgeOutputs)[typeof name]>;
    },

    async switchOrganization(id) {
      const chosen = await client.call('switch_organization', { id });
      const { error } = await supabase.auth.refreshSession();
      if (error) {
        const status = error.status ?? 0;
        // Whatever is wrong with a session, signing in is what mends it.
        throw toRowhouseError(error, status >= 400 && status < 500 ? 401 : status);
      }
      return chosen;
    },
  };
  return client;
}
