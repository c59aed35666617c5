create type public.entry_preview_line as (
  code text,
  name text,
  price numeric,
  weight numeric
);

comment on type public.entry_preview_line is 'What one node adds to price and weight.';
