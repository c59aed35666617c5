create or replace function private.tg_user_roles__mirror()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- A member who is being let in or shut out at this moment is waited for.
  select member.is_open into new.member_is_open
  from public.members as member
  where member.organization_id = new.organization_id and member.user_id = new.user_id
  for share;
  -- Where there is none, the foreign key says so.
  new.member_is_open := coalesce(new.member_is_open, true);
  return new;
end;
$function$;

comment on function private.tg_user_roles__mirror() is 'Trigger function of user_roles: a new row copies whether its member may come in. From then on the foreign key keeps the copy equal.';

revoke all on function private.tg_user_roles__mirror() from public;
