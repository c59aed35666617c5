create or replace function private.sync_profile_batch (
  after uuid,
  quantity integer,
  dry_run boolean,
  OUT last_user_id uuid,
  OUT found_missing bigint,
  OUT created bigint,
  OUT failed bigint
)
  returns record
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  missing uuid[] := array(select id from private.users_without_profile(after, quantity) as id);
begin
  last_user_id := missing[cardinality(missing)];
  found_missing := cardinality(missing);
  created := 0;
  failed := 0;
  if not dry_run then
    select made.created, made.failed into created, failed from private.create_missing_profiles(missing) as made;
  end if;
end;
$function$;

comment on function private.sync_profile_batch(uuid, integer, boolean) is 'Does one batch of a sync; the command line calls it, each batch in a transaction of its own. Takes the id to go on after (null at the start), how many profiles, and whether only to look. Returns the last id (null when nothing is left) and the counts.';

revoke all on function private.sync_profile_batch(uuid, integer, boolean) from public;
