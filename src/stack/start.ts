import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../migrations/migrate.ts';
import type { NotificationVariable } from '../notifications/settings.ts';
import type { PaymentVariable } from '../payments/settings.ts';
import { startCluster } from '../postgres/cluster.ts';
import { withConnection } from '../postgres/connect.ts';
import { applyPlatform } from '../postgres/platform.ts';
import { adminApi } from './admin-api.ts';
import { startAuth } from './auth.ts';
import { loadConfig } from './config.ts';
import { allOf } from './function-process.ts';
import { edgeFunctions } from './functions.ts';
import { startGateway } from './gateway.ts';
import { healthCheck } from './health.ts';
import { listen } from './listen.ts';
import { outgoingMail } from './mail.ts';
import { takenPayments } from './payments.ts';
import { startRest } from './rest.ts';
import { startScheduler } from './scheduler.ts';
import { loadSecrets } from './secrets.ts';
import { addressesOf, occupy, writeState } from './state.ts';
import { startStorage } from './storage.ts';
import { withTokenHook } from './token-hook.ts';
import { wakeWorker } from './wake.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** The port of Supabase's own local stack, so that a front end needs no other setting. */
const defaultPort = 54321;

/** How a stack is to be started. */
export interface StackOptions {
  /** Where data, keys and state are kept, `.rowhouse` by convention; absent for a stack that leaves nothing behind. */
  directory?: string;
  /** Port of the API: 54321 unless given for a kept stack, a free one for an ephemeral stack. */
  port?: number;
  /** The folder that holds the edge functions; the repository's by default. */
  functionsDirectory?: string;
  /**
   * Settings of the edge functions, by their names in the environment. Mail goes to a folder unless they say more, and so do
   * payments.
   */
  functionSettings?: Partial<Record<NotificationVariable | PaymentVariable, string>>;
  /** Takes what the parts of the stack report, one line or more at a time. */
  log?: (line: string) => void;
  /** Reports nothing, even where there is a `log`. */
  quiet?: boolean;
  /** Breaks the start off. A stack that has started is ended by `stop`. */
  signal?: AbortSignal;
}

/** A running stack. */
export interface Stack {
  /** A superuser's connection string. */
  dbUrl: string;
  apiUrl: string;
  functionsUrl: string;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  /** The folder that mails are written to; absent when they are sent. */
  mailDirectory?: string;
  /** The folder that stands in for a payment provider; absent where there is one. */
  paymentDirectory?: string;
  /** Makes the API see a schema that has changed. */
  reload(): Promise<void>;
  /** Ends everything; a second call waits for the first. */
  stop(): Promise<void>;
}

/** What has been started, to be ended in reverse. */
type Undo = () => Promise<unknown>;

async function undoAll(undos: Undo[], log: (line: string) => void): Promise<void> {
  // Once the gateway is closed nothing else keeps the process alive, and there is work left to do.
  const alive = setInterval(() => undefined, 1000);
  for (const undo of undos.splice(0).reverse()) {
    await undo().catch((error: unknown) => log(`stop: ${(error as Error).message}`));
  }
  clearInterval(alive);
}

/**
 * Starts the embedded stack: PostgreSQL with the platform's stand-ins and all migrations, the gateway with its auth
 * server, REST API and storage, the edge functions, the scheduler, and what wakes the worker. Everything listens on 127.0.0.1.
 *
 * @param options where it keeps its data, and its ports
 * @returns the stack, once everything answers
 * @throws {Failure} when a port is taken, a stack already runs in the directory, or a part cannot start; the signal's
 *   reason when that breaks it off. Whatever was started by then is stopped
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const undos: Undo[] = [];
  const log = options.quiet ? () => undefined : (options.log ?? (() => undefined));
  try {
    return await start(options, undos, log);
  } catch (error) {
    await undoAll(undos, log);
    throw error;
  }
}

async function start(options: StackOptions, undos: Undo[], log: (line: string) => void): Promise<Stack> {
  const goOn = () => options.signal?.throwIfAborted();
  goOn();
  const directory = options.directory === undefined ? undefined : resolve(options.directory);
  if (directory !== undefined) {
    await mkdir(directory, { recursive: true });
    undos.push(await occupy(directory));
  }
  const config = await loadConfig(join(repository, 'supabase', 'config.toml'));
  const keys = await loadSecrets(directory);

  const gateway = await startGateway(options.port ?? (directory === undefined ? 0 : defaultPort), log);
  undos.push(() => gateway.close());
  const apiUrl = () => gateway.url;

  const cluster = await startCluster({
    password: keys.password,
    ...(directory === undefined ? {} : { dataDirectory: join(directory, 'data') }),
  });
  undos.push(() => cluster.stop());
  goOn();
  const urlOf = (role: string) => cluster.url(role, keys.password);
  const dbUrl = cluster.superuserUrl();
  const platform = await withConnection(dbUrl, (client) =>
    applyPlatform(client, { password: keys.password }),
  );
  goOn();
  await migrate(urlOf('postgres'));
  goOn();

  const pool = new pg.Pool({
    connectionString: urlOf('supabase_auth_admin'),
    max: 5,
    application_name: 'rowhouse auth admin',
  });
  pool.on('error', (error) => log(`auth admin: ${error.message}`));
  undos.push(() => pool.end());
  const auth = startAuth({ url: urlOf('supabase_auth_admin'), keys, apiUrl, config, log });
  undos.push(() => auth.close());
  const rest = await startRest({ superuserUrl: dbUrl, url: urlOf('authenticator'), keys, config, log });
  undos.push(() => rest.close());
  // The folder of a temporary cluster goes with it, however this process ends.
  const home = directory ?? dirname(cluster.dataDirectory);
  const storage = await startStorage({
    url: urlOf('authenticator'),
    directory: join(home, 'storage'),
    keys,
    sizeLimit: config.fileSizeLimit,
    log,
  });
  undos.push(() => storage.close());
  undos.push(() => gateway.close());
  const mail = outgoingMail({
    settings: options.functionSettings ?? {},
    folder: join(home, 'mail'),
    siteUrl: config.auth.site_url,
  });
  const payments = await takenPayments({
    settings: options.functionSettings ?? {},
    folder: join(home, 'payments'),
    secretKey: keys.secretKey,
  });
  const functions = edgeFunctions({
    directory: resolve(options.functionsDirectory ?? join(repository, 'edge-functions')),
    cacheDirectory: directory
      ? join(directory, 'deno')
      : join(repository, 'node_modules', '.cache', 'rowhouse-deno'),
    keys,
    open: config.openFunctions,
    apiUrl,
    settings: { ...mail.settings, ...payments.settings },
    // The worker is the one that sends, and gives money back.
    access: { worker: allOf(mail.access, payments.access), 'create-payment': payments.access },
    log,
  });
  const admin = adminApi({
    pool,
    keys,
    apiUrl,
    siteUrl: config.auth.site_url,
    minimumPasswordLength: config.auth.minimum_password_length,
    log,
  });
  const hooked = withTokenHook(
    { pool, jwtSecret: keys.jwtSecret, issuer: () => `${apiUrl()}/auth/v1`, hook: config.tokenHook, log },
    (request) => auth.fetch(request),
  );
  const health = healthCheck({
    pool,
    postgresUrl: urlOf('postgres'),
    authenticatorUrl: urlOf('authenticator'),
    keys,
    functions: () => functions.running(),
    log,
  });
  gateway.open({
    auth: hooked,
    admin: (request) => admin.fetch(request),
    rest: (request) => rest.fetch(request),
    storage: (request) => storage.fetch(request),
    functions: (request) => functions.fetch(request),
    health,
  });

  if (platform.cron === 'stand-in') {
    const scheduler = await startScheduler({ url: dbUrl, urlOf, log });
    undos.push(() => scheduler.stop());
  }
  undos.push(gateway.stopAccepting);
  // Before the gateway closes its door: a worker that finishes its batch says so through the API.
  undos.push(() => functions.stop());
  const wake = wakeWorker({ functionsUrl: () => `${apiUrl()}/functions/v1`, secretKey: keys.secretKey, log });
  undos.push(() => wake.stop());
  const reload = () => rest.reload();
  const reloadLater = () => void reload().catch((error: unknown) => log(`rest: ${(error as Error).message}`));
  const listener = await listen(
    dbUrl,
    {
      rowhouse_jobs: (queue) => {
        if (functions.has('worker')) wake.notify(queue);
      },
      pgrst: (payload) => {
        if (payload === '' || payload === 'reload schema') reloadLater();
      },
    },
    reloadLater,
  );
  undos.push(() => listener.stop());

  const stack = {
    dbUrl,
    apiUrl: apiUrl(),
    functionsUrl: `${apiUrl()}/functions/v1`,
    publishableKey: keys.publishableKey,
    secretKey: keys.secretKey,
    jwtSecret: keys.jwtSecret,
    ...(mail.directory === undefined ? {} : { mailDirectory: mail.directory }),
    ...(payments.directory === undefined ? {} : { paymentDirectory: payments.directory }),
  };
  if (directory !== undefined) {
    await writeState(directory, { pid: process.pid, ...addressesOf(stack) });
  }
  let stopping: Promise<void> | undefined;
  return {
    ...stack,
    reload,
    stop: () => (stopping ??= undoAll(undos, log)),
  };
}
