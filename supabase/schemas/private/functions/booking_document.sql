create or replace function private.booking_document (
  organization_id text,
  booking_id uuid
)
  returns SETOF public.booking_details
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select details.*
  from public.organizations as organization
    cross join lateral private.booking_details_of(
      organization.id,
      booking_document.booking_id,
      sees_customer => true,
      sees_drafts => false,
      sees_requirements => false
    ) as details
  where organization.id = booking_document.organization_id and organization.status = 'active';
$function$;

comment on function private.booking_document(text, uuid) is 'Returns what the mails and documents of a booking say: public.booking_document with the rights that this takes.';

revoke all on function private.booking_document(text, uuid) from public;

grant execute on function private.booking_document(text, uuid) to service_role;
