create or replace function private.random_reference()
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- 32 letters and digits: five bits each, so that none is drawn more often.
  alphabet constant text := 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  -- Of a random UUID, the bytes 6 and 8 are not all random.
  random constant bytea := uuid_send(gen_random_uuid());
begin
  return substr(alphabet, (get_byte(random, 0) & 31) + 1, 1) || substr(alphabet, (get_byte(random, 1) & 31) + 1, 1)
    || substr(alphabet, (get_byte(random, 2) & 31) + 1, 1) || substr(alphabet, (get_byte(random, 3) & 31) + 1, 1)
    || substr(alphabet, (get_byte(random, 4) & 31) + 1, 1) || substr(alphabet, (get_byte(random, 5) & 31) + 1, 1)
    || substr(alphabet, (get_byte(random, 9) & 31) + 1, 1) || substr(alphabet, (get_byte(random, 10) & 31) + 1, 1);
end;
$function$;

comment on function private.random_reference() is 'Returns a reference of a booking: eight characters of ABCDEFGHJKLMNPQRSTUVWXYZ23456789 (no O, 0, I, 1), each drawn evenly from PostgreSQL''s strong random source, so that none lets another be guessed.';

revoke all on function private.random_reference() from public;
