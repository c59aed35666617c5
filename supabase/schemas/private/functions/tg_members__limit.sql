create or replace function private.tg_members__limit()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  joined text[];
  joined_id text;
begin
  if tg_op = 'INSERT' then
    joined := array(select distinct member.organization_id from new_rows as member where member.status = 'active' order by 1);
  else
    joined := array(
      select distinct member.organization_id
      from new_rows as member
        left join old_rows as previous using (organization_id, user_id)
      where member.status = 'active' and previous.status is distinct from 'active'
      order by 1
    );
  end if;
  foreach joined_id in array joined loop
    perform private.require_within_limit(
      used => (
        select count(*) from public.members as member where member.organization_id = joined_id and member.status = 'active'
      ),
      allowed => locked.max_users,
      what => 'members'
    )
    -- The lock comes first: what is counted after it, nobody else is adding to.
    from private.lock_organization(joined_id) as locked;
  end loop;
  return null;
end;
$function$;

comment on function private.tg_members__limit() is 'Trigger function of members: no organization has more active members than max_users, however many are let in at once. Raises PT409 limit_reached.';

revoke all on function private.tg_members__limit() from public;
