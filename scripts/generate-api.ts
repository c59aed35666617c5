/** Writes docs/api from the catalog of a migrated database, or, with `--check`, exits 1 when a page is stale. */
import { generateApi } from './support/generate-api.ts';
import { writeOrCheck } from './support/generated.ts';
import { withMigratedDatabase } from './support/temporary-cluster.ts';

await writeOrCheck(await withMigratedDatabase(generateApi));
