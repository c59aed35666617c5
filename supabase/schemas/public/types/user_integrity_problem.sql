create type public.user_integrity_problem as (
  problem text,
  object text,
  user_id uuid,
  detail text,
  remedy text
);

comment on type public.user_integrity_problem is 'Something that is wrong with users and profiles, as check_user_integrity() returns it.';
