create type public.waitlist_offer_mail as (
  entry_id uuid,
  email text,
  customer_name text,
  organization_name text,
  timezone text,
  session_id uuid,
  course_name text,
  venue_name text,
  room text,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  attendee_count integer,
  offer_expires_at timestamp with time zone
);

comment on type public.waitlist_offer_mail is 'What the mail says that offers freed places.';
