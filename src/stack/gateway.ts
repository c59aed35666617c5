import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { Failure } from '../failure.ts';

/** The parts that answer behind the gateway. */
export interface GatewayParts {
  auth: (request: Request) => Promise<Response>;
  admin: (request: Request) => Response | Promise<Response>;
  rest: (request: Request) => Promise<Response>;
  storage?: (request: Request) => Promise<Response>;
  functions: (request: Request) => Promise<Response>;
  health: (request: Request) => Promise<Response>;
}

/** A listening gateway. */
export interface Gateway {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Opens the gateway: until then every request is answered 503. */
  open(parts: GatewayParts): void;
  /** Takes no more connections; those that are open go on. */
  stopAccepting: () => Promise<void>;
  /** Waits until the open connections are idle, or for a moment, and closes them. */
  close(): Promise<void>;
}

const maximumBody = 10 * 1024 * 1024;
const drainMilliseconds = 2000;

const exposedHeaders = [
  'content-range',
  'content-location',
  'preference-applied',
  'x-total-count',
  'link',
  'x-sb-error-code',
  'sb-error-code',
  'x-supabase-api-version',
];

/**
 * Routes what Supabase's gateway routes: `/auth/v1`, `/rest/v1`, `/storage/v1`, `/functions/v1` and `/health`.
 *
 * @param parts what answers; a function, since they come later than the gateway
 * @param log where an unexpected error is reported
 */
function routes(parts: () => GatewayParts | undefined, log: (line: string) => void): Hono {
  const app = new Hono();

  app.use(
    cors({
      origin: '*',
      allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      // No list: whatever headers a browser asks for.
      exposeHeaders: exposedHeaders,
      maxAge: 86_400,
    }),
  );
  const limit = bodyLimit({
    maxSize: maximumBody,
    onError: (context) =>
      context.json(
        { code: 413, error_code: 'request_too_large', message: 'The request is larger than 10 MB.' },
        413,
      ),
  });
  // Storage has limits of its own, for files.
  app.use((context, next) => (context.req.path.startsWith('/storage/v1/') ? next() : limit(context, next)));
  app.use(async (context, next) => {
    if (parts()) return next();
    return context.json({ code: 503, message: 'The stack is starting.' }, 503, { 'retry-after': '1' });
  });

  const to =
    (part: keyof Omit<GatewayParts, 'health' | 'storage'>) =>
    async ({ req }: { req: { raw: Request } }): Promise<Response> => {
      const answer = await parts()?.[part](req.raw);
      return answer ?? new Response(null, { status: 503 });
    };

  app.get('/health', async ({ req }) => {
    const answer = await parts()?.health(req.raw);
    return answer ?? new Response(null, { status: 503 });
  });
  app.all('/auth/v1/admin/*', to('admin'));
  app.post('/auth/v1/invite', to('admin'));
  app.all('/auth/v1/*', to('auth'));
  app.all('/rest/v1/*', to('rest'));
  app.all('/functions/v1/*', to('functions'));
  app.all('/storage/v1/*', async ({ req, notFound }) => (await parts()?.storage?.(req.raw)) ?? notFound());

  app.notFound((context) => context.json({ code: 404, message: 'There is nothing at this address.' }, 404));
  app.onError((error, context) => {
    log(`gateway: ${error.message}`);
    return context.json({ code: 500, message: 'Something went wrong. The log of the stack says what.' }, 500);
  });
  return app;
}

function start(server: ServerType, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Failure(`Port ${port} is taken: stop what uses it or pass --port.`, { cause: error })
          : new Failure(`The API cannot listen on port ${port}: ${error.message}.`, { cause: error }),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(address && typeof address === 'object' ? address.port : port);
    });
  });
}

/**
 * Starts to listen, on this machine alone.
 *
 * @param port the port, or 0 for a free one
 * @param log where an unexpected error is reported
 * @throws {Failure} when the port is taken
 */
export async function startGateway(port: number, log: (line: string) => void): Promise<Gateway> {
  let parts: GatewayParts | undefined;
  const app = routes(() => parts, log);
  const server = createAdaptorServer({ fetch: app.fetch });
  let closed: Promise<void> | undefined;
  const url = `http://127.0.0.1:${await start(server, port)}`;
  const stopAccepting = () => {
    closed ??= new Promise((resolve) => server.close(() => resolve()));
    return Promise.resolve();
  };
  return {
    url,
    open(opened) {
      parts = opened;
    },
    stopAccepting,
    async close() {
      await stopAccepting();
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      const timer = setTimeout(() => {
        if ('closeAllConnections' in server) server.closeAllConnections();
      }, drainMilliseconds);
      await closed;
      clearTimeout(timer);
    },
  };
}
