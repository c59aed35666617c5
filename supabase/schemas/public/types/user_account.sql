create type public.user_account as (
  id uuid,
  email text,
  phone text,
  display_name text,
  platform_role text,
  is_active boolean,
  last_sign_in_at timestamp with time zone,
  created_at timestamp with time zone,
  profile_status text
);

comment on type public.user_account is 'A user as the management API shows it: the same shape for one and for many, with a profile and without.';
