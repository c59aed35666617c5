import { resolve } from 'node:path';
import { Failure } from '../failure.ts';
import { notificationSettings, type NotificationVariable } from '../notifications/settings.ts';
import type { FunctionAccess } from './function-process.ts';

/** How the embedded stack's edge functions send mail. */
export interface OutgoingMail {
  /** Their environment. */
  settings: Record<string, string>;
  /** What the function that sends may do for it. */
  access: FunctionAccess;
  /** The folder that mails are written to; absent when they are sent. */
  directory?: string;
}

/**
 * Completes the settings of outgoing mail: without any, mails are written to a folder.
 *
 * @param options what is set, the folder to write to otherwise, and where the front end is otherwise
 * @throws {Failure} when a setting is missing or wrong
 */
export function outgoingMail(options: {
  settings: Partial<Record<NotificationVariable, string>>;
  folder: string;
  siteUrl: string;
}): OutgoingMail {
  const settings: Record<string, string> = {
    ROWHOUSE_MAIL: `folder:${options.folder}`,
    ROWHOUSE_SITE_URL: options.siteUrl,
    ...options.settings,
  };
  let understood: ReturnType<typeof notificationSettings>;
  try {
    understood = notificationSettings(settings);
  } catch (error) {
    throw new Failure((error as Error).message, { hint: 'See .env.example.', exitCode: 2, cause: error });
  }
  const { transport, resendUrl } = understood;
  switch (transport.kind) {
    case 'folder': {
      // The functions work in another directory.
      const directory = resolve(transport.path);
      return {
        settings: { ...settings, ROWHOUSE_MAIL: `folder:${directory}` },
        access: { hosts: [], writable: [directory] },
        directory,
      };
    }
    case 'smtp':
      // nodemailer looks the name up itself and connects to an address, which cannot be known here.
      return { settings, access: { hosts: transport.host === '127.0.0.1' ? [] : 'all' } };
    case 'resend':
      return { settings, access: { hosts: [new URL(resendUrl).host] } };
  }
}
