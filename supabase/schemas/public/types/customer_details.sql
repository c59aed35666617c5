create type public.customer_details as (
  id uuid,
  company_name text,
  contact_person text,
  email text,
  phone text,
  address jsonb,
  customer_type text,
  tax_id text,
  payment_terms text,
  is_active boolean,
  notes text,
  tags text[],
  customer_since date,
  total_bookings integer,
  total_spent numeric,
  created_at timestamp with time zone,
  quotes jsonb,
  orders jsonb,
  bookings jsonb,
  payments jsonb
);

comment on type public.customer_details is 'A customer with what was last sold to it, as public.customer_details returns it.';
