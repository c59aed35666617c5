import type pg from 'pg';
import { z } from 'zod';

/** What `explain (verbose, format json)` says of one node, as far as it matters here. */
const planNode = z.looseObject({
  'Node Type': z.string(),
  'Parent Relationship': z.string().optional(),
  'Index Name': z.string().optional(),
  'Index Cond': z.string().optional(),
  get Plans() {
    return z.array(planNode).optional();
  },
});

export type PlanNode = z.infer<typeof planNode>;

const explained = z.tuple([z.looseObject({ Plan: planNode })]);

/** The plan of a statement, for the caller whom the connection's settings name. */
export async function planOf(client: pg.ClientBase, statement: string): Promise<PlanNode> {
  const { rows } = await client.query<{ 'QUERY PLAN': unknown }>(
    `explain (verbose, costs off, format json) ${statement}`,
  );
  return explained.parse(rows[0]?.['QUERY PLAN'])[0].Plan;
}

/** The nodes that run for rows: all but the sub-selects that run once, before. */
function rowNodes(node: PlanNode): PlanNode[] {
  const below = (node.Plans ?? []).filter((child) => child['Parent Relationship'] !== 'InitPlan');
  return [node, ...below.flatMap(rowNodes)];
}

/** The functions that the once-run sub-selects call, in the order of the plan. */
export function onceCalled(node: PlanNode): string[] {
  return (node.Plans ?? []).flatMap((child) => [
    ...(child['Parent Relationship'] === 'InitPlan'
      ? (JSON.stringify(child.Output ?? []).match(/private\.\w+/g) ?? [])
      : []),
    ...onceCalled(child),
  ]);
}

/** What may stand above the scan of a list: nothing that sorts, gathers or joins. */
const passing = new Set(['Limit', 'Result', 'Aggregate', 'ModifyTable']);
const scans = new Set(['Index Scan', 'Index Only Scan']);

/** `organization_id = ` the result of a sub-select that has run: `$0` before PostgreSQL 17, `(InitPlan 1).col1` from then on. */
const wall = /\borganization_id = (\$\d+|\(InitPlan \d+\)\.col1)\)/;

/**
 * What keeps a plan from being one walk along an index that begins at the organization's rows and stops at the limit.
 *
 * @param options the indexes that will do; whether the table itself must not be visited; further conditions that the
 * index must answer
 * @returns sentences; none when the plan is as it should be
 */
export function planProblems(
  plan: PlanNode,
  options: { indexes: string[]; isIndexOnly?: boolean; conditions?: string[] },
): string[] {
  const problems: string[] = [];
  const nodes = rowNodes(plan);
  const scan = nodes.find((node) => scans.has(node['Node Type']));
  for (const node of nodes) {
    const type = node['Node Type'];
    if (!passing.has(type) && !scans.has(type)) problems.push(`There is a ${type}.`);
    if (node['Parent Relationship'] === 'SubPlan') problems.push('A sub-select runs for rows.');
    const { Plans: _below, ...own } = node;
    const called = /private\.(?!uuid_v7)\w+\(/.exec(JSON.stringify(own));
    if (called) problems.push(`${called[0]}…) runs for rows.`);
  }
  if (!scan) return [...problems, 'There is no index scan.'];

  const condition = scan['Index Cond'] ?? '';
  if (!wall.test(condition)) problems.push(`The index is not entered by the organization: ${condition}`);
  for (const wanted of options.conditions ?? []) {
    if (!condition.includes(wanted)) problems.push(`The index does not answer ${wanted}: ${condition}`);
  }
  if (!options.indexes.includes(scan['Index Name'] ?? '')) {
    problems.push(`The index is ${scan['Index Name'] ?? 'none'}.`);
  }
  if (options.isIndexOnly && scan['Node Type'] !== 'Index Only Scan') problems.push('The table is visited.');
  return problems;
}
