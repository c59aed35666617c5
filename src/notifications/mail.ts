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

/** The headers that every mail carries: its id, and that no answer of a machine is wanted. */
export function headersOf(mail: Mail, from: Sender): { messageId: string; autoSubmitted: string } {
  if (!/^[a-z0-9._]+\/[a-z0-9-]+$/.test(mail.key)) throw new Error(`A mail cannot have the key ${mail.key}.`);
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return { messageId: `<${mail.key.replace('/', '.')}@${domain}>`, autoSubmitted: 'auto-generated' };
}
