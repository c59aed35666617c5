create or replace function private.tg_organizations__delete_documents()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform private.enqueue('bookings', 'bookings.delete_documents', jsonb_build_object('organization_id', old.id));
  return null;
end;
$function$;

comment on function private.tg_organizations__delete_documents() is 'Trigger function of organizations that are deleted: has the worker delete their documents from Storage, which no statement can.';

revoke all on function private.tg_organizations__delete_documents() from public;
