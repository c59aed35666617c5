create or replace function private.list_users (
  search text,
  status text,
  role text,
  page integer,
  per_page integer
)
  returns public.user_page
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  listed public.user_page;
  filters text := '';
  pattern text;
  skip bigint;
  rows_wanted integer;
  is_from_end boolean;
  ids uuid[];
begin
  perform private.require_superadmin();
  page := coalesce(page, 1);
  per_page := coalesce(per_page, 50);
  if per_page not between 1 and 100 then
    perform private.refuse(400, 'per_page_invalid', 'per_page is a number from 1 to 100.');
  elsif page < 1 then
    perform private.refuse(400, 'page_invalid', 'page is a number from 1 on.');
  elsif status not in ('active', 'inactive', 'missing') then
    perform private.refuse(400, 'status_invalid', 'status is active, inactive or missing.');
  elsif role not in ('user', 'superadmin') then
    perform private.refuse(400, 'role_invalid', 'role is user or superadmin.');
  elsif length(search) > 200 then
    perform private.refuse(400, 'search_invalid', 'search has at most 200 characters.');
  end if;

  -- Only the filters that were asked for are in the statement, so that each has the plan that it deserves. Values are
  -- parameters.
  if btrim(search) <> '' then
    pattern := '%' || regexp_replace(btrim(search), '([\\%_])', '\\\1', 'g') || '%';
    filters := filters || ' and (account.email ilike $1 or account.phone ilike $1 or profile.display_name ilike $1)';
  end if;
  filters := filters || case status
    when 'active' then ' and coalesce(profile.is_active, true)'
    when 'inactive' then ' and not profile.is_active'
    when 'missing' then ' and profile.user_id is null'
    else ''
  end;
  if role is not null then
    filters := filters || $role$ and coalesce(profile.platform_role, 'user') = $2$role$;
  end if;

  execute
    'select count(*) from auth.users as account left join public.user_profiles as profile on profile.user_id = account.id where true'
    || filters
  into listed.total
  using pattern, role;

  skip := (page - 1)::bigint * per_page;
  rows_wanted := greatest(0, least(per_page, listed.total - skip));
  -- The second half of the list is read from its end, so that the last page costs what the first does.
  is_from_end := skip > listed.total / 2;
  if is_from_end then
    skip := listed.total - skip - rows_wanted;
  end if;
  if rows_wanted > 0 then
    execute format(
      $page$
        select array(
          select account.id
          from auth.users as account left join public.user_profiles as profile on profile.user_id = account.id
          where true %1$s
          order by account.created_at %2$s nulls %3$s, account.id %2$s
          limit $3 offset $4
        )
      $page$,
      filters,
      case when is_from_end then 'asc' else 'desc' end,
      case when is_from_end then 'first' else 'last' end
    )
    into ids
    using pattern, role, rows_wanted, skip;
  end if;
  if is_from_end then
    ids := array(select id from unnest(ids) with ordinality as reversed (id, position) order by position desc);
  end if;
  listed.page := page;
  listed.per_page := per_page;
  listed.users := to_jsonb(array(select account from private.user_accounts(coalesce(ids, '{}')) as account));
  return listed;
end;
$function$;

comment on function private.list_users(text, text, text, integer, integer) is 'Lists users: public.list_users with the rights that this takes.';

revoke all on function private.list_users(text, text, text, integer, integer) from public;

grant execute
  on function private.list_users(text, text, text, integer, integer)
  to authenticated, service_role;
