create or replace function private.generate_organization_id()
  returns text
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  alphabet constant text := 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
  random bytea;
  code text;
begin
  for attempt in 1 .. 100 loop
    code := '';
    while length(code) < 9 loop
      -- Of the 122 random bits, 14 bytes are all random. A byte from 248 on would favour the first letters.
      random := uuid_send(gen_random_uuid());
      for place in 0 .. 15 loop
        continue when place in (6, 8) or get_byte(random, place) >= 248;
        code := code || substr(alphabet, get_byte(random, place) % 31 + 1, 1);
        exit when length(code) = 9;
      end loop;
    end loop;
    if not exists (select from public.organizations as organization where organization.id = code) then
      return code;
    end if;
  end loop;
  raise exception using
    errcode = 'unique_violation',
    message = 'No free organization id was found in 100 attempts.',
    hint = 'There are 2.6e13 ids: look at what is in public.organizations.';
end;
$function$;

comment on function private.generate_organization_id() is 'Returns an organization id that is free: nine characters of ABCDEFGHJKMNPQRSTUVWXYZ23456789 (no O, 0, I, 1, L), each drawn evenly from PostgreSQL''s strong random source. Raises 23505 after 100 collisions.';

revoke all on function private.generate_organization_id() from public;
