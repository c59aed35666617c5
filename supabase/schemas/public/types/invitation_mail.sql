create type public.invitation_mail as (
  invitation_id uuid,
  email text,
  organization_name text,
  inviter_name text,
  role_names text[],
  expires_at timestamp with time zone
);

comment on type public.invitation_mail is 'What the mail of an invitation says, as invitation_to_send() returns it.';
