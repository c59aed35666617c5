create table private.number_counters (
  document text not null,
  day date not null,
  last_number integer not null,
  constraint number_counters_document_wellformed check ((document ~ '^[A-Z]{1,5}$'::text)),
  constraint number_counters_last_number_positive check ((last_number > 0))
);

comment on column private.number_counters.day is 'The day, in the time zone of the organization.';

comment on column private.number_counters.document is 'The letters that the number begins with: Q for quotes, O for orders.';

comment on column private.number_counters.last_number is 'The last number that was given.';

comment on table private.number_counters is 'The last number of each kind of document on each day, for each organization. Who takes one holds its row until the end of the transaction: numbers are dense, and no organization waits for another.';

alter table private.number_counters
  add column organization_id text not null default private.current_organization_id();

alter table private.number_counters
  add constraint number_counters_pkey primary key (organization_id, document, day);

comment on column private.number_counters.organization_id is 'The organization.';

alter table private.number_counters
  add constraint number_counters_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade;
