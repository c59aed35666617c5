create or replace function private.require_within_limit (
  used bigint,
  allowed integer,
  what text
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if used > allowed then
    perform private.refuse(
      409,
      'limit_reached',
      format('The organization has all the %s that its plan allows: %s.', what, allowed),
      'Remove some, or ask for a larger plan.'
    );
  end if;
end;
$function$;

comment on function private.require_within_limit(bigint, integer, text) is 'Refuses more than a plan allows. Takes how many there would be, how many are allowed, and of what (in the plural); count under private.lock_organization. Raises PT409 limit_reached.';

revoke all on function private.require_within_limit(bigint, integer, text) from public;
