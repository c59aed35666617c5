import type { Mail } from './mail.ts';
import { escapeHtml } from './text.ts';

/** What a mail says, from top to bottom. Its texts are one line each, by `oneLine` and `withoutLinks`. */
export interface Letter {
  key: string;
  to: string;
  subject: string;
  greeting: string;
  /** What it is about, in a sentence or some. */
  opening: string[];
  /** What there is to know, by name. */
  facts: [name: string, value: string][];
  /** Its only link, which is ours. */
  link?: { label: string; url: string };
  closing: string[];
}

/** Writes a letter as a mail, in text and in HTML. The same letter makes the same mail. */
export function mailOf(letter: Letter): Mail {
  const { key, to, subject, greeting, opening, facts, link, closing } = letter;
  const text = [
    greeting,
    ...opening,
    facts.map(([name, value]) => `${name}: ${value}`).join('\n'),
    ...(link === undefined ? [] : [`${link.label}:\n${link.url}`]),
    ...closing,
  ].filter(Boolean);

  const paragraph = (content: string) => `<p>${escapeHtml(content)}</p>`;
  const html = [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>`,
    '<body style="font-family: sans-serif; line-height: 1.5; max-width: 36em; margin: 2em auto; padding: 0 1em">',
    paragraph(greeting),
    ...opening.map(paragraph),
    '<table style="border-collapse: collapse">',
    ...facts.map(
      ([name, value]) =>
        `<tr><td style="padding: 0 1em 0 0; vertical-align: top">${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`,
    ),
    '</table>',
    ...(link === undefined
      ? []
      : [`<p>${escapeHtml(link.label)}: <a href="${escapeHtml(link.url)}">${escapeHtml(link.url)}</a></p>`]),
    ...closing.map(paragraph),
    '</body>',
    '</html>',
  ];
  return { key, to, subject, text: `${text.join('\n\n')}\n`, html: `${html.join('\n')}\n` };
}
