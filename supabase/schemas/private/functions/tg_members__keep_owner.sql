create or replace function private.tg_members__keep_owner()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform private.require_owner(array(
    select distinct member.organization_id
    from old_rows as member
      join new_rows as changed using (organization_id, user_id)
      join public.user_roles as held using (organization_id, user_id)
    where member.status = 'active' and changed.status <> 'active' and held.role_code = 'owner'
    order by member.organization_id
  ));
  return null;
end;
$function$;

comment on function private.tg_members__keep_owner() is 'Trigger function of members: the last active owner of an organization cannot be suspended. Removing one takes the role away, which private.tg_user_roles__keep_owner sees. Raises PT409 last_owner.';

revoke all on function private.tg_members__keep_owner() from public;
