create or replace function private.require_participants (
  participants jsonb
)
  returns integer
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  amount constant integer :=
    case when jsonb_typeof(participants) = 'array' then jsonb_array_length(participants) end;
  problems jsonb;
begin
  if amount between 1 and 100 then
    select jsonb_agg(jsonb_build_object('index', wrong.index, 'field', wrong.field, 'message', wrong.message))
    into problems
    from (
      select person.position - 1 as index, checked.field, checked.message
      from jsonb_array_elements(participants) with ordinality as person (value, position),
        lateral (
          select null as field, 'A participant is an object with a name.' as message
          where jsonb_typeof(person.value) <> 'object'
          union all
          select 'name', 'It is required.'
          where private.clean_line(left(person.value ->> 'name', 1000)) is null
            and coalesce(jsonb_typeof(person.value -> 'name'), 'null') in ('string', 'null')
            and jsonb_typeof(person.value) = 'object'
          union all
          select
            left(given.key, 100),
            case given.key
              when 'name' then private.line_problem(given.value, 200)
              when 'email' then
                coalesce(
                  private.line_problem(given.value, 320),
                  case
                    when private.is_email(lower(private.clean_line(given.value #>> '{}'))) is false
                      then 'It is no e-mail address.'
                  end
                )
              when 'is_primary' then
                case when jsonb_typeof(given.value) not in ('boolean', 'null') then 'It is true or false.' end
              when 'date_of_birth' then
                case
                  when jsonb_typeof(given.value) = 'null' then null
                  when jsonb_typeof(given.value) <> 'string' or private.calendar_date(given.value #>> '{}') is null
                    then 'It is a date such as 2004-02-29.'
                  when private.calendar_date(given.value #>> '{}') > now()::date + 1 then 'It lies in the future.'
                end
              when 'requirements' then
                case
                  when jsonb_typeof(given.value) = 'null' then null
                  when jsonb_typeof(given.value) <> 'array' then 'It is a list.'
                  when jsonb_array_length(given.value) > 20 then 'There are at most 20.'
                end
              else 'A participant has no such field.'
            end
          from jsonb_each(case jsonb_typeof(person.value) when 'object' then person.value else '{}' end) as given
          union all
          select rtrim(format('requirements.%s.%s', need.position - 1, left(detail.key, 100)), '.'), detail.message
          from jsonb_array_elements(
              case jsonb_typeof(person.value -> 'requirements')
                when 'array' then person.value -> 'requirements'
                else '[]'
              end
            ) with ordinality as need (value, position),
            lateral (
              select '' as key, 'It is an object of kind and note.' as message
              where jsonb_typeof(need.value) <> 'object'
              union all
              select wanted.key, 'It is required.'
              from (values ('kind'), ('note')) as wanted (key)
              where jsonb_typeof(need.value) = 'object'
                and coalesce(need.value -> wanted.key, 'null') = 'null'
              union all
              select
                given.key,
                case
                  when given.key not in ('kind', 'note', 'priority') then 'There is no such field.'
                  when jsonb_typeof(given.value) not in ('string', 'null') then 'It is a text.'
                  when given.key = 'kind'
                    and given.value #>> '{}' not in ('accessibility', 'dietary', 'medical', 'other')
                    then 'It is accessibility, dietary, medical or other.'
                  when given.key = 'priority' and given.value #>> '{}' not in ('low', 'normal', 'high', 'critical')
                    then 'It is low, normal, high or critical.'
                  when given.key = 'note' and length(btrim(given.value #>> '{}', E' \t\r\n')) not between 1 and 2000
                    then 'It has 1 to 2,000 characters.'
                end
              from jsonb_each(case jsonb_typeof(need.value) when 'object' then need.value else '{}' end) as given
            ) as detail
          where need.position <= 20
        ) as checked
      where checked.message is not null
      union all
      select min(chosen.position) - 1, 'is_primary', 'Only one is the primary participant.'
      from (
        select person.position
        from jsonb_array_elements(participants) with ordinality as person (value, position)
        where jsonb_typeof(person.value) = 'object' and person.value -> 'is_primary' = 'true'
        order by person.position
        offset 1
      ) as chosen
      having count(*) > 0
      order by 1, 2
      fetch first 100 rows only
    ) as wrong;
    if problems is null then
      return amount;
    end if;
  else
    problems := jsonb_build_array(
      jsonb_build_object('index', null, 'field', 'participants', 'message', 'It is a list of 1 to 100 participants.')
    );
  end if;
  perform private.refuse(
    422,
    'invalid_participants',
    format(
      'The participants cannot be booked. %s: %s',
      coalesce('No. ' || (problems -> 0 ->> 'index')::integer + 1 || ', ', '')
        || coalesce(problems -> 0 ->> 'field', 'participant'),
      problems -> 0 ->> 'message'
    ),
    'details.participants says what is wrong with whom: index counts from 0.',
    jsonb_build_object('participants', problems)
  );
  return null;
end;
$function$;

comment on function private.require_participants(jsonb) is 'Refuses participants that cannot be booked. Takes a list of 1 to 100 objects: name, and where there is one email, is_primary (of one at most), date_of_birth, requirements (up to 20 of kind, note, and priority). Returns how many there are. Raises PT422 invalid_participants with participants: index, field and message of each mistake, up to 100.';

revoke all on function private.require_participants(jsonb) from public;
