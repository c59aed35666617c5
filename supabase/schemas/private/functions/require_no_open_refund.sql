create or replace function private.require_no_open_refund (
  organization_id text,
  booking_id uuid
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  if exists (
    select
    from public.refunds as refund
    where refund.organization_id = require_no_open_refund.organization_id
      and refund.booking_id = require_no_open_refund.booking_id
      and refund.status in ('pending', 'approved', 'processing')
  ) then
    perform private.refuse(
      409,
      'refund_open',
      'A refund of this booking is under way: until it is decided and done, the booking stays as it is.',
      'Approve or reject it, or wait for it.'
    );
  end if;
end;
$function$;

comment on function private.require_no_open_refund(text, uuid) is 'Refuses to change a booking while a refund of it is pending, approved or processing. Takes the organization and the booking, which is locked. Raises PT409 refund_open.';

revoke all on function private.require_no_open_refund(text, uuid) from public;
