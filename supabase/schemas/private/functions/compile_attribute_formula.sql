create or replace function private.compile_attribute_formula (
  code text,
  field text,
  source text,
  names text[]
)
  returns text[]
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  problem text;
  details jsonb;
  advice text;
begin
  return private.compile_formula(source, names);
exception
  when sqlstate 'PT400' then
    get stacked diagnostics problem = message_text, details = pg_exception_detail, advice = pg_exception_hint;
    perform private.refuse(
      400,
      details ->> 'code',
      format('%s of the attribute %s: %s', field, code, problem),
      advice,
      details || jsonb_build_object('attribute', code, 'field', field)
    );
    return null;
end;
$function$;

comment on function private.compile_attribute_formula(text, text, text, text[]) is
  'Compiles a formula of an attribute: private.compile_formula, whose refusals then also say which attribute and which of its formulas. Takes the code, the column, the formula, and the names that it may use. Raises PT400 formula_invalid, formula_unknown_name with position, attribute and field.';

revoke all on function private.compile_attribute_formula(text, text, text, text[]) from public;
