create or replace function private.find_customer_ids (
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
  beginnings constant tsquery := (select string_agg(part || ':*', ' & ') from unnest(parts.beginnings) as part)::tsquery;
begin
  -- Put together of what this search has, as private.search_customers does, and for the same reason.
  return query execute
    'select customer.id from public.customers as customer where customer.organization_id = $1'
    || case when cardinality(patterns) > 0 then ' and customer.search_text like $2[1]' else '' end
    || case when cardinality(patterns) > 1 then ' and customer.search_text like $2[2]' else '' end
    || case when cardinality(patterns) > 2 then ' and customer.search_text || '''' like all ($2[3:])' else '' end
    || case when beginnings is not null then ' and customer.search_words @@ $3' else '' end
    || case when cardinality(others) > 0 then ' and customer.search_text || '''' like all ($4)' else '' end
  using find_customer_ids.organization_id, patterns, beginnings, others;
end;
$function$;

comment on function private.find_customer_ids(text, text) is 'Returns the customers of an organization in whose company, name, e-mail address and phone number all words are found. Takes the organization and the words. For functions that have checked who calls.';

revoke all on function private.find_customer_ids(text, text) from public;
