create or replace function private.disabled_triggers()
  returns SETOF public.user_integrity_problem
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select
    'missing_trigger',
    'auth.users._100_create_profile',
    null::uuid,
    'New users get no profile: the trigger on auth.users is not there.',
    'create trigger _100_create_profile after insert on auth.users for each row execute function private.tg_users__create_profile();'
  where not exists (
    select
    from pg_catalog.pg_trigger as trg
    where trg.tgrelid = 'auth.users'::regclass and trg.tgfoid = to_regprocedure('private.tg_users__create_profile()')
  )
  union all
  select
    'disabled_trigger',
    format('%s.%I', trg.tgrelid::regclass, trg.tgname),
    null::uuid,
    case
      when trg.tgisinternal then format('A foreign key of %s is not enforced: its trigger is disabled.', trg.tgrelid::regclass)
      else format('Trigger %I of %s does not fire.', trg.tgname, trg.tgrelid::regclass)
    end,
    case
      -- Only its owner may enable a trigger; whoever may create one may replace it, which enables it.
      when trg.tgfoid = to_regprocedure('private.tg_users__create_profile()')
        then 'create or replace trigger _100_create_profile after insert on auth.users for each row execute function private.tg_users__create_profile();'
      else format(
        'alter table %s enable trigger %s;',
        trg.tgrelid::regclass,
        case when trg.tgisinternal then 'all' else quote_ident(trg.tgname) end
      )
    end
  from pg_catalog.pg_trigger as trg
    join pg_catalog.pg_class as rel on rel.oid = trg.tgrelid
  where trg.tgenabled not in ('O', 'A')
    and (rel.relnamespace in ('public'::regnamespace, 'private'::regnamespace) or rel.oid = 'auth.users'::regclass)
  order by 2;
$function$;

comment on function private.disabled_triggers() is 'Returns a row for each trigger of Rowhouse''s tables and of auth.users that does not fire, those that enforce foreign keys included, and one when the trigger that creates profiles is missing.';

revoke all on function private.disabled_triggers() from public;
