create or replace function private.sales_settings_of (
  organization_id text
)
  returns public.sales_settings
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  settled public.sales_settings;
begin
  select * into settled
  from public.sales_settings as settings
  where settings.organization_id = sales_settings_of.organization_id;
  if not found then
    settled.organization_id := sales_settings_of.organization_id;
    settled.currency := 'EUR';
    settled.tax_rate := 0;
    settled.quote_valid_days := 30;
  end if;
  return settled;
end;
$function$;

comment on function private.sales_settings_of(text) is 'Returns what an organization has settled on for its sales: its row of public.sales_settings, or the defaults of that table. Takes the organization; for functions that have checked who calls.';

revoke all on function private.sales_settings_of(text) from public;
