create or replace function private.search_words (
  parts text[]
)
  returns tsvector
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  -- Not to_tsvector, to which an e-mail address is one word.
  select array_to_tsvector(
    array_remove(regexp_split_to_array(private.search_key(parts), '[^[:alnum:]]+'), '')
  );
$function$;

comment on function private.search_words(text[]) is 'Returns the words of texts as they are searched: what stands between blanks and punctuation, in lower case and without accents. Takes the texts.';

revoke all on function private.search_words(text[]) from public;

grant execute on function private.search_words(text[]) to authenticated, service_role;
