create table private.system_roles (
  code text not null,
  name text not null,
  description text not null,
  position integer not null,
  permissions text[] not null default '{}'::text[],
  constraint system_roles_code_wellformed check ((code ~ '^[a-z][a-z_]{0,49}$'::text)),
  constraint system_roles_pkey primary key (code),
  constraint system_roles_position_key unique (position)
);

comment on column private.system_roles.code is 'The code of the role.';

comment on column private.system_roles.description is 'Who has it, as a sentence.';

comment on column private.system_roles.name is 'Its name.';

comment on column private.system_roles.permissions is 'What it holds at birth: codes, or module.* for all of a module.';

comment on column private.system_roles.position is 'The order in which roles are shown, and in which the token picks one: the most powerful first.';

comment on table private.system_roles is 'The roles that every organization is born with.';
