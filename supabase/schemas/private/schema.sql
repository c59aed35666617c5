create schema private;

comment on schema private is 'Rowhouse''s rooms without a street door: helpers, trigger functions and internal tables. Not exposed by the API.';

grant usage on schema private to anon, authenticated, service_role, supabase_auth_admin;
