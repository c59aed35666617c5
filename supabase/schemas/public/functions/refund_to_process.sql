create or replace function public.refund_to_process (
  message_id bigint,
  organization_id text,
  refund_id uuid
)
  returns SETOF public.refund_part
  language sql
  set search_path to ''
  AS $function$
  select * from private.refund_to_process(message_id, organization_id, refund_id);
$function$;

comment on function public.refund_to_process(bigint, text, uuid) is 'Begins to process an approved refund: nobody can reject it any more (service role only, for the worker). Takes the message, the organization and the refund. Returns what a provider has still to give back, payment by payment; nothing when it is done, rejected or gone. A message that is delivered again gets what is left: have the provider do each part of a refund once, by a key made of both ids.';

revoke all on function public.refund_to_process(bigint, text, uuid) from public;

grant execute on function public.refund_to_process(bigint, text, uuid) to service_role;
