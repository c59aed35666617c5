/*
 * A process for cluster.unit.test.ts to kill: starts a cluster with the options in its first argument, says where it is
 * on one line of JSON, and then does nothing.
 */
import { type ClusterOptions, startCluster } from '../../src/postgres/cluster.ts';

const cluster = await startCluster(JSON.parse(process.argv[2] ?? '{}') as ClusterOptions);
console.log(JSON.stringify({ url: cluster.superuserUrl(), dataDirectory: cluster.dataDirectory }));
setInterval(() => undefined, 60_000);
