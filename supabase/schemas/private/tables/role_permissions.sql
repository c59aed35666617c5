create table private.role_permissions (
  organization_id text not null,
  role_code text not null,
  permission text not null,
  constraint role_permissions_pkey primary key (organization_id, permission, role_code),
  constraint role_permissions_permission_fkey foreign key (permission) references public.permissions(code)
    on delete cascade,
  constraint role_permissions_role_code_fkey foreign key (organization_id, role_code)
    references public.roles(organization_id, code) on delete cascade
);

create index role_permissions_permission_idx on private.role_permissions using btree (permission);

create index role_permissions_role_code_idx on private.role_permissions
  using btree (organization_id, role_code);

comment on column private.role_permissions.organization_id is 'The organization.';

comment on column private.role_permissions.permission is 'A permission that it holds.';

comment on column private.role_permissions.role_code is 'The role.';

comment on table private.role_permissions is 'roles.permissions, one row each with module.* expanded: what policies look up. Triggers keep it.';
