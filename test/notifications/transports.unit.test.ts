import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Mail } from '../../src/notifications/mail.ts';
import { notificationSettings } from '../../src/notifications/settings.ts';
import { transportOf } from '../../src/notifications/transport.ts';
import { mail, mailWithFiles, wrongFileNames } from './samples.ts';
import { makeCertificate, startApi, startMailServer } from './servers.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function ending<T extends { stop(): Promise<void> }>(started: Promise<T>): Promise<T> {
  const value = await started;
  ends.push(() => value.stop());
  return value;
}

function send(transport: string, what: Mail = mail, more: Record<string, string> = {}, signal?: AbortSignal) {
  const settings = notificationSettings({
    ROWHOUSE_MAIL: transport,
    ROWHOUSE_MAIL_FROM: '"Rowhouse, the backend" <no-reply@app.example.com>',
    ROWHOUSE_SITE_URL: 'https://app.example.com',
    ...more,
  });
  return transportOf(settings)(what, signal ?? new AbortController().signal);
}

const messageId = '<test.mail.01997f5e-8f0c-7c11-9f5b-6f1c0d2e3a4b@app.example.com>';
/** With the ends of lines as they were; how many end the last line is the parser's choice. */
const sameText = (text: string | undefined) => text?.replaceAll('\r\n', '\n').replace(/\n*$/, '\n');

/** Addresses that are none, or more than one. */
const wrongAddresses = [
  'ada@example.com, eve@example.com',
  'ada@example.com\r\nBcc: eve@example.com',
  'Ada <ada@example.com>',
  '"ada"@example.com',
  'ada@example.com>\r\nRCPT TO:<eve@example.com',
  '../../../tmp/ada@example.com ',
  'ada@@example.com',
  'ada',
  '',
];

/** The files of a mail as a mail program sees them. The parser writes the lines of a calendar anew. */
const filesOf = (email: Email) =>
  email.attachments.map(({ filename, mimeType, disposition, content }) => ({
    filename,
    mimeType,
    disposition,
    content: Buffer.from(content as ArrayBuffer)
      .toString(mimeType === 'text/calendar' ? 'utf8' : 'base64')
      .replace(/\r?\n/g, '\r\n'),
  }));
const sentFiles = mailWithFiles.attachments?.map(({ name, type, content }) => ({
  filename: name,
  mimeType: type.split(';')[0],
  disposition: 'attachment',
  content: Buffer.from(content).toString(type === 'application/pdf' ? 'base64' : 'utf8'),
}));

describe('files of a mail', () => {
  test('arrive as they are, through a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rowhouse-mail-'));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    await send(`folder:${folder}`, mailWithFiles);
    const [name = ''] = await readdir(folder);
    const email = await PostalMime.parse(await readFile(join(folder, name)));
    expect(filesOf(email)).toEqual(sentFiles);
    expect(sameText(email.text)).toBe(mailWithFiles.text);
  });

  test('arrive as they are, through a server', async () => {
    const server = await ending(startMailServer());
    await send(`smtp://127.0.0.1:${server.port}`, mailWithFiles);
    const [received] = server.received;
    expect(received && filesOf(received.email)).toEqual(sentFiles);
    expect(received?.raw).toMatch(/Content-Type: text\/calendar; charset=utf-8; method=PUBLISH/);
    const calendar = Buffer.from(mailWithFiles.attachments?.[1]?.content ?? []).toString('base64');
    expect(received?.raw.replaceAll('\r\n', '')).toContain(calendar);
  });

  test('arrive as they are, through Resend', async () => {
    const api = await ending(startApi(() => ({ status: 200, body: { id: '…' } })));
    await send('resend:re_123', mailWithFiles, { ROWHOUSE_RESEND_URL: api.url });
    expect(api.requests[0]?.body).toMatchObject({
      attachments: mailWithFiles.attachments?.map(({ name, type, content }) => ({
        filename: name,
        content_type: type,
        content: Buffer.from(content).toString('base64'),
      })),
    });
    await send('resend:re_123', mail, { ROWHOUSE_RESEND_URL: api.url });
    expect(api.requests[1]?.body).not.toHaveProperty('attachments');
  });

  test.each(wrongFileNames)('are not called %j', async (name) => {
    const wrong: Mail = {
      ...mail,
      attachments: [{ name, type: 'application/pdf', content: new Uint8Array([1]) }],
    };
    const server = await ending(startMailServer());
    const api = await ending(startApi(() => ({ status: 200, body: {} })));
    await expect(send(`smtp://127.0.0.1:${server.port}`, wrong)).rejects.toThrow('cannot have the name');
    await expect(send('resend:re_123', wrong, { ROWHOUSE_RESEND_URL: api.url })).rejects.toThrow(
      'cannot have the name',
    );
    expect([...server.received, ...api.requests]).toEqual([]);
  });
});

describe('a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rowhouse-mail-'));
    ends.push(() => rm(folder, { recursive: true, force: true }));
  });

  test('gets a file that mail programs read, for its owner alone', async () => {
    const line = await send(`folder:${join(folder, 'in', 'here')}`);
    const [name = '', ...others] = await readdir(join(folder, 'in', 'here'));
    expect(others).toEqual([]);
    expect(name).toMatch(/^\d{8}T\d{6}\.\d{3}Z-test\.mail\.01997f5e-8f0c-7c11-9f5b-6f1c0d2e3a4b\.eml$/);
    const file = join(folder, 'in', 'here', name);
    expect(line).toBe(`mail to ada@example.com: ${mail.subject}, in ${file}`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const raw = await readFile(file, 'utf8');
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    const email = await PostalMime.parse(raw);
    expect(email).toMatchObject({
      messageId,
      from: { name: 'Rowhouse, the backend', address: 'no-reply@app.example.com' },
      to: [{ address: 'ada@example.com' }],
      subject: mail.subject,
    });
    expect(sameText(email.text)).toBe(mail.text);
    expect(sameText(email.html)).toBe(mail.html);
    expect(email.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
  });

  test.each(['../../escaped', '/etc/escaped', 'a/../b', 'a/b/c', 'UPPER/case', 'a b/c', '', 'a/b\nc'])(
    'takes no mail with the key %j',
    async (key) => {
      await expect(send(`folder:${folder}`, { ...mail, key })).rejects.toThrow('A mail cannot have the key');
      expect(await readdir(folder)).toEqual([]);
    },
  );

  test.each(wrongAddresses)('takes no mail to %j', async (to) => {
    await expect(send(`folder:${folder}`, { ...mail, to })).rejects.toThrow('not an e-mail address');
    expect(await readdir(folder)).toEqual([]);
  });

  test('that cannot be made is an error', async () => {
    await expect(send('folder:/dev/null/mail')).rejects.toThrow('ENOTDIR');
  });
});

describe('an SMTP server', () => {
  const login = { user: 'ada@example.com', password: 'p:a/ss wörd' };
  const credentials = `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}`;

  test('gets the mail, with the login that it wants', async () => {
    const server = await ending(startMailServer({ login }));
    const line = await send(`smtp://${credentials}@127.0.0.1:${server.port}`);
    expect(line).toBe(`mail ${mail.key}: sent through 127.0.0.1`);
    expect(server.received).toHaveLength(1);
    const [received] = server.received;
    expect(received).toMatchObject({
      from: 'no-reply@app.example.com',
      to: ['ada@example.com'],
      user: login.user,
      email: { messageId, subject: mail.subject },
    });
    expect(sameText(received?.email.text)).toBe(mail.text);
    expect(sameText(received?.email.html)).toBe(mail.html);
  });

  test('gets the same mail twice with the same Message-ID', async () => {
    const server = await ending(startMailServer());
    await send(`smtp://127.0.0.1:${server.port}`);
    await send(`smtp://127.0.0.1:${server.port}`);
    expect(server.received.map(({ email }) => email.messageId)).toEqual([messageId, messageId]);
  });

  test('that does not know the login is an error, which does not tell the password', async () => {
    const server = await ending(startMailServer({ login }));
    const attempt = send(`smtp://${encodeURIComponent(login.user)}:hunter2@127.0.0.1:${server.port}`);
    await expect(attempt).rejects.toThrow('Invalid login');
    await expect(attempt).rejects.not.toThrow('hunter2');
    expect(server.received).toEqual([]);
  });

  test('that refuses the mail is an error with its words', async () => {
    const server = await ending(startMailServer({ refuse: () => 'We take no mail today' }));
    await expect(send(`smtp://127.0.0.1:${server.port}`)).rejects.toThrow('We take no mail today');
  });

  test('that does not run is an error', async () => {
    const server = await startMailServer();
    await server.stop();
    await expect(send(`smtp://127.0.0.1:${server.port}`)).rejects.toThrow('ECONNREFUSED');
  });

  test('that says nothing is no longer waited for when the time is over', async () => {
    const server = await ending(startMailServer({ isSilent: true }));
    const patience = AbortSignal.timeout(300);
    await expect(send(`smtp://127.0.0.1:${server.port}`, mail, {}, patience)).rejects.toThrow();
    expect(patience.aborted).toBe(true);
  });

  test.each(['from the start', 'on the way'] as const)(
    'whose certificate cannot be verified gets nothing (TLS %s)',
    async (tls) => {
      const server = await ending(startMailServer({ tls, login, certificate: makeCertificate() }));
      const scheme = tls === 'from the start' ? 'smtps' : 'smtp';
      const attempt = send(`${scheme}://${credentials}@localhost:${server.port}`);
      await expect(attempt).rejects.toThrow(/unable to verify the first certificate/);
      expect(server.received).toEqual([]);
    },
  );

  test('that speaks no TLS gets nothing over a network', async () => {
    const server = await ending(startMailServer({ login }));
    // Taken for another machine's name, as every one is that is not plainly this one's.
    const attempt = send(`smtp://${credentials}@LOCALHOST:${server.port}`);
    await expect(attempt).rejects.toThrow('STARTTLS');
    expect(server.received).toEqual([]);
    await send(`smtp://${credentials}@localhost:${server.port}`);
    expect(server.received).toHaveLength(1);
  });

  test('that speaks no TLS gets nothing where it is asked to', async () => {
    const server = await ending(startMailServer({ login }));
    await expect(send(`smtps://${credentials}@127.0.0.1:${server.port}`)).rejects.toThrow();
    expect(server.received).toEqual([]);
  });

  test.each(wrongAddresses)('gets no mail to %j', async (to) => {
    const server = await ending(startMailServer());
    await expect(send(`smtp://127.0.0.1:${server.port}`, { ...mail, to })).rejects.toThrow(
      'not an e-mail address',
    );
    expect(server.received).toEqual([]);
  });
});

describe('Resend', () => {
  const startResend = (status: number, body: unknown) => ending(startApi(() => ({ status, body })));

  test('gets the mail with its key, so that it sends it once', async () => {
    const api = await startResend(200, { id: '49a3999c-0ce1-4ea6-ab68-afcd6dc2e794' });
    const line = await send('resend:re_123', mail, { ROWHOUSE_RESEND_URL: `${api.url}/base/` });
    expect(line).toBe(`mail ${mail.key}: sent through Resend`);
    expect(api.requests).toMatchObject([
      {
        method: 'POST',
        path: '/base/emails',
        headers: {
          authorization: 'Bearer re_123',
          'content-type': 'application/json',
          'idempotency-key': mail.key,
        },
        body: {
          from: '"Rowhouse, the backend" <no-reply@app.example.com>',
          to: ['ada@example.com'],
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          headers: { 'Message-ID': messageId, 'Auto-Submitted': 'auto-generated' },
        },
      },
    ]);
  });

  test('that has sent another text with the key has sent the mail', async () => {
    const api = await startResend(409, { statusCode: 409, name: 'invalid_idempotent_request', message: '…' });
    expect(await send('resend:re_123', mail, { ROWHOUSE_RESEND_URL: api.url })).toContain(
      'has sent it before',
    );
  });

  test.each([
    [409, { name: 'concurrent_idempotent_requests', message: 'In progress' }],
    [422, { name: 'validation_error', message: 'The domain is not verified.' }],
    [429, { name: 'rate_limit_exceeded', message: 'Too many requests' }],
    [500, 'no object'],
  ])('that answers %i has not sent it', async (status, body) => {
    const api = await startResend(status, body);
    const attempt = send('resend:re_hunter2', mail, { ROWHOUSE_RESEND_URL: api.url });
    await expect(attempt).rejects.toThrow(`Resend answered ${status}`);
    if (typeof body === 'object') await expect(attempt).rejects.toThrow(body.message);
    await expect(attempt).rejects.not.toThrow('hunter2');
  });

  test('that does not answer is no longer waited for when the time is over', async () => {
    const api = await ending(startApi(() => undefined));
    const attempt = send('resend:re_123', mail, { ROWHOUSE_RESEND_URL: api.url }, AbortSignal.timeout(300));
    await expect(attempt).rejects.toThrow('timeout');
    expect(api.requests).toHaveLength(1);
  });

  test.each(wrongAddresses)('gets no mail to %j', async (to) => {
    const api = await startResend(200, {});
    const attempt = send('resend:re_123', { ...mail, to }, { ROWHOUSE_RESEND_URL: api.url });
    await expect(attempt).rejects.toThrow('not an e-mail address');
    expect(api.requests).toEqual([]);
  });
});
