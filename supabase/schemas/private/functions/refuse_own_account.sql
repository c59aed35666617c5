create or replace function private.refuse_own_account (
  id uuid,
  action text
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if id = auth.uid() then
    perform private.refuse(
      409,
      'own_account',
      format('You cannot %s your own account.', action),
      'Ask another superadmin: so the platform always keeps one.'
    );
  end if;
end;
$function$;

comment on function private.refuse_own_account(uuid, text) is 'Raises PT409 own_account when the user is the caller. Takes the user and the verb for the message.';

revoke all on function private.refuse_own_account(uuid, text) from public;
