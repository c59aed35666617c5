import { describe, expect, test } from 'vitest';
import type { Database } from '../support/database.ts';
import type { Property } from './property.ts';
import { inTrial } from './trial.ts';

/** Declares a test for each property: 100 generated inputs. */
export function describeProperties(db: Database, properties: Property[]): void {
  for (const { name, check } of properties) {
    test(name, { timeout: 60_000 }, () => inTrial(db, (client) => check(client, { numRuns: 100 })));
  }
}

// The same inputs each time: a break that is noticed once is noticed always.
const options = { numRuns: 60, seed: 3, endOnFailure: true };

/** Declares a test for each break of each property: the check of it fails. */
export function describeBreaks(db: Database, properties: Property[]): void {
  for (const { name: property, check, breaks } of properties) {
    describe(`${property} does not hold when`, () => {
      for (const { name, apply } of breaks) {
        test(name, async () => {
          let outcome: unknown = 'The break survived.';
          await inTrial(
            db,
            (client) =>
              check(client, options).catch((error: unknown) => {
                outcome = error;
              }),
            apply,
          );
          // By what the property asserts, and not by a statement that the break does not let run.
          const cause = outcome instanceof Error ? (outcome.cause ?? outcome) : outcome;
          expect(String(cause)).toMatch(/^AssertionError: /);
        });
      }
    });
  }

  test('every property has a break to notice', () => {
    expect(properties.filter(({ breaks }) => breaks.length === 0)).toEqual([]);
  });
}
