import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatSql } from '../../scripts/support/format-sql.ts';
import { root, sqlFiles } from '../../scripts/support/sql-files.ts';
import { meaning } from '../../scripts/support/sql-statements.ts';

const untidy = `-- Why there is a table,
-- in two lines.

-- A second group of comments.
CREATE TABLE public.things (id uuid PRIMARY KEY, name text NOT NULL DEFAULT 'SELECT; -- no comment', CHECK (name <> ''));   -- after
--!include jobs/private/enqueue.sql



create policy "members read; always" on public.things for select to authenticated using (true);
create function private.f(a integer, b text default 'ä') returns integer language sql set search_path = '' as $body$
  SELECT   1;   -- kept
$body$;
`;

describe('formatting SQL', () => {
  it('lays statements out and keeps comments, literals and bodies to the letter', async () => {
    expect(await formatSql(untidy)).toBe(`-- Why there is a table,
-- in two lines.

-- A second group of comments.
create table public.things (
  id uuid primary key,
  name text not null default 'SELECT; -- no comment',
  check (name <> '')
);   -- after
--!include jobs/private/enqueue.sql

create policy "members read; always" on public.things
  for select
  to authenticated
  using (true);
create function private.f (
  a integer,
  b text default 'ä'
)
  returns integer
  language sql
  set search_path = ''
  as $body$
  SELECT   1;   -- kept
$body$;
`);
  });

  it('does not change what it has formatted', async () => {
    const once = await formatSql(untidy);
    expect(await formatSql(once)).toBe(once);
  });

  it.each([
    ['a statement with a comment inside', 'create table public.t (\n  id uuid, -- why\n     name text\n);\n'],
    ['a query', 'select   1,\n    2;\n'],
    ['a do block', 'do $$\nbegin\n  PERFORM 1;\nend\n$$;\n'],
    [
      'a body of begin atomic',
      `create function private.f() returns integer language sql set search_path = ''\nbegin atomic\n  select 1;\nend;\n`,
    ],
    ['a file of includes', '--! no-transaction\n--!include a/b/c.sql\n--!include a/b/d.sql\n'],
    [
      'a trigger on columns',
      'create trigger t before update of a, b, c on public.t\n  for each row execute function private.f();\n',
    ],
  ])('leaves %s as it was written', async (_what, sql) => {
    expect(await formatSql(sql)).toBe(sql);
  });

  it('refuses a text that is no SQL', async () => {
    await expect(formatSql('creat table t ();')).rejects.toThrow('syntax error');
  });

  it('changes the meaning of no statement in the repository', async () => {
    for (const file of await sqlFiles()) {
      const sql = await readFile(join(root, file), 'utf8');
      expect(await meaning(await formatSql(sql)), file).toBe(await meaning(sql));
    }
  });
});
