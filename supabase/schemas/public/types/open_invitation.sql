create type public.open_invitation as (
  invitation_id uuid,
  email text,
  role_codes text[],
  plant_id uuid,
  expires_at timestamp with time zone
);

comment on type public.open_invitation is 'An invitation as create_invitation() returns it.';
