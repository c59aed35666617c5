create type public.dead_letter as (
  message_id bigint,
  kind text,
  payload jsonb,
  error text,
  attempts integer,
  died_at timestamp with time zone
);

comment on type public.dead_letter is 'A message that was given up, as dead_letters() returns it.';
