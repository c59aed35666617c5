create type public.entry_preview as (
  is_valid boolean,
  currency text,
  base_price numeric,
  total_price numeric,
  base_weight numeric,
  total_weight numeric,
  fields jsonb,
  lines jsonb,
  messages jsonb
);

comment on type public.entry_preview is 'What some values come to, as public.entry_preview returns it.';
