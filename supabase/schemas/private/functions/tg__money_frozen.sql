create or replace function private.tg__money_frozen()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    -- It goes with its organization, and not before.
    if not exists (select from public.organizations as organization where organization.id = old.organization_id) then
      return old;
    end if;
  elsif to_jsonb(new) - tg_argv[0]::text[] is not distinct from to_jsonb(old) - tg_argv[0]::text[] then
    return new;
  end if;
  perform private.refuse(
    409,
    'money_frozen',
    format('What %s say of money no longer changes.', replace(tg_table_name, '_', ' ')),
    'What was wrong is put right by another payment, refund or invoice.'
  );
  return null;
end;
$function$;

comment on function private.tg__money_frozen() is 'Trigger function of payments, refunds and invoices that are no draft: what is not listed in its argument never changes, and nothing is deleted before its organization, whoever asks. Raises PT409 money_frozen.';

revoke all on function private.tg__money_frozen() from public;
