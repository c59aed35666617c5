create or replace function private.refuse_discount_code (
  reason text,
  minimum_total numeric default null::numeric
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform private.refuse(
    422,
    'discount_code_invalid',
    case reason
      when 'unknown' then 'There is no such discount code.'
      when 'inactive' then 'This discount code is no longer used.'
      when 'not_yet' then 'This discount code cannot be used yet.'
      when 'expired' then 'This discount code has expired.'
      when 'other_course' then 'This discount code is for another course.'
      when 'other_currency' then 'This discount code is for another currency.'
      when 'minimum_total' then format('This discount code counts from %s on.', minimum_total)
      else 'This discount code has been used as often as it may be.'
    end,
    'Book without it.',
    jsonb_strip_nulls(jsonb_build_object('reason', reason, 'minimum_total', minimum_total))
  );
end;
$function$;

comment on function private.refuse_discount_code(text, numeric) is 'Refuses a discount code. Takes the reason, and from which total on it would count. Never returns: raises PT422 discount_code_invalid with both.';

revoke all on function private.refuse_discount_code(text, numeric) from public;
