import { describe, expect, test } from 'vitest';
import { notificationSettings } from '../../src/notifications/settings.ts';

const others = {
  ROWHOUSE_MAIL_FROM: 'Rowhouse <no-reply@example.com>',
  ROWHOUSE_SITE_URL: 'https://example.com',
};
const transportOf = (text: string) => notificationSettings({ ...others, ROWHOUSE_MAIL: text }).transport;

describe('ROWHOUSE_MAIL', () => {
  test('names a folder', () => {
    expect(transportOf('folder:/var/mail of ours')).toEqual({ kind: 'folder', path: '/var/mail of ours' });
    expect(transportOf('folder:mail')).toEqual({ kind: 'folder', path: 'mail' });
  });

  test('names a server, with the usual port and without a login where it says none', () => {
    const server = { kind: 'smtp', host: 'smtp.example.com', login: undefined };
    expect(transportOf('smtp://smtp.example.com')).toEqual({ ...server, port: 587, isSecure: false });
    expect(transportOf('smtps://smtp.example.com/')).toEqual({ ...server, port: 465, isSecure: true });
    expect(transportOf('smtps://smtp.example.com:2465')).toMatchObject({ port: 2465 });
    expect(transportOf('smtp://[::1]:25')).toMatchObject({ host: '::1', port: 25 });
    expect(transportOf('smtps://ada%40example.com:p%3Aa%2Fss@smtp.example.com')).toMatchObject({
      login: { user: 'ada@example.com', password: 'p:a/ss' },
    });
  });

  test('names a key of Resend', () => {
    expect(transportOf('resend:re_123')).toEqual({ kind: 'resend', apiKey: 're_123' });
  });

  test.each([
    'folder:',
    'folder: ',
    'resend:',
    'sendmail:/usr/sbin/sendmail',
    'smtp:smtp.example.com',
    'smtp://',
    'smtp://user:hunter2@smtp.example.com:port',
    'smtp://hunter2@smtp.example.com',
    'smtp://user:hunter2%@smtp.example.com',
    'smtp://user:hunter2@smtp.example.com/path',
    'smtp://user:hunter2@smtp.example.com?tls.rejectUnauthorized=false',
    'http://user:hunter2@smtp.example.com',
  ])('is refused as %j, without being repeated', (text) => {
    expect(() => transportOf(text)).toThrow(/^ROWHOUSE_MAIL is wrong: it is one of folder:<path>, /);
    expect(() => transportOf(text)).not.toThrow(/hunter2|sendmail/);
  });
});

test.each([
  ['no-reply@example.com', { name: '', address: 'no-reply@example.com' }],
  ['Rowhouse <no-reply@example.com>', { name: 'Rowhouse', address: 'no-reply@example.com' }],
  ['"Row, house" <no-reply@example.com>', { name: 'Row, house', address: 'no-reply@example.com' }],
])('ROWHOUSE_MAIL_FROM %j is understood', (text, from) => {
  const given = { ...others, ROWHOUSE_MAIL: 'resend:re_123', ROWHOUSE_MAIL_FROM: text };
  expect(notificationSettings(given).from).toEqual(from);
});

test.each([
  ['ROWHOUSE_MAIL_FROM', 'Rowhouse'],
  ['ROWHOUSE_MAIL_FROM', 'a@example.com, b@example.com'],
  ['ROWHOUSE_MAIL_FROM', 'Row\nhouse <a@example.com>'],
  ['ROWHOUSE_SITE_URL', 'example.com'],
  ['ROWHOUSE_SITE_URL', 'javascript:alert(1)'],
  ['ROWHOUSE_SITE_URL', 'https://example.com/?a=1'],
  ['ROWHOUSE_INVITATION_SECRET', 'too short'],
  ['ROWHOUSE_RESEND_URL', 'ftp://example.com'],
])('%s %j is refused', (name, text) => {
  expect(() => notificationSettings({ ...others, ROWHOUSE_MAIL: 'resend:re_123', [name]: text })).toThrow(
    `${name} is wrong: `,
  );
});

test('what is missing is named; a folder alone knows who it is from', () => {
  expect(() => notificationSettings({})).toThrow('ROWHOUSE_MAIL is not set, so no mail can be sent.');
  expect(() => notificationSettings({ ...others, ROWHOUSE_MAIL: '' })).toThrow('ROWHOUSE_MAIL is not set');
  const site = { ROWHOUSE_SITE_URL: 'https://example.com' };
  expect(() => notificationSettings({ ...site, ROWHOUSE_MAIL: 'resend:re_123' })).toThrow(
    'ROWHOUSE_MAIL_FROM is not set',
  );
  expect(() => notificationSettings({ ROWHOUSE_MAIL: 'folder:mail' })).toThrow(
    'ROWHOUSE_SITE_URL is not set',
  );
  expect(notificationSettings({ ...site, ROWHOUSE_MAIL: 'folder:mail' })).toEqual({
    transport: { kind: 'folder', path: 'mail' },
    from: { name: 'Rowhouse', address: 'rowhouse@localhost' },
    siteUrl: 'https://example.com',
    invitationSecret: undefined,
    resendUrl: 'https://api.resend.com',
  });
});
