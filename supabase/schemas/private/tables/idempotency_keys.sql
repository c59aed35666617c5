create table private.idempotency_keys (
  organization_id text not null,
  operation text not null,
  key text not null,
  request_hash bytea not null,
  response jsonb,
  created_at timestamp with time zone not null default now(),
  constraint idempotency_keys_key_length check (((length(key) >= 1) AND (length(key) <= 255))),
  constraint idempotency_keys_pkey primary key (organization_id, operation, key),
  constraint idempotency_keys_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade
);

create index idempotency_keys_created_at_idx on private.idempotency_keys using btree (created_at);

comment on column private.idempotency_keys.created_at is 'When it was asked first.';

comment on column private.idempotency_keys.key is 'The key, as the client chose it.';

comment on column private.idempotency_keys.operation is 'The function.';

comment on column private.idempotency_keys.organization_id is 'The organization.';

comment on column private.idempotency_keys.request_hash is 'SHA-256 of who asked for what.';

comment on column private.idempotency_keys.response is 'What was answered; null only while the request is being worked on.';

comment on table private.idempotency_keys is 'What was answered to a request that a client may send again. Kept for at least 24 hours.';
