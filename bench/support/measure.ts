/** Does a piece of work and returns the milliseconds that count. */
export type Timed = () => Promise<number>;

/** The times of one side and the other, in milliseconds, pair by pair as they were measured. */
export interface Pair {
  ours: number;
  floor: number;
}

/** The value below which a share of the values lies, interpolated. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: number[]): number {
  return quantile(values, 0.5);
}

/** Milliseconds that a piece of work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/**
 * Measures two sides in turns, ours first in one turn and last in the next: whatever else the machine does hits both,
 * and a drift cancels out.
 *
 * @param rounds how many pairs
 * @param warmUps pairs before those, which do not count
 * @param turnsPerRound how many turns of each side make a pair of medians: for work so short that a single turn says more
 * about the machine's other work
 */
export async function interleave(
  rounds: number,
  sides: { ours: Timed; floor: Timed },
  warmUps = 1,
  turnsPerRound = 1,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let round = -warmUps; round < rounds; round += 1) {
    const times: Record<keyof Pair, number[]> = { ours: [], floor: [] };
    for (let turn = 0; turn < turnsPerRound; turn += 1) {
      const order = (round + turn) % 2 === 0 ? (['ours', 'floor'] as const) : (['floor', 'ours'] as const);
      for (const side of order) times[side].push(await sides[side]());
    }
    if (round >= 0) pairs.push({ ours: median(times.ours), floor: median(times.floor) });
  }
  return pairs;
}
