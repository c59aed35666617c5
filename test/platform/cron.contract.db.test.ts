import { useDatabase } from '../support/database.ts';
import { describeCronContract } from './cron-contract.ts';

// pg_cron serves one database of a cluster, which is never the clone of a test file.
describeCronContract('stand-in', useDatabase());
