/** Writes the roles, permissions and their matrix into docs/access.md, or, with `--check`, exits 1 when it is stale. */
import { generateAccess } from './support/generate-access.ts';
import { writeOrCheck } from './support/generated.ts';
import { withMigratedDatabase } from './support/temporary-cluster.ts';

await writeOrCheck(await withMigratedDatabase(generateAccess));
