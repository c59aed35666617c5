create type public.entry_preview_field as (
  code text,
  is_visible boolean,
  value jsonb,
  messages text[]
);

comment on type public.entry_preview_field is 'What a node of the form has become for some values.';
