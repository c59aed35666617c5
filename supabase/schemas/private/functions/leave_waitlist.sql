create or replace function private.leave_waitlist (
  id uuid
)
  returns public.booking_waitlist
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
  is_staff constant boolean := private.has_permission('bookings.write') or private.has_permission('bookings.book');
  own_ids constant uuid[] := private.own_customer_ids();
  left_entry public.booking_waitlist;
begin
  perform
  from public.course_sessions as session
  where session.organization_id = current_id
    and session.id = (
      select entry.session_id
      from public.booking_waitlist as entry
      where entry.organization_id = current_id
        and entry.id = leave_waitlist.id
        and (is_staff or entry.customer_id = any (own_ids))
    )
  for no key update;
  select * into left_entry
  from public.booking_waitlist as entry
  where entry.organization_id = current_id
    and entry.id = leave_waitlist.id
    and (is_staff or entry.customer_id = any (own_ids))
  for no key update;
  if not found then
    -- Staff that sees the list, and may not change it, is told so.
    if private.has_permission('bookings.read') and not is_staff then
      perform private.require_permission('bookings.write');
    end if;
    perform private.refuse(404, 'waitlist_entry_not_found', 'There is no such entry of a waitlist.');
  end if;
  perform private.require_transition('booking_waitlist', left_entry.status, 'expired');
  update public.booking_waitlist as entry
  set status = 'expired'
  where entry.organization_id = current_id and entry.id = left_entry.id;
  if left_entry.status = 'notified' then
    perform private.offer_places(current_id, left_entry.session_id);
  end if;
  select * into left_entry
  from public.booking_waitlist as entry
  where entry.organization_id = current_id and entry.id = leave_waitlist.id;
  return left_entry;
end;
$function$;

comment on function private.leave_waitlist(uuid) is 'Takes a customer off a waitlist: public.leave_waitlist with the rights that this takes.';

revoke all on function private.leave_waitlist(uuid) from public;

grant execute on function private.leave_waitlist(uuid) to authenticated, service_role;
