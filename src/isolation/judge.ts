import type { Attempt } from './attempt.ts';
import type { Result } from './runner.ts';
import { traceIn, withoutChance, withoutGiven, withoutWords } from './traces.ts';

/** What came of an attempt. */
export type Outcome = 'refused' | 'nothing' | 'own rows' | 'LEAK' | 'error';

export interface Verdict {
  outcome: Outcome;
  /** What leaked, or who refused. */
  detail: string;
}

const leak = (detail: string): Verdict => ({ outcome: 'LEAK', detail });

const isSuccess = ({ state }: Result) => state === '00000';

/**
 * Whether an error says something of the audit, or of the object, and nothing of the right to it: a statement that does
 * not fit, a policy that recurses, a server that is out of something.
 */
function isFault(state: string): boolean {
  if (state === '42501') return false;
  return /^(42|53|54|57|58|XX|F0|40|25|0A|08)/.test(state);
}

type Without = (text: string, given: string[]) => string;

const said = (
  { state, message, more, answer, affected }: Result,
  given: string[],
  without: Without,
): string => withoutChance(without([state, message, more, answer ?? '', affected].join('\n'), given));

/** Whether two outcomes could not be told apart by whoever gets them. */
export function isSame(one: Result, given: string[], other: Result, otherGiven: string[]): boolean {
  return [withoutGiven, withoutWords].some(
    (without) => said(one, given, without) === said(other, otherGiven, without),
  );
}

const inWords = ({ state, message, answer, affected }: Result): string =>
  state === '00000'
    ? answer === null
      ? `${affected} rows`
      : `“${answer.slice(0, 120)}”`
    : `${state} ${message}`;

/** Says what came of an attempt, with the outcome of its twin when it has one. */
export function judge(tried: Attempt, result: Result, twin: Result | undefined): Verdict {
  const { actor, foreign, given } = tried;
  if (result.changed.length > 0) return leak(`rows changed in ${result.changed.join(', ')}`);
  if (tried.tellingState !== undefined && result.state === tried.tellingState) {
    return leak(`a condition was applied to rows that are not to be seen: ${result.message}`);
  }
  if (tried.answers) {
    const told = withoutGiven([result.answer ?? '', result.message, result.more].join('\n'), given);
    const trace = traceIn(told, foreign, actor);
    // What is the same, word for word, of something that nobody has was made of the question.
    const isEcho = tried.twin && twin && isSame(result, given, twin, tried.twin.given);
    if (trace !== undefined && !isEcho) return leak(trace);
  }
  const isEmpty = tried.answers ? ['', '0'].includes(result.answer ?? '') : result.affected === 0;
  if (isSuccess(result) && tried.allows === 'nothing' && !isEmpty) {
    return leak(tried.answers ? `it answers ${inWords(result)}` : `${result.affected} rows were written`);
  }
  if (isSuccess(result) && tried.allows === 'refusal') return leak('it was not refused');
  if (tried.mustMeetPolicy && result.state.startsWith('23')) {
    return leak(`no policy refused, only a constraint did: ${result.message}`);
  }
  if (tried.twin && twin && !isSame(result, given, twin, tried.twin.given)) {
    return leak(
      `what is B's is told from what does not exist: ${inWords(result)}; otherwise ${inWords(twin)}`,
    );
  }
  if (isSuccess(result)) return { outcome: isEmpty ? 'nothing' : 'own rows', detail: '' };
  const detail = `${result.state} ${result.message}`;
  return { outcome: isFault(result.state) ? 'error' : 'refused', detail };
}
