create or replace function private.purge_organization (
  id text,
  confirm_name text
)
  returns SETOF public.organization_use
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  doomed public.organizations;
  rows_before public.organization_use[];
begin
  perform private.require_superadmin();
  doomed := private.lock_organization(purge_organization.id);
  if doomed.status <> 'cancelled' then
    perform private.refuse(
      409, 'organization_not_cancelled', 'Only a cancelled organization is purged.', 'Cancel it first: cancel_organization.'
    );
  elsif confirm_name is distinct from doomed.name then
    perform private.refuse(
      400, 'confirmation_mismatch', 'The name does not match. Nothing was deleted.', 'Give the exact name of the organization.'
    );
  end if;
  rows_before := array(select counted from private.count_rows(doomed.id) as counted);
  -- Profiles before members, as everybody who locks both.
  update public.user_profiles as profile
  set current_organization_id = null
  where profile.current_organization_id = doomed.id;
  delete from public.organizations as organization where organization.id = doomed.id;
  perform private.record_event(
    event => 'organization.purged',
    action => 'delete',
    severity => 'critical',
    organization_id => doomed.id,
    table_name => 'organizations',
    row_key => jsonb_build_object('id', doomed.id),
    details => jsonb_build_object(
      'name', doomed.name,
      'rows', (select jsonb_object_agg(counted.resource, counted.used) from unnest(rows_before) as counted)
    )
  );
  return query select counted.* from unnest(rows_before) as counted;
end;
$function$;

comment on function private.purge_organization(text, text) is 'Deletes an organization with everything in it: public.purge_organization with the rights that this takes.';

revoke all on function private.purge_organization(text, text) from public;

grant execute on function private.purge_organization(text, text) to authenticated, service_role;
