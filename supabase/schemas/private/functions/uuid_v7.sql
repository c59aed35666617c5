create or replace function private.uuid_v7()
  returns uuid
  language sql
  parallel safe
  set search_path to ''
  AS $function$
  -- 48 bits of Unix milliseconds, then a version 4 value whose version nibble becomes 7; its variant bits stay.
  select encode(
    substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
      || set_byte(substring(random.bytes from 7), 0, get_byte(random.bytes, 6) & 15 | 112),
    'hex'
  )::uuid
  from (select uuid_send(gen_random_uuid()) as bytes) as random;
$function$;

comment on function private.uuid_v7() is 'Returns a time-ordered UUID, version 7 of RFC 9562 §5.7: new rows land at the end of their index. Milliseconds since 1970 in UTC, then 74 random bits.';

revoke all on function private.uuid_v7() from public;

grant execute on function private.uuid_v7() to authenticated, service_role;
