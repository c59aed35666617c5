import type { Invitation } from '../../src/notifications/invitation-mail.ts';
import type { Mail } from '../../src/notifications/mail.ts';

/** An invitation as the database tells it. */
export const invitation: Invitation = {
  invitationId: '01997f5e-8f0c-7c11-9f5b-6f1c0d2e3a4b',
  email: 'ada@example.com',
  organizationName: 'Müller & Söhne',
  inviterName: 'Grace Hopper',
  expiresAt: new Date('2026-11-28T11:05:00Z'),
  roleNames: ['Manager', 'Operator', 'Viewer'],
};

/** A mail with what mails break on: other alphabets, long lines, a dot alone on its line. */
export const mail: Mail = {
  key: 'test.mail/01997f5e-8f0c-7c11-9f5b-6f1c0d2e3a4b',
  to: 'ada@example.com',
  subject: 'Grüße – 你好 👩‍👧, and a subject that is so long that it does not fit on one line of a header',
  text: `First\n.\n..\nFrom here\n${'long '.repeat(400)}\nEnde – 終\n`,
  html: `<p>First</p>\n.\n<p>${'long '.repeat(400)} 終</p>\n`,
};

/** The same with files: one that is no text at all, one of more than a line of base64, and an empty one. */
export const mailWithFiles: Mail = {
  ...mail,
  key: 'test.mail/01997f5e-8f0c-7c11-9f5b-6f1c0d2e3a4c',
  attachments: [
    {
      name: 'INV-2026-00001.pdf',
      type: 'application/pdf',
      content: Uint8Array.from({ length: 1000 }, (_, index) => index % 256),
    },
    {
      name: 'calendar.ics',
      type: 'text/calendar; charset=utf-8; method=PUBLISH',
      content: new TextEncoder().encode(
        'BEGIN:VCALENDAR\r\nSUMMARY:Kurs für Zoë 終\r\n.\r\nEND:VCALENDAR\r\n',
      ),
    },
    { name: 'empty.pdf', type: 'application/pdf', content: new Uint8Array() },
  ],
};

/** Names of files that a mail program could take for anything else. */
export const wrongFileNames = [
  '',
  'calendar',
  '.ics',
  '../calendar.ics',
  '/etc/passwd.pdf',
  'a b.pdf',
  'a.pdf\r\nContent-Type: text/html',
  'a".pdf',
  'calendar.ics ',
  'gnp.\u202eexe.pdf',
  'ä.pdf',
  `${'x'.repeat(100)}.pdf`,
];

/** Names that somebody may give an organization, a role or themselves. */
export const hostileNames = [
  'Acme\r\nBcc: everyone@example.com',
  'Acme\n\nA second text',
  'Acme\u0000\u0007\u001b[31m',
  '\u202egnp.exe\u202c \u2066Acme\u2069',
  '<script>alert(1)</script>',
  `"><img src=x onerror='alert(1)'>`,
  '</title></head><body>',
  '&lt;b&gt; &amp; &#60;',
  'Win now: https://evil.example/prize?id=1',
  'evil.example',
  'write to help@evil.example',
  '=?utf-8?B?RXZpbA==?=',
  '${link} {{link}} %s $& $1',
  '   ',
  'x'.repeat(5000),
  '👩‍👩‍👧‍👦 Familie',
  'מתכת בע״מ',
  '\ud800 alone',
];
