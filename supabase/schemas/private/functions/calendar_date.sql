create or replace function private.calendar_date (
  candidate text
)
  returns date
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  -- One condition inside the other: those of one and are evaluated in any order.
  select case
    when candidate ~ '^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' then
      case
        when
          right(candidate, 2)::integer <= extract(
            day from make_date(left(candidate, 4)::integer, substr(candidate, 6, 2)::integer, 1) + interval '1 month - 1 day'
          )
        then make_date(left(candidate, 4)::integer, substr(candidate, 6, 2)::integer, right(candidate, 2)::integer)
      end
  end;
$function$;

comment on function private.calendar_date(text) is 'Returns the date that a text such as 2004-02-29 names, from 1900 to 2099; null for everything else. Takes the text.';

revoke all on function private.calendar_date(text) from public;
