import PostalMime from 'postal-mime';
import { createTransport } from 'nodemailer';
import { describe, expect, test } from 'vitest';
import { acceptanceLink, invitationMail } from '../../src/notifications/invitation-mail.ts';
import { messageOf } from '../../src/notifications/message.ts';
import { hostileNames, invitation } from './samples.ts';

const link = 'https://app.example.com/accept-invitation?token=a-token_of-43-characters';
const from = { name: 'Rowhouse', address: 'no-reply@app.example.com' };

async function parsed(mail: ReturnType<typeof invitationMail>) {
  const writer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await writer.sendMail(messageOf(mail, from));
  return PostalMime.parse(message as Buffer);
}

test('an invitation says who invites, to what and as what, until when, and what to do if it was not expected', () => {
  const mail = invitationMail(invitation, link);
  expect(mail).toMatchObject({
    key: `tenancy.invitation/${invitation.invitationId}`,
    to: 'ada@example.com',
    subject: 'You are invited to Müller & Söhne',
  });
  expect(mail.text).toBe(
    `Hello,

Grace Hopper invites you to Müller & Söhne, as Manager, Operator and Viewer.

To accept, open
${link}

Sign in, or sign up, with this address: ada@example.com. The link works once, until 28 November 2026 at 11:05 UTC.

If you did not expect this, ignore it: without the link nothing happens. Do not pass the link on.
`,
  );
  expect(mail.html).toContain(
    '<p>Grace Hopper invites you to Müller &amp; Söhne, as Manager, Operator and Viewer.</p>',
  );
  expect(mail.html).toContain('until 28 November 2026 at 11:05 UTC');
  expect(mail.html.match(/href="[^"]*"/g)).toEqual([`href="${link}"`, `href="${link}"`]);
});

test('without roles or an inviter it says less', () => {
  const { text } = invitationMail({ ...invitation, inviterName: null, roleNames: [] }, link);
  expect(text).toContain('Somebody invites you to Müller & Söhne.\n');
});

test('the link goes where the front end is, with or without a slash or a path', () => {
  const token = 'a-token_of-43-characters';
  expect(acceptanceLink('https://app.example.com', token)).toBe(link);
  expect(acceptanceLink('https://app.example.com/', token)).toBe(link);
  expect(acceptanceLink('https://example.com/app//', token)).toBe(
    'https://example.com/app/accept-invitation?token=a-token_of-43-characters',
  );
});

describe.each(hostileNames)('the hostile name %j', (name) => {
  const mail = invitationMail(
    { ...invitation, organizationName: name, inviterName: name, roleNames: [name, name] },
    link,
  );

  test('adds no header and no recipient', async () => {
    const plain = await parsed(invitationMail(invitation, link));
    const hostile = await parsed(mail);
    expect(hostile.headers.map(({ key }) => key)).toEqual(plain.headers.map(({ key }) => key));
    expect(hostile.to).toEqual([{ name: '', address: 'ada@example.com' }]);
    expect(hostile.from).toEqual(from);
    expect([hostile.cc, hostile.bcc, hostile.replyTo]).toEqual([plain.cc, plain.bcc, plain.replyTo]);
    expect(hostile.subject).toBe(mail.subject);
    expect(hostile.attachments).toEqual([]);
  });

  test('stays on its line, and turns and hides nothing', () => {
    expect(mail.text.split('\n')).toHaveLength(invitationMail(invitation, link).text.split('\n').length);
    for (const text of [mail.subject, mail.text, mail.html]) {
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
    }
    expect(Array.from(mail.subject).length).toBeLessThan(150);
  });

  test('adds no element, no attribute and no link', () => {
    const plain = invitationMail(invitation, link).html;
    const shape = (html: string) => html.match(/<[^>]*>/g);
    expect(shape(mail.html)).toEqual(shape(plain));
    // What a mail program would take for an address in a text.
    const addresses = (text: string) => text.match(/\S*[a-z0-9][.:@/]+[a-z0-9]\S*/gi) ?? [];
    expect(addresses(mail.text).sort()).toEqual(addresses(invitationMail(invitation, link).text).sort());
  });
});
