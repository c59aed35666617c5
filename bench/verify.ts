import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { verify } from '../src/verify/verify.ts';
import { median, quantile, timed } from './support/measure.ts';
import { withPlace } from './support/place.ts';
import { type Bench, figure } from './support/report.ts';

const command = fileURLToPath(new URL('../bin/rowhouse.js', import.meta.url));
const verified = z.looseObject({ objects: z.number().min(100), findings: z.array(z.unknown()).length(0) });

export const bench: Bench = {
  description: 'rowhouse verify, of the whole schema',
  run: (scale) =>
    withPlace(['bench'], {}, async (place) => {
      const url = place.url('bench');
      const rounds = Math.ceil(15 * scale);
      const inside: number[] = [];
      const whole: number[] = [];
      let objects = 0;
      for (let round = -1; round < rounds; round += 1) {
        const alone = await timed(async () => {
          objects = verified.parse(await verify(url)).objects;
        });
        const asCommand = await timed(async () => {
          const { stdout } = await promisify(execFile)(process.execPath, [command, 'verify', '--json'], {
            env: { ...process.env, DATABASE_URL: url },
          });
          verified.parse(JSON.parse(stdout));
        });
        if (round >= 0) {
          inside.push(alone);
          whole.push(asCommand);
        }
      }
      return {
        figures: [
          figure(`verify of ${objects} objects, median of ${rounds}`, median(inside) / 1000, 's', {
            atMost: 2,
          }),
          figure('the slowest tenth begins at', quantile(inside, 0.9) / 1000, 's'),
          figure('the command with the start of Node, median', median(whole) / 1000, 's'),
        ],
        notes: [
          'There is no floor: the target is a time. The database is as migrated, and verify finds nothing.',
        ],
      };
    }),
};
