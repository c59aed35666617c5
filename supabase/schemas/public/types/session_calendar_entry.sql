create type public.session_calendar_entry as (
  id uuid,
  course_id uuid,
  course_name text,
  course_type text,
  venue_id uuid,
  venue_name text,
  room text,
  instructor_id uuid,
  instructor_name text,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  status text,
  capacity integer,
  places_taken integer,
  places_held integer,
  places_left integer,
  fill_rate numeric,
  waiting_count integer
);

comment on type public.session_calendar_entry is 'A session with how full it is, as public.session_calendar returns them in the order of their start.';
