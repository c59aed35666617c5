create or replace function public.reject_refund (
  id uuid,
  reason text default null::text
)
  returns public.refunds
  language sql
  set search_path to ''
  AS $function$
  select private.reject_refund(id, reason);
$function$;

comment on function public.reject_refund(uuid, text) is 'Rejects a refund that is pending, or approved and not being processed yet (bookings.payments): the booking is what it was. Takes the id and a reason or null. Returns the refund. Raises PT400 reason_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 refund_not_found; PT409 transition_not_allowed (from, to).';

revoke all on function public.reject_refund(uuid, text) from public;

grant execute on function public.reject_refund(uuid, text) to authenticated, service_role;
