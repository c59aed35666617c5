create type public.user_sync_report as (
  total_auth_users bigint,
  existing_profiles bigint,
  missing_profiles bigint,
  created_profiles bigint,
  failed_creations bigint,
  duration_ms bigint
);

comment on type public.user_sync_report is 'What a run of the sync found and did, as sync_user_profiles() returns it.';
