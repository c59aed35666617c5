-- Undoes 000003-identity: the periodic job, the queue, the trigger on auth.users, the functions, the types, the tables.
-- pg_temp.set_aside drops a table that is empty, and moves one that holds rows to schema rollback_000003.

select cron.unschedule('rowhouse-user-integrity');
select pg_temp.set_aside_queue('user_sync');

-- Takes the trigger on auth.users with it. Dropping that by name is for the owner of the table, who is not the one who
-- migrates.
drop function private.tg_users__create_profile() cascade;

revoke usage on schema public from supabase_auth_admin;

drop function public.custom_access_token_hook(jsonb);
drop function public.check_user_integrity();
drop function public.is_superadmin();
drop function public.delete_user(uuid);
drop function public.reactivate_user(uuid);
drop function public.deactivate_user(uuid, text);
drop function public.update_user(uuid, text, text, jsonb);
drop function public.get_user(uuid);
drop function public.list_users(text, text, text, integer, integer);
drop function public.run_user_sync_job(bigint);
drop function public.sync_user_profiles(boolean);

drop function private.token_claims(uuid);
drop function private.check_user_integrity();
drop function private.disabled_triggers();
drop function private.undeclared_user_references();
drop function private.dangling_user_references();
drop function private.create_profile(uuid, boolean);
drop function private.delete_user(uuid);
drop function private.reactivate_user(uuid);
drop function private.deactivate_user(uuid, text);
drop function private.update_user(uuid, text, text, jsonb);
drop function private.get_user(uuid);
drop function private.list_users(text, text, text, integer, integer);
drop function private.refuse_own_account(uuid, text);
drop function private.require_user(uuid);
drop function private.user_accounts(uuid[]);
drop function private.enqueue_sync_on_drift();
drop function private.run_user_sync_job(bigint);
drop function private.sync_profile_batch(uuid, integer, boolean);
drop function private.sync_user_profiles_as_caller(boolean);
drop function private.sync_user_profiles(boolean, text);
drop function private.finish_sync_run(uuid, text, public.user_sync_report);
drop function private.start_sync_run(text, text);
drop function private.create_missing_profiles(uuid[]);
drop function private.users_without_profile(uuid, integer);
drop function private.require_superadmin();
drop function private.record_profile_failure(uuid, text, text, text);
drop function private.insert_profiles(uuid[]);
drop function private.sso_provider(boolean, jsonb);
drop function private.initial_display_name(uuid, text, jsonb);

drop type public.user_integrity_problem;
drop type public.user_page;
drop type public.user_account;
drop type public.user_sync_report;

select pg_temp.set_aside('private.sync_runs');
select pg_temp.set_aside('private.profile_failures');
select pg_temp.set_aside('public.user_profiles');

drop function private.is_superadmin();
drop function private.current_user_id();
drop function private.clean_display_name(text);
