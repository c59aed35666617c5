import { Failure } from '../failure.ts';
import {
  describeUrl,
  explainConnectionError,
  isLostConnection,
  withConnection,
} from '../postgres/connect.ts';
import { newerSchema, releaseMigrations, schemaState } from './release.ts';
import { listSetAside, type SetAsideTable } from './set-aside.ts';
import { appliedMigrations, inTransaction, undo, withMigrationLock } from './undo.ts';

/** What `rollback` did, or would do. */
export interface RollbackReport {
  dry_run: boolean;
  /** The migrations that were undone, newest first: `000003-identity`. */
  undone: string[];
  /** The number of the migration that the database is at: `000002`; `000000` for none. */
  at: string;
  /** The tables that this call moved out of the way because they held rows. */
  set_aside: SetAsideTable[];
}

/**
 * Undoes migrations, newest first, in one transaction: all of them or none. No row is lost: what a table holds that the
 * scripts take away is moved to schema `rollback_000NNN`, where `restore` finds it after migrating up again.
 *
 * @param url connection string of role `postgres`
 * @param options `to`: the last migration to keep, `000000` for none. `dryRun`: run everything, report, and roll it back
 * @returns what was undone and set aside
 * @throws {Failure} exit code 2 when there is no such migration or the database is not that far; exit code 1 when the
 *   database cannot be reached, is newer than this release, or refuses (nothing is changed then)
 */
export async function rollback(
  url: string,
  options: { to: string; dryRun?: boolean },
): Promise<RollbackReport> {
  const { to, dryRun = false } = options;
  const numbers = (await releaseMigrations()).map((name) => name.slice(0, 6));
  if (to !== '000000' && !numbers.includes(to)) {
    throw new Failure(`There is no migration ${to}.`, {
      hint: `This release has ${numbers[0] ?? ''} to ${numbers.at(-1) ?? ''}; 000000 undoes all of them.`,
      exitCode: 2,
    });
  }
  return withConnection(url, (client) =>
    withMigrationLock(client, async () => {
      const { state, applied = '000000', release } = await schemaState(client);
      if (state === 'newer') throw newerSchema(applied, release);
      if (to > applied) {
        throw new Failure(`The database is at migration ${applied}, and ${to} comes after it.`, {
          hint: 'A rollback only goes down. `rowhouse migrate` goes up.',
          exitCode: 2,
        });
      }
      const undone = state === 'empty' ? [] : await appliedMigrations(client);
      undone.splice(0, undone.length, ...undone.filter((name) => name.slice(0, 6) > to));
      if (undone.length === 0) return { dry_run: dryRun, undone, at: applied, set_aside: [] };

      try {
        return await inTransaction(client, dryRun ? 'rollback' : 'commit', async () => {
          const known = new Set((await listSetAside(client)).map(nameOf));
          await undo(client, undone, { keepRows: true });
          await client.query(`notify pgrst, 'reload schema'`);
          const set_aside = (await listSetAside(client)).filter((table) => !known.has(nameOf(table)));
          return { dry_run: dryRun, undone, at: to, set_aside };
        });
      } catch (error) {
        throw explainRefusal(error, url);
      }
    }),
  );
}

const nameOf = ({ schema, table }: SetAsideTable) => `${schema}.${table}`;

/** Says that nothing was changed, and what stood in the way. */
export function explainRefusal(error: unknown, url: string): unknown {
  if (isLostConnection(error)) {
    return new Failure(`${describeUrl(url)} closed the connection. All is done, or nothing.`, {
      hint: 'When it answers again, run the same command again.',
      cause: error,
    });
  }
  const explained = explainConnectionError(error, url);
  if (explained instanceof Failure || !(error instanceof Error)) return explained;
  const { code, hint, detail } = error as { code?: string; hint?: string; detail?: string };
  if (code === undefined) return error;
  const hints: Record<string, string> = {
    '55P03': 'Another session uses one of the tables. Try again when it is done.',
    '2BP01': `${detail?.split('\n')[0] ?? 'Something that is not of Rowhouse depends on it'}. Drop that first.`,
  };
  return new Failure(`Nothing was changed: ${error.message} (${code})`, {
    hint: hints[code] ?? hint ?? 'Mend the cause and run the same command again.',
    cause: error,
  });
}
