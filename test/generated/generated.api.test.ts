import { describe, expect, it } from 'vitest';
import { exportSchema } from '../../scripts/support/export-schema.ts';
import { generateAccess } from '../../scripts/support/generate-access.ts';
import { generateApi } from '../../scripts/support/generate-api.ts';
import { generateErrors } from '../../scripts/support/generate-errors.ts';
import { generateTypes } from '../../scripts/support/generate-types.ts';
import { staleFiles } from '../../scripts/support/generated.ts';
import { withMigratedDatabase } from '../../scripts/support/temporary-cluster.ts';

// The embedded PostgreSQL, whatever DATABASE_URL says: another major version prints some definitions differently.
describe('what is generated from the migrations', () => {
  it('is checked in as `npm run generate` writes it', async () => {
    const stale = await withMigratedDatabase(async (url) => [
      ...(await staleFiles(await generateTypes(url))),
      ...(await staleFiles(await exportSchema(url))),
      ...(await staleFiles(await generateAccess(url))),
      ...(await staleFiles(await generateApi(url))),
      ...(await staleFiles(await generateErrors(url))),
    ]);
    expect(stale).toEqual([]);
  });
});
