import type { SendMail } from './mail.ts';
import { folderTransport } from './folder.ts';
import { resendTransport } from './resend.ts';
import type { NotificationSettings } from './settings.ts';
import { smtpTransport } from './smtp.ts';

/** What sends mails as the settings say. */
export function transportOf(settings: NotificationSettings): SendMail {
  const { transport, from, resendUrl } = settings;
  switch (transport.kind) {
    case 'folder':
      return folderTransport(transport.path, from);
    case 'smtp':
      return smtpTransport(transport, from);
    case 'resend':
      return resendTransport(transport.apiKey, from, resendUrl);
  }
}
