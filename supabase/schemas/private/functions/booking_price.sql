create or replace function private.booking_price (
  session_id uuid,
  places integer,
  discount_code text
)
  returns public.booking_price
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_organization();
begin
  if (places between 1 and 100) is not true then
    perform private.refuse(
      422,
      'invalid_participants',
      'A booking has 1 to 100 participants.',
      details => '{"participants": [{"index": null, "field": "places", "message": "It is a number from 1 to 100."}]}'
    );
  end if;
  perform private.require_session(current_id, booking_price.session_id);
  return private.price_booking(
    current_id,
    booking_price.session_id,
    places,
    nullif(btrim(left(discount_code, 1000)), ''),
    case
      when not private.has_permission('bookings.write') and not private.has_permission('bookings.book')
        then (private.own_customer_ids())[1]
    end
  );
end;
$function$;

comment on function private.booking_price(uuid, integer, text) is 'Returns what places in a session cost: public.booking_price with the rights that this takes.';

revoke all on function private.booking_price(uuid, integer, text) from public;

grant execute on function private.booking_price(uuid, integer, text) to authenticated, service_role;
