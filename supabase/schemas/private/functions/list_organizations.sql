create or replace function private.list_organizations (
  search text,
  status text,
  page integer,
  per_page integer
)
  returns public.organization_page
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  pattern constant text := private.contains_pattern(search);
  listed public.organization_page;
begin
  perform private.require_superadmin();
  perform private.require_page(page, per_page, search);
  if status not in ('active', 'suspended', 'cancelled') then
    perform private.refuse(400, 'status_invalid', 'status is active, suspended or cancelled.');
  end if;
  listed.page := page;
  listed.per_page := per_page;
  select count(*) into listed.total
  from public.organizations as organization
  where (list_organizations.status is null or organization.status = list_organizations.status)
    and (
      pattern is null or organization.name ilike pattern or organization.slug ilike pattern
      or organization.id ilike pattern or organization.contact_email ilike pattern
    );
  listed.organizations := to_jsonb(array(
    select
      row(
        found.id, found.name, found.slug, found.status, found.tier, found.max_users,
        (
          select count(*) from public.members as member
          where member.organization_id = found.id and member.status = 'active'
        ),
        (
          select count(*) from public.members as member
          where member.organization_id = found.id and member.status = 'pending'
        ),
        (select count(*) from public.plants as plant where plant.organization_id = found.id),
        found.created_at
      )::public.organization_summary
    from (
      select organization.*
      from public.organizations as organization
      where (list_organizations.status is null or organization.status = list_organizations.status)
        and (
          pattern is null or organization.name ilike pattern or organization.slug ilike pattern
          or organization.id ilike pattern or organization.contact_email ilike pattern
        )
      order by organization.created_at desc, organization.id desc
      limit list_organizations.per_page
      offset (list_organizations.page - 1)::bigint * list_organizations.per_page
    ) as found
    order by found.created_at desc, found.id desc
  ));
  return listed;
end;
$function$;

comment on function private.list_organizations(text, text, integer, integer) is 'Lists organizations: public.list_organizations with the rights that this takes.';

revoke all on function private.list_organizations(text, text, integer, integer) from public;

grant execute
  on function private.list_organizations(text, text, integer, integer)
  to authenticated, service_role;
