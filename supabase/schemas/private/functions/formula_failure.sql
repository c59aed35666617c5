create or replace function private.formula_failure (
  compiled text[],
  facts jsonb
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  perform private.evaluate_formula(compiled, facts);
  return null;
exception
  when sqlstate 'PT400' then
    return sqlerrm;
end;
$function$;

comment on function private.formula_failure(text[], jsonb) is 'Returns why a compiled formula has no value for some facts, as a sentence; null when it has one. Each call is a subtransaction: ask only when private.evaluate_formula was NaN.';

revoke all on function private.formula_failure(text[], jsonb) from public;
