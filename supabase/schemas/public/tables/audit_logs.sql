create table public.audit_logs (
  organization_id text not null,
  id bigint generated always as identity not null,
  at timestamp with time zone not null,
  actor_id uuid,
  actor_role text not null,
  action text not null,
  event text,
  table_name text,
  row_key jsonb,
  before jsonb,
  after jsonb,
  severity text not null,
  request_id text,
  ip inet
) partition by range (at);

alter table public.audit_logs
  enable row level security;

alter table public.audit_logs
  alter column at set default now();

alter table public.audit_logs
  alter column severity set default 'info'::text;

alter table public.audit_logs
  add constraint audit_logs_action_known
    check
    ((action = ANY (ARRAY['create'::text, 'read'::text, 'update'::text, 'delete'::text, 'login'::text,
    'logout'::text, 'approve'::text, 'reject'::text, 'export'::text, 'import'::text, 'system'::text])));

alter table public.audit_logs
  add constraint audit_logs_pkey primary key (organization_id, at, id);

alter table public.audit_logs
  add constraint audit_logs_severity_known
    check ((severity = ANY (ARRAY['info'::text, 'notice'::text, 'warning'::text, 'critical'::text])));

create index audit_logs_row_key_idx on only public.audit_logs using hash (row_key);

create trigger _000_append_only_truncate
  before truncate on public.audit_logs
  for each STATEMENT
  execute function private.tg_audit_logs__append_only();

alter table public.audit_logs
  enable always trigger _000_append_only_truncate;

create trigger _000_append_only
  before delete or update on public.audit_logs
  for each row
  execute function private.tg_audit_logs__append_only();

alter table public.audit_logs
  enable always trigger _000_append_only;

create policy "an organization's log stays in it" on "public"."audit_logs"
  as restrictive
  for all
  to "authenticated"
  using ((organization_id = ( select private.organization_with('audit.read'::text) as organization_with)))
  with
    check ((organization_id = ( SELECT private.organization_with('audit.read'::text) AS organization_with)));

create policy "who may audit reads the log" on public.audit_logs
  for select
  to authenticated
  using ((organization_id = ( select private.organization_with('audit.read'::text) as organization_with)));

comment on column public.audit_logs.action is 'What kind of act it was.';

comment on column public.audit_logs.actor_id is 'The user whose token it was done with; null for none. Outlives the user. @survives';

comment on column public.audit_logs.actor_role is 'The database role that did it: authenticated, service_role, postgres, …';

comment on column public.audit_logs.after is 'What an update wrote, column by column; all of what was created; what an event has to tell.';

comment on column public.audit_logs.at is 'When the transaction that did it began.';

comment on column public.audit_logs.before is 'What an update replaced, column by column; all of what was deleted.';

comment on column public.audit_logs.event is 'Its name, such as organization.switched; null for a change that a trigger noted.';

comment on column public.audit_logs.id is 'Orders what was done at the same moment.';

comment on column public.audit_logs.ip is 'The first address of x-forwarded-for: what the client''s side says of itself unless the proxy in front overwrites it.';

comment on column public.audit_logs.organization_id is 'Where it was done. No foreign key, so that it outlives a purge; PLATFORM where it was in no organization.';

comment on column public.audit_logs.request_id is 'The x-request-id of the request, where it had a plain one.';

comment on column public.audit_logs.row_key is 'The primary key of the row as an object, without the organization.';

comment on column public.audit_logs.severity is 'info for everyday changes, notice, warning, critical.';

comment on column public.audit_logs.table_name is 'The table, without its schema where that is public; null for an event that is about none.';

comment on table public.audit_logs is 'What was done in an organization: changes of rows, and events by name. Append-only for everyone; a month goes as a whole, after seven years.';

grant select on table public.audit_logs to authenticated, service_role;
