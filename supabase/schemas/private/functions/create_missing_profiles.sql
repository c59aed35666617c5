create or replace function private.create_missing_profiles (
  user_ids uuid[],
  OUT created bigint,
  OUT failed bigint
)
  returns record
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  chunk_size constant integer := 1000;
  chunk uuid[];
  one uuid;
  state text;
  problem text;
begin
  created := 0;
  failed := 0;
  begin
    created := private.insert_profiles(user_ids);
  exception
    when others then
      -- One row in the way: find it by thousands, then one by one, so that it alone fails.
      for chunk_start in 1 .. cardinality(user_ids) by chunk_size loop
        chunk := user_ids[chunk_start : chunk_start + chunk_size - 1];
        begin
          created := created + private.insert_profiles(chunk);
          continue;
        exception
          when others then
            null;
        end;
        foreach one in array chunk loop
          begin
            created := created + private.insert_profiles(array[one]);
          exception
            when others then
              get stacked diagnostics state = returned_sqlstate, problem = message_text;
              -- A user who was deleted meanwhile needs no profile.
              if exists (select from auth.users as account where account.id = one) then
                failed := failed + 1;
                perform private.record_profile_failure(one, 'sync', state, problem);
              end if;
          end;
        end loop;
      end loop;
  end;
  update private.profile_failures as failure
  set resolved_at = now()
  where failure.resolved_at is null
    and failure.user_id = any (user_ids)
    and exists (select from public.user_profiles as profile where profile.user_id = failure.user_id);
end;
$function$;

comment on function private.create_missing_profiles(uuid[]) is 'Creates the profiles of these users, all in one statement; when that fails, as many as can be, and records the others in private.profile_failures. Returns how many were created and how many failed. Existing profiles are not touched; open failures of users who have a profile are marked resolved.';

revoke all on function private.create_missing_profiles(uuid[]) from public;
