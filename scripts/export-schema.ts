/** Writes supabase/schemas from the committed migrations, or, with `--check`, exits 1 when a file is stale. */
import { exportSchema } from './support/export-schema.ts';
import { writeOrCheck } from './support/generated.ts';
import { withMigratedDatabase } from './support/temporary-cluster.ts';

await writeOrCheck(await withMigratedDatabase(exportSchema));
