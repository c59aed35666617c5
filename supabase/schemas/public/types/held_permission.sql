create type public.held_permission as (
  permission text,
  plant_id uuid
);

comment on type public.held_permission is 'A permission that the caller has, as my_permissions() returns it.';
