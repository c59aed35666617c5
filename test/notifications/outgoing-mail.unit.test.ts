import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/failure.ts';
import { outgoingMail } from '../../src/stack/mail.ts';

const folder = '/srv/rowhouse/mail';
const siteUrl = 'http://127.0.0.1:3000';
const of = (settings: Parameters<typeof outgoingMail>[0]['settings']) =>
  outgoingMail({ settings, folder, siteUrl });
const ROWHOUSE_MAIL_FROM = 'no-reply@example.com';

describe('the embedded stack', () => {
  test('writes mails to its folder, and only the worker may write there', () => {
    expect(of({})).toEqual({
      settings: { ROWHOUSE_MAIL: `folder:${folder}`, ROWHOUSE_SITE_URL: siteUrl },
      access: { hosts: [], writable: [folder] },
      directory: folder,
    });
  });

  test('writes mails to the folder that is set, seen from where it was started', () => {
    const { settings, access, directory } = of({ ROWHOUSE_MAIL: 'folder:some/mails' });
    expect(directory).toBe(resolve('some/mails'));
    expect(access.writable).toEqual([directory]);
    expect(settings.ROWHOUSE_MAIL).toBe(`folder:${resolve('some/mails')}`);
  });

  test('lets the worker talk to nobody but who takes the mail', () => {
    const smtp = (host: string) => of({ ROWHOUSE_MAIL: `smtp://${host}:2525`, ROWHOUSE_MAIL_FROM });
    expect(smtp('127.0.0.1').access).toEqual({ hosts: [] });
    expect(smtp('smtp.example.com').access).toEqual({ hosts: 'all' });
    const resend = { ROWHOUSE_MAIL: 'resend:re_123', ROWHOUSE_MAIL_FROM };
    expect(of(resend).access).toEqual({ hosts: ['api.resend.com'] });
    expect(of({ ...resend, ROWHOUSE_RESEND_URL: 'http://127.0.0.1:8080' }).access).toEqual({
      hosts: ['127.0.0.1:8080'],
    });
    expect(of(resend)).not.toHaveProperty('directory');
  });

  test('does not start with settings that are wrong or incomplete', () => {
    const refused = (settings: Parameters<typeof of>[0]) => {
      try {
        of(settings);
      } catch (error) {
        return error instanceof Failure ? { exitCode: error.exitCode, message: error.message } : error;
      }
      return undefined;
    };
    expect(refused({ ROWHOUSE_MAIL: 'pigeon' })).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^ROWHOUSE_MAIL is wrong: /) as string,
    });
    expect(refused({ ROWHOUSE_MAIL: 'resend:re_123' })).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^ROWHOUSE_MAIL_FROM is not set/) as string,
    });
  });
});
