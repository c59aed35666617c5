import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Failure } from '../failure.ts';

const state = z.record(z.string(), z.json());

const snapshotFile = z.object({
  /** The major version of the PostgreSQL that it was made on: definitions are printed differently by each. */
  postgres: z.int(),
  /** The number of the newest migration of the release. */
  migration: z.string(),
  objects: z.record(z.string(), z.object({ parent: z.string().optional(), state })),
});

/** What is known of an object: its definition and attributes, by names that PostgreSQL's catalog suggests. */
export type State = z.infer<typeof state>;

/** An object of the database: its state, and the key of the object that it goes away with. */
export interface KnownObject {
  parent?: string | undefined;
  state: State;
}

/** Objects by key: `table:public.user_profiles`, `cron job:rowhouse-user-integrity`. */
export type Objects = Record<string, KnownObject>;

/** What a database of this release holds. */
export interface Snapshot {
  postgres: number;
  migration: string;
  objects: Objects;
}

/** The major versions that a snapshot is made for. */
export const snapshotVersions = [15, 17] as const;

/**
 * Finds the snapshot that a server is compared with. PostgreSQL 16 prints definitions and knows privileges as 15 does
 * (17 added MAINTAIN).
 *
 * @param major the server's major version
 * @returns the major version of the snapshot
 * @throws {Failure} when there is none for that server
 */
export function snapshotVersionFor(major: number): (typeof snapshotVersions)[number] {
  if (major === 15 || major === 16) return 15;
  if (major === 17) return 17;
  throw new Failure(`There is no snapshot of this release for PostgreSQL ${major}.`, {
    hint: 'Rowhouse verifies databases on PostgreSQL 15, 16 and 17.',
  });
}

/** Where a snapshot lies in the repository. */
export function snapshotPath(version: number): string {
  return `release/snapshot-${version}.json`;
}

/**
 * Reads this release's snapshot for a server.
 *
 * @param major the server's major version
 * @throws {Failure} when there is none for that server
 */
export async function loadSnapshot(major: number): Promise<Snapshot> {
  const file = new URL(`../../${snapshotPath(snapshotVersionFor(major))}`, import.meta.url);
  return snapshotFile.parse(JSON.parse(await readFile(file, 'utf8')));
}
