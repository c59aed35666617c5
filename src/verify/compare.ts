import { isDeepStrictEqual } from 'node:util';
import { named, type Named } from './names.ts';
import type { LiveObjects, Unreadable } from './read-objects.ts';
import { remedy } from './remedy.ts';
import type { Snapshot, State } from './snapshot.ts';

/** A difference between a database and the release it should be at. */
export interface Finding {
  /** What it is: `table`, `function`, `policy`, `grant`, `cron job`, `queue`, … */
  kind: string;
  name: string;
  error: 'missing' | 'changed' | 'unexpected' | 'disabled' | 'access_denied';
  severity: 'critical' | 'warning' | 'info';
  /** What the release says; for what changed, the part that differs. Null when it knows no such object. */
  expected: string | null;
  /** What the database has, in the same way. Null when it has no such object. */
  found: string | null;
  /** What to do about it: statements, a command or a sentence. */
  remedy: string;
}

/** What opens a door when nobody asked for it. */
const apiGrantees = new Set(['PUBLIC', 'anon', 'authenticated', 'service_role', 'authenticator']);
const apart = new Set(['queue', 'comment', 'attribute']);

function unexpectedSeverity({ kind, id }: Named): Finding['severity'] {
  if (kind === 'policy' || kind === 'trigger' || kind === 'rule' || kind === 'cron job') return 'critical';
  if (id?.kind === 'acl' || id?.kind === 'defaultPrivilege') {
    return apiGrantees.has(id.grantee) ? 'critical' : 'info';
  }
  return apart.has(kind) ? 'info' : 'warning';
}

/** One line for a person; a definition keeps its lines. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (Array.isArray(value)) return value.map(shown).join(', ');
  return JSON.stringify(value);
}

function describe(state: State): string {
  const main = state.def ?? state.text ?? state.expr;
  if (typeof main === 'string') return main.trim();
  return Object.entries(state)
    .filter(([, value]) => value !== null && value !== false && shown(value) !== '')
    .map(([name, value]) => `${name}: ${shown(value)}`)
    .join('; ');
}

/** The lines of a text that another has not, so that a changed function shows what changed in it. */
function linesWithout(value: string, other: string): string {
  const others = new Set(other.split('\n').map((line) => line.trim()));
  const lines = value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !others.has(line));
  return lines.length > 0 ? lines.join('\n') : '(nothing more)';
}

/** The attributes in which two states differ, as each side has them. */
function differing(expected: State, found: State): { names: string[]; expected: string; found: string } {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])].filter(
    (name) => !isDeepStrictEqual(expected[name], found[name]),
  );
  const side = (state: State, other: State) =>
    names
      .map((name) => {
        const value = state[name];
        const others = other[name];
        if (typeof value !== 'string' || typeof others !== 'string') {
          return `${name}: ${value === undefined ? '(none)' : shown(value)}`;
        }
        const isLong = value.includes('\n') || others.includes('\n');
        return isLong ? linesWithout(value, others) : names.length === 1 ? value : `${name}: ${value}`;
      })
      .join('\n');
  return { names, expected: side(expected, found), found: side(found, expected) };
}

/** Whether all that differs is that something is switched off. */
function isDisabled(names: string[], found: State): boolean {
  const off =
    (names.includes('enabled') && found.enabled === 'D') ||
    (names.includes('enabled') && found.enabled === 'R') ||
    (names.includes('rowSecurity') && found.rowSecurity === false) ||
    (names.includes('enforced') && found.enforced === false) ||
    (names.includes('valid') && found.valid === false) ||
    (names.includes('active') && found.active === false);
  return off && names.length === 1;
}

function denied({ kind, name, reason }: Unreadable): Finding {
  const grant =
    kind === 'schema'
      ? `grant usage on schema ${name} to postgres;`
      : `grant ${kind === 'table' ? 'select' : 'execute'} on ${kind} ${name} to postgres;`;
  return {
    kind,
    name,
    error: 'access_denied',
    severity: 'critical',
    expected: 'readable by role postgres',
    found: reason,
    remedy: `Connect as role postgres, as migrations do. If that is what you did, its owner or a superuser gives it back: ${grant}`,
  };
}

const ranks = { critical: 0, warning: 1, info: 2 };

/**
 * Compares what a database holds with what its release says. What goes away with a missing object, or came with an
 * unexpected one, is not named again.
 *
 * @param snapshot the release
 * @param live the database
 * @returns the differences, critical ones first; none when the database is what the release says
 */
export function compare(snapshot: Snapshot, live: LiveObjects): Finding[] {
  const findings = live.unreadable.map(denied);
  const hidden = live.unreadable.flatMap(({ hides }) => (hides === undefined ? [] : [hides]));
  for (const key of new Set([...Object.keys(snapshot.objects), ...Object.keys(live.objects)])) {
    const expected = snapshot.objects[key];
    const found = live.objects[key];
    if (isDeepStrictEqual(expected?.state, found?.state)) continue;
    if (hidden.some((prefix) => key.startsWith(prefix))) continue;
    const object = named(key);
    const difference = { object, expected: expected?.state, found: found?.state };
    const finding = { kind: object.kind, name: object.name };
    if (expected === undefined && found !== undefined) {
      if (found.parent !== undefined && !(found.parent in snapshot.objects) && found.parent in live.objects)
        continue;
      findings.push({
        ...finding,
        error: 'unexpected',
        severity: unexpectedSeverity(object),
        expected: null,
        found: describe(found.state),
        remedy: remedy(difference),
      });
    } else if (expected !== undefined && found === undefined) {
      if (
        expected.parent !== undefined &&
        !(expected.parent in live.objects) &&
        expected.parent in snapshot.objects
      )
        continue;
      findings.push({
        ...finding,
        error: 'missing',
        severity: object.kind === 'comment' ? 'info' : 'critical',
        expected: describe(expected.state),
        found: null,
        remedy: remedy(difference),
      });
    } else if (expected !== undefined && found !== undefined) {
      const { names, ...sides } = differing(expected.state, found.state);
      findings.push({
        ...finding,
        error: isDisabled(names, found.state) ? 'disabled' : 'changed',
        severity: object.kind === 'comment' ? 'info' : 'critical',
        ...sides,
        remedy: remedy(difference),
      });
    }
  }
  return findings.sort(
    (a, b) =>
      ranks[a.severity] - ranks[b.severity] ||
      `${a.kind} ${a.name}`.localeCompare(`${b.kind} ${b.name}`, 'en'),
  );
}
