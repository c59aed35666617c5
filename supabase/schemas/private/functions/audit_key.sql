create or replace function private.audit_key (
  document jsonb,
  key_columns text[]
)
  returns jsonb
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
begin
  return (select jsonb_object_agg(name, document -> name) from unnest(key_columns) as name);
end;
$function$;

comment on function private.audit_key(jsonb, text[]) is 'Returns the part of a row that is its key, as an object. Takes the row and the columns of the key.';

revoke all on function private.audit_key(jsonb, text[]) from public;
