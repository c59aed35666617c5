create or replace function private.require_quote_terms (
  today date,
  quantities numeric[],
  tax_rate numeric,
  discount numeric,
  valid_until date,
  notes text
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if exists (
    select
    from unnest(quantities) as quantity
    where (quantity > 0 and quantity <= 1000000 and scale(trim_scale(quantity)) <= 3) is not true
  ) then
    perform private.refuse(
      400, 'quantity_invalid', 'A quantity is above 0, at most 1,000,000, with at most 3 decimals.'
    );
  elsif not (tax_rate between 0 and 100 and scale(trim_scale(tax_rate)) <= 3) then
    perform private.refuse(
      400, 'tax_rate_invalid', 'The tax rate is a percentage from 0 to 100 with at most 3 decimals.'
    );
  elsif not (discount between 0 and 1e12 and scale(trim_scale(discount)) <= 2) then
    perform private.refuse(
      400, 'discount_invalid', 'A discount is an amount of 0 or more, at most the subtotal, with at most 2 decimals.'
    );
  elsif not (valid_until between today and today + 366) then
    perform private.refuse(
      400, 'valid_until_invalid', 'A quote is valid until today or a later day, up to a year from now.'
    );
  elsif length(btrim(notes)) > 5000 then
    perform private.refuse(400, 'notes_invalid', 'Notes have at most 5,000 characters.');
  end if;
end;
$function$;

comment on function private.require_quote_terms(date, numeric[], numeric, numeric, date, text) is
  'Refuses what no quote can have; null passes. Takes what day it is in the organization, quantities, the tax rate, the discount (private.require_amounts compares it with the subtotal), the last day, notes. Raises PT400 quantity_invalid, tax_rate_invalid, discount_invalid, valid_until_invalid, notes_invalid.';

revoke all
  on function private.require_quote_terms(date, numeric[], numeric, numeric, date, text)
  from public;
