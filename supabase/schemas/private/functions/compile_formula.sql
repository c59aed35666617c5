create or replace function private.compile_formula (
  source text,
  names text[]
)
  returns text[]
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
declare
  -- Operators by how tightly they bind. NEG is the unary minus: looser than ^, so that -2^2 is -(2^2).
  binding constant jsonb := '{"+": 1, "-": 1, "*": 2, "/": 2, "NEG": 3, "^": 4}'::jsonb;
  most_arguments constant jsonb := '{"min": 500, "max": 500, "round": 2, "abs": 1, "ceil": 1, "floor": 1}'::jsonb;
  compiled text[] := '{}'::text[];
  -- Shunting-yard: operators and open parentheses ('(', or 'min(' for a function's) that are still to be written.
  waiting text[] := '{}'::text[];
  opened integer[] := '{}'::integer[];
  arguments integer[] := '{}'::integer[];
  top integer := 0;
  depth integer := 0;
  tokens integer := 0;
  wants_value boolean := true;
  called text := '';
  token text;
  following text;
  place integer;
  problem text;
  hint text;
begin
  if source is null then
    return null;
  elsif length(source) > 2000 then
    perform private.refuse(
      400,
      'formula_invalid',
      'At character 2001 of the formula: a formula has at most 2,000 characters.',
      details => '{"position": 2001}'
    );
  end if;

  for token, place, following in
    with words as (
      select
        found.match[1] as word,
        found.ordinality,
        length(source) - sum(length(found.match[1])) over (
          order by found.ordinality desc
        ) + 1 as starts_at
      from regexp_matches(
          source, '[ \t\r\n]+|[0-9.][0-9A-Za-z_.]*|[A-Za-z_][A-Za-z0-9_]*|.', 'g'
        ) with ordinality as found (match)
    )
    select words.word, words.starts_at, lead(words.word) over (order by words.ordinality)
    from words
    where words.word !~ '^[ \t\r\n]'
    order by words.ordinality
  loop
    tokens := tokens + 1;
    if tokens > 500 then
      problem := 'a formula has at most 500 numbers, names, operators and parentheses';
    elsif wants_value then
      if token ~ '^[0-9.]' then
        if token !~ '^[0-9]+(\.[0-9]+)?$' then
          problem := format('%s is not a number', left(token, 50));
          hint := 'Write numbers like 12 or 0.5, without an exponent, and multiply with *.';
        elsif token ~ '\.[0-9]{21}' then
          problem := 'a number has at most 20 decimals';
        elsif token::numeric > 10000000000 then
          problem := 'a number is at most 10000000000';
        else
          compiled := compiled || token;
          wants_value := false;
        end if;
      elsif token in ('-', '(') then
        top := top + 1;
        waiting[top] := case token when '-' then 'NEG' else called || '(' end;
        opened[top] := place;
        arguments[top] := 1;
        if token = '(' then
          called := '';
          depth := depth + 1;
          if depth > 50 then
            problem := 'parentheses nest at most 50 deep';
          end if;
        end if;
      elsif token !~ '^[A-Za-z_]' then
        problem := format('a number, a name or an opening parenthesis is expected, and not %s', token);
      elsif following = '(' then
        if most_arguments ? token then
          called := token;
        else
          problem := format('there is no function %s', left(token, 50));
          hint := 'The functions are min, max, round, abs, ceil and floor.';
        end if;
      elsif token = any (names) and token ~ '^[a-z][a-z0-9_]{0,49}$' then
        compiled := compiled || token;
        wants_value := false;
      else
        perform private.refuse(
          400,
          'formula_unknown_name',
          format('At character %s of the formula: there is no value named %s.', place, left(token, 50)),
          format(
            'Names are lower case. Known here: %s.',
            coalesce(nullif(left(array_to_string(names, ', '), 500), ''), 'none')
          ),
          jsonb_build_object('position', place, 'name', left(token, 50))
        );
      end if;
    elsif token not in ('+', '-', '*', '/', '^', ',', ')') then
      problem := format('an operator is expected, and not %s', left(token, 50));
    else
      -- What binds at least as tightly is complete. Nothing is for ^, which associates to the right.
      while
        top > 0
        and (binding -> waiting[top])::integer
          >= case token when '^' then 5 else coalesce((binding -> token)::integer, 0) end
      loop
        compiled := compiled || waiting[top];
        top := top - 1;
      end loop;

      if token not in (',', ')') then
        top := top + 1;
        waiting[top] := token;
        opened[top] := place;
        wants_value := true;
      elsif top = 0 then
        problem := case token
          when ')' then 'no parenthesis is open that this one could close'
          else 'a comma stands between the values of a function'
        end;
      else
        called := rtrim(waiting[top], '(');
        -- min and max of many are min and max of two, repeatedly: evaluation needs no counts.
        if called in ('min', 'max') and arguments[top] > 1 then
          compiled := compiled || upper(called);
        end if;
        if token = ',' then
          arguments[top] := arguments[top] + 1;
          wants_value := true;
          if called = '' then
            problem := 'a comma stands between the values of a function';
          elsif arguments[top] > (most_arguments -> called)::integer then
            problem := format(
              '%s takes %s', called, case called when 'round' then 'one or two values' else 'one value' end
            );
          end if;
        else
          if called = 'round' and arguments[top] = 1 then
            compiled := compiled || '0'::text;
          end if;
          if called in ('round', 'abs', 'ceil', 'floor') then
            compiled := compiled || upper(called);
          end if;
          top := top - 1;
          depth := depth - 1;
        end if;
        called := '';
      end if;
    end if;
    exit when problem is not null;
  end loop;

  if problem is null and wants_value then
    place := length(source) + 1;
    problem := 'the formula ends where a value is expected';
  end if;
  while problem is null and top > 0 loop
    if waiting[top] like '%(' then
      place := opened[top];
      problem := 'this parenthesis is never closed';
    else
      compiled := compiled || waiting[top];
      top := top - 1;
    end if;
  end loop;

  if problem is not null then
    perform private.refuse(
      400,
      'formula_invalid',
      format('At character %s of the formula: %s.', place, problem),
      hint,
      jsonb_build_object('position', place)
    );
  end if;
  return compiled;
end;
$function$;

comment on function private.compile_formula(text, text[]) is 'Compiles a formula for private.evaluate_formula: arithmetic (+ - * / ^, unary minus, parentheses, min, max, round, abs, ceil, floor) over named values. Takes its text and the names that it may use; returns its parts in postfix order, null for null. At most 2,000 characters, 500 parts, 50 parentheses deep. Raises PT400 formula_invalid with the position (1-based character) of what is wrong, and PT400 formula_unknown_name with position and name. docs/formulas.md has the grammar.';

revoke all on function private.compile_formula(text, text[]) from public;
