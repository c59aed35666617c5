import fc from 'fast-check';
import pg from 'pg';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { compare } from '../../src/verify/compare.ts';
import { type LiveObjects, readObjects } from '../../src/verify/read-objects.ts';
import { loadSnapshot, type Snapshot } from '../../src/verify/snapshot.ts';
import { verify } from '../../src/verify/verify.ts';
import { useDatabase } from '../support/database.ts';
import { cloneTemplate, dropDatabase, urlOf } from '../support/places/template.ts';
import {
  breaks,
  damage,
  type Damage,
  expectDetail,
  objectOf,
  possibleDamage,
  unexpected,
} from './verification.ts';

const db = useDatabase();
let possible: Damage[];

beforeAll(async () => {
  possible = await possibleDamage(await db.superuser());
});

/** Runs `fn` on a database of its own, which has been damaged. */
async function onDamaged(all: Damage[], fn: (url: string) => Promise<void>): Promise<void> {
  const template = inject('template');
  const name = await cloneTemplate(template);
  const superuser = new pg.Client({ connectionString: urlOf(template.superuserUrl, name) });
  try {
    await superuser.connect();
    await damage(superuser, all);
    await fn(urlOf(template.superuserUrl, name, { name: 'postgres', password: template.password }));
  } finally {
    await superuser.end();
    await dropDatabase(template.superuserUrl, name);
  }
}

// A database that is damaged and read takes its time: ten are damaged in twelve ways each.
test('15 verification error detail', { timeout: 60_000 }, async () => {
  const ways = fc.uniqueArray(fc.oneof({ arbitrary: fc.constantFrom(...possible), weight: 3 }, unexpected), {
    minLength: 12,
    maxLength: 12,
    selector: objectOf,
  });
  const property = fc.asyncProperty(ways, (all) =>
    onDamaged(all, async (url) => {
      expectDetail((await verify(url)).findings, all);
    }),
  );
  await fc.assert(property, { numRuns: 10, endOnFailure: true });
});

describe('15 verification error detail does not hold when', () => {
  let all: Damage[];
  let snapshot: Snapshot;
  let live: LiveObjects;

  beforeAll(async () => {
    // One of each kind and error, and none twice on one object.
    const each = new Map<string, Damage>();
    const objects = new Set<string>();
    for (const one of [...possible, ...fc.sample(unexpected, { numRuns: 100, seed: 3 })]) {
      const way = `${one.kind} ${one.error}`;
      if (each.has(way) || objects.has(objectOf(one))) continue;
      each.set(way, one);
      objects.add(objectOf(one));
    }
    all = [...each.values()];
    const { rows } = await db.query<{ major: number }>(
      `select current_setting('server_version_num')::integer / 10000 as major`,
    );
    snapshot = await loadSnapshot(rows[0]?.major ?? 0);
    await onDamaged(all, async (url) => {
      live = await readObjects(url);
    });
  });

  for (const { name, verify: broken } of breaks) {
    test(name, () => {
      expectDetail(compare(snapshot, live), all);
      const findings = broken(snapshot, live);
      expect(() => {
        expectDetail(findings, all);
      }).toThrow(expect.objectContaining({ name: 'AssertionError' }));
    });
  }
});
