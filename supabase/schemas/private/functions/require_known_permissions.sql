create or replace function private.require_known_permissions (
  permissions text[]
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  unknown constant text[] := array(
    select wanted from unnest(permissions) as wanted
    where wanted is null or not exists (select from private.expand_permissions(array[wanted]))
  );
begin
  if permissions is null or cardinality(permissions) > 500 or unknown <> '{}' then
    perform private.refuse(
      400,
      'permissions_invalid',
      format('These are not permissions: %s.', left(coalesce(array_to_string(unknown, ', ', 'null'), 'null'), 200)),
      'Take codes from the table permissions, or module.* for all of a module; up to 500.'
    );
  end if;
end;
$function$;

comment on function private.require_known_permissions(text[]) is 'Refuses a list that holds anything else than codes of the catalog and module.*. Raises PT400 permissions_invalid.';

revoke all on function private.require_known_permissions(text[]) from public;
