alter default privileges for role postgres in schema public revoke all on FUNCTIONS from public;
