create type public.attendee_requirement as (
  kind text,
  priority text,
  note text
);

comment on type public.attendee_requirement is 'What an attendee needs.';
