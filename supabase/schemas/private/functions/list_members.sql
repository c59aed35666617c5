create or replace function private.list_members (
  search text,
  status text,
  page integer,
  per_page integer
)
  returns public.member_page
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('members.read');
  listed public.member_page;
begin
  perform private.require_page(page, per_page, search);
  if status not in ('pending', 'active', 'suspended') then
    perform private.refuse(400, 'status_invalid', 'status is pending, active or suspended.');
  end if;
  listed.page := page;
  listed.per_page := per_page;
  select
    count(*),
    coalesce(
      jsonb_agg(to_jsonb(found.summary) order by found.position) filter (
        where found.position > (list_members.page - 1)::bigint * list_members.per_page
          and found.position <= list_members.page::bigint * list_members.per_page
      ),
      '[]'
    )
  into listed.total, listed.members
  from (
    select row_number() over (order by member.display_name, member.user_id) as position, member as summary
    from private.members_of(current_id, list_members.search, list_members.status) as member
  ) as found;
  return listed;
end;
$function$;

comment on function private.list_members(text, text, integer, integer) is 'Lists members: public.list_members with the rights that this takes.';

revoke all on function private.list_members(text, text, integer, integer) from public;

grant execute
  on function private.list_members(text, text, integer, integer)
  to authenticated, service_role;
