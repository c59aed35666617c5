create or replace function private.lock_configurations (
  organization_id text,
  ids uuid[]
)
  returns SETOF public.configurations
  language sql
  security definer
  set search_path to ''
  AS $function$
  select configuration.*
  from public.configurations as configuration
  where configuration.organization_id = lock_configurations.organization_id
    and configuration.id = any (lock_configurations.ids)
  order by configuration.id
  for no key update;
$function$;

comment on function private.lock_configurations(text, uuid[]) is 'Returns configurations and locks their rows until the transaction ends, in the order of their ids, so that two callers wait for each other and never in a circle. Takes the organization and the ids; for functions that have checked who calls.';

revoke all on function private.lock_configurations(text, uuid[]) from public;
