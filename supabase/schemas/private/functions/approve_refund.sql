create or replace function private.approve_refund (
  id uuid
)
  returns public.refunds
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  approved public.refunds := private.require_refund(approve_refund.id);
begin
  perform private.require_transition('refunds', approved.status, 'approved');
  -- A provider may have given back by now what it said had failed.
  if not exists (
    select
    from public.bookings as booking
    where booking.organization_id = approved.organization_id
      and booking.id = approved.booking_id
      and booking.amount_paid - booking.amount_refunded >= approved.amount
  ) then
    perform private.refuse(
      409,
      'no_payment',
      'So much is no longer left of what was paid.',
      'Reject this refund, and ask for one of what is left.'
    );
  end if;
  update public.refunds as refund
  set status = 'approved',
    decided_by = auth.uid()
  where refund.organization_id = approved.organization_id and refund.id = approved.id
  returning * into approved;
  perform private.allocate_refunds(approved.organization_id, array[approved.id]);
  return approved;
end;
$function$;

comment on function private.approve_refund(uuid) is 'Approves a refund: public.approve_refund with the rights that this takes.';

revoke all on function private.approve_refund(uuid) from public;

grant execute on function private.approve_refund(uuid) to authenticated, service_role;
