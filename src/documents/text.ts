/** Free text longer than this is cut. */
const longest = 10_000;

/** Marks above and below a letter beyond these would be drawn over the lines around. */
const clusterForm = /\P{M}\p{M}{0,3}/gu;

/** Nothing of it is drawn: control characters, and what turns, joins or hides text. */
const invisible = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

const lineBreak = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/u;

/** What stands for a character that no font has. */
export const replacement = '\ufffd';

/**
 * The lines of a text that somebody wrote, which may be hostile: no control characters, nothing that turns or hides text.
 *
 * @returns lines without line breaks, at least one; 10,000 characters together at most
 */
export function cleanLines(text: string): string[] {
  const characters = Array.from(text);
  const short = characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : text;
  return short.split(lineBreak).map((line) =>
    line
      .replace(/\p{Cs}/gu, replacement)
      .replace(/[^\S\u00a0\u202f]+/gu, ' ')
      .replace(invisible, '')
      .normalize('NFC')
      .trim(),
  );
}

/** The same, as one line. */
export function cleanLine(text: string): string {
  return cleanLines(text).filter(Boolean).join(' ');
}

/** Letters with their marks. Marks too many, or without a letter, become replacements. */
export function clustersOf(line: string): string[] {
  const clusters: string[] = [];
  let end = 0;
  for (const match of line.matchAll(clusterForm)) {
    if (match.index > end) clusters.push(replacement);
    clusters.push(match[0]);
    end = match.index + match[0].length;
  }
  if (end < line.length) clusters.push(replacement);
  return clusters;
}
