// Not `{ z }`: of a namespace, bundlers keep only what is used.
import * as z from 'zod';
import { isAddress, type Sender } from './mail.ts';

/** How mails leave. */
export type MailTransport =
  | { kind: 'folder'; path: string }
  | {
      kind: 'smtp';
      host: string;
      port: number;
      /** TLS from the first byte (smtps), where smtp asks for it on the way. */
      isSecure: boolean;
      login: { user: string; password: string } | undefined;
    }
  | { kind: 'resend'; apiKey: string };

const forms =
  'folder:<path>, smtp://user:password@host:port, smtps://user:password@host:port, resend:<api key>';

function smtpTransport(text: string): MailTransport | undefined {
  let url: URL;
  let user: string;
  let password: string;
  try {
    url = new URL(text);
    [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  } catch {
    return undefined;
  }
  // What would be ignored is refused.
  if (url.hostname === '' || !['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') {
    return undefined;
  }
  if ((user === '') !== (password === '')) return undefined;
  const isSecure = url.protocol === 'smtps:';
  return {
    kind: 'smtp',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isSecure ? 465 : 587) : Number(url.port),
    isSecure,
    login: user === '' ? undefined : { user, password },
  };
}

function mailTransport(text: string): MailTransport | undefined {
  const [, scheme, rest] = /^(folder|resend):(\S(?:.*\S)?)$/.exec(text) ?? [];
  if (scheme === 'folder' && rest !== undefined) return { kind: 'folder', path: rest };
  if (scheme === 'resend' && rest !== undefined) return { kind: 'resend', apiKey: rest };
  return /^smtps?:\/\//.test(text) ? smtpTransport(text) : undefined;
}

function sender(text: string): Sender | undefined {
  const [, name = '', inBrackets] = /^([^<>]*?)\s*<([^<>]+)>$/.exec(text) ?? [];
  const address = inBrackets ?? text;
  if (!isAddress(address) || /\p{C}/u.test(name)) return undefined;
  return { name: name.trim().replace(/^"(.*)"$/, '$1'), address };
}

/** A text that `read` understands. The complaint never repeats it: it may hold a password. */
function understood<T>(read: (text: string) => T | undefined, complaint: string) {
  return z.string().transform((text, context) => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: complaint });
    return z.NEVER;
  });
}

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'it is an http or https address' })
  .refine((url) => !/[?#]/.test(url), 'it has neither a query nor a fragment');

/** The settings of outgoing mail, by the names that they have in the environment. */
export const notificationVariables = z.object({
  /** How mails leave. */
  ROWHOUSE_MAIL: understood(mailTransport, `it is one of ${forms}`).optional(),
  /** Who they come from: `Name <address>`, or an address. */
  ROWHOUSE_MAIL_FROM: understood(sender, 'it is an address, or Name <address>').optional(),
  /** Where the front end is: links in mails begin with it. */
  ROWHOUSE_SITE_URL: httpUrl.optional(),
  /** What tokens of invitations are made with. Absent: it comes from the secret key. */
  ROWHOUSE_INVITATION_SECRET: z.string().min(32, 'it has at least 32 characters').optional(),
  /** Where Resend's API is. */
  ROWHOUSE_RESEND_URL: httpUrl.default('https://api.resend.com'),
});

/** The name of a setting of outgoing mail. */
export type NotificationVariable = keyof typeof notificationVariables.shape;

/** The settings of outgoing mail, by the names that the code uses. */
export interface NotificationSettings {
  transport: MailTransport;
  from: Sender;
  siteUrl: string;
  invitationSecret: string | undefined;
  resendUrl: string;
}

function required<T>(name: NotificationVariable, value: T | undefined): T {
  if (value === undefined) {
    throw new Error(`${name} is not set, so no mail can be sent. docs/notifications.md says what it is.`);
  }
  return value;
}

/**
 * Reads the settings of outgoing mail.
 *
 * @param environment variables by name; an empty one counts as not set
 * @throws when one is missing or wrong, naming it
 */
export function notificationSettings(environment: Record<string, string | undefined>): NotificationSettings {
  const given = Object.fromEntries(
    Object.keys(notificationVariables.shape).map((name) => [name, environment[name] || undefined]),
  );
  const result = notificationVariables.safeParse(given);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new Error(`${String(issue?.path[0])} is wrong: ${issue?.message ?? ''}.`);
  }
  const variables = result.data;
  const transport = required('ROWHOUSE_MAIL', variables.ROWHOUSE_MAIL);
  const local: Sender | undefined =
    transport.kind === 'folder' ? { name: 'Rowhouse', address: 'rowhouse@localhost' } : undefined;
  return {
    transport,
    from: required('ROWHOUSE_MAIL_FROM', variables.ROWHOUSE_MAIL_FROM ?? local),
    siteUrl: required('ROWHOUSE_SITE_URL', variables.ROWHOUSE_SITE_URL),
    invitationSecret: variables.ROWHOUSE_INVITATION_SECRET,
    resendUrl: variables.ROWHOUSE_RESEND_URL,
  };
}
