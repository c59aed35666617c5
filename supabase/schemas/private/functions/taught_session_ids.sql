create or replace function private.taught_session_ids()
  returns uuid[]
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.organization_with('bookings.teach');
begin
  if current_id is null then
    return array[]::uuid[];
  end if;
  return array(
    select taught.id
    from public.course_sessions as taught
    where taught.organization_id = current_id and taught.instructor_id = auth.uid()
  );
end;
$function$;

comment on function private.taught_session_ids() is 'Returns the sessions that the caller teaches, whose bookings bookings.teach opens to them; none without that permission. Write it as (select private.taught_session_ids())::uuid[], so that it runs once per statement.';

revoke all on function private.taught_session_ids() from public;

grant execute on function private.taught_session_ids() to authenticated, service_role;
