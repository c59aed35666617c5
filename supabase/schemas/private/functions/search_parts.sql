create or replace function private.search_parts (
  query text,
  OUT patterns text[],
  OUT others text[],
  OUT beginnings text[]
)
  returns record
  language sql
  immutable
  set search_path to ''
  AS $function$
  select
    coalesce(
      array_agg(private.contains_pattern(part) order by length(part) desc, part)
        filter (where part ~ '[[:alnum:]]{3}'),
      '{}'
    ),
    coalesce(
      array_agg(private.contains_pattern(part))
        filter (where part !~ '[[:alnum:]]{3}' and part !~ '^[[:alnum:]]+$'),
      '{}'
    ),
    coalesce(array_agg(part) filter (where part ~ '^[[:alnum:]]{1,2}$'), '{}')
  from (
    select distinct part
    from unnest(string_to_array(private.clean_line(private.search_key(array[query])), ' ')) as part
    where part <> ''
  ) as words;
$function$;

comment on function private.search_parts(text) is 'Returns the words that somebody searches for: as patterns those of which a trigram can be made, the most telling first; as patterns those that no index knows, such as a lone "@"; and those of one or two characters, which stand at the beginning of a word. Takes what was typed.';

revoke all on function private.search_parts(text) from public;
