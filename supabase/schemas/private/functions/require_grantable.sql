create or replace function private.require_grantable (
  permissions text[],
  until timestamp with time zone default null::timestamp with time zone
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  missing constant text[] := array(
    select wanted from unnest(permissions) as wanted
    where wanted <> all (private.current_grants(until))
    order by wanted
  );
begin
  if missing <> '{}' then
    perform private.record_denial('grant_exceeds_own', jsonb_build_object('permissions', to_jsonb(missing)));
    perform private.refuse(
      403,
      'grant_exceeds_own',
      format('Nobody grants, changes or takes what they do not have: %s.', array_to_string(missing, ', ')),
      'Ask someone who holds all of it in the whole organization.'
    );
  end if;
end;
$function$;

comment on function private.require_grantable(text[], timestamp
  with time zone) is 'Refuses what the caller does not hold themself. Takes codes and module.*, and until when they must hold it: infinity for what stays, null for this moment. Raises PT403 grant_exceeds_own.';

revoke all on function private.require_grantable(text[], timestamp with time zone) from public;
