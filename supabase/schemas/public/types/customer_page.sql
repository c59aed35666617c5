create type public.customer_page as (
  customers jsonb,
  total bigint,
  page integer,
  per_page integer
);

comment on type public.customer_page is 'One page of the customers that a search found, as public.search_customers returns it.';
