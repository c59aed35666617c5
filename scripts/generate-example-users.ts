/** Writes examples/auth-users.csv, or, with `--check`, exits 1 when it is stale. */
import { exampleUsers, toCsv } from './support/example-users.ts';
import { writeOrCheck } from './support/generated.ts';

await writeOrCheck({
  command: 'npm run generate',
  files: new Map([['examples/auth-users.csv', toCsv(exampleUsers())]]),
});
