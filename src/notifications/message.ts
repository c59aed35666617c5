import { Buffer } from 'node:buffer';
import type { SendMailOptions } from 'nodemailer';
import { attachmentsOf, headersOf, isAddress, type Mail, type Sender } from './mail.ts';

/**
 * A mail as nodemailer takes it.
 *
 * @throws when the recipient is not one plain address
 */
export function messageOf(mail: Mail, from: Sender): SendMailOptions {
  if (!isAddress(mail.to)) throw new Error('The recipient is not an e-mail address.');
  const { messageId, autoSubmitted } = headersOf(mail, from);
  return {
    from,
    // As an object: a text could be read as several addresses.
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    attachments: attachmentsOf(mail).map(({ name, type, content }) => ({
      filename: name,
      contentType: type,
      content: Buffer.from(content),
    })),
    messageId,
    headers: { 'Auto-Submitted': autoSubmitted },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
