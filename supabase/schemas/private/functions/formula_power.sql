create or replace function private.formula_power (
  base numeric,
  exponent numeric
)
  returns numeric
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
declare
  -- The natural logarithm of the result, to judge its size before the work is done.
  size double precision := case
    when base <> 0 then exponent::double precision * ln(abs(base)::double precision)
  end;
begin
  if exponent = 0 or base = 1 then
    return 1;
  elsif base = 0 or size < -47.5 then
    return 0;
  elsif size > 23.1 then
    return 'Infinity'::numeric;
  end if;
  -- power() works with as many decimals as the base is written with, and its last digits may be wrong: what is exact in
  -- mathematics is exact after the first rounding, halves are halves, and the second rounds them as everywhere.
  return
    case when base < 0 and mod(exponent, 2) <> 0 then -1 else 1 end
    * round(round(power(round(abs(base), 40), exponent), 35), 20);
end;
$function$;

comment on function private.formula_power(numeric, numeric) is 'Returns a power, rounded half away from zero to 20 decimals, and Infinity when it is beyond every limit of a formula. Takes two numbers within ±1e10 of at most 20 decimals: a base that is not negative or a whole exponent, and no negative exponent for 0 (private.evaluate_formula refuses these). 0^0 is 1. Takes little time, whatever the exponent is.';

revoke all on function private.formula_power(numeric, numeric) from public;
