create or replace function private.are_features (
  candidate jsonb
)
  returns boolean
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select case
    when jsonb_typeof(candidate) is distinct from 'object' then false
    else not exists (
      select
      from jsonb_each(candidate) as feature (name, state)
      where jsonb_typeof(feature.state) <> 'boolean'
        or feature.name not in ('ai', 'jobber', 'n8n', 'payments', 'portal', 'quickbooks', 'sms', 'weather')
    )
  end;
$function$;

comment on function private.are_features(jsonb) is 'Returns whether a value is an object of booleans with no other keys than the features that Rowhouse knows.';

revoke all on function private.are_features(jsonb) from public;

grant execute on function private.are_features(jsonb) to authenticated, service_role;
