create or replace function private.insert_attendees (
  organization_id text,
  booking_id uuid,
  participants jsonb,
  with_birth boolean
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  has_primary constant boolean := participants @> '[{"is_primary": true}]';
begin
  -- Most need nothing.
  if not participants @? '$[*].requirements[*]' then
    insert into public.booking_attendees (organization_id, booking_id, name, email, is_primary, date_of_birth)
    select
      insert_attendees.organization_id,
      insert_attendees.booking_id,
      private.clean_line(person.value ->> 'name'),
      lower(private.clean_line(person.value ->> 'email')),
      case when has_primary then coalesce((person.value ->> 'is_primary')::boolean, false) else person.position = 1 end,
      -- It is kept where it is needed, and nowhere else.
      case when with_birth then private.calendar_date(person.value ->> 'date_of_birth') end
    from jsonb_array_elements(participants) with ordinality as person (value, position);
    return;
  end if;
  with person as materialized (
    select private.uuid_v7() as id, listed.value, listed.position
    from jsonb_array_elements(participants) with ordinality as listed (value, position)
  ),
  attendee as (
    insert into public.booking_attendees (organization_id, id, booking_id, name, email, is_primary, date_of_birth)
    select
      insert_attendees.organization_id,
      person.id,
      insert_attendees.booking_id,
      private.clean_line(person.value ->> 'name'),
      lower(private.clean_line(person.value ->> 'email')),
      case when has_primary then coalesce((person.value ->> 'is_primary')::boolean, false) else person.position = 1 end,
      case when with_birth then private.calendar_date(person.value ->> 'date_of_birth') end
    from person
  )
  insert into public.booking_requirements (organization_id, booking_id, attendee_id, kind, priority, note)
  select
    insert_attendees.organization_id,
    insert_attendees.booking_id,
    person.id,
    need.value ->> 'kind',
    coalesce(need.value ->> 'priority', 'normal'),
    btrim(need.value ->> 'note', E' \t\r\n')
  from person
    cross join lateral jsonb_array_elements(
      case jsonb_typeof(person.value -> 'requirements') when 'array' then person.value -> 'requirements' else '[]' end
    ) as need (value);
end;
$function$;

comment on function private.insert_attendees(text, uuid, jsonb, boolean) is 'Inserts the attendees of a booking, and what they need. Takes the organization, the booking, the participants, as private.require_participants has let them through, and whether dates of birth are kept. The first is primary where none says so.';

revoke all on function private.insert_attendees(text, uuid, jsonb, boolean) from public;
