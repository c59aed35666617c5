create or replace function public.complete_refund (
  id uuid
)
  returns public.refunds
  language sql
  set search_path to ''
  AS $function$
  select private.complete_refund(id);
$function$;

comment on function public.complete_refund(uuid) is 'Takes down that staff has given back what an approved refund says of payments that staff was given (bookings.payments). Takes the id. Returns the refund: processed, or processing while a provider has still to give back its part. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 refund_not_found; PT409 transition_not_allowed (from, to), refund_not_manual.';

revoke all on function public.complete_refund(uuid) from public;

grant execute on function public.complete_refund(uuid) to authenticated, service_role;
