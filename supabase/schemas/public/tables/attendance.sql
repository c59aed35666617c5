create table public.attendance (
  attendee_id uuid not null,
  session_id uuid not null,
  status text not null,
  note text,
  recorded_by uuid,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint attendance_note_length check ((length(note) <= 1000)),
  constraint attendance_recorded_by_fkey foreign key (recorded_by) references auth.users(id) on delete
    set null,
  constraint attendance_status_known
    check ((status = ANY (ARRAY['present'::text, 'late'::text, 'absent'::text, 'excused'::text])))
);

alter table public.attendance
  enable row level security;

create index attendance_recorded_by_idx on public.attendance using btree (recorded_by);

create trigger _100_stamp
  before update on public.attendance
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.attendance
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'attendance',
  'organization_id',
  '{organization_id,updated_at}',
  'attendee_id',
  '{attendee_id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.attendance
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'attendance',
  'organization_id',
  '{organization_id,updated_at}',
  'attendee_id',
  '{attendee_id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.attendance
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'attendance',
  'organization_id',
  '{organization_id,updated_at}',
  'attendee_id',
  '{attendee_id}',
  '{}',
  '{}'
);

comment on column public.attendance.attendee_id is 'The attendee.';

comment on column public.attendance.created_at is 'When it was recorded.';

comment on column public.attendance.note is 'What there is to say.';

comment on column public.attendance.recorded_by is 'Who recorded it; null when they are gone.';

comment on column public.attendance.session_id is 'The session.';

comment on column public.attendance.status is 'present, late (there all the same), absent, or excused.';

comment on column public.attendance.updated_at is 'When it was last changed. @unlogged';

comment on table public.attendance is 'Who was there.';

grant select (attendee_id) on table public.attendance to authenticated;

grant select (created_at) on table public.attendance to authenticated;

grant select (note) on table public.attendance to authenticated;

grant select (recorded_by) on table public.attendance to authenticated;

grant select (session_id) on table public.attendance to authenticated;

grant select (status) on table public.attendance to authenticated;

grant select (updated_at) on table public.attendance to authenticated;

grant select on table public.attendance to service_role;

alter table public.attendance
  add column organization_id text not null default private.current_organization_id();

alter table public.attendance
  add constraint attendance_pkey primary key (organization_id, attendee_id);

create index attendance_session_id_idx on public.attendance using btree (organization_id, session_id);

create policy "only rows of the current organization" on public.attendance
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.attendance.organization_id is 'The organization.';

grant select (organization_id) on table public.attendance to authenticated;

alter table public.attendance
  add constraint attendance_attendee_id_fkey foreign key (organization_id, attendee_id)
    references public.booking_attendees(organization_id, id) on delete cascade;

create policy "who may read" on public.attendance
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or (session_id = ANY (( select
    private.taught_session_ids() as taught_session_ids)::uuid[])) or (attendee_id in ( select attendee.id
   from (public.booking_attendees attendee
     JOIN public.bookings booking
       on (((booking.organization_id = attendee.organization_id) AND (booking.id = attendee.booking_id))))
  where
    (booking.customer_id = ANY (( select private.current_customer_ids() as current_customer_ids)::uuid[]))))));

alter table public.attendance
  add constraint attendance_session_id_fkey foreign key (organization_id, session_id)
    references public.course_sessions(organization_id, id);

alter table public.attendance
  add constraint attendance_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
