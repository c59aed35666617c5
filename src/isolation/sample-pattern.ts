/** A source of numbers from 0 to `below` − 1, the same for the same seed. */
export type Draw = (below: number) => number;

export function drawFrom(seed: number): Draw {
  let state = seed * 2654435761 + 97;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const named: Record<string, string> = {
  alpha: lower,
  lower,
  upper: lower.toUpperCase(),
  digit: digits,
  xdigit: `${digits}abcdef`,
  alnum: lower + digits,
  space: ' ',
  blank: ' ',
  punct: '-.',
};
const escapes: Record<string, string> = {
  d: digits,
  w: `${lower}${digits}_`,
  s: ' ',
  S: lower,
  D: lower,
  W: '-',
};
const printable = `${lower}${lower.toUpperCase()}${digits} -_.@/:+#`;

/**
 * Makes a text that matches a regular expression of PostgreSQL: literals, classes, groups, alternatives, quantifiers.
 * Look-around and back references are read over, so the text is a candidate that still has to be checked.
 *
 * @param pattern the expression
 * @param draw decides between what is possible
 */
export function samplePattern(pattern: string, draw: Draw): string {
  let at = 0;
  const peek = () => pattern[at] ?? '';

  const oneOf = (characters: string) => characters[draw(characters.length)] ?? '';

  function bracket(): string {
    at += 1;
    const isNegated = peek() === '^';
    if (isNegated) at += 1;
    let members = '';
    for (let first = true; at < pattern.length && (first || peek() !== ']'); first = false) {
      const name = /^\[:(\w+):\]/.exec(pattern.slice(at));
      if (name) {
        members += named[name[1] ?? ''] ?? '';
        at += name[0].length;
        continue;
      }
      if (peek() === '\\') {
        at += 1;
        members += escapes[peek()] ?? peek();
        at += 1;
        continue;
      }
      const from = peek();
      at += 1;
      const to = pattern[at + 1] ?? '';
      if (peek() === '-' && to !== ']' && to !== '') {
        at += 2;
        for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code += 1) {
          members += String.fromCharCode(code);
        }
      } else {
        members += from;
      }
    }
    at += 1;
    if (!isNegated) return oneOf(members);
    return oneOf(
      Array.from(printable)
        .filter((character) => !members.includes(character))
        .join(''),
    );
  }

  function atom(): string {
    const character = peek();
    if (character === '(') {
      at += 1;
      const lookaround = /^\?[=!<]+/.exec(pattern.slice(at));
      at += lookaround?.[0].length ?? (pattern.startsWith('?:', at) ? 2 : 0);
      const inside = alternatives();
      at += 1;
      return lookaround ? '' : inside;
    }
    if (character === '[') return bracket();
    at += 1;
    if (character === '^' || character === '$') return '';
    if (character === '.') return oneOf(lower);
    if (character !== '\\') return character;
    const escaped = peek();
    at += 1;
    if (/[mMyYAZ]/.test(escaped)) return '';
    return escapes[escaped] === undefined ? escaped : oneOf(escapes[escaped]);
  }

  function repeated(): string {
    const start = at;
    let text = atom();
    const quantifier = /^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/.exec(pattern.slice(at));
    if (!quantifier) return text;
    const [, sign, least = '0', range, most] = quantifier;
    const minimum = sign === undefined ? Number(least) : sign === '+' ? 1 : 0;
    const maximum =
      sign === '?' ? 1 : sign !== undefined || range === undefined || !most ? undefined : Number(most);
    const wanted =
      range === undefined && sign === undefined ? minimum : Math.min(Math.max(minimum, 6), maximum ?? 6);
    text = '';
    for (let count = 0; count < Math.max(wanted, minimum); count += 1) {
      at = start;
      text += atom();
    }
    if (wanted === 0) {
      at = start;
      atom();
    }
    at += quantifier[0].length;
    return text;
  }

  function alternatives(): string {
    const options: string[] = [];
    let option = '';
    while (at < pattern.length && peek() !== ')') {
      if (peek() === '|') {
        at += 1;
        options.push(option);
        option = '';
      } else {
        option += repeated();
      }
    }
    options.push(option);
    return options[draw(options.length)] ?? '';
  }

  return alternatives();
}
