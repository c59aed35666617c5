import { createServer } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { createBareDatabase } from '../support/bare-database.ts';
import { runCli, type CliResult } from '../support/cli.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

/** What every failure looks like: a sentence, what to do, no stack trace, nothing on standard output. */
function expectSentence(result: CliResult, code: number, message: RegExp, hint?: RegExp): void {
  expect(result.stderr).toMatch(message);
  if (hint) expect(result.stderr).toMatch(hint);
  expect(result.stderr).not.toMatch(/^\s+at .+:\d+/m);
  expect(result.stderr).not.toMatch(/node:internal|UnhandledPromise/);
  expect(result.stdout).toBe('');
  expect(result.code).toBe(code);
}

function changedUrl(change: (url: URL) => void): string {
  const url = new URL(db.url);
  change(url);
  return url.href;
}

const run = (args: string[], url: string) => runCli(args, { env: { DATABASE_URL: url } });

describe('bad usage ends with exit code 2', () => {
  test.each([
    [['--no-such-flag'], /unknown option '--no-such-flag'/],
    [['no-such-command'], /unknown command 'no-such-command'/],
    [['users', 'no-such-command'], /unknown command/],
    [['users', 'sync', '--no-such-flag'], /unknown option/],
    [['users', 'sync', '--batch-size', '0'], /1 to 100,000/],
    [['users', 'sync', '--batch-size', '-1'], /whole number/],
    [['users', 'sync', '--batch-size', '1e3'], /whole number/],
    [['users', 'sync', '--batch-size'], /argument missing/],
    [['users', 'sync', 'extra'], /too many arguments/],
    [['users', 'create-profile'], /missing required argument/],
    [['users', 'create-profile', 'nobody'], /user id/],
    [['users', 'preservation-report', 'nobody'], /user id/],
    [['start', '--port', '99999'], /1 to 65535/],
    [['start', '--port', 'x'], /port number/],
  ])('%j', async (args, message) => {
    expectSentence(await run(args, db.url), 2, message);
  });

  test.each([
    ['not a url', /not a PostgreSQL connection string/],
    ['http://example.com/x', /not a PostgreSQL connection string/],
    ['postgresql://postgres@127.0.0.1:5432', /not a PostgreSQL connection string/],
  ])('DATABASE_URL=%s', async (url, message) => {
    expectSentence(await run(['users', 'status'], url), 2, message, /looks like postgresql:/);
  });

  test('an environment variable that is wrong is named', async () => {
    const result = await runCli(['migrate'], { env: { ROWHOUSE_PORT: 'many' } });
    expectSentence(result, 2, /ROWHOUSE_PORT is wrong/, /\.env\.example/);
  });

  test('no DATABASE_URL and no stack', async () => {
    const result = await runCli(['users', 'status'], {
      env: { ROWHOUSE_DIRECTORY: '/nonexistent/rowhouse' },
    });
    expectSentence(result, 2, /no database to work on/, /npm start/);
  });

  test('reset of a database that is not the embedded stack', async () => {
    expectSentence(await run(['reset'], db.url), 2, /would delete all of Rowhouse's data/, /--yes/);
  });
});

describe('a database that cannot be used ends with exit code 1', () => {
  test('nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    await new Promise((resolve) => server.close(resolve));
    const url = changedUrl((each) => (each.port = port));
    for (const args of [['migrate'], ['users', 'sync'], ['reset', '--yes']]) {
      expectSentence(await run(args, url), 1, /No PostgreSQL answers at/, /DATABASE_URL/);
    }
  });

  test('something else listens', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const url = changedUrl(
      (each) => (each.port = typeof address === 'object' && address ? String(address.port) : ''),
    );
    const result = await run(['users', 'status'], url);
    server.close();
    expectSentence(result, 1, /error:/);
  });

  test('the password is wrong; the message does not repeat it', async () => {
    const url = changedUrl((each) => (each.password = 'wrong-secret'));
    const result = await run(['users', 'status'], url);
    expectSentence(result, 1, /refused the user or the password/, /Correct the user name/);
    expect(result.stderr).not.toContain('wrong-secret');
  });

  test('there is no such database', async () => {
    expectSentence(
      await run(
        ['users', 'status'],
        changedUrl((each) => (each.pathname = '/nowhere')),
      ),
      1,
      /no database at/,
    );
  });

  test('it has no Supabase platform', async () => {
    const bare = await createBareDatabase(db, { platform: false });
    try {
      expectSentence(await run(['migrate'], bare.url), 1, /no Supabase platform/, /npm start/);
      expectSentence(
        await run(['users', 'sync'], bare.url),
        1,
        /not installed in this database/,
        /rowhouse migrate/,
      );
    } finally {
      await bare.drop();
    }
  });

  describe('its schema is of another release', () => {
    afterAll(() => db.query(`delete from graphile_migrate.migrations where filename = '000999.sql'`));

    test('older', async () => {
      const { rows } = await db.query(
        `delete from graphile_migrate.migrations where filename = (select max(filename) from graphile_migrate.migrations) returning *`,
      );
      try {
        expectSentence(
          await run(['users', 'sync'], db.url),
          1,
          /older than this release/,
          /rowhouse migrate/,
        );
      } finally {
        const row = rows[0] ?? {};
        await db.query(
          'insert into graphile_migrate.migrations select * from jsonb_populate_record(null::graphile_migrate.migrations, $1)',
          [row],
        );
      }
    });

    test('newer', async () => {
      await db.query(
        `insert into graphile_migrate.migrations (hash, filename) values ('sha1:later', '000999.sql')`,
      );
      for (const args of [['users', 'sync'], ['migrate'], ['reset', '--yes']]) {
        expectSentence(await run(args, db.url), 1, /newer than this release/, /later/);
      }
    });
  });
});

test.each([[[]], [['users']], [['users', 'sync']], [['migrate']], [['reset']], [['start']]])(
  '%j --help says what there is',
  async (args) => {
    const result = await runCli([...args, '--help']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^Usage: rowhouse/);
  },
);

test("--version is the package's", async () => {
  const result = await runCli(['--version']);
  expect(result.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(result.code).toBe(0);
});
