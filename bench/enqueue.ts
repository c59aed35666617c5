import { interleave, timed } from './support/measure.ts';
import { type Place, progress, withPlace } from './support/place.ts';
import { bareSide, ourSide, sending, type Side, working } from './support/queues.ts';
import { type Bench, comparison, type Comparison } from './support/report.ts';

const target = { atLeast: 0.9 };
const senders = 8;

async function compareSides(
  sides: { ours: Side; floor: Side },
  rounds: number,
  suffix: string,
  hasTarget: boolean,
): Promise<Comparison[]> {
  const options = {
    unit: 'ms per message',
    ratioOf: 'rate' as const,
    ...(hasTarget ? { target } : {}),
  };
  const found: Comparison[] = [];
  for (const { size, calls, what } of [
    { size: 1, calls: 10, what: 'one message each' },
    { size: 100, calls: 2, what: '100 messages each' },
  ]) {
    progress(`${what}${suffix}`);
    const sent = await interleave(
      rounds,
      {
        ours: () => sending(sides.ours, calls, size),
        floor: () => sending(sides.floor, calls, size),
      },
      3,
    );
    const worked = await interleave(
      rounds,
      {
        ours: () => working(sides.ours, calls, size),
        floor: () => working(sides.floor, calls, size),
      },
      3,
    );
    const per = calls * size;
    found.push(
      comparison(`sending, ${what}${suffix}`, sent, { ...options, per }),
      comparison(`claiming and archiving, ${what}${suffix}`, worked, { ...options, per }),
    );
  }
  return found;
}

async function measure(place: Place, scale: number) {
  const rounds = Math.ceil(150 * scale);
  const client = await place.open('bench');
  const sides = { ours: await ourSide(client, 'ours'), floor: await bareSide(client, 'floor') };
  const durable = await compareSides(sides, rounds, '', true);
  await client.query('set synchronous_commit = off');
  const unflushed = await compareSides(sides, rounds, ', without waiting for the disk', false);

  progress(`${senders} senders at once`);
  const crowd = await Promise.all(
    Array.from({ length: senders }, async (_, index) => {
      const connection = await place.open('bench');
      return {
        ours: await ourSide(connection, `ours_${index}`),
        floor: await bareSide(connection, `floor_${index}`),
      };
    }),
  );
  const together = (side: 'ours' | 'floor') => () =>
    timed(() => Promise.all(crowd.map((each) => sending(each[side], 25, 1))));
  const crowded = await interleave(
    Math.ceil(rounds / 10),
    { ours: together('ours'), floor: together('floor') },
    2,
  );

  return {
    comparisons: [
      ...durable,
      ...unflushed,
      comparison(`sending, one message each, ${senders} senders at once`, crowded, {
        unit: 'ms per message',
        ratioOf: 'rate',
        per: senders * 25,
      }),
    ],
    notes: [
      'Sending: private.enqueue over pgmq.send, private.enqueue_batch over pgmq.send_batch. Claiming and archiving: public.claim_jobs and public.complete_jobs over pgmq.read and pgmq.archive. One transaction per call, prepared statements, role postgres, the same message of about 400 bytes.',
      'pgmq is the stand-in of supabase/platform: plpgsql, as the extension is.',
    ],
  };
}

export const bench: Bench = {
  description: 'sending and working off messages, over bare pgmq calls',
  run: (scale) => withPlace(['bench'], {}, (place) => measure(place, scale)),
};
