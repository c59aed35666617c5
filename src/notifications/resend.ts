import { Buffer } from 'node:buffer';
import * as z from 'zod';
import { attachmentsOf, headersOf, isAddress, type SendMail, type Sender } from './mail.ts';

const refusal = z.object({ name: z.string().catch(''), message: z.string().catch('') });

/** A sender as a header has it. */
function headerOf({ name, address }: Sender): string {
  return name === '' ? address : `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`;
}

/**
 * Sends mails through Resend's HTTP API, which sends a mail with the same key once in 24 hours.
 *
 * @param apiKey Resend's key
 * @param baseUrl where the API is
 */
export function resendTransport(apiKey: string, from: Sender, baseUrl: string): SendMail {
  return async (mail, signal) => {
    if (!isAddress(mail.to)) throw new Error('The recipient is not an e-mail address.');
    const { messageId, autoSubmitted } = headersOf(mail, from);
    const attachments = attachmentsOf(mail).map(({ name, type, content }) => ({
      filename: name,
      content_type: type,
      content: Buffer.from(content).toString('base64'),
    }));
    const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/emails`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${apiKey}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': mail.key,
        'User-Agent': 'rowhouse',
      },
      body: JSON.stringify({
        from: headerOf(from),
        to: [mail.to],
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        headers: { 'Message-ID': messageId, 'Auto-Submitted': autoSubmitted },
        ...(attachments.length === 0 ? {} : { attachments }),
      }),
      redirect: 'error',
      signal,
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return `mail ${mail.key}: sent through Resend`;
    const { name, message } = refusal.safeParse(answer).data ?? { name: '', message: '' };
    // The same key with another content: it was sent before, when a name in it was another.
    if (response.status === 409 && name === 'invalid_idempotent_request') {
      return `mail ${mail.key}: Resend has sent it before`;
    }
    throw new Error(`Resend answered ${response.status} ${name}: ${message.slice(0, 300)}`);
  };
}
