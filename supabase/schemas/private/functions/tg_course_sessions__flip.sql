create or replace function private.tg_course_sessions__flip()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if new.status in ('published', 'full') then
    new.status := case when new.places_taken + new.places_held >= new.capacity then 'full' else 'published' end;
  end if;
  if tg_op = 'UPDATE'
    and (new.course_id, new.venue_id, new.room, new.starts_at, new.ends_at, new.status = 'cancelled')
      is distinct from (old.course_id, old.venue_id, old.room, old.starts_at, old.ends_at, old.status = 'cancelled')
  then
    new.revision := old.revision + 1;
  end if;
  return new;
end;
$function$;

comment on function private.tg_course_sessions__flip() is 'Trigger function of course_sessions: what is published and has no free place is full, and what is full and has one is published; counts the changes that calendars show.';

revoke all on function private.tg_course_sessions__flip() from public;
