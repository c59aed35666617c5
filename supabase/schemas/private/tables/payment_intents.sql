create table private.payment_intents (
  provider text not null,
  intent_id text not null,
  organization_id text not null,
  payment_id uuid not null,
  constraint payment_intents_pkey primary key (provider, intent_id),
  constraint payment_intents_payment_id_fkey foreign key (organization_id, payment_id)
    references public.payments(organization_id, id) on delete cascade
);

create index payment_intents_payment_id_idx on private.payment_intents
  using btree (organization_id, payment_id);

comment on column private.payment_intents.intent_id is 'Its id of the intent.';

comment on column private.payment_intents.organization_id is 'The organization.';

comment on column private.payment_intents.payment_id is 'The payment.';

comment on column private.payment_intents.provider is 'The provider.';

comment on table private.payment_intents is 'Whose payment an intent of a provider is: what a webhook is matched by. Nothing that an event says of its organization is believed. @global';
