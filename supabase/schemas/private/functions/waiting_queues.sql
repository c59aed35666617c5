create or replace function private.waiting_queues()
  returns SETOF text
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  known text;
  is_waiting boolean;
begin
  for known in select name from private.job_queues order by name loop
    execute format('select exists (select from pgmq.%I where vt <= clock_timestamp())', 'q_' || known) into is_waiting;
    if is_waiting then
      return next known;
    end if;
  end loop;
end;
$function$;

comment on function private.waiting_queues() is 'Returns the names of the queues that hold a message which may be read, in order of name.';

revoke all on function private.waiting_queues() from public;

grant execute on function private.waiting_queues() to service_role;
