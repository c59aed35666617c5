--! Previous: -
--! Hash: sha1:9be8d0c4ff840d3a7acf63b7a3acdf0688c4fba5
--! Message: platform

-- The ground floor: what Rowhouse asks of the database that it moves into, the two schemas that it lives in, and the
-- helpers that every module uses.

-- Queues and periodic jobs are pgmq and pg_cron. Where they can be created they are; where they cannot, saying so here
-- beats a missing function in the middle of a later migration.
do $$
begin
  if to_regnamespace('pgmq') is null and exists (select from pg_available_extensions where name = 'pgmq') then
    create extension pgmq;
  end if;
  if to_regnamespace('cron') is null and exists (select from pg_available_extensions where name = 'pg_cron') then
    create extension pg_cron;
  end if;
  if to_regprocedure('pgmq.send(text,jsonb,integer)') is null then
    raise exception using
      errcode = 'PT424',
      message = 'Rowhouse needs pgmq, and this database has none.',
      hint = 'Install the extension pgmq (on Supabase: Database, Extensions), or apply the stand-in supabase/platform/pgmq.sql.';
  end if;
  if to_regprocedure('cron.schedule(text,text,text)') is null then
    raise exception using
      errcode = 'PT424',
      message = 'Rowhouse needs pg_cron, and this database has none.',
      hint = 'Install the extension pg_cron (on Supabase: Database, Extensions), or apply the stand-in supabase/platform/cron.sql.';
  end if;
end;
$$;

create schema private;

comment on schema private is
  'Rowhouse''s rooms without a street door: helpers, trigger functions and internal tables. Not exposed by the API.';

-- The API roles evaluate policies, and policies call helpers, so they may look in; what they may call or read is granted
-- object by object.
grant usage on schema private to anon, authenticated, service_role, supabase_auth_admin;

-- Supabase hands every new object of `public` to the API roles, and PostgreSQL lets everyone execute every new function.
-- A grant that nobody wrote is a hole that nobody sees: both are off, and each object grants what it needs.
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
alter default privileges revoke execute on functions from public;

--! Included platform/private/uuid_v7.sql
create or replace function private.uuid_v7()
  returns uuid
  language sql
  volatile
  parallel safe
  set search_path = ''
  as $$
  -- 48 bits of Unix milliseconds, then a version 4 value whose version nibble becomes 7; its variant bits stay.
  select encode(
    substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
      || set_byte(substring(random.bytes from 7), 0, get_byte(random.bytes, 6) & 15 | 112),
    'hex'
  )::uuid
  from (select uuid_send(gen_random_uuid()) as bytes) as random;
$$;

comment on function private.uuid_v7() is
  'Returns a time-ordered UUID, version 7 of RFC 9562 §5.7: new rows land at the end of their index. Milliseconds since 1970 in UTC, then 74 random bits.';

revoke execute on function private.uuid_v7() from public;
grant execute on function private.uuid_v7() to authenticated, service_role;
--! EndIncluded platform/private/uuid_v7.sql
--! Included platform/private/refuse.sql
create or replace function private.refuse (
  status integer,
  code text,
  message text,
  hint text default null
)
  returns void
  language plpgsql
  volatile
  set search_path = ''
  as $$
begin
  raise exception using
    errcode = 'PT' || status,
    message = refuse.message,
    detail = jsonb_build_object('code', refuse.code)::text,
    hint = coalesce(refuse.hint, '');
end;
$$;

comment on function private.refuse(integer, text, text, text) is
  'Refuses a request. Takes the HTTP status (400 to 499), a stable code such as user_not_found, a sentence for a person and what to do about it. Never returns: raises SQLSTATE PT<status>, which PostgREST turns into that status, with {"code": …} as detail. docs/errors.md lists the codes.';

revoke execute on function private.refuse(integer, text, text, text) from public;
--! EndIncluded platform/private/refuse.sql
--! Included platform/private/caller_role.sql
create or replace function private.caller_role()
  returns text
  language sql
  stable
  set search_path = ''
  as $$
  select coalesce(nullif(current_setting('role', true), 'none'), session_user::text);
$$;

comment on function private.caller_role() is
  'Returns the database role that the request runs as. Unlike current_user it is still the caller''s inside a security definer function, and unlike auth.role() no claim of a token can name another.';

revoke execute on function private.caller_role() from public;
grant execute on function private.caller_role() to authenticated, service_role;
--! EndIncluded platform/private/caller_role.sql
--! Included platform/private/is_operator.sql
create or replace function private.is_operator()
  returns boolean
  language sql
  stable
  set search_path = ''
  as $$
  select pg_has_role(private.caller_role(), 'service_role', 'usage');
$$;

comment on function private.is_operator() is
  'Returns whether the caller is the operator: the service role, or a database role that has its privileges (postgres in the dashboard, the command line, pg_cron).';

revoke execute on function private.is_operator() from public;
grant execute on function private.is_operator() to authenticated, service_role;
--! EndIncluded platform/private/is_operator.sql
--! Included platform/private/tg__stamp_updated_at.sql
create or replace function private.tg__stamp_updated_at()
  returns trigger
  language plpgsql
  set search_path = ''
  as $$
begin
  new.updated_at := now();
  return new;
end;
$$;

comment on function private.tg__stamp_updated_at() is
  'Trigger function: sets updated_at to the start of the transaction, whatever the statement said. Attach it before update, for each row, as _100_stamp.';

revoke execute on function private.tg__stamp_updated_at() from public;
--! EndIncluded platform/private/tg__stamp_updated_at.sql
--! Included platform/private/matches_pattern.sql
create or replace function private.matches_pattern (
  subject text,
  pattern text
)
  returns boolean
  language plpgsql
  immutable
  parallel safe
  set search_path = ''
  as $$
begin
  -- What makes a regular expression run away: back references (matching becomes exponential), repetition counts (the
  -- automaton grows with them), nested repetition, length. What is left is matched in time linear in the subject.
  if length(pattern) > 200
    or pattern ~ '\\[0-9mMyYAZ]'
    or pattern ~ '\(\?'
    or pattern ~ '\{[^}]*[0-9]{3}'
    or pattern ~ '[*+}]\)*[*+{]'
    or pattern ~ '^\*\*\*'
    or length(pattern) - length(replace(pattern, '{', '')) > 5
  then
    perform private.refuse(
      400,
      'pattern_not_allowed',
      'This pattern is too complex to be matched safely.',
      'Use at most 200 characters, no back references, no look-around, no nested repetition and no count over 99.'
    );
  end if;
  return left(subject, 10000) ~ pattern;
exception
  when invalid_regular_expression then
    perform private.refuse(400, 'pattern_invalid', format('This is not a regular expression: %s.', sqlerrm));
end;
$$;

comment on function private.matches_pattern(text, text) is
  'Returns whether a text matches a regular expression that a tenant wrote (null when either is null). Takes POSIX syntax without back references, look-around and nested repetition, up to 200 characters; looks at the first 10,000 characters of the subject, so that no pattern can hang the database. Raises PT400 pattern_not_allowed or pattern_invalid.';

revoke execute on function private.matches_pattern(text, text) from public;
--! EndIncluded platform/private/matches_pattern.sql
--! Included platform/private/compare_values.sql
create or replace function private.compare_values (
  actual jsonb,
  wanted jsonb
)
  returns integer
  language sql
  immutable
  parallel safe
  set search_path = ''
  as $$
  select case
    when jsonb_typeof(actual) = 'number' and jsonb_typeof(wanted) = 'number'
      then sign(actual::numeric - wanted::numeric)::integer
    when jsonb_typeof(actual) = 'string' and jsonb_typeof(wanted) = 'string'
      then case
        when actual #>> '{}' = wanted #>> '{}' then 0
        when (actual #>> '{}') collate "C" < (wanted #>> '{}') collate "C" then -1
        else 1
      end
  end;
$$;

comment on function private.compare_values(jsonb, jsonb) is
  'Compares two JSON values: -1, 0 or 1 as the first is less than, equal to or greater than the second. Numbers compare as exact numerics, strings by code point, so that ISO dates compare as dates. Null when they are not two numbers or two strings.';

revoke execute on function private.compare_values(jsonb, jsonb) from public;
--! EndIncluded platform/private/compare_values.sql
--! Included platform/private/test_holds.sql
create or replace function private.test_holds (
  operator text,
  actual jsonb,
  wanted jsonb
)
  returns boolean
  language plpgsql
  immutable
  parallel safe
  set search_path = ''
  as $$
declare
  actual_text text := case jsonb_typeof(actual) when 'string' then actual #>> '{}' end;
  wanted_text text := case jsonb_typeof(wanted) when 'string' then wanted #>> '{}' end;
  actual_list jsonb := case jsonb_typeof(actual) when 'array' then actual else jsonb_build_array(actual) end;
begin
  return coalesce(
    case operator
      when 'equals' then actual is not distinct from wanted
      when 'not_equals' then actual is distinct from wanted
      when 'greater_than' then private.compare_values(actual, wanted) > 0
      when 'less_than' then private.compare_values(actual, wanted) < 0
      when 'greater_equal' then private.compare_values(actual, wanted) >= 0
      when 'less_equal' then private.compare_values(actual, wanted) <= 0
      when 'contains' then
        case jsonb_typeof(actual)
          when 'array' then exists (select from jsonb_array_elements(actual) as item where item = wanted)
          else strpos(actual_text, wanted_text) > 0
        end
      when 'starts_with' then starts_with(actual_text, wanted_text)
      when 'ends_with' then right(actual_text, length(wanted_text)) = wanted_text
      when 'matches_pattern' then private.matches_pattern(actual_text, wanted_text)
      when 'in' then exists (select from jsonb_array_elements(wanted) as item where item = actual)
      when 'not_in' then not exists (select from jsonb_array_elements(wanted) as item where item = actual)
      when 'any_of' then
        actual is not null
        and exists (
          select from jsonb_array_elements(wanted) as item
          where exists (select from jsonb_array_elements(actual_list) as candidate where candidate = item)
        )
      when 'all_of' then
        actual is not null
        and not exists (
          select from jsonb_array_elements(wanted) as item
          where not exists (select from jsonb_array_elements(actual_list) as candidate where candidate = item)
        )
      when 'exists' then actual is not null
      when 'not_exists' then actual is null
      when 'is_empty' then actual is null or actual in ('""', '[]', '{}')
      when 'is_not_empty' then actual is not null and actual not in ('""', '[]', '{}')
    end,
    false
  );
end;
$$;

comment on function private.test_holds(text, jsonb, jsonb) is
  'Returns whether one test of a condition holds. Takes the operator, the value that was found (null when the field is absent) and the value that is wanted. A test between values that cannot be compared does not hold. Operators: equals, not_equals, greater_than, less_than, greater_equal, less_equal, contains, starts_with, ends_with, matches_pattern, in, not_in, any_of, all_of, exists, not_exists, is_empty, is_not_empty.';

revoke execute on function private.test_holds(text, jsonb, jsonb) from public;
--! EndIncluded platform/private/test_holds.sql
--! Included platform/private/condition_problem.sql
create or replace function private.condition_problem (
  condition jsonb,
  depth integer default 0
)
  returns text
  language plpgsql
  immutable
  parallel safe
  set search_path = ''
  as $$
declare
  wanted jsonb := condition -> 'value';
  problem text;
begin
  if condition is null or jsonb_typeof(condition) <> 'object' then
    return 'A condition is an object.';
  elsif depth > 10 then
    return 'Conditions nest at most 10 deep.';
  elsif length(condition::text) > 20000 then
    return 'A condition has at most 20,000 characters.';
  end if;

  if condition ?| array['and', 'or', 'not'] then
    if (select count(*) from jsonb_object_keys(condition)) > 1 then
      return 'A group has one key: and, or, not.';
    elsif condition ? 'not' then
      return private.condition_problem(condition -> 'not', depth + 1);
    elsif jsonb_typeof(coalesce(condition -> 'and', condition -> 'or')) <> 'array' then
      return 'and, or take a list of conditions.';
    end if;
    select private.condition_problem(part, depth + 1) into problem
    from jsonb_array_elements(coalesce(condition -> 'and', condition -> 'or')) as part
    where private.condition_problem(part, depth + 1) is not null
    limit 1;
    return problem;
  end if;

  if jsonb_typeof(condition -> 'field') is distinct from 'string' or condition ->> 'field' = '' then
    return 'A test names a field.';
  elsif coalesce(condition ->> 'operator', '') <> all (
    array[
      'equals', 'not_equals', 'greater_than', 'less_than', 'greater_equal', 'less_equal', 'contains', 'starts_with',
      'ends_with', 'matches_pattern', 'in', 'not_in', 'any_of', 'all_of', 'exists', 'not_exists', 'is_empty',
      'is_not_empty'
    ]
  ) then
    return format('There is no operator %s.', coalesce(condition ->> 'operator', 'null'));
  elsif exists (
    select from jsonb_object_keys(condition) as key where key <> all (array['field', 'operator', 'value'])
  ) then
    return 'A test has the keys field, operator, value.';
  end if;

  return case
    when condition ->> 'operator' in ('in', 'not_in', 'any_of', 'all_of')
      and jsonb_typeof(wanted) is distinct from 'array'
      then format('%s takes a list of values.', condition ->> 'operator')
    when condition ->> 'operator' in ('starts_with', 'ends_with', 'matches_pattern')
      and jsonb_typeof(wanted) is distinct from 'string'
      then format('%s takes a text.', condition ->> 'operator')
    when condition ->> 'operator' in ('greater_than', 'less_than', 'greater_equal', 'less_equal')
      and coalesce(jsonb_typeof(wanted), 'null') not in ('number', 'string')
      then format('%s takes a number or a text.', condition ->> 'operator')
    when condition ->> 'operator' in ('equals', 'not_equals', 'contains') and wanted is null
      then format('%s takes a value.', condition ->> 'operator')
  end;
end;
$$;

comment on function private.condition_problem(jsonb, integer) is
  'Returns what is wrong with a condition, as a sentence, or null when it is well formed. Takes {"field", "operator", "value"}, or a group {"and": […]}, {"or": […]}, {"not": …}; depth is for the recursion. Check constraints and the functions that save conditions call it.';

revoke execute on function private.condition_problem(jsonb, integer) from public;
--! EndIncluded platform/private/condition_problem.sql
--! Included platform/private/condition_holds.sql
create or replace function private.condition_holds (
  condition jsonb,
  facts jsonb
)
  returns boolean
  language plpgsql
  immutable
  parallel safe
  set search_path = ''
  as $$
declare
  part jsonb;
begin
  if condition ? 'and' then
    for part in select item from jsonb_array_elements(condition -> 'and') as item loop
      if not private.condition_holds(part, facts) then
        return false;
      end if;
    end loop;
    return true;
  elsif condition ? 'or' then
    for part in select item from jsonb_array_elements(condition -> 'or') as item loop
      if private.condition_holds(part, facts) then
        return true;
      end if;
    end loop;
    return false;
  elsif condition ? 'not' then
    return not private.condition_holds(condition -> 'not', facts);
  end if;
  return private.test_holds(
    condition ->> 'operator',
    -- A JSON null is an absent value: what a form leaves blank must not differ from what it does not send.
    nullif(facts #> string_to_array(condition ->> 'field', '.'), 'null'),
    nullif(condition -> 'value', 'null')
  );
end;
$$;

comment on function private.condition_holds(jsonb, jsonb) is
  'Returns whether a condition holds for a set of facts. Takes a well-formed condition (private.condition_problem) and an object; a field is a path with dots ("address.city"). An empty "and" holds, an empty "or" does not. Never null.';

revoke execute on function private.condition_holds(jsonb, jsonb) from public;
--! EndIncluded platform/private/condition_holds.sql
