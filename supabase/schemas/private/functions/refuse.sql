create or replace function private.refuse (
  status integer,
  code text,
  message text,
  hint text default null::text,
  details jsonb default null::jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  raise exception using
    errcode = 'PT' || status,
    message = refuse.message,
    detail = (coalesce(refuse.details, '{}') || jsonb_build_object('code', refuse.code))::text,
    hint = coalesce(refuse.hint, '');
end;
$function$;

comment on function private.refuse(integer, text, text, text, jsonb) is 'Refuses a request. Takes the HTTP status (400 to 499), a stable code such as user_not_found, a sentence for a person, what to do about it, and what a program can use beside the code, as an object: a position, the fields. Never returns: raises SQLSTATE PT<status>, which PostgREST turns into that status, with {"code": …} and the details as detail. docs/errors.md lists the codes.';

revoke all on function private.refuse(integer, text, text, text, jsonb) from public;
