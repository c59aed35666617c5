create table private.webhook_events (
  provider text not null,
  event_id text not null,
  event_type text not null,
  organization_id text,
  occurred_at timestamp with time zone not null,
  payload jsonb not null,
  change jsonb,
  attempts integer not null default 1,
  outcome text not null,
  error text,
  received_at timestamp with time zone not null default now(),
  processed_at timestamp with time zone,
  constraint webhook_events_event_id_length check (((length(event_id) >= 1) AND (length(event_id) <= 255))),
  constraint webhook_events_event_type_length
    check (((length(event_type) >= 1) AND (length(event_type) <= 255))),
  constraint webhook_events_outcome_known
    check ((outcome = ANY (ARRAY['applied'::text, 'ignored'::text, 'failed'::text]))),
  constraint webhook_events_pkey primary key (provider, event_id),
  constraint webhook_events_organization_id_fkey foreign key (organization_id)
    references public.organizations(id) on delete cascade
);

create index webhook_events_failed_idx on private.webhook_events using btree (received_at)
  where (outcome = 'failed'::text);

create index webhook_events_intent_idx on private.webhook_events
  using btree (provider, ((change ->> 'intent_id'::text)))
  where (change is not null);

create index webhook_events_organization_id_idx on private.webhook_events using btree (organization_id);

create index webhook_events_received_at_idx on private.webhook_events using btree (received_at);

comment on column private.webhook_events.attempts is 'How often it was tried to apply it.';

comment on column private.webhook_events.change is 'What of it concerns a payment or a refund; null for an event that nobody waits for.';

comment on column private.webhook_events.error is 'Why it failed.';

comment on column private.webhook_events.event_id is 'Its id of the event.';

comment on column private.webhook_events.event_type is 'What it says has happened.';

comment on column private.webhook_events.occurred_at is 'When it happened, as the provider says.';

comment on column private.webhook_events.organization_id is 'Whose payment it is about, as private.payment_intents says; null where it is about none.';

comment on column private.webhook_events.outcome is 'applied, ignored (unknown, or older than what is known), or failed.';

comment on column private.webhook_events.payload is 'The event, as it came.';

comment on column private.webhook_events.processed_at is 'When it was applied or ignored.';

comment on column private.webhook_events.provider is 'The provider.';

comment on column private.webhook_events.received_at is 'When it came first.';

comment on table private.webhook_events is 'What payment providers have told, each event once. Its signature was checked before it came here. @global';
