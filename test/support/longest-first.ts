import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, the longest first. */
const long = [
  'test/cli/start.api.test.ts',
  'test/migrations/rollback.db.test.ts',
  'test/isolation/sabotage.db.test.ts',
  'test/isolation/isolation.db.test.ts',
  'test/stack/lifetime.api.test.ts',
  'test/cli/org.db.test.ts',
  'test/crash/server.api.test.ts',
];

/**
 * The order in which test files run: the long ones first, so that at the end no processor waits for another. Vitest's own
 * order goes by what it knows of the last run, and a fresh clone knows of none.
 *
 * A class, because Vitest asks for one.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = long.indexOf(relative(this.ctx.config.root, moduleId));
      return index < 0 ? long.length : index;
    };
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => place(one) - place(other));
  }
}
