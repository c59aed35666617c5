create or replace function private.tg_configurations__template_usage()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  update public.template_usage as used
  set quoted_at = coalesce(used.quoted_at, after.quoted_at, now()),
    ordered_at = coalesce(
      used.ordered_at, case when after.status = 'ordered' then coalesce(after.ordered_at, now()) end
    )
  from new_rows as after
    join old_rows as before on before.organization_id = after.organization_id and before.id = after.id
  where used.organization_id = after.organization_id
    and used.configuration_id = after.id
    and after.status <> before.status
    and after.status in ('quoted', 'ordered');
  return null;
end;
$function$;

comment on function private.tg_configurations__template_usage() is 'Trigger function of configurations: notes at the use of a template that what began with it was quoted, or ordered.';

revoke all on function private.tg_configurations__template_usage() from public;
