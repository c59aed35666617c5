create or replace function public.invoice_document (
  organization_id text,
  invoice_id uuid
)
  returns SETOF public.invoice_document
  language sql
  stable
  set search_path to ''
  AS $function$
  select * from private.invoice_document(organization_id, invoice_id);
$function$;

comment on function public.invoice_document(text, uuid) is 'Returns what an invoice says (service role only, for the worker); no row when there is no such invoice, or the organization is not active. Takes the organization and the invoice.';

revoke all on function public.invoice_document(text, uuid) from public;

grant execute on function public.invoice_document(text, uuid) to service_role;
