create type public.customer_access_reason as (
  source text,
  is_granted boolean,
  explanation text
);

comment on type public.customer_access_reason is 'One way in which a user may reach a customer, as public.explain_customer_access finds it.';
