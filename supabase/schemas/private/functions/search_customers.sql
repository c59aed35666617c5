create or replace function private.search_customers (
  query text,
  type text,
  has_bookings boolean,
  page integer,
  per_page integer
)
  returns public.customer_page
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  -- Who may read all customers is asked once.
  permitted_id constant text := private.organization_with('customers.read');
  may_read_all constant boolean := permitted_id is not null;
  current_id constant text := coalesce(permitted_id, private.require_organization());
  phrase text;
  -- Words of which a trigram can be made, as patterns, the most telling first.
  patterns text[];
  -- Shorter ones, as a query for words that begin with them.
  beginnings tsquery;
  -- What no index knows, such as a lone "@".
  others text[];
  listed public.customer_page;
begin
  perform private.require_page(page, per_page, query);
  if type not in ('residential', 'commercial', 'contractor', 'individual', 'corporate') then
    perform private.refuse(
      400, 'type_invalid', 'type is residential, commercial, contractor, individual or corporate.'
    );
  end if;
  phrase := coalesce(private.clean_line(private.search_key(array[query])), '');
  select
    coalesce(
      array_agg(private.contains_pattern(part) order by length(part) desc) filter (where part ~ '[[:alnum:]]{3}'), '{}'
    ),
    coalesce(
      array_agg(private.contains_pattern(part))
        filter (where part !~ '[[:alnum:]]{3}' and part !~ '^[[:alnum:]]+$'),
      '{}'
    ),
    (string_agg(part || ':*', ' & ') filter (where part ~ '^[[:alnum:]]{1,2}$'))::tsquery
  into patterns, others, beginnings
  from (select distinct part from unnest(string_to_array(phrase, ' ')) as part where part <> '') as words;

  listed.page := page;
  listed.per_page := per_page;
  if may_read_all and cardinality(patterns) > 0 then
    -- What most searches are: planned once per session. The second word is asked of the index as well; where there is
    -- none, the first one twice, which costs nothing.
    with found as materialized (
      select
        customer.id,
        starts_with(split_part(customer.search_text, E'\n', 1), phrase)
          or starts_with(split_part(customer.search_text, E'\n', 2), phrase) as begins,
        ltrim(customer.search_text, E'\n') collate "C" as name
      from public.customers as customer
      where customer.organization_id = current_id
        and customer.search_text like patterns[1]
        and customer.search_text like coalesce(patterns[2], patterns[1])
        and customer.search_text || '' like all (patterns[3:] || others)
        and (beginnings is null or customer.search_words @@ beginnings)
        and (search_customers.type is null or customer.customer_type = search_customers.type)
        and (search_customers.has_bookings is null or (customer.total_bookings > 0) = search_customers.has_bookings)
    ),
    page_of_found as (
      select found.*
      from found
      order by found.begins desc, found.name, found.id
      limit per_page offset (search_customers.page - 1)::bigint * per_page
    )
    select
      (select count(*) from found),
      coalesce(
        jsonb_agg(
          to_jsonb(
            row(
              customer.id, customer.company_name, customer.contact_person, customer.email, customer.phone,
              customer.customer_type, customer.is_active, customer.tags, customer.total_bookings, customer.total_spent,
              customer.last_booking_at, customer.created_at
            )::public.customer_summary
          )
          order by page_of_found.begins desc, page_of_found.name, page_of_found.id
        ),
        '[]'
      )
    into listed.total, listed.customers
    from page_of_found
      join public.customers as customer on customer.organization_id = current_id and customer.id = page_of_found.id;
    return listed;
  end if;

  -- Put together of what this search has, so that it is planned for that; nothing of the query is in the text. An index
  -- is asked for a pattern only where it can answer by trigrams: for others it would go through all organizations.
  execute
    'with found as materialized (
      select
        customer.id,
        starts_with(split_part(customer.search_text, E''\n'', 1), $3)
          or starts_with(split_part(customer.search_text, E''\n'', 2), $3) as begins,
        ltrim(customer.search_text, E''\n'') collate "C" as name
      from public.customers as customer
      where customer.organization_id = $1'
    || case when not may_read_all then ' and customer.id = any ($2)' else '' end
    || case when cardinality(patterns) > 0 then ' and customer.search_text like $4[1]' else '' end
    || case when cardinality(patterns) > 1 then ' and customer.search_text like all ($4[2:])' else '' end
    || case when beginnings is not null then ' and customer.search_words @@ $5' else '' end
    || case when cardinality(others) > 0 then ' and customer.search_text || '''' like all ($6)' else '' end
    || case when type is not null then ' and customer.customer_type = $7' else '' end
    || case when has_bookings is not null then ' and (customer.total_bookings > 0) = $8' else '' end
    || '
    ),
    listed as (
      select found.*
      from found
      order by found.begins desc, found.name, found.id
      limit $9 offset ($10 - 1)::bigint * $9
    )
    select
      (select count(*) from found),
      coalesce(
        jsonb_agg(
          to_jsonb(
            row(
              customer.id, customer.company_name, customer.contact_person, customer.email, customer.phone,
              customer.customer_type, customer.is_active, customer.tags, customer.total_bookings, customer.total_spent,
              customer.last_booking_at, customer.created_at
            )::public.customer_summary
          )
          order by listed.begins desc, listed.name, listed.id
        ),
        ''[]''
      )
    from listed
      join public.customers as customer on customer.organization_id = $1 and customer.id = listed.id'
  into listed.total, listed.customers
  using
    current_id, case when not may_read_all then private.current_customer_ids() end, phrase, patterns, beginnings,
    others, type, has_bookings, per_page, page;
  return listed;
end;
$function$;

comment on function private.search_customers(text, text, boolean, integer, integer) is
  'Searches customers: public.search_customers with the rights that this takes.';

revoke all on function private.search_customers(text, text, boolean, integer, integer) from public;

grant execute
  on function private.search_customers(text, text, boolean, integer, integer)
  to authenticated, service_role;
