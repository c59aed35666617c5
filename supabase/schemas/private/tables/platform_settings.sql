create table private.platform_settings (
  is_only_row boolean not null default true,
  allow_organization_sign_up boolean not null default false,
  updated_at timestamp with time zone not null default now(),
  constraint platform_settings_one_row check (is_only_row),
  constraint platform_settings_pkey primary key (is_only_row)
);

comment on column private.platform_settings.allow_organization_sign_up is 'Whether a signed-up user may create an organization of their own.';

comment on column private.platform_settings.is_only_row is 'Always true, so that there is one row.';

comment on column private.platform_settings.updated_at is 'When it was last changed.';

comment on table private.platform_settings is 'What superadmins decide for the whole platform: one row.';
