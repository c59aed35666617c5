create or replace function private.user_accounts (
  ids uuid[]
)
  returns SETOF public.user_account
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select
    account.id,
    account.email::text,
    account.phone::text,
    coalesce(
      profile.display_name,
      private.initial_display_name(account.id, account.email, account.raw_user_meta_data)
    ),
    coalesce(profile.platform_role, 'user'),
    coalesce(profile.is_active, true),
    account.last_sign_in_at,
    account.created_at,
    case when profile.user_id is null then 'missing' else 'present' end
  from unnest(ids) with ordinality as wanted (id, position)
    join auth.users as account on account.id = wanted.id
    left join public.user_profiles as profile on profile.user_id = account.id
  order by wanted.position;
$function$;

comment on function private.user_accounts(uuid[]) is 'Returns these users as the management API shows them, in the order of the ids; ids without a user are left out. The one place that says what an account looks like: with a profile, and, with the default shape, without.';

revoke all on function private.user_accounts(uuid[]) from public;
