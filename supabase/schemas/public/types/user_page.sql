create type public.user_page as (
  users jsonb,
  total bigint,
  page integer,
  per_page integer
);

comment on type public.user_page is 'One page of users, as list_users() returns it.';
