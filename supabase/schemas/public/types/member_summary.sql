create type public.member_summary as (
  user_id uuid,
  display_name text,
  email text,
  status text,
  user_is_active boolean,
  role_codes text[],
  joined_at timestamp with time zone,
  last_seen_at timestamp with time zone,
  created_at timestamp with time zone
);

comment on type public.member_summary is 'A member in a list.';
