import type pg from 'pg';
import { type Actor, isThorough } from './actors.ts';
import type { Attempt } from './attempt.ts';
import { brokenRules, ruleNames } from './attempts/rules.ts';
import { readAttempts, writeAttempts } from './attempts/tables.ts';
import type { Catalog, Relation, Routine } from './catalog.ts';
import { enlarge, type World } from './houses.ts';
import { isSame, judge, type Verdict } from './judge.ts';
import type { Entry, Leak, Untried } from './report.ts';
import { type Result, runTrials, type Trial } from './runner.ts';

/** What is being done, and what has been found. */
export interface Audit {
  client: pg.ClientBase;
  catalog: Catalog;
  world: World;
  relations: Relation[];
  routines: Routine[];
  /** Whether it looks at everything. */
  isWhole: boolean;
  entries: Entry[];
  leaks: Leak[];
  untried: Map<string, Untried>;
  notes: Set<string>;
  /** Attempts whose answer must not depend on B, with the answer. */
  independent: { attempt: Attempt; result: Result }[];
}

export const noteUntried = (audit: Audit, object: string, reason: string) =>
  audit.untried.set(`${object} ${reason}`, { object, reason });

const trialOf = (sql: string, { actor, answers, watched }: Attempt) => ({
  actor,
  sql,
  answers,
  watched: watched.map(({ organization }) => organization),
});

/** Differences between an attempt and its twin count only when each is the same every time. */
async function isStable(
  client: pg.ClientBase,
  tried: Attempt,
  result: Result,
  twin: Result,
): Promise<boolean> {
  if (!tried.twin) return true;
  const [again, twinAgain] = await runTrials(client, [
    trialOf(tried.sql, tried),
    trialOf(tried.twin.sql, tried),
  ]);
  return (
    again !== undefined &&
    twinAgain !== undefined &&
    isSame(result, tried.given, again, tried.given) &&
    isSame(twin, tried.twin.given, twinAgain, tried.twin.given)
  );
}

const nameOf = (actor: Actor | 'postgres') =>
  actor === 'postgres' ? 'postgres, past all policies' : actor.name;

function record(audit: Audit, tried: Attempt, { outcome, detail }: Verdict): void {
  const { actor, object, kind, about } = tried;
  audit.entries.push({ actor: nameOf(actor), object, kind, attempt: about, outcome, detail });
  if (outcome === 'error') noteUntried(audit, object, `${kind}: ${detail}`);
  if (outcome !== 'LEAK') return;
  audit.leaks.push({
    actor: nameOf(actor),
    object,
    kind,
    attempt: about,
    detail,
    statement: tried.sql.replaceAll(/\s+/g, ' '),
    as:
      actor === 'postgres'
        ? { role: 'postgres', settings: {} }
        : { role: actor.role, settings: actor.settings },
  });
}

/** Runs attempts, and what would be the same with something that does not exist, and judges them. */
export async function tryAll(audit: Audit, attempts: Attempt[]): Promise<void> {
  const trials: Trial[] = [];
  // Many attempts have the same twin, as an id of each table beside the id that nobody has: it is run once.
  const twins = new Map<Attempt['actor'], Map<string, number>>();
  const twinOf = (tried: Attempt, sql: string): number => {
    const known = twins.get(tried.actor) ?? new Map<string, number>();
    twins.set(tried.actor, known);
    const place = known.get(sql) ?? trials.push(trialOf(sql, tried)) - 1;
    known.set(sql, place);
    return place;
  };
  const places = attempts.map((tried) => ({
    tried,
    place: trials.push(trialOf(tried.sql, tried)) - 1,
    twinPlace: tried.twin ? twinOf(tried, tried.twin.sql) : undefined,
  }));
  const results = await runTrials(audit.client, trials);
  for (const { tried, place, twinPlace } of places) {
    const result = results[place];
    const twin = twinPlace === undefined ? undefined : results[twinPlace];
    if (!result) throw new Error('an attempt has no result');
    let verdict = judge(tried, result, twin);
    if (verdict.outcome === 'LEAK' && twin && judge(tried, result, undefined).outcome !== 'LEAK') {
      if (!(await isStable(audit.client, tried, result, twin))) {
        audit.notes.add(
          `${tried.object}: its answer differs from call to call, so that nothing can be told from it`,
        );
        verdict = judge(tried, result, undefined);
      }
    }
    if (tried.kind === 'estimate') {
      const estimate = /"Plan Rows": (\d+)/.exec(result.answer ?? '')?.[1];
      verdict = {
        ...verdict,
        detail: `the planner's estimate, ${estimate ?? 'unknown'} rows, comes from all organizations`,
      };
    }
    if (tried.isIndependent) audit.independent.push({ attempt: tried, result });
    record(audit, tried, verdict);
  }
}

/** Gives B more rows: what then changes for others was told by B. */
export async function tryInfluence(audit: Audit): Promise<void> {
  const { client, world } = audit;
  const told = audit.independent.filter(
    ({ attempt, result }) =>
      attempt.foreign.includes(world.b) &&
      !/^(42501|PT401|PT403)$/.test(result.state) &&
      (attempt.actor === 'postgres' || attempt.actor.effort !== 'read'),
  );
  const trials = told.map(({ attempt }) => trialOf(attempt.sql, { ...attempt, watched: [] }));
  await client.query('savepoint isolation_more');
  await enlarge(client, world.filler, world.b);
  await enlarge(client, world.filler, world.b);
  const later = await runTrials(client, trials);
  await client.query('rollback to savepoint isolation_more');
  const different = told.flatMap(({ attempt, result }, index) => {
    const other = later[index];
    return other && !isSame(result, attempt.given, other, attempt.given) ? [{ attempt, result, other }] : [];
  });
  const again = await runTrials(
    client,
    different.map(({ attempt }) => trialOf(attempt.sql, { ...attempt, watched: [] })),
  );
  const leaking = new Map(
    different.map((each, index) => {
      const repeated = again[index];
      return [
        each.attempt,
        {
          ...each,
          isStable: repeated && isSame(each.result, each.attempt.given, repeated, each.attempt.given),
        },
      ];
    }),
  );
  for (const { attempt } of told) {
    const change = leaking.get(attempt);
    const tried: Attempt = { ...attempt, kind: 'influence', about: `${attempt.about}, when B has more rows` };
    if (!change) record(audit, tried, { outcome: 'nothing', detail: 'the same' });
    else if (change.isStable) {
      const shown = (result: Result) => (result.answer ?? result.message).slice(0, 120);
      record(audit, tried, {
        outcome: 'LEAK',
        detail: `it depends on rows of B: “${shown(change.result)}”, then “${shown(change.other)}”`,
      });
    } else {
      audit.notes.add(
        `${attempt.object}: its answer differs from call to call, so that nothing can be told from it`,
      );
      record(audit, tried, { outcome: 'nothing', detail: 'it differs from call to call' });
    }
  }
}

/** Policies have to hold by themselves: a grant is easily given, and then nobody looks at the policies. */
export async function tryWithAllGrants(audit: Audit, actors: Actor[]): Promise<void> {
  const { client, catalog, world } = audit;
  const tables = audit.relations.filter(
    (relation) => relation.schema === 'public' && catalog.tenantTables.some(({ id }) => id === relation.id),
  );
  if (tables.length === 0) return;
  await client.query('savepoint isolation_grants');
  await client.query(
    `grant select, insert, update, delete on ${tables.map(({ id }) => id).join(', ')} to anon, authenticated`,
  );
  for (const actor of actors.filter(isThorough)) {
    await tryAll(
      audit,
      tables.flatMap((table) => [
        ...readAttempts(catalog, table, actor, 'all'),
        ...writeAttempts(catalog, world, table, actor, 'all'),
      ]),
    );
  }
  await client.query('rollback to savepoint isolation_grants');
}

/** What a rule is about that nothing breaks. */
export const everything = 'every object';

export async function tryRules(audit: Audit): Promise<void> {
  const names = new Set([...audit.relations.map(({ id }) => id), ...audit.routines.map(({ id }) => id)]);
  const broken = await brokenRules(audit.client);
  for (const rule of ruleNames) {
    const found = broken.filter((each) => each.rule === rule && (audit.isWhole || names.has(each.object)));
    if (found.length === 0) {
      audit.entries.push({
        actor: 'the catalog',
        object: everything,
        kind: 'rule',
        attempt: rule,
        outcome: 'nothing',
        detail: '',
      });
    }
    for (const { object, detail } of found) {
      const entry = { actor: 'the catalog', object, kind: 'rule' as const, attempt: rule, detail };
      audit.entries.push({ ...entry, outcome: 'LEAK' });
      audit.leaks.push({ ...entry, statement: null, as: null });
    }
  }
}
