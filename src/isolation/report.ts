import type { Kind } from './attempt.ts';
import type { Outcome } from './judge.ts';

/** Somebody tried something, and what came of it. */
export interface Entry {
  actor: string;
  object: string;
  kind: Kind;
  attempt: string;
  outcome: Outcome;
  detail: string;
}

/** A leak, with what it takes to see it. */
export interface Leak {
  actor: string;
  object: string;
  kind: Kind;
  attempt: string;
  /** What leaked. */
  detail: string;
  /** The statement that showed it. The organizations in it are made anew by each run. */
  statement: string | null;
  /** The role and the settings that it ran with; null for a rule of the catalog. */
  as: { role: string; settings: Record<string, string> } | null;
}

/** Something that could not be tried, which is as bad as a leak that nobody has looked for. */
export interface Untried {
  object: string;
  reason: string;
}

/** How the attempts of a kind on an object ended. */
export interface Count {
  object: string;
  kind: Kind;
  refused: number;
  nothing: number;
  own_rows: number;
  leaks: number;
  errors: number;
}

export interface IsolationReport {
  /** `leaking` when anything leaked, `incomplete` when something could not be tried. */
  status: 'isolated' | 'leaking' | 'incomplete';
  attempts: number;
  objects: number;
  actors: number;
  leaks: Leak[];
  untried: Untried[];
  /** What is neither: estimates of the planner, answers that differ from call to call. */
  notes: string[];
  summary: Count[];
  entries: Entry[];
  duration_ms: number;
}

const columnOfOutcome = {
  refused: 'refused',
  nothing: 'nothing',
  'own rows': 'own_rows',
  LEAK: 'leaks',
  error: 'errors',
} as const;

/** Counts outcomes per object and kind. */
export function summarize(entries: Entry[]): Count[] {
  const counts = new Map<string, Count>();
  for (const { object, kind, outcome } of entries) {
    const key = `${object} ${kind}`;
    const count = counts.get(key) ?? {
      object,
      kind,
      refused: 0,
      nothing: 0,
      own_rows: 0,
      leaks: 0,
      errors: 0,
    };
    count[columnOfOutcome[outcome]] += 1;
    counts.set(key, count);
  }
  return [...counts.values()];
}
