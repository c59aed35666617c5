create or replace function public.get_or_create_customer()
  returns public.customers
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return private.get_or_create_customer();
end;
$function$;

comment on function public.get_or_create_customer() is 'Returns the customer that the caller is in the current organization: the first that they act for; else the one that has their verified e-mail address, for which they act from then on; else a new one. May be called as often as one likes, also at once: there is one. Raises PT401 not_authenticated; PT403 organization_required, customer_authorization (a superadmin who is no member), email_not_verified (the caller has an address that is not verified, or is anonymous, and acts for no customer); PT422 customer_creation_failed (the account has an address that no customer can have).';

revoke all on function public.get_or_create_customer() from public;

grant execute on function public.get_or_create_customer() to authenticated, service_role;
