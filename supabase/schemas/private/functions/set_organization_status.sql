create or replace function private.set_organization_status (
  id text,
  status text,
  reason text
)
  returns public.organizations
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  changed public.organizations;
  allowed constant jsonb := '{"active": ["suspended", "cancelled"], "suspended": ["active", "cancelled"], "cancelled": ["active"]}'::jsonb;
begin
  perform private.require_superadmin();
  changed := private.lock_organization(set_organization_status.id);
  if not allowed -> changed.status ? set_organization_status.status then
    perform private.refuse(
      409,
      'organization_status_conflict',
      format('The organization is %s; it cannot become %s.', changed.status, set_organization_status.status)
    );
  elsif set_organization_status.status <> 'active' and coalesce(btrim(reason), '') = '' then
    perform private.refuse(400, 'reason_required', 'This takes a reason.');
  elsif length(reason) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  -- Members mirror the status: their foreign key carries it over.
  update public.organizations as organization
  set status = set_organization_status.status,
    status_reason = case when set_organization_status.status <> 'active' then btrim(reason) end,
    suspended_at = case when set_organization_status.status = 'suspended' then now() end,
    cancelled_at = case when set_organization_status.status = 'cancelled' then now() end
  where organization.id = set_organization_status.id
  returning * into changed;
  return changed;
end;
$function$;

comment on function private.set_organization_status(text, text, text) is 'Suspends, cancels or reactivates an organization (superadmins and the operator). Takes the id, the new status and a reason. Returns the organization. Raises PT400 reason_required, reason_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_status_conflict.';

revoke all on function private.set_organization_status(text, text, text) from public;

grant execute
  on function private.set_organization_status(text, text, text)
  to authenticated, service_role;
