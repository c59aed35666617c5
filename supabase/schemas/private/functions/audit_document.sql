create or replace function private.audit_document (
  document jsonb,
  secret_columns text[],
  nested_columns text[]
)
  returns jsonb
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
begin
  -- jsonb_strip_nulls reaches into JSON values, where a null is what somebody wrote.
  return jsonb_strip_nulls(document - nested_columns)
    || coalesce(
      (
        select jsonb_object_agg(name, document -> name)
        from unnest(nested_columns) as name
        where document -> name <> 'null'
      ),
      '{}'
    )
    || coalesce(
      (
        select jsonb_object_agg(name, '[redacted]'::text)
        from unnest(secret_columns) as name
        where document -> name <> 'null'
      ),
      '{}'
    );
end;
$function$;

comment on function private.audit_document(jsonb, text[], text[]) is 'Returns a row as the audit log keeps it: without columns that are null, and with [redacted] for secrets. Takes the row, the columns that are secret, and those that hold JSON or rows.';

revoke all on function private.audit_document(jsonb, text[], text[]) from public;
