import { describe, expect, it } from 'vitest';
import { lintSql } from '../../scripts/support/sql-rules.ts';

const fixture = 'migrations/fixtures/jobs/private/work.sql';
const sound = `create or replace function private.work(amount integer)
  returns integer
  language sql
  security definer
  set search_path = ''
  as $$
  select amount;
$$;

comment on function private.work(integer) is
  'Works.';

revoke execute on function private.work(integer) from public;
grant execute on function private.work(integer) to authenticated;
`;

async function broken(path: string, sql: string): Promise<string[]> {
  return (await lintSql(path, sql)).map(({ line, rule }) => `${line} ${rule}`);
}

describe('the rules for SQL', () => {
  it('have nothing to say about a sound fixture', async () => {
    expect(await lintSql(fixture, sound)).toEqual([]);
  });

  it.each<[string, string, string, string[]]>([
    [
      'a second object in a fixture',
      fixture,
      `${sound}create type private.result as (id uuid);\ncomment on type private.result is 'R';`,
      ['15 one-object'],
    ],
    ['a fixture that defines nothing', fixture, 'select 1;', ['1 one-object']],
    [
      'a fixture named for something else',
      'migrations/fixtures/jobs/private/play.sql',
      sound,
      ['1 one-object'],
    ],
    [
      'a fixture in the folder of another schema',
      'migrations/fixtures/jobs/public/work.sql',
      sound,
      ['1 one-object'],
    ],
    [
      'a policy of another table in a file of policies',
      'migrations/fixtures/jobs/policies/things.sql',
      'create policy "a" on public.things for select using (true);\ncreate policy "b" on public.others for select using (true);',
      ['2 one-object'],
    ],
    [
      'a function without a search path',
      fixture,
      sound.replace(`  set search_path = ''\n`, ''),
      ['1 search-path'],
    ],
    [
      'a search path that is not empty',
      fixture,
      sound.replace(`path = ''`, 'path = public'),
      ['1 search-path'],
    ],
    [
      'a search path that goes on',
      fixture,
      sound.replace(`path = ''`, `path = '', public`),
      ['1 search-path'],
    ],
    ['a function without a comment', fixture, sound.replace(/comment on[^;]*;/, ''), ['1 commented']],
    [
      'a comment on something else',
      fixture,
      sound.replace('comment on function private.work', 'comment on function private.w'),
      ['1 commented'],
    ],
    [
      'a table without a comment',
      'migrations/current.sql',
      'create table public.t (id uuid primary key);',
      ['1 commented'],
    ],
    [
      'a security definer function in public',
      'migrations/fixtures/jobs/public/work.sql',
      sound.replaceAll('private.', 'public.'),
      ['1 definer-in-private'],
    ],
    [
      'a grant of everything',
      'migrations/current.sql',
      'grant all on public.t to service_role, anon;',
      ['1 named-privileges'],
    ],
    [
      'an enum type',
      'migrations/current.sql',
      `create type public.e as enum ('a');\ncomment on type public.e is 'E';`,
      ['1 no-enum'],
    ],
    ['a tab', fixture, sound.replace('  select', '\tselect'), ['7 blank-space']],
    [
      'blanks at the end of a line',
      fixture,
      sound.replace('select amount;', 'select amount; '),
      ['7 blank-space'],
    ],
    [
      'a long line',
      fixture,
      sound.replace('select amount;', `select ${'amount + '.repeat(15)} 1;`),
      ['7 line-length'],
    ],
    [
      'a long comment line',
      'supabase/platform/auth.sql',
      `-- ${'word '.repeat(30)}.\nselect 1;`,
      ['1 line-length'],
    ],
  ])('find %s', async (_what, path, sql, expected) => {
    expect(await broken(path, sql)).toEqual(expected);
  });

  it('let a text literal be as long as it needs to be', async () => {
    expect(await broken(fixture, sound.replace('Works.', 'Works well. '.repeat(30)))).toEqual([]);
  });

  it('let the platform’s functions be as Supabase has them', async () => {
    const sql = `create function auth.uid() returns uuid language sql as $$ select null::uuid $$;`;
    expect(await broken('supabase/platform/auth.sql', sql)).toEqual([]);
  });

  it('say what to do', async () => {
    const [finding] = await lintSql(fixture, sound.replace(`  set search_path = ''\n`, ''));
    expect(finding).toEqual({
      file: fixture,
      line: 1,
      rule: 'search-path',
      message: `private.work: add set search_path = ''`,
    });
  });
});
