create type public.customer_quote as (
  id uuid,
  number text,
  status text,
  currency text,
  total numeric,
  valid_until date,
  created_at timestamp with time zone
);

comment on type public.customer_quote is 'A quote in the details of a customer.';
