create table public.invitations (
  id uuid not null,
  email text not null,
  role_codes text[] not null default '{}'::text[],
  plant_id uuid,
  token_hash text not null,
  expires_at timestamp with time zone not null default (now() + '7 days'::interval),
  accepted_at timestamp with time zone,
  accepted_by uuid,
  revoked_at timestamp with time zone,
  invited_by uuid,
  created_at timestamp with time zone not null default now(),
  constraint invitations_accepted_by_fkey foreign key (accepted_by) references auth.users(id) on delete
    set null,
  constraint invitations_accepted_by_someone check (((accepted_by IS NULL) OR (accepted_at IS NOT NULL))),
  constraint invitations_expires_later check ((expires_at > created_at)),
  constraint invitations_invited_by_fkey foreign key (invited_by) references auth.users(id) on delete
    set null,
  constraint invitations_one_end check (((accepted_at IS NULL) OR (revoked_at IS NULL))),
  constraint invitations_role_codes_few
    check (((cardinality(role_codes) <= 20) AND (array_position(role_codes, NULL::text) IS NULL))),
  constraint invitations_token_hash_sha256 check ((token_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint invitations_email_wellformed check ((private.is_email(email) AND (email = lower(email))))
);

alter table public.invitations
  enable row level security;

create index invitations_accepted_by_idx on public.invitations using btree (accepted_by)
  where (accepted_by is not null);

create index invitations_invited_by_idx on public.invitations using btree (invited_by)
  where (invited_by is not null);

create index invitations_token_hash_idx on public.invitations using btree (token_hash);

create trigger _500_audit_delete after delete on public.invitations
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'invitations',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{token_hash}',
  '{}'
);

create trigger _500_audit_insert after insert on public.invitations
  referencing NEW table as new_rows for each STATEMENT execute function private.tg__audit (
  'invitations',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{token_hash}',
  '{}'
);

create trigger _500_audit_update after update on public.invitations
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'invitations',
  'organization_id',
  '{organization_id}',
  'id',
  '{id}',
  '{token_hash}',
  '{}'
);

comment on column public.invitations.accepted_at is 'When it was accepted; null while open.';

comment on column public.invitations.accepted_by is 'Who accepted it.';

comment on column public.invitations.created_at is 'When it was made.';

comment on column public.invitations.email is 'The address, in lower case. Only who has verified it can accept.';

comment on column public.invitations.expires_at is 'Until when it can be accepted: 7 days.';

comment on column public.invitations.id is 'The id, from whoever made the token.';

comment on column public.invitations.invited_by is 'The member who asked.';

comment on column public.invitations.plant_id is 'Where they will have them; null for the whole organization.';

comment on column public.invitations.revoked_at is 'When it was revoked; null otherwise.';

comment on column public.invitations.role_codes is 'The roles that the member will have.';

comment on column public.invitations.token_hash is 'SHA-256 of the token, hexadecimal. @secret';

comment on table public.invitations is 'Who was asked to join. The link in the mail carries a token, of which only the hash is here.';

grant select (accepted_at) on table public.invitations to authenticated;

grant select (accepted_by) on table public.invitations to authenticated;

grant select (created_at) on table public.invitations to authenticated;

grant select (email) on table public.invitations to authenticated;

grant select (expires_at) on table public.invitations to authenticated;

grant select (id) on table public.invitations to authenticated;

grant select (invited_by) on table public.invitations to authenticated;

grant select (plant_id) on table public.invitations to authenticated;

grant select (revoked_at) on table public.invitations to authenticated;

grant select (role_codes) on table public.invitations to authenticated;

grant select on table public.invitations to service_role;

alter table public.invitations
  add column organization_id text not null default private.current_organization_id();

alter table public.invitations
  add constraint invitations_pkey primary key (organization_id, id);

create index invitations_created_at_idx on public.invitations using btree (organization_id, created_at);

create unique index invitations_open_email_idx on public.invitations using btree (organization_id, email)
  where ((accepted_at is null) AND (revoked_at is null));

create index invitations_plant_id_idx on public.invitations using btree (organization_id, plant_id);

create policy "only rows of the current organization" on public.invitations
  as restrictive
  for all
  to authenticated
  using ((organization_id = ( select private.organization_with('members.manage'::text) as organization_with)))
  with
    check
    ((organization_id = ( SELECT private.organization_with('members.manage'::text) AS organization_with)));

create policy "who may read" on public.invitations
  for select
  to authenticated
  using ((organization_id = ( select private.organization_with('members.manage'::text) as organization_with)));

comment on column public.invitations.organization_id is 'The organization.';

grant select (organization_id) on table public.invitations to authenticated;

alter table public.invitations
  add constraint invitations_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;

alter table public.invitations
  add constraint invitations_plant_id_fkey foreign key (organization_id, plant_id)
    references public.plants(organization_id, id) on delete cascade;
