import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { proxy } from 'hono/proxy';
import { identify, type Keys } from './callers.ts';
import { startFunction, type FunctionAccess, type FunctionProcess } from './function-process.ts';

/** The edge functions: answers under `/functions/v1/<name>`. */
export interface EdgeFunctions {
  fetch(request: Request): Promise<Response>;
  /** Whether there is a function of that name. */
  has(name: string): boolean;
  /** The names of the functions that run. */
  running(): string[];
  stop(): Promise<void>;
}

/** What {@link edgeFunctions} needs. */
export interface EdgeFunctionsOptions {
  /** The folder that holds the functions, one folder each. */
  directory: string;
  cacheDirectory: string;
  keys: Keys;
  /** Names of functions that anybody may call. */
  open: Set<string>;
  apiUrl: () => string;
  /** What the functions find in their environment beside what Supabase tells them. */
  settings?: Record<string, string>;
  /** What single functions may do beyond the others, by name. */
  access?: Record<string, FunctionAccess>;
  log: (line: string) => void;
  /** How long a function may take to answer, in milliseconds. */
  timeout?: number;
}

/** As long as Supabase lets a function think. */
const defaultTimeout = 150_000;

function refusal(status: number, message: string): Response {
  return Response.json({ code: status, message }, { status });
}

/**
 * Serves edge functions, each by a Deno process that starts with the first request to it, and starts anew after it ended.
 *
 * @param options where the functions are, who may call them, and what they are told
 */
export function edgeFunctions(options: EdgeFunctionsOptions): EdgeFunctions {
  const { directory, cacheDirectory, keys, open, apiUrl, log, timeout = defaultTimeout } = options;
  const { settings = {}, access = {} } = options;
  const processes = new Map<string, Promise<FunctionProcess>>();
  let isStopping = false;

  const has = (name: string) =>
    /^[a-z][a-z0-9-]*$/.test(name) && existsSync(join(directory, name, 'index.ts'));

  const start = (name: string): Promise<FunctionProcess> => {
    const known = processes.get(name);
    if (known) return known;
    const started = startFunction({
      name,
      directory,
      cacheDirectory,
      log,
      access: Object.hasOwn(access, name) ? access[name] : undefined,
      environment: {
        ...settings,
        SUPABASE_URL: apiUrl(),
        SUPABASE_ANON_KEY: keys.publishableKey,
        SUPABASE_SERVICE_ROLE_KEY: keys.secretKey,
        SUPABASE_PUBLISHABLE_KEY: keys.publishableKey,
        SUPABASE_SECRET_KEY: keys.secretKey,
      },
    });
    processes.set(name, started);
    const forget = () => {
      if (processes.get(name) === started) processes.delete(name);
    };
    started.then((running) => running.ended.then(forget), forget);
    return started;
  };

  const forward = async (name: string, request: Request): Promise<Response> => {
    let running: FunctionProcess;
    try {
      running = await start(name);
    } catch (error) {
      log(`functions: ${(error as Error).message}`);
      return refusal(503, `The function "${name}" failed to start.`);
    }
    const url = new URL(request.url);
    const target = running.address + url.pathname.slice('/functions/v1'.length) + url.search;
    const tooLong = AbortSignal.timeout(timeout);
    const headers = new Headers(request.headers);
    headers.set('x-forwarded-host', url.host);
    headers.set('x-forwarded-proto', url.protocol.slice(0, -1));
    try {
      return await proxy(target, {
        method: request.method,
        headers,
        body: request.body,
        redirect: 'manual',
        signal: AbortSignal.any([tooLong, request.signal]),
      });
    } catch (error) {
      if (tooLong.aborted) return refusal(504, `The function "${name}" did not answer in time.`);
      log(`functions: ${name}: ${(error as Error).message}`);
      return refusal(503, `The function "${name}" ended before it answered.`);
    }
  };

  return {
    has,
    running: () => [...processes.keys()],
    async fetch(request) {
      const name = new URL(request.url).pathname.split('/')[3] ?? '';
      if (!has(name)) return refusal(404, 'There is no such function.');
      if (isStopping) return refusal(503, 'The stack is stopping.');
      if (!open.has(name)) {
        const caller = await identify(request, keys);
        if ('message' in caller) return refusal(401, caller.message);
        if (!caller.known) return refusal(401, 'Missing authorization header');
      }
      return forward(name, request);
    },
    async stop() {
      isStopping = true;
      const settled = await Promise.allSettled(processes.values());
      const running = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      await Promise.all(running.map((each) => each.stop()));
    },
  };
}
