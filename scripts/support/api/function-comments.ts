/** A refusal that a comment names, with what it says about it. */
export interface NamedRefusal {
  status: number;
  code: string;
  /** What follows the code, such as `, also when it was revoked`; empty for most. */
  remark: string;
}

/** What the comment on a function says. */
export interface FunctionComment {
  /** What it does, takes and returns. */
  text: string;
  /** Who may call it, as the comment has it in parentheses. */
  who?: string;
  raises: NamedRefusal[];
}

const callers = /superadmin|service role|supabase_auth_admin|signed.in|everybody|whoever/;

/**
 * Takes the comment on a function apart: who may call it stands in parentheses, what it refuses with after `Raises`, and
 * tags after `@`.
 *
 * @param comment the comment
 * @param permissions the codes of the permissions that there are
 */
export function readFunctionComment(comment: string, permissions: ReadonlySet<string>): FunctionComment {
  const plain = withoutTags(comment);
  const [, before = plain, clause = '', after = ''] =
    /^([\s\S]*?)\bRaises (PT\d{3}[\s\S]*?)(\.(?:\s+(?=[A-Z])[\s\S]*)?)?$/.exec(plain) ?? [];
  const [end, rest] = sentenceEnd(clause);
  const text = `${before}${rest}${after.slice(1)}`;
  // In the first sentence: later ones speak of arguments.
  const first = /^[\s\S]*?(?=\.\s+[A-Z]|$)/.exec(text)?.[0] ?? text;
  const parenthesis = [...first.matchAll(/\s\(([^()]*)\)/g)].find(
    ([, inner = '']) => callers.test(inner) || permissionsIn(inner, permissions).length > 0,
  );
  const [whole = '', who] = parenthesis ?? [];
  return {
    text: text.replace(whole, '').replace(/\s+/g, ' ').trim(),
    ...(who === undefined ? {} : { who }),
    raises: readRaises(end),
  };
}

/** The comment without `@tags` and their values. */
export function withoutTags(comment: string): string {
  return comment.replace(/(?:^|\s+)@[a-zA-Z]+(?:\s[\s\S]*?)?(?=\s@[a-zA-Z]|$)/g, '').trim();
}

/** The codes of permissions that a text names. */
export function permissionsIn(text: string, permissions: ReadonlySet<string>): string[] {
  return [...new Set(text.match(/[a-z][a-z_]*\.[a-z][a-z_]*/g) ?? [])].filter((code) =>
    permissions.has(code),
  );
}

/** A list of refusals ends with its sentence: `. ` and a capital letter. */
function sentenceEnd(clause: string): [string, string] {
  const end = /\.\s+(?=[A-Z])/.exec(clause);
  return end ? [clause.slice(0, end.index), clause.slice(end.index + end[0].length)] : [clause, ''];
}

function readRaises(clause: string): NamedRefusal[] {
  const named: NamedRefusal[] = [];
  let status = 0;
  // Nothing inside of parentheses is a code.
  for (const piece of clause.split(/([,;]\s+| and | or )(?![^(]*\))/)) {
    const [, number, code, remark = ''] =
      /^(?:PT(\d{3}) )?([a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?![\w.(])([\s\S]*)$/.exec(piece) ?? [];
    const last = named.at(-1);
    if (number !== undefined) status = Number(number);
    if (code !== undefined) named.push({ status, code, remark });
    else if (last) last.remark += piece;
  }
  return named.map((refusal) => ({
    ...refusal,
    remark: refusal.remark.replace(/(?:[,;]\s+| and | or )+$/, ''),
  }));
}
