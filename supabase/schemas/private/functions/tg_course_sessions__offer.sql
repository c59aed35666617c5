create or replace function private.tg_course_sessions__offer()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform private.offer_places(new.organization_id, new.id);
  return null;
end;
$function$;

comment on function private.tg_course_sessions__offer() is 'Trigger function of course_sessions: offers the places to the waitlist that a session got more, or has again since it starts later.';

revoke all on function private.tg_course_sessions__offer() from public;
