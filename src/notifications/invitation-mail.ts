import type { Mail } from './mail.ts';
import { escapeHtml, oneLine, withoutLinks } from './text.ts';

/** What the mail of an invitation says. */
export interface Invitation {
  invitationId: string;
  email: string;
  organizationName: string;
  /** Absent when the one who invited is gone. */
  inviterName: string | null;
  expiresAt: Date;
  roleNames: string[];
}

const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

/**
 * The address that accepts an invitation.
 *
 * @param siteUrl where the front end is, with or without a slash at its end
 */
export function acceptanceLink(siteUrl: string, token: string): string {
  return `${siteUrl.replace(/\/+$/, '')}/accept-invitation?token=${encodeURIComponent(token)}`;
}

function listOf(names: string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names);
}

/**
 * Composes the mail of an invitation. The same invitation makes the same mail, whenever it is composed.
 *
 * @param invitation what it says; the names are taken as hostile
 * @param link what {@link acceptanceLink} returns
 */
export function invitationMail(invitation: Invitation, link: string): Mail {
  const subject = `You are invited to ${oneLine(invitation.organizationName, 'an organization')}`;
  const organization = withoutLinks(oneLine(invitation.organizationName, 'an organization'));
  const inviter = withoutLinks(oneLine(invitation.inviterName, 'Somebody'));
  const roles = invitation.roleNames.map((name) => withoutLinks(oneLine(name, ''))).filter(Boolean);

  const opening = `${inviter} invites you to ${organization}${roles.length > 0 ? `, as ${listOf(roles)}` : ''}.`;
  const address = `Sign in, or sign up, with this address: ${invitation.email}.`;
  const expiry = `The link works once, until ${moment.format(invitation.expiresAt)} UTC.`;
  const unexpected =
    'If you did not expect this, ignore it: without the link nothing happens. Do not pass the link on.';

  const text = ['Hello,', opening, `To accept, open\n${link}`, `${address} ${expiry}`, unexpected].join(
    '\n\n',
  );

  const paragraph = (content: string) => `<p>${content}</p>`;
  const html = [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>`,
    '<body style="font-family: sans-serif; line-height: 1.5; max-width: 36em; margin: 2em auto; padding: 0 1em">',
    paragraph('Hello,'),
    paragraph(escapeHtml(opening)),
    paragraph(
      `<a href="${escapeHtml(link)}" style="display: inline-block; padding: 0.6em 1.2em; border-radius: 4px; ` +
        'background: #1f4e79; color: #ffffff; text-decoration: none">Accept the invitation</a>',
    ),
    paragraph(`Or open this address:<br><a href="${escapeHtml(link)}">${escapeHtml(link)}</a>`),
    paragraph(`${escapeHtml(address)} ${escapeHtml(expiry)}`),
    paragraph(escapeHtml(unexpected)),
    '</body>',
    '</html>',
  ].join('\n');

  return {
    key: `tenancy.invitation/${invitation.invitationId.toLowerCase()}`,
    to: invitation.email,
    subject,
    text: `${text}\n`,
    html: `${html}\n`,
  };
}
