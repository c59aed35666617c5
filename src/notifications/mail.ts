/** A mail to one person. */
export interface Mail {
  /**
   * The same for the same mail sent again, and for no other mail of any Rowhouse: `<kind>/<id>`. It makes the
   * Message-ID, and tells a provider that it has sent this already.
   */
  key: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  attachments?: Attachment[];
}

/** A file that goes with a mail. */
export interface Attachment {
  /** Letters, digits, and `._-` between them: it is ours, and nothing that somebody wrote. */
  name: string;
  type: 'application/pdf' | `text/calendar; charset=utf-8; method=${'PUBLISH' | 'CANCEL'}`;
  content: Uint8Array;
}

/** Who the mails come from. */
export interface Sender {
  name: string;
  address: string;
}

/**
 * Hands a mail over.
 *
 * @returns where it went, for the log: one line, without anything that is secret
 * @throws when it was not taken
 */
export type SendMail = (mail: Mail, signal: AbortSignal) => Promise<string>;

const addressForm = /^[^\s<>()[\]\\,;:"@\p{C}]+@[^\s<>()[\]\\,;:"@\p{C}]+$/u;

/** Whether a text is one plain address, and cannot be read as several or as anything else in a header. */
export function isAddress(text: string): boolean {
  return text.length <= 320 && addressForm.test(text);
}

const attachmentName = /^[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9]+)+$/i;

/**
 * The files of a mail.
 *
 * @throws when one has a name that a mail program could take for anything else
 */
export function attachmentsOf(mail: Mail): Attachment[] {
  const attachments = mail.attachments ?? [];
  for (const { name } of attachments) {
    if (name.length > 100 || !attachmentName.test(name)) {
      throw new Error(`A file of a mail cannot have the name ${JSON.stringify(name.slice(0, 100))}.`);
    }
  }
  return attachments;
}

/** The headers that every mail carries: its id, and that no answer of a machine is wanted. */
export function headersOf(mail: Mail, from: Sender): { messageId: string; autoSubmitted: string } {
  if (!/^[a-z0-9._]+\/[a-z0-9-]+$/.test(mail.key)) throw new Error(`A mail cannot have the key ${mail.key}.`);
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return { messageId: `<${mail.key.replace('/', '.')}@${domain}>`, autoSubmitted: 'auto-generated' };
}
