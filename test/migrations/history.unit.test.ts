import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { migrationsFolder, releaseMigrations } from '../../src/migrations/release.ts';

const names = await releaseMigrations();
const committed = names.map((name) => readFileSync(`${migrationsFolder}/committed/${name}.sql`, 'utf8'));

/** What the migrations have taken in from the fixtures, the last one of each winning. */
function includedFixtures(): Map<string, string> {
  const included = new Map<string, string>();
  for (const text of committed) {
    for (const [, file, body] of text.matchAll(/^--! Included (\S+)\n([\s\S]*?)^--! EndIncluded \1$/gm)) {
      included.set(String(file), String(body).trim());
    }
  }
  return included;
}

function fixtureFiles(): string[] {
  return readdirSync(`${migrationsFolder}/fixtures`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(`${migrationsFolder}/fixtures/`.length))
    .sort();
}

test('the migrations are numbered without a gap', () => {
  expect(names.map((name) => Number(name.slice(0, 6)))).toEqual(names.map((_, index) => index + 1));
});

test('each migration has a script that undoes it', () => {
  const scripts = readdirSync(`${migrationsFolder}/rollback`).sort();
  expect(scripts).toEqual(names.map((name) => `${name.slice(0, 6)}.sql`));
});

test('each fixture is in a migration, as it is now', () => {
  const included = includedFixtures();
  const stale = fixtureFiles().filter(
    (file) => included.get(file) !== readFileSync(`${migrationsFolder}/fixtures/${file}`, 'utf8').trim(),
  );
  expect(stale, 'include them in migrations/current.sql and commit it').toEqual([]);
  expect([...included.keys()].sort()).toEqual(fixtureFiles());
});
