create or replace function private.clone_session (
  id uuid,
  starts_at timestamp with time zone,
  with_instructor boolean
)
  returns public.course_sessions
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('bookings.catalog');
  source public.course_sessions;
  cloned public.course_sessions;
begin
  if (starts_at between '2000-01-01' and '2200-01-01') is not true then
    perform private.refuse(400, 'starts_at_invalid', 'starts_at is a moment from 2000 to 2199.');
  end if;
  select * into source
  from public.course_sessions as session
  where session.organization_id = current_id and session.id = clone_session.id;
  if not found then
    perform private.refuse(404, 'session_not_found', 'There is no such session.');
  end if;
  if with_instructor is not true then
    source.instructor_id := null;
  end if;
  select * into cloned
  from private.insert_sessions(source, array[clone_session.starts_at], source.ends_at - source.starts_at);
  return cloned;
end;
$function$;

comment on function private.clone_session(uuid, timestamp
  with time zone, boolean) is 'Enters a session like another: public.clone_session with the rights that this takes.';

revoke all on function private.clone_session(uuid, timestamp with time zone, boolean) from public;

grant execute
  on function private.clone_session(uuid, timestamp with time zone, boolean)
  to authenticated, service_role;
