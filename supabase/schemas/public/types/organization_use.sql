create type public.organization_use as (
  resource text,
  used bigint,
  allowed bigint
);

comment on type public.organization_use is 'How much an organization has of something, as organization_usage() returns it.';
