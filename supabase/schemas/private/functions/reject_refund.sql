create or replace function private.reject_refund (
  id uuid,
  reason text
)
  returns public.refunds
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  rejected public.refunds := private.require_refund(reject_refund.id);
begin
  perform private.require_transition('refunds', rejected.status, 'rejected');
  if length(btrim(reject_refund.reason)) > 1000 then
    perform private.refuse(400, 'reason_invalid', 'A reason has at most 1,000 characters.');
  end if;
  update public.refunds as refund
  set status = 'rejected',
    rejection_reason = nullif(btrim(reject_refund.reason), ''),
    decided_by = auth.uid()
  where refund.organization_id = rejected.organization_id and refund.id = rejected.id
  returning * into rejected;
  perform private.refund_late_payments(rejected.organization_id, rejected.booking_id);
  return rejected;
end;
$function$;

comment on function private.reject_refund(uuid, text) is 'Rejects a refund: public.reject_refund with the rights that this takes.';

revoke all on function private.reject_refund(uuid, text) from public;

grant execute on function private.reject_refund(uuid, text) to authenticated, service_role;
