import { deliverByNotice, deliverThroughStack, withDurableStack } from './support/delivery.ts';
import { progress, withPlace } from './support/place.ts';
import { type Bench, percentiles } from './support/report.ts';

export const bench: Bench = {
  description: 'from the commit of private.enqueue to the worker',
  run: (scale) =>
    withPlace(['bench'], {}, async (place) => {
      progress('a session that listens');
      const sender = await place.open('bench');
      const receiver = await place.open('bench');
      await sender.query(`select private.create_queue('bench')`);
      const notices = await deliverByNotice(
        sender,
        receiver,
        'bench',
        (sent) => sent >= Math.ceil(2000 * scale) + 20,
      );

      progress('the worker of the embedded stack');
      const deliveries = await withDurableStack((client) =>
        // The first ones start the edge function.
        deliverThroughStack(client, (sent) => sent >= Math.ceil(500 * scale) + 5),
      );
      const first = deliveries[0]?.claimed ?? NaN;
      const warm = deliveries.slice(5);
      return {
        figures: [
          ...percentiles('to the claim of a session that listens', notices.slice(20), 'ms'),
          ...percentiles(
            'to the claim of the worker of the embedded stack',
            warm.map(({ claimed }) => claimed),
            'ms',
          ),
          ...percentiles(
            'to the end of its work, a sync of no users',
            warm.map(({ done }) => done),
            'ms',
          ),
          {
            name: 'to the first claim, with the start of the edge function',
            value: Math.round(first),
            unit: 'ms',
          },
        ],
        notes: [
          'One message after the other. No target: the way leads through a notice, an HTTP request to the edge function and the REST API.',
          'Both databases wait for the disk at every commit.',
        ],
      };
    }),
};
