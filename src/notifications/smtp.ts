import type { Mail, SendMail, Sender } from './mail.ts';
import { messageOf } from './message.ts';
import type { MailTransport } from './settings.ts';

const loopback = ['localhost', '127.0.0.1', '::1'];

/**
 * Sends mails through an SMTP server, with a connection for each. Nothing goes over a network in the clear, and no
 * certificate is taken that cannot be verified.
 */
export function smtpTransport(server: Extract<MailTransport, { kind: 'smtp' }>, from: Sender): SendMail {
  const { host, port, isSecure, login } = server;
  return async (mail: Mail, signal) => {
    // Loaded where it is needed: a worker that sends over HTTP does without it.
    const { createTransport } = await import('nodemailer');
    const connection = createTransport({
      host,
      port,
      secure: isSecure,
      requireTLS: !isSecure && !loopback.includes(host),
      ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
    });
    try {
      await connection.sendMail({ ...messageOf(mail, from), signal });
    } finally {
      connection.close();
    }
    return `mail ${mail.key}: sent through ${host}`;
  };
}
