import { requireCurrentSchema, schemaState } from '../migrations/release.ts';
import { withConnection } from '../postgres/connect.ts';
import { compare, type Finding } from './compare.ts';
import { readObjects } from './read-objects.ts';
import { loadSnapshot } from './snapshot.ts';

export type { Finding } from './compare.ts';

/** What `verify` found. */
export interface VerifyReport {
  /** The server's version: `17.10`. */
  server: string;
  /** The release's newest migration, which the database was compared at: `000003`. */
  migration: string;
  /** How many objects the release has. */
  objects: number;
  critical: number;
  warning: number;
  info: number;
  findings: Finding[];
  duration_ms: number;
}

/**
 * Compares a live database with the release that it should be at. Reads the catalog, and changes nothing.
 *
 * @param url connection string of role `postgres`; with a role of fewer rights, what it may not see is reported
 * @throws {Failure} when the database cannot be reached, is at another migration than this release, or runs on a
 *   version of PostgreSQL that there is no snapshot for
 */
export async function verify(url: string): Promise<VerifyReport> {
  const started = performance.now();
  const { server, snapshot } = await withConnection(url, async (client) => {
    const { rows } = await client.query<{ server: string; number: number }>(
      `select current_setting('server_version') as server, current_setting('server_version_num')::integer as number`,
    );
    const { server: version = '', number = 0 } = rows[0] ?? {};
    // A role that may not see which migrations were applied is told so below, with the rest that it may not see.
    const isVisible = await schemaState(client).then(
      () => true,
      (error: unknown) => {
        if ((error as { code?: string }).code !== '42501') throw error;
        return false;
      },
    );
    if (isVisible) await requireCurrentSchema(client);
    return { server: version, snapshot: await loadSnapshot(Math.floor(number / 10_000)) };
  });
  const findings = compare(snapshot, await readObjects(url));
  const count = (severity: Finding['severity']) =>
    findings.filter((each) => each.severity === severity).length;
  return {
    server: server.replace(/ .*/, ''),
    migration: snapshot.migration,
    objects: Object.keys(snapshot.objects).length,
    critical: count('critical'),
    warning: count('warning'),
    info: count('info'),
    findings,
    duration_ms: Math.round(performance.now() - started),
  };
}
