create or replace function private.my_organizations()
  returns SETOF public.organization_membership
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return query
  select mine.* from private.memberships(private.require_signed_in()) as mine;
end;
$function$;

comment on function private.my_organizations() is 'Lists the caller''s organizations: public.my_organizations with the rights that this takes.';

revoke all on function private.my_organizations() from public;

grant execute on function private.my_organizations() to authenticated, service_role;
