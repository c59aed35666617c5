create or replace function public.approve_refund (
  id uuid
)
  returns public.refunds
  language sql
  set search_path to ''
  AS $function$
  select private.approve_refund(id);
$function$;

comment on function public.approve_refund(uuid) is 'Approves a refund that was asked for (bookings.payments): the newest payments are given back first, by the worker where a provider has them, else by staff, who then calls complete_refund. Takes the id. Returns the refund. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 refund_not_found; PT409 transition_not_allowed (from, to), no_payment.';

revoke all on function public.approve_refund(uuid) from public;

grant execute on function public.approve_refund(uuid) to authenticated, service_role;
