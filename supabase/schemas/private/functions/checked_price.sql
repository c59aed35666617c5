create or replace function private.checked_price (
  price numeric,
  weight numeric
)
  returns numeric
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if price not between 0 and 10000000000 or weight not between 0 and 10000000000 then
    perform private.refuse(
      400,
      'price_out_of_range',
      format('These values come to a price of %s and a weight of %s kg.', price, weight),
      'Price and weight are from 0 to 10,000,000,000: choose otherwise, or have the prices of the attributes corrected.'
    );
  end if;
  return price;
end;
$function$;

comment on function private.checked_price(numeric, numeric) is 'Returns the price of a configuration if it and the weight are within what there may be, 0 to 1e10. Takes both. Raises PT400 price_out_of_range.';

revoke all on function private.checked_price(numeric, numeric) from public;
