create type public.member_page as (
  members jsonb,
  total bigint,
  page integer,
  per_page integer
);

comment on type public.member_page is 'One page of members, as list_members() returns it.';
