import { interleave, timed } from './support/measure.ts';
import { insertProfiles, insertUsers, withPlace } from './support/place.ts';
import { type Bench, comparison } from './support/report.ts';

const perPage = 50;

export const bench: Bench = {
  description: 'the last page of a million users, over the first',
  run: (scale) =>
    withPlace(['bench'], { autovacuum: 'off' }, async (place) => {
      const users = Math.ceil(1_000_000 * scale);
      await insertUsers(place.superuserUrl('bench'), users);
      const client = await place.open('bench');
      await insertProfiles(place.superuserUrl('bench'));

      const list = async (page: number, filters: string) => {
        const { rows } = await client.query<{ users: unknown[]; total: string }>(
          `select users, total from public.list_users(page => $1, per_page => $2 ${filters})`,
          [page, perPage],
        );
        if (rows[0]?.users.length !== perPage || Number(rows[0].total) !== users) {
          throw new Error(`Page ${page} is not a full page of ${users} users.`);
        }
      };
      const last = Math.floor(users / perPage);
      const rounds = Math.ceil(7 * scale);
      const compare = (page: number, filters = '') =>
        interleave(rounds, {
          ours: () => timed(() => list(page, filters)),
          floor: () => timed(() => list(1, filters)),
        });
      return {
        comparisons: [
          comparison(`page ${last}, the last, over page 1`, await compare(last), {
            unit: 'ms',
            target: { atMost: 2 },
          }),
          comparison(`the same with status => 'active'`, await compare(last, `, status => 'active'`), {
            unit: 'ms',
            target: { atMost: 2 },
          }),
          comparison(
            `page ${Math.floor(last / 2)}, in the middle, over page 1`,
            await compare(Math.floor(last / 2)),
            {
              unit: 'ms',
            },
          ),
        ],
        notes: [
          `public.list_users, ${perPage} users per page of ${users.toLocaleString('en')}, each with a profile, as role postgres. "Ours" is the later page, the floor page 1.`,
        ],
      };
    }),
};
