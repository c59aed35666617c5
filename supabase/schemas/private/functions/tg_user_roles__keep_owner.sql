create or replace function private.tg_user_roles__keep_owner()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    perform private.require_owner(array(
      select distinct held.organization_id from old_rows as held where held.role_code = 'owner' order by held.organization_id
    ));
  else
    -- Only what is somebody else's now, or another role: the copies of a member's state must not lock the organization.
    perform private.require_owner(array(
      select distinct held.organization_id
      from old_rows as held
        left join new_rows as changed using (organization_id, id)
      where held.role_code = 'owner' and (changed.role_code, changed.user_id) is distinct from ('owner', held.user_id)
      order by held.organization_id
    ));
  end if;
  return null;
end;
$function$;

comment on function private.tg_user_roles__keep_owner() is 'Trigger function of user_roles: the last active owner of an organization keeps the role, and with it the membership. Raises PT409 last_owner.';

revoke all on function private.tg_user_roles__keep_owner() from public;
