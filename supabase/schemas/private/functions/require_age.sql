create or replace function private.require_age (
  participants jsonb,
  minimum_age integer,
  day date
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  missing jsonb;
  young integer;
begin
  select
    jsonb_agg(
      jsonb_build_object('index', person.position - 1, 'field', 'date_of_birth', 'message', 'It is required.')
      order by person.position
    ) filter (where person.value ->> 'date_of_birth' is null),
    min(person.position - 1) filter (
      where extract(year from age(day, private.calendar_date(person.value ->> 'date_of_birth'))) < minimum_age
    )
  into missing, young
  from jsonb_array_elements(participants) with ordinality as person (value, position);
  if missing is not null then
    perform private.refuse(
      422,
      'invalid_participants',
      format('The course has a minimum age of %s: everybody has a date of birth.', minimum_age),
      'details.participants says who has none: index counts from 0.',
      jsonb_build_object('participants', missing)
    );
  elsif young is not null then
    perform private.refuse(
      422,
      'minimum_age',
      format('No. %s of the participants will not be %s on the day of the session.', young + 1, minimum_age),
      'Choose a later session.',
      jsonb_build_object('index', young, 'minimum_age', minimum_age)
    );
  end if;
end;
$function$;

comment on function private.require_age(jsonb, integer, date) is 'Refuses participants who are too young. Takes them, as private.require_participants has let them through, the age, and the day on which they must have it. Raises PT422 invalid_participants for who has no date of birth, minimum_age with index and minimum_age.';

revoke all on function private.require_age(jsonb, integer, date) from public;
