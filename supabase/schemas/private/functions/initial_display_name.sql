create or replace function private.initial_display_name (
  user_id uuid,
  email text,
  user_meta_data jsonb
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select coalesce(
    case jsonb_typeof(user_meta_data -> 'full_name')
      when 'string' then private.clean_display_name(user_meta_data ->> 'full_name')
    end,
    case jsonb_typeof(user_meta_data -> 'name')
      when 'string' then private.clean_display_name(user_meta_data ->> 'name')
    end,
    private.clean_display_name(split_part(email, '@', 1)),
    -- Not the phone number: it stays in auth.users alone.
    'User ' || left(user_id::text, 8)
  );
$function$;

comment on function private.initial_display_name(uuid, text, jsonb) is 'Returns the display name that a new profile gets: full_name or name of the metadata where that is a text, else the local part of the e-mail, else "User" and the first digits of the id. Never null, whatever the metadata holds.';

revoke all on function private.initial_display_name(uuid, text, jsonb) from public;
