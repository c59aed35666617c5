import { test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { properties } from './properties.ts';
import { inTrial } from './trial.ts';

const db = useDatabase();

for (const { name, check } of properties) {
  test(name, { timeout: 60_000 }, () => inTrial(db, (client) => check(client, { numRuns: 100 })));
}
