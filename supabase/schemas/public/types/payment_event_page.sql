create type public.payment_event_page as (
  events jsonb,
  total bigint,
  page integer,
  per_page integer
);

comment on type public.payment_event_page is 'One page of events of payment providers, as public.payment_events returns it.';
