import { type Delivery, deliverThroughStack, withDurableStack, withSnapshot } from './support/delivery.ts';
import { median, type Pair } from './support/measure.ts';
import { type Place, progress, withPlace } from './support/place.ts';
import { bareSide, ourSide, sending, type Side, working } from './support/queues.ts';
import { type Bench, comparison, figure, percentiles } from './support/report.ts';

const perRound = 20;

/** What a round of one side does: sends one by one, works off in tens. */
async function round(side: Side): Promise<number> {
  return (await sending(side, perRound, 1)) + (await working(side, perRound / 10, 10));
}

/** Rounds in turns for so many seconds. */
async function roundsFor(seconds: number, sides: { ours: Side; floor: Side }): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const isOursFirst = pairs.length % 2 === 0;
    const first = await round(isOursFirst ? sides.ours : sides.floor);
    const second = await round(isOursFirst ? sides.floor : sides.ours);
    pairs.push(isOursFirst ? { ours: first, floor: second } : { ours: second, floor: first });
  }
  return pairs;
}

async function measure(place: Place, scale: number) {
  const seconds = 30 * scale;
  const client = await place.open('bench');
  const sides = { ours: await ourSide(client, 'ours'), floor: await bareSide(client, 'floor') };
  progress('without a snapshot');
  await roundsFor(seconds / 15, sides);
  const before = await roundsFor(seconds, sides);
  progress(`with a snapshot, ${seconds} s`);
  const during = await withSnapshot(place.url('bench'), () => roundsFor(seconds, sides));
  const tenth = Math.max(1, Math.floor(during.length / 10));
  const slowdown = (side: 'ours' | 'floor') =>
    median(during.slice(-tenth).map((pair) => pair[side])) / median(before.map((pair) => pair[side]));

  progress(`the worker of the embedded stack, with a snapshot, ${seconds} s`);
  const { quiet, held } = await withDurableStack(async (stackClient, url) => {
    await deliverThroughStack(stackClient, (sent) => sent >= 5);
    const until = (moment: number) => () => performance.now() >= moment;
    const withoutSnapshot = await deliverThroughStack(stackClient, until(performance.now() + seconds * 1000));
    const withOne = await withSnapshot(url, () =>
      deliverThroughStack(stackClient, until(performance.now() + seconds * 1000)),
    );
    return { quiet: withoutSnapshot, held: withOne };
  });
  const claims = (deliveries: Delivery[]) => deliveries.map(({ claimed }) => claimed);

  const options = { unit: 'ms per message', per: perRound, ratioOf: 'rate' as const };
  return {
    comparisons: [
      comparison('a message sent, claimed and archived, without a snapshot', before, options),
      comparison(`the same while a session holds a snapshot, ${seconds} s`, during, options),
      comparison('the same, the last tenth of that time', during.slice(-tenth), options),
    ],
    figures: [
      figure('our time at the end of it, over the time without', slowdown('ours'), 'times'),
      figure("the floor's", slowdown('floor'), 'times'),
      ...percentiles('to the claim of the worker of the embedded stack, without', claims(quiet), 'ms'),
      ...percentiles('the same while a session holds a snapshot', claims(held), 'ms'),
    ],
    notes: [
      `Messages are sent one by one and claimed and archived in tens, ${perRound} in a round, on queues that are otherwise empty: ${during.length * perRound} on each side while the snapshot was held. What they leave behind cannot be cleaned up meanwhile, and every claim passes over it: in pgmq itself, so on both sides.`,
    ],
  };
}

export const bench: Bench = {
  description: 'queues while another session holds a snapshot for 30 seconds, over bare pgmq calls',
  run: (scale) => withPlace(['bench'], {}, (place) => measure(place, scale)),
};
