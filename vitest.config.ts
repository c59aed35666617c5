import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const databaseTests = {
  include: ['test/**/*.db.test.ts'],
  globalSetup: ['test/support/places/index.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // Each file has a database of its own, and nothing else that another could change: to load everything anew for each takes
  // longer than most of them.
  isolate: false,
};

/**
 * A project per kind of place that tests need. `npm test` runs unit, database and api; `container`, `debian` and `cron` ask for
 * what not every machine has, and fail where it is missing.
 */
export default defineConfig({
  test: {
    maxWorkers: Math.max(2, availableParallelism()),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.unit.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      { extends: true, test: { name: 'database', ...databaseTests } },
      {
        extends: true,
        test: { name: 'api', include: ['test/**/*.api.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
      { extends: true, test: { name: 'container', ...databaseTests } },
      { extends: true, test: { name: 'debian', ...databaseTests, include: ['test/**/*.debian.test.ts'] } },
      { extends: true, test: { name: 'cron', include: ['test/**/*.cron.test.ts'], testTimeout: 150_000 } },
    ],
  },
});
