create or replace function public.invitation_to_send (
  organization_id text,
  invitation_id uuid
)
  returns SETOF public.invitation_mail
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.invitation_to_send(organization_id, invitation_id);
$function$;

comment on function public.invitation_to_send(text, uuid) is 'Returns what the mail of an invitation says (service role only, for the worker); no row when it is no longer open. Takes the organization and the id.';

revoke all on function public.invitation_to_send(text, uuid) from public;

grant execute on function public.invitation_to_send(text, uuid) to service_role;
