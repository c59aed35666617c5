create table public.user_profiles (
  user_id uuid not null,
  display_name text not null,
  platform_role text not null default 'user'::text,
  is_active boolean not null default true,
  current_organization_id text,
  last_seen_at timestamp with time zone,
  deactivated_at timestamp with time zone,
  deactivated_by uuid,
  deactivation_reason text,
  sso_provider text,
  sso_user_id text,
  preferences jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint user_profiles_deactivated_by_fkey foreign key (deactivated_by) references auth.users(id)
    on delete set null,
  constraint user_profiles_deactivation_complete
    check
    (((is_active = (deactivated_at IS NULL)) AND (is_active = (deactivation_reason IS NULL)) AND (NOT
    (is_active AND (deactivated_by IS NOT NULL))))),
  constraint user_profiles_deactivation_reason_length
    check (((length(deactivation_reason) >= 1) AND (length(deactivation_reason) <= 1000))),
  constraint user_profiles_pkey primary key (user_id),
  constraint user_profiles_platform_role_known
    check ((platform_role = ANY (ARRAY['user'::text, 'superadmin'::text]))),
  constraint user_profiles_preferences_object
    check (((jsonb_typeof(preferences) = 'object'::text) AND (length((preferences)::text) <= 20000))),
  constraint user_profiles_user_id_fkey foreign key (user_id) references auth.users(id) on delete cascade,
  constraint user_profiles_user_id_is_active_key unique (user_id, is_active),
  constraint user_profiles_display_name_clean
    check ((NOT (display_name IS DISTINCT FROM private.clean_display_name(display_name))))
);

alter table public.user_profiles
  enable row level security;

create index user_profiles_deactivated_by_idx on public.user_profiles using btree (deactivated_by)
  where (deactivated_by is not null);

create index user_profiles_inactive_idx on public.user_profiles using btree (user_id)
  where (not is_active);

create index user_profiles_sso_idx on public.user_profiles using btree (sso_provider, sso_user_id)
  where (sso_provider is not null);

create index user_profiles_superadmins_idx on public.user_profiles using btree (user_id)
  where (platform_role = 'superadmin'::text);

create trigger _100_stamp
  before update of display_name,
    platform_role,
    is_active,
    current_organization_id,
    deactivated_at,
    deactivated_by, deactivation_reason, sso_provider, sso_user_id, preferences on public.user_profiles
  for each row
  execute function private.tg__stamp_updated_at();

create trigger _500_audit_delete after delete on public.user_profiles
  referencing OLD table as old_rows for each STATEMENT execute function private.tg__audit (
  'user_profiles',
  '',
  '{current_organization_id,last_seen_at,preferences,updated_at}',
  'user_id',
  '{user_id}',
  '{}',
  '{}'
);

create trigger _500_audit_update after update on public.user_profiles
  referencing OLD table as old_rows NEW table as new_rows for each STATEMENT execute function
  private.tg__audit (
  'user_profiles',
  '',
  '{current_organization_id,last_seen_at,preferences,updated_at}',
  'user_id',
  '{user_id}',
  '{}',
  '{}'
);

create policy "users change their own profile" on public.user_profiles
  for update
  to authenticated
  using ((user_id = ( select private.current_user_id() as current_user_id)))
  with check ((user_id = ( SELECT private.current_user_id() AS current_user_id)));

create policy "users read their own profile" on public.user_profiles
  for select
  to authenticated
  using ((user_id = ( select private.current_user_id() as current_user_id)));

comment on column public.user_profiles.created_at is 'When the profile was made.';

comment on column public.user_profiles.current_organization_id is 'The organization that the user works in: the next access token names it, if they may. @unlogged';

comment on column public.user_profiles.deactivated_at is 'When the user was shut out; null for an active one.';

comment on column public.user_profiles.deactivated_by is 'The superadmin who did it; null for the operator, and for one who is gone.';

comment on column public.user_profiles.deactivation_reason is 'Why, up to 1,000 characters.';

comment on column public.user_profiles.display_name is 'The name that others see: one line of 1 to 200 characters. From the metadata at sign-up; the user may change it.';

comment on column public.user_profiles.is_active is 'Whether the user may read and write anything at all.';

comment on column public.user_profiles.last_seen_at is 'When an access token was last issued. @unlogged';

comment on column public.user_profiles.platform_role is 'user, or superadmin: may manage all users and organizations. No metadata of a user can raise it.';

comment on column public.user_profiles.preferences is 'What front ends remember for the user: an object of at most 20,000 characters. @unlogged';

comment on column public.user_profiles.sso_provider is 'Who vouches for the user (sso:<id>, google, …); null for e-mail, phone and anonymous users.';

comment on column public.user_profiles.sso_user_id is 'The user''s id there, when the auth server''s metadata tells it.';

comment on column public.user_profiles.updated_at is 'When it was last changed.';

comment on column public.user_profiles.user_id is 'The user in auth.users.';

comment on table public.user_profiles is 'Who a user is to Rowhouse: one row for each row of auth.users, made by a trigger.';

grant update (display_name) on table public.user_profiles to authenticated;

grant update (preferences) on table public.user_profiles to authenticated;

grant select on table public.user_profiles to authenticated, service_role;
