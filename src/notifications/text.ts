/** What a name may not bring into a mail: control characters, direction marks, invisible spaces and tags. */
const unwanted =
  /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const longestName = 100;

/**
 * Makes one line of a name that somebody chose, which may be hostile: without what hides or turns text, and cut to 100
 * characters.
 *
 * @param name what somebody calls a thing
 * @param otherwise what to say when nothing is left
 */
export function oneLine(name: string | null | undefined, otherwise: string): string {
  const clean = (name ?? '')
    .normalize('NFC')
    .replace(/\s/gu, ' ')
    .replace(unwanted, '')
    // In a header, `=?utf-8?q?…?=` would be read as what it encodes.
    .replaceAll('=?', '= ?')
    .replace(/ +/g, ' ')
    .trim();
  const characters = Array.from(clean);
  if (characters.length > longestName) return `${characters.slice(0, longestName - 1).join('')}…`;
  return clean || otherwise;
}

/**
 * Keeps mail programs from making a link of a name such as "evil.example": our mails have one link, and it is ours. An
 * invisible character that joins (U+2060) goes where an address would go on.
 */
export function withoutLinks(name: string): string {
  return name.replace(/([.:@/\\#?])(?=\S)/gu, '$1\u2060');
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Writes a text as HTML, in elements and in attributes between quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
