import type pg from 'pg';
import { z } from 'zod';
import type { Actor } from './actors.ts';

/** Something to try, as the database runs it. */
export interface Trial {
  actor: Actor | 'postgres';
  sql: string;
  /** Whether the statement answers with one text. */
  answers: boolean;
  /** The organizations whose rows must be the same afterwards. */
  watched: string[];
}

export interface Result {
  /** SQLSTATE; 00000 when it succeeded. */
  state: string;
  message: string;
  /** Detail and hint. */
  more: string;
  answer: string | null;
  /** How many rows a statement that answers nothing has inserted, updated or deleted. */
  affected: number;
  /** Tables in which rows of a watched organization changed. */
  changed: string[];
}

// Each trial is a subtransaction that always ends in an error, its own or ours, so that nothing stays of it. Variables of
// PL/pgSQL outlive that. Where something was written, the rows of who is watched are compared with those that are there once
// the trial is undone, which are those that were there before.
const runnerFunction = `
  create or replace function pg_temp.isolation_run(trials jsonb)
    returns jsonb language plpgsql set client_min_messages = error as $$
  declare
    outside text := current_setting('role');
    trial jsonb;
    results jsonb[] := '{}';
    organization text;
    is_watching boolean;
    written text;
    prints jsonb;
    baselines jsonb := '{}';
    state text;
    message text;
    more text;
    answer text;
    affected bigint;
    changed text[];
  begin
    for trial in select value from jsonb_array_elements(trials) with ordinality order by ordinality loop
      answer := null;
      affected := 0;
      changed := '{}';
      prints := '{}';
      is_watching := jsonb_array_length(trial -> 'watched') > 0;
      written := case when is_watching then pg_temp.isolation_writes() end;
      begin
        perform set_config(setting.key, setting.value, true) from jsonb_each_text(trial -> 'settings') as setting;
        perform set_config('role', trial ->> 'role', true);
        if (trial ->> 'answers')::boolean then
          execute trial ->> 'sql' into answer;
          answer := left(answer, 200000);
        else
          execute trial ->> 'sql';
          get diagnostics affected = row_count;
        end if;
        set constraints all immediate;
        perform set_config('role', outside, true);
        if is_watching and written is distinct from pg_temp.isolation_writes() then
          for organization in select jsonb_array_elements_text(trial -> 'watched') loop
            prints := prints || jsonb_build_object(organization, pg_temp.isolation_fingerprint(organization));
          end loop;
        end if;
        raise sqlstate 'ROWOK';
      exception when others then
        get stacked diagnostics state = returned_sqlstate, message = message_text, more = pg_exception_detail,
          organization = pg_exception_hint;
        if state = 'ROWOK' then
          state := '00000';
          message := '';
          more := '';
        else
          answer := null;
          affected := 0;
          more := concat_ws(' ', more, organization);
        end if;
      end;
      if state = '00000' then
        for organization in select jsonb_object_keys(prints) loop
          if not baselines ? organization then
            baselines := baselines || jsonb_build_object(organization, pg_temp.isolation_fingerprint(organization));
          end if;
          changed := changed || array(
            select part.key
            from jsonb_each_text(prints -> organization) as part
            where part.value is distinct from (baselines -> organization ->> part.key)
          );
        end loop;
      end if;
      results := results || jsonb_build_array(state, message, more, answer, affected, to_jsonb(changed));
    end loop;
    return to_jsonb(results);
  end;
  $$`;

const resultRow = z.tuple([
  z.string(),
  z.string(),
  z.string(),
  z.string().nullable(),
  z.number(),
  z.array(z.string()),
]);

/** How many are sent at once: few enough that a single answer stays small, many enough that sending costs nothing. */
const batchSize = 250;

/**
 * Prepares the session to run trials.
 *
 * @param fingerprints for each table, an expression that changes when a row of the organization `$1` does
 */
export async function prepareRunner(client: pg.ClientBase, fingerprints: Map<string, string>): Promise<void> {
  const parts = [...fingerprints].map(
    ([table, expression]) => `${escapeText(table)}, (${expression.replaceAll('$1', 'organization')})`,
  );
  // jsonb_build_object takes 100 arguments.
  const objects = Array.from({ length: Math.ceil(parts.length / 40) }, (_, index) =>
    parts.slice(index * 40, (index + 1) * 40),
  ).map((some) => `jsonb_build_object(${some.join(', ')})`);
  await client.query(`
    create or replace function pg_temp.isolation_fingerprint(organization text)
      returns jsonb language plpgsql set search_path = '' as $fingerprint$
    begin
      return ${objects.join(' || ') || "'{}'::jsonb"};
    end;
    $fingerprint$`);
  await client.query(writesFunction(await storageOf(client, [...fingerprints.keys()])));
  await client.query(runnerFunction);
}

/** Tables with their partitions, and where a partition that is added shows. */
async function storageOf(client: pg.ClientBase, tables: string[]): Promise<string[]> {
  const { rows } = await client.query<{ oid: string }>(
    `with recursive storage (id) as (
       select name::regclass::oid from unnest($1::text[]) as name
       union
       select inhrelid from pg_catalog.pg_inherits join storage on inhparent = id
     )
     select id::text as oid from storage union all select 'pg_catalog.pg_inherits'::regclass::oid::text`,
    [tables],
  );
  return rows.map(({ oid }) => oid);
}

/**
 * What tells whether anything was written: to read every row after each trial would take longer than all else. PostgreSQL
 * counts what a transaction inserts, updates and deletes, undone or not; to truncate or to rewrite a table gives it another
 * file, whose number is higher. Without the counters, everything counts as written.
 */
const writesFunction = (storage: string[]) => `
  create or replace function pg_temp.isolation_writes() returns text language plpgsql set search_path = '' as $$
  begin
    if not current_setting('track_counts')::boolean then
      return gen_random_uuid();
    end if;
    return (
      select concat_ws(' ',
        sum(pg_stat_get_xact_tuples_inserted(id) + pg_stat_get_xact_tuples_updated(id) + pg_stat_get_xact_tuples_deleted(id)),
        sum(pg_relation_filenode(id)::bigint)
      )
      from unnest('{${storage.join(', ')}}'::oid[]) as id
    );
  end;
  $$`;

const escapeText = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Runs trials, each by itself and without a trace, and returns what came of them in the same order. */
export async function runTrials(client: pg.ClientBase, trials: Trial[]): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < trials.length; start += batchSize) {
    const batch = trials.slice(start, start + batchSize).map(({ actor, ...rest }) => ({
      ...rest,
      role: actor === 'postgres' ? 'none' : actor.role,
      // As PostgREST sets it.
      settings: { search_path: 'public, extensions', ...(actor === 'postgres' ? {} : actor.settings) },
    }));
    const { rows } = await client.query<{ results: unknown }>('select pg_temp.isolation_run($1) as results', [
      JSON.stringify(batch),
    ]);
    for (const result of z.array(resultRow).parse(rows[0]?.results)) {
      const [state, message, more, answer, affected, changed] = result;
      results.push({ state, message, more, answer, affected, changed });
    }
  }
  return results;
}
