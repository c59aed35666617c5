create or replace function public.leave_waitlist (
  id uuid
)
  returns public.booking_waitlist
  language sql
  set search_path to ''
  AS $function$
  select private.leave_waitlist(id);
$function$;

comment on function public.leave_waitlist(uuid) is 'Ends somebody''s waiting, or turns an offer down, whose places are offered to the next (every member for themselves; bookings.write and bookings.book for all). Takes the id of the entry. Returns it, expired. Raises PT401 not_authenticated; PT403 organization_required, permission_required; PT404 waitlist_entry_not_found; PT409 transition_not_allowed (from, to) for one that is booked or expired.';

revoke all on function public.leave_waitlist(uuid) from public;

grant execute on function public.leave_waitlist(uuid) to authenticated, service_role;
