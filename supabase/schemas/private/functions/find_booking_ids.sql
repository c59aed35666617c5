create or replace function private.find_booking_ids (
  organization_id text,
  query text
)
  returns SETOF uuid
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  parts constant record := private.search_parts(query);
  patterns constant text[] := parts.patterns;
  others constant text[] := parts.others;
  beginnings constant text[] := array(select '(^|[^[:alnum:]])' || part from unnest(parts.beginnings) as part);
begin
  return query
  select booking.id
  from public.bookings as booking
  where booking.organization_id = find_booking_ids.organization_id
    and booking.reference = upper(regexp_replace(query, '[^[:alnum:]]+', '', 'g'));
  return query
  select booking.id
  from private.find_customer_ids(organization_id, query) as found (customer_id)
    join public.bookings as booking
      on booking.organization_id = find_booking_ids.organization_id and booking.customer_id = found.customer_id;
  -- What has no customer yet, as it names itself.
  return query execute
    'select booking.id
    from public.bookings as booking
    where booking.organization_id = $1 and booking.customer_id is null'
    || case when cardinality(patterns) > 0 then
      ' and private.contact_search(booking.contact_details) like $2[1]'
    else '' end
    || case when cardinality(patterns) > 1 then
      ' and private.contact_search(booking.contact_details) like $2[2]'
    else '' end
    || case when cardinality(patterns) > 2 then
      ' and private.contact_search(booking.contact_details) || '''' like all ($2[3:])'
    else '' end
    || case when cardinality(others) > 0 then
      ' and private.contact_search(booking.contact_details) || '''' like all ($3)'
    else '' end
    || case when cardinality(beginnings) > 0 then
      ' and private.contact_search(booking.contact_details) || '''' ~ all ($4)'
    else '' end
  using find_booking_ids.organization_id, patterns, others, beginnings;
end;
$function$;

comment on function private.find_booking_ids(text, text) is 'Returns the bookings of an organization that have a reference, or whose customer has all words in company, name, e-mail address and phone number; without a customer, the contact details. Takes the organization and what was typed. For functions that have checked who calls.';

revoke all on function private.find_booking_ids(text, text) from public;
