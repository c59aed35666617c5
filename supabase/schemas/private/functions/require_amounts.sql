create or replace function private.require_amounts (
  subtotal numeric,
  discount numeric
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if subtotal > 100000000000 then
    perform private.refuse(400, 'price_out_of_range', 'A quote adds up to at most 100,000,000,000.');
  elsif discount > subtotal then
    perform private.refuse(
      400,
      'discount_invalid',
      format('The discount of %s is more than the subtotal of %s.', discount, subtotal),
      'Take off at most the subtotal.',
      jsonb_build_object('subtotal', subtotal)
    );
  end if;
end;
$function$;

comment on function private.require_amounts(numeric, numeric) is 'Refuses amounts that no quote can have. Takes the subtotal and the discount. Raises PT400 price_out_of_range, discount_invalid with subtotal.';

revoke all on function private.require_amounts(numeric, numeric) from public;
