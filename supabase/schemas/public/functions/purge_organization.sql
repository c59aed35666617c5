create or replace function public.purge_organization (
  id text,
  confirm_name text
)
  returns SETOF public.organization_use
  language sql
  set search_path to ''
  AS $function$
  select * from private.purge_organization(id, confirm_name);
$function$;

comment on function public.purge_organization(text, text) is 'Deletes a cancelled organization with every row that belongs to it, for good (superadmins). Its audit log stays until its retention ends, and says who purged what. Takes the id and, as a confirmation, the exact name. Returns how many rows of each table were deleted. Raises PT400 confirmation_mismatch; PT401 not_authenticated; PT403 superadmin_required; PT404 organization_not_found; PT409 organization_not_cancelled.';

revoke all on function public.purge_organization(text, text) from public;

grant execute on function public.purge_organization(text, text) to authenticated, service_role;
