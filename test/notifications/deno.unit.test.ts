import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { invitationSecret, invitationToken, tokenHash } from '../../src/notifications/invitation-token.ts';
import { denoPath } from '../../src/stack/deno.ts';
import { mail } from './samples.ts';
import { makeCertificate, startApi, startMailServer } from './servers.ts';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rowhouse-mail-in-deno-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a module in Deno, with what an edge function of the embedded stack may do, and returns what it prints. */
async function inDeno(code: string, environment: Record<string, string>, flags: string[] = []) {
  const script = join(folder, `${crypto.randomUUID()}.ts`);
  await writeFile(script, `// @ts-nocheck\n${code}`);
  const { stdout } = await run(
    denoPath(),
    [
      'run',
      '--quiet',
      '--no-prompt',
      '--no-remote',
      '--cached-only',
      '--no-check',
      `--config=${join(repository, 'edge-functions/deno.json')}`,
      '--allow-env',
      `--allow-read=${folder},${repository}`,
      ...flags,
      script,
    ],
    { cwd: folder, env: { DENO_DIR: join(folder, 'deno'), NO_COLOR: '1', ...environment }, timeout: 50_000 },
  );
  return stdout.trim();
}

const source = (name: string) => JSON.stringify(`${repository}src/notifications/${name}.ts`);
const sending = `
  import { notificationSettings } from ${source('settings')};
  import { transportOf } from ${source('transport')};
  try {
    const send = transportOf(notificationSettings(Deno.env.toObject()));
    console.log(await send(${JSON.stringify(mail)}, AbortSignal.timeout(20_000)));
  } catch (error) {
    console.log('failed: ' + error.message);
  }
  Deno.exit(0);`;

const settings = (transport: string) => ({
  ROWHOUSE_MAIL: transport,
  ROWHOUSE_MAIL_FROM: 'no-reply@app.example.com',
  ROWHOUSE_SITE_URL: 'https://app.example.com',
});

describe('in Deno, where the worker runs,', () => {
  test('a token is the same as in Node', async () => {
    const key = 'sb_secret_0123456789';
    const id = crypto.randomUUID();
    const token = await invitationToken(
      await invitationSecret({ invitationSecret: undefined, serviceKey: key }),
      id,
    );
    const printed = await inDeno(
      `import { invitationSecret, invitationToken, tokenHash } from ${source('invitation-token')};
       const secret = await invitationSecret({ serviceKey: ${JSON.stringify(key)} });
       const token = await invitationToken(secret, ${JSON.stringify(id)});
       console.log(token + ' ' + await tokenHash(token));`,
      {},
    );
    expect(printed).toBe(`${token} ${await tokenHash(token)}`);
  });

  test('a mail is written to the folder, and nothing else is', async () => {
    const mails = join(folder, 'mails');
    const line = await inDeno(sending, settings(`folder:${mails}`), [`--allow-write=${mails}`]);
    const [file = ''] = await readdir(mails);
    expect(line).toBe(`mail to ada@example.com: ${mail.subject}, in ${join(mails, file)}`);
    expect(await PostalMime.parse(await readFile(join(mails, file)))).toMatchObject({
      subject: mail.subject,
    });
    expect(await inDeno(sending, settings(`folder:${folder}/elsewhere`), [`--allow-write=${mails}`])).toMatch(
      /^failed: .*write access/,
    );
  });

  test('a mail goes to Resend', async () => {
    const api = await startApi(() => ({ status: 200, body: { id: '…' } }));
    const more = { ...settings('resend:re_123'), ROWHOUSE_RESEND_URL: api.url };
    expect(await inDeno(sending, more, ['--allow-net=127.0.0.1'])).toBe(
      `mail ${mail.key}: sent through Resend`,
    );
    expect(api.requests).toHaveLength(1);
    await api.stop();
  });

  test.each([
    ['smtp', 'never'],
    ['smtp', 'on the way'],
    ['smtps', 'from the start'],
  ] as const)('a mail goes through a server of %s: with TLS %s', async (scheme, tls) => {
    const certificate = makeCertificate();
    const file = join(folder, 'authority.pem');
    await writeFile(file, certificate.authority);
    const login = { user: 'ada', password: 'hunter2' };
    const server = await startMailServer({ tls, certificate, login });
    // To this machine alone smtp may go without TLS; where the server offers it, it is taken.
    const to = settings(`${scheme}://ada:hunter2@localhost:${server.port}`);
    const flags = ['--allow-net'];
    if (tls !== 'never') {
      expect(await inDeno(sending, to, flags)).toMatch(/^failed: .*(certificate|UnknownIssuer)/i);
      expect(server.received).toEqual([]);
    }
    expect(await inDeno(sending, to, [...flags, `--cert=${file}`])).toBe(
      `mail ${mail.key}: sent through localhost`,
    );
    expect(server.received).toMatchObject([
      { isSecure: tls !== 'never', user: 'ada', email: { subject: mail.subject } },
    ]);
    await server.stop();
  });
});
