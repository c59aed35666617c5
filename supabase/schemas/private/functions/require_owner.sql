create or replace function private.require_owner (
  organization_ids text[]
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  changed_id text;
begin
  foreach changed_id in array organization_ids loop
    -- A purge takes the organization first; then there is nothing to own.
    perform from public.organizations as organization where organization.id = changed_id for no key update;
    continue when not found;
    if not exists (
      select
      from public.user_roles as held
        join public.members as member using (organization_id, user_id)
      where held.organization_id = changed_id and held.role_code = 'owner' and member.status = 'active'
    ) then
      perform private.refuse(
        409,
        'last_owner',
        'This is the last active owner of the organization.',
        'Make another member an owner first.'
      );
    end if;
  end loop;
end;
$function$;

comment on function private.require_owner(text[]) is 'Refuses what has left an organization without an active owner, also when two requests each took one: the organization is locked first. Takes the organizations that lost an owner, in order. Raises PT409 last_owner.';

revoke all on function private.require_owner(text[]) from public;
