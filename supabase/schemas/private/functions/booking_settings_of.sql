create or replace function private.booking_settings_of (
  organization_id text
)
  returns public.booking_settings
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  settled public.booking_settings;
begin
  select * into settled
  from public.booking_settings as settings
  where settings.organization_id = booking_settings_of.organization_id;
  if not found then
    settled.organization_id := booking_settings_of.organization_id;
    settled.cancellation_hours := 48;
    settled.waitlist_offer_hours := 24;
    settled.invoice_due_days := 14;
  end if;
  return settled;
end;
$function$;

comment on function private.booking_settings_of(text) is 'Returns what an organization has settled on for its bookings: its row of public.booking_settings, or the defaults of that table. Takes the organization; for functions that have checked who calls.';

revoke all on function private.booking_settings_of(text) from public;
