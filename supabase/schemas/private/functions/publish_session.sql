create or replace function private.publish_session (
  id uuid
)
  returns public.course_sessions
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('bookings.catalog');
  published public.course_sessions;
begin
  select * into published
  from public.course_sessions as session
  where session.organization_id = current_id and session.id = publish_session.id
  for no key update;
  if not found then
    perform private.refuse(404, 'session_not_found', 'There is no such session.');
  end if;
  perform private.require_transition(
    'course_sessions',
    -- What is full was published, and becomes it again by itself.
    case published.status when 'full' then 'published' else published.status end,
    'published'
  );
  if published.starts_at <= clock_timestamp() then
    perform private.refuse(
      409,
      'invalid_session_status',
      'The session has started.',
      'Set a later start first.',
      jsonb_build_object('status', published.status)
    );
  end if;
  update public.course_sessions as session
  set status = 'published'
  where session.organization_id = current_id and session.id = published.id
  returning * into published;
  return published;
end;
$function$;

comment on function private.publish_session(uuid) is 'Publishes a session: public.publish_session with the rights that this takes.';

revoke all on function private.publish_session(uuid) from public;

grant execute on function private.publish_session(uuid) to authenticated, service_role;
