import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { headersOf, type SendMail, type Sender } from './mail.ts';
import { messageOf } from './message.ts';

/**
 * Writes mails into a folder instead of sending them, one file each, which mail programs open. For development.
 *
 * @param path the folder; it is made with the first mail
 */
export function folderTransport(path: string, from: Sender): SendMail {
  return async (mail) => {
    // Loaded where it is needed: a worker that sends over HTTP does without it.
    const { createTransport } = await import('nodemailer');
    const writer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
    const { message } = await writer.sendMail(messageOf(mail, from));
    if (!(message instanceof Uint8Array)) throw new Error('The mail was not written as a whole.');
    // Nothing of the name is anybody's choice.
    const time = new Date().toISOString().replace(/[-:]/g, '');
    const id = headersOf(mail, from).messageId.slice(1).replace(/@.*/, '');
    const file = join(path, `${time}-${id}.eml`);
    await mkdir(path, { recursive: true, mode: 0o700 });
    // Who watches the folder sees whole mails only.
    await writeFile(`${file}.part`, message, { mode: 0o600 });
    await rename(`${file}.part`, file);
    return `mail to ${mail.to}: ${mail.subject}, in ${file}`;
  };
}
