import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

/** What plpgsql_check cannot know, by function, with the reason. Nothing else is let pass. */
const explained: { finding: RegExp; because: string }[] = [
  {
    finding:
      /^private\.(audit_table|dangling_user_references|drop_duplicates|merge_customers|secure_table)\b.*: text type variable is not sanitized$/,
    because:
      'What is put together is made of names from the catalog, quoted; secure_table also of conditions that the migration writes.',
  },
  {
    finding: /^private\.wake_worker\b.*(schema "net"|relation "vault\.decrypted_secrets") does not exist$/,
    because: 'The function looks whether they are there: pg_net and vault are Supabase.',
  },
  {
    finding: /^private\.matches_pattern\b.*: control reached end of function without RETURN$/,
    because: 'Before the end it always returns or raises: private.refuse never returns.',
  },
  {
    finding: /^private\.create_audit_partitions\b.*: relation "private\.audit_logs_astray" does not exist$/,
    because: 'The function makes that table itself, a statement earlier.',
  },
];

/**
 * What plpgsql_check says of every function of Rowhouse in PL/pgSQL; a trigger function, of each table that it serves. One
 * that serves several events has the transition tables of all of them: it looks at tg_op first.
 */
const findings = `
  with functions as (
    select fn.oid, fn.prorettype = 'trigger'::regtype as is_trigger
    from pg_proc as fn
    join pg_language as lang on lang.oid = fn.prolang and lang.lanname = 'plpgsql'
    where fn.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  ),
  calls as (
    select functions.oid, 0::oid as relation, false as has_transitions
    from functions
    where not is_trigger
    union
    select functions.oid, trg.tgrelid, bool_or(coalesce(trg.tgoldtable, trg.tgnewtable) is not null)
    from functions
    join pg_trigger as trg on trg.tgfoid = functions.oid and trg.tgparentid = 0
    where is_trigger
    group by functions.oid, trg.tgrelid
  )
  select format('%s%s: %s: %s', calls.oid::regprocedure, ' on ' || nullif(calls.relation, 0)::regclass, found.lineno, found.message)
    as finding
  from calls,
    lateral extensions.plpgsql_check_function_tb(
      calls.oid, calls.relation,
      oldtable => case when calls.has_transitions then 'old_rows' end,
      newtable => case when calls.has_transitions then 'new_rows' end,
      fatal_errors => false, other_warnings => true, extra_warnings => true, security_warnings => true
    ) as found
  order by 1`;

async function remaining(): Promise<string[]> {
  const superuser = await db.superuser();
  await superuser.query('create extension if not exists plpgsql_check with schema extensions');
  const { rows } = await superuser.query<{ finding: string }>(findings);
  return rows
    .map(({ finding }) => finding)
    .filter((finding) => !explained.some((known) => known.finding.test(finding)));
}

test('plpgsql_check finds nothing in any function', async () => {
  expect(await remaining()).toEqual([]);
});

test('and it does find what is wrong: a column that does not exist, a variable that is never read', async () => {
  await db.query(`
    create function private.broken() returns void language plpgsql set search_path = '' as $$
    declare
      unread integer := 1;
    begin
      perform member.colour from public.members as member;
    end;
    $$`);
  const found = await remaining();
  await db.query('drop function private.broken()');
  expect(found.join('\n')).toContain('column member.colour does not exist');
  expect(found.join('\n')).toContain('unread');
});
