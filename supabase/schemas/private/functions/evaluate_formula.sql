create or replace function private.evaluate_formula (
  compiled text[],
  facts jsonb,
  refuses boolean default true
)
  returns numeric
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
declare
  part text;
  kind integer;
  -- The newest value is in a variable of its own, the others are in the stack: most steps then write no array.
  x numeric;
  stack numeric[] := '{}'::numeric[];
  top integer := 0;
  failure text;
begin
  foreach part in array coalesce(compiled, '{}') loop
    kind := ascii(part);
    if kind >= 97 then
      -- a-z: a name
      top := top + 1;
      stack[top] := x;
      x := case jsonb_typeof(facts -> part)
        when 'number' then round((facts -> part)::numeric, 20)
        when 'boolean' then (facts -> part)::boolean::integer
      end;
      if x is null then
        return null;
      end if;
    elsif kind between 48 and 57 then
      -- 0-9: a number, whose size was looked at when it was compiled
      top := top + 1;
      stack[top] := x;
      x := part::numeric;
      continue;
    elsif part = '*' then
      x := round(stack[top] * x, 20);
      top := top - 1;
    elsif part = '+' then
      x := stack[top] + x;
      top := top - 1;
    elsif part = '-' then
      x := stack[top] - x;
      top := top - 1;
    elsif part = '/' then
      if x = 0 then
        failure := 'division by zero';
        exit;
      end if;
      -- Truncated to 21 decimals, then rounded to 20: exact, which a quotient that was rounded before is not.
      x := round(div(stack[top] * 1000000000000000000000, x) * 0.000000000000000000001, 20);
      top := top - 1;
    elsif part = 'NEG' then
      x := -x;
    elsif part = 'MIN' then
      x := least(stack[top], x);
      top := top - 1;
    elsif part = 'MAX' then
      x := greatest(stack[top], x);
      top := top - 1;
    elsif part = 'ROUND' then
      if x <> trunc(x) or x not between -10 and 20 then
        failure := 'digits';
        exit;
      end if;
      x := round(stack[top], x::integer);
      top := top - 1;
    elsif part = '^' then
      if stack[top] = 0 and x < 0 then
        failure := 'division by zero';
        exit;
      elsif stack[top] < 0 and x <> trunc(x) then
        failure := 'root';
        exit;
      end if;
      x := private.formula_power(stack[top], x);
      top := top - 1;
    elsif part = 'ABS' then
      x := abs(x);
    elsif part = 'CEIL' then
      x := ceil(x);
    elsif part = 'FLOOR' then
      x := floor(x);
    end if;
    if abs(x) > 10000000000 then
      failure := 'range';
      exit;
    end if;
  end loop;

  -- A name without a value further on comes before what failed here: the result may not depend on the order.
  if failure is null then
    return trim_scale(x);
  elsif exists (
    select
    from unnest(compiled) as name
    where name ~ '^[a-z]' and coalesce(jsonb_typeof(facts -> name), '') not in ('number', 'boolean')
  ) then
    return null;
  elsif not refuses then
    return 'NaN'::numeric;
  elsif failure = 'division by zero' then
    perform private.refuse(400, 'formula_division_by_zero', 'A formula divides by zero.');
  elsif failure = 'range' then
    perform private.refuse(
      400, 'formula_out_of_range', 'A formula has a value beyond ±10,000,000,000 on its way or as its result.'
    );
  elsif failure = 'digits' then
    perform private.refuse(
      400, 'formula_undefined', 'A formula rounds to digits that are not a whole number from -10 to 20.'
    );
  else
    perform private.refuse(400, 'formula_undefined', 'A formula raises a negative number to a fractional power.');
  end if;
  return null;
end;
$function$;

comment on function private.evaluate_formula(text[], jsonb, boolean) is 'Evaluates a compiled formula (private.compile_formula) for a JSON object of values by name; true counts 1, false 0. Returns an exact numeric of at most 20 decimals; null when a name that it uses has no value: absent, null, neither number nor boolean. With refuses => false it returns NaN where it would raise. Every step is rounded half away from zero to 20 decimals. Raises PT400 formula_division_by_zero, formula_out_of_range (a value beyond ±1e10, on the way too) and formula_undefined (a fractional power of a negative number, round to digits that are not whole or outside -10 … 20).';

revoke all on function private.evaluate_formula(text[], jsonb, boolean) from public;
