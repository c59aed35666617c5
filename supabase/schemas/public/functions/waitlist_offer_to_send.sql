create or replace function public.waitlist_offer_to_send (
  organization_id text,
  entry_id uuid
)
  returns SETOF public.waitlist_offer_mail
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.waitlist_offer_to_send(organization_id, entry_id);
$function$;

comment on function public.waitlist_offer_to_send(text, uuid) is 'Returns what the mail says that offers freed places (service role only, for the worker); no row when the offer has ended, or the customer has no e-mail address. Takes the organization and the entry of the waitlist.';

revoke all on function public.waitlist_offer_to_send(text, uuid) from public;

grant execute on function public.waitlist_offer_to_send(text, uuid) to service_role;
