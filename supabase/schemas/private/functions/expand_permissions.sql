create or replace function private.expand_permissions (
  held text[]
)
  returns SETOF text
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select permission.code
  from public.permissions as permission
  where permission.code = any (held) or permission.module || '.*' = any (held);
$function$;

comment on function private.expand_permissions(text[]) is 'Returns the permissions that a list of codes and module.* stands for, each once.';

revoke all on function private.expand_permissions(text[]) from public;
