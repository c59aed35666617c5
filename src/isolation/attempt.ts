import type { Actor } from './actors.ts';
import type { House } from './houses.ts';

/** What is tried. */
export type Kind =
  | 'read'
  | 'read by key'
  | 'count'
  | 'estimate'
  | 'peek'
  | 'embed'
  | 'insert'
  | 'insert for B'
  | 'refer to B'
  | 'update'
  | 'move to B'
  | 'delete'
  | 'upsert'
  | 'same key as B'
  | 'call'
  | 'influence'
  | 'rule';

/** Somebody tries something on an object. */
export interface Attempt {
  /** `postgres`: what constraints refuse, whatever the role and whatever the code. */
  actor: Actor | 'postgres';
  /** The table, view or function. */
  object: string;
  kind: Kind;
  /** What exactly, in a few words. */
  about: string;
  sql: string;
  /** Whether the statement answers with one text. */
  answers: boolean;
  /** Whose traces the answer must not hold. */
  foreign: House[];
  /** Whose rows must be the same afterwards. */
  watched: House[];
  /** What the statement was given, and may therefore say again. */
  given: string[];
  /** What success may bring: anything that holds no trace, or nothing at all; or it must not succeed. */
  allows: 'own rows' | 'nothing' | 'refusal';
  /** Refused by a constraint is too late: a policy must have refused before. */
  mustMeetPolicy?: boolean;
  /** A SQLSTATE which says that a row of another organization was looked at. */
  tellingState?: string;
  /** The same with something that does not exist: the outcome must be the same. */
  twin?: { sql: string; given: string[] };
  /** The answer must be the same when B has more rows. */
  isIndependent?: boolean;
}

/** An attempt with all that most of them have in common. */
export function attempt(
  some: Pick<Attempt, 'actor' | 'object' | 'kind' | 'about' | 'sql' | 'answers'> & Partial<Attempt>,
): Attempt {
  const foreign = some.actor === 'postgres' ? [] : some.actor.foreign;
  return { foreign, watched: [], given: [], allows: 'own rows', ...some };
}
