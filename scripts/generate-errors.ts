/** Writes docs/errors.md from the places that refuse, or, with `--check`, exits 1 when it is stale. */
import { generateErrors } from './support/generate-errors.ts';
import { writeOrCheck } from './support/generated.ts';
import { withMigratedDatabase } from './support/temporary-cluster.ts';

await writeOrCheck(await withMigratedDatabase(generateErrors));
