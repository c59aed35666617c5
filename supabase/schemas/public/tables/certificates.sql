create table public.certificates (
  attendee_id uuid not null,
  course_id uuid not null,
  number text not null,
  holder_name text not null,
  issued_on date not null,
  expires_on date,
  created_at timestamp with time zone not null default now(),
  constraint certificates_expires_later check ((expires_on > issued_on)),
  constraint certificates_holder_name_length
    check (((length(holder_name) >= 1) AND (length(holder_name) <= 200))),
  constraint certificates_number_wellformed check ((number ~ '^CERT-[0-9]{4}-[0-9]{5,}$'::text))
);

alter table public.certificates
  enable row level security;

create trigger _500_audit_delete after delete on public.certificates
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'certificates',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_insert after insert on public.certificates
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'certificates',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.certificates
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'certificates',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{}',
  '{}'
);

comment on column public.certificates.attendee_id is 'Who has it.';

comment on column public.certificates.course_id is 'The course.';

comment on column public.certificates.created_at is 'When it was issued.';

comment on column public.certificates.expires_on is 'The day from which it is no longer valid; null for never.';

comment on column public.certificates.holder_name is 'The name on it, as it was when it was issued.';

comment on column public.certificates.issued_on is 'The day of the session, in the time zone of the organization.';

comment on column public.certificates.number is 'Its number, CERT-<year>-<count>. Unique in the organization.';

comment on table public.certificates is 'What shows that somebody has attended a course. Issued when its session is completed.';

grant select (attendee_id) on table public.certificates to authenticated;

grant select (course_id) on table public.certificates to authenticated;

grant select (created_at) on table public.certificates to authenticated;

grant select (expires_on) on table public.certificates to authenticated;

grant select (holder_name) on table public.certificates to authenticated;

grant select (issued_on) on table public.certificates to authenticated;

grant select (number) on table public.certificates to authenticated;

grant select on table public.certificates to service_role;

create policy "who may read" on public.certificates
  for select
  to authenticated
  using
    ((( select private.has_permission('bookings.read'::text) as has_permission) or (attendee_id in ( select
    attendee.id
   from (public.booking_attendees attendee
     JOIN public.bookings booking
       on (((booking.organization_id = attendee.organization_id) AND (booking.id = attendee.booking_id))))
  where
    (booking.customer_id = ANY (( select private.current_customer_ids() as current_customer_ids)::uuid[]))))));

alter table public.certificates
  add column organization_id text not null default private.current_organization_id();

alter table public.certificates
  add constraint certificates_attendee_id_fkey foreign key (organization_id, attendee_id)
    references public.booking_attendees(organization_id, id);

alter table public.certificates
  add constraint certificates_attendee_id_key unique (organization_id, attendee_id);

alter table public.certificates
  add constraint certificates_number_key unique (organization_id, number);

create index certificates_course_id_idx on public.certificates using btree (organization_id, course_id);

create index certificates_expires_on_idx on public.certificates using btree (organization_id, expires_on);

create policy "only rows of the current organization" on public.certificates
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.current_organization_id() as current_organization_id)))
  with check ((organization_id = ( SELECT private.current_organization_id() AS current_organization_id)));

comment on column public.certificates.organization_id is 'The organization.';

grant select (organization_id) on table public.certificates to authenticated;

alter table public.certificates
  add column id uuid not null default private.uuid_v7();

alter table public.certificates
  add constraint certificates_pkey primary key (organization_id, id);

comment on column public.certificates.id is 'Time-ordered id.';

grant select (id) on table public.certificates to authenticated;

alter table public.certificates
  add constraint certificates_course_id_fkey foreign key (organization_id, course_id)
    references public.courses(organization_id, id);

alter table public.certificates
  add constraint certificates_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
