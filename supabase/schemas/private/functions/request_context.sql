create or replace function private.request_context (
  OUT actor_id uuid,
  OUT actor_role text,
  OUT request_id text,
  OUT ip inet
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  headers jsonb;
begin
  actor_role := private.caller_role();
  -- A token whose sub is no user, and headers, which are the words of the client, must not stop what is recorded. What
  -- was found before the first malformed value stays.
  begin
    actor_id := auth.uid();
    headers := nullif(current_setting('request.headers', true), '')::jsonb;
    request_id := headers ->> 'x-request-id';
    if length(request_id) not between 1 and 200 or request_id ~ '[^!-~]' then
      request_id := null;
    end if;
    ip := nullif(btrim(split_part(left(headers ->> 'x-forwarded-for', 1000), ',', 1)), '')::inet;
  exception
    when others then
      null;
  end;
end;
$function$;

comment on function private.request_context() is 'Returns who makes the request and from where: the user of the token, the database role, x-request-id (1 to 200 printable characters of ASCII) and the first address of x-forwarded-for. What is missing or malformed is null; it never fails.';

revoke all on function private.request_context() from public;
