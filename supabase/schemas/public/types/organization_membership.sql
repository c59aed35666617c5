create type public.organization_membership as (
  organization_id text,
  organization_name text,
  slug text,
  organization_status text,
  member_status text,
  role_codes text[],
  is_current boolean
);

comment on type public.organization_membership is 'An organization as one of its members sees it from outside, as my_organizations() returns it.';
