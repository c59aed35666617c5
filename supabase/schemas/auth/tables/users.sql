create trigger _100_create_profile
  after insert on auth.users
  for each row
  execute function private.tg_users__create_profile();
