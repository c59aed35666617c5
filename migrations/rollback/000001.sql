-- Undoes 000001-platform: the schema with its helpers goes, Supabase's default privileges come back. The extensions
-- stay: others may use them.

-- Rowhouse's tables are gone by now. Others may have put some of theirs here.
select pg_temp.set_aside_schema('private');
drop schema private cascade;

alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges grant execute on functions to public;
