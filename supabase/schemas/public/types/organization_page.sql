create type public.organization_page as (
  organizations jsonb,
  total bigint,
  page integer,
  per_page integer
);

comment on type public.organization_page is 'One page of organizations, as list_organizations() returns it.';
