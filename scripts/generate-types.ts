/** Writes src/client/database.types.ts from the committed migrations, or, with `--check`, exits 1 when it is stale. */
import { generateTypes } from './support/generate-types.ts';
import { writeOrCheck } from './support/generated.ts';
import { withMigratedDatabase } from './support/temporary-cluster.ts';

await writeOrCheck(await withMigratedDatabase(generateTypes));
