import { join } from 'node:path';
import prettier from 'prettier';
import { root } from '../sql-files.ts';

/** A table of Markdown. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A table without the columns in which nothing stands. */
export function slimTable(head: string[], rows: string[][]): string {
  const isFilled = (_cell: string, index: number) => rows.some((row) => row[index] !== '');
  return table(
    head.filter(isFilled),
    rows.map((row) => row.filter(isFilled)),
  );
}

/** Text as code; nothing for nothing. */
export function code(text: string): string {
  return text === '' ? '' : text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** A list in words: `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[], word = 'and'): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1) ?? ''}`;
}

/**
 * Prose of a comment as Markdown: names with an underscore, calls, and permissions become code; what Markdown would take
 * for markup is escaped.
 *
 * @param text a comment, or a part of one
 * @param names other words that are names, such as the codes of permissions
 */
export function prose(text: string, names: ReadonlySet<string> = new Set()): string {
  return text
    .split(/(`[^`]*`|(?<![\w.@/-])[A-Za-z][\w.*]*(?:\(\))?(?![\w@]))/)
    .map((part, index) => {
      if (index % 2 === 0) return part.replace(/[\\*<>[\]]/g, '\\$&');
      if (part.startsWith('`')) return part;
      const [, word = part, rest = ''] = /^(.*?)([.]*)$/.exec(part) ?? [];
      const isName =
        names.has(word) ||
        /^[a-z][a-z0-9]*(?:\.[a-z][a-z0-9_]*)*_[a-z0-9_.]*(?:\(\))?$/.test(word) ||
        word.endsWith('()') ||
        /^[a-z_]+\.\*$/.test(word);
      return isName ? `\`${word}\`${rest}` : part.replace(/[*_]/g, '\\$&');
    })
    .join('');
}

/** Formats a page as the repository formats Markdown. */
export async function formatted(path: string, text: string): Promise<string> {
  const config = await prettier.resolveConfig(join(root, path));
  return prettier.format(text, { ...config, parser: 'markdown' });
}
