create type public.organization_summary as (
  id text,
  name text,
  slug text,
  status text,
  tier text,
  max_users integer,
  active_members bigint,
  pending_members bigint,
  plants bigint,
  created_at timestamp with time zone
);

comment on type public.organization_summary is 'An organization in a list, with counts.';
