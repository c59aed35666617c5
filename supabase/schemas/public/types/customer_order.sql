create type public.customer_order as (
  id uuid,
  number text,
  status text,
  currency text,
  total numeric,
  required_date date,
  created_at timestamp with time zone
);

comment on type public.customer_order is 'An order in the details of a customer.';
