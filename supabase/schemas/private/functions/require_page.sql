create or replace function private.require_page (
  page integer,
  per_page integer,
  search text
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if (per_page between 1 and 100) is not true then
    perform private.refuse(400, 'per_page_invalid', 'per_page is a number from 1 to 100.');
  elsif (page >= 1) is not true then
    perform private.refuse(400, 'page_invalid', 'page is a number from 1 on.');
  elsif length(search) > 200 then
    perform private.refuse(400, 'search_invalid', 'search has at most 200 characters.');
  end if;
end;
$function$;

comment on function private.require_page(integer, integer, text) is 'Refuses a page that no list has. Takes the page from 1, its size up to 100, and a search of up to 200 characters or null. Raises PT400 per_page_invalid, page_invalid, search_invalid.';

revoke all on function private.require_page(integer, integer, text) from public;
