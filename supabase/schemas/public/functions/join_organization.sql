create or replace function public.join_organization (
  slug text
)
  returns public.organization_membership
  language sql
  set search_path to ''
  AS $function$
  select private.join_organization(slug);
$function$;

comment on function public.join_organization(text) is 'Joins an organization that allows self-registration, by its sign-up link; where it requires approval, asks to. Takes its slug. Returns the organization as the user sees it; member_status is pending or active. Raises PT401 not_authenticated; PT404 organization_not_found, the same for one that does not exist and one that is not open; PT409 already_member, limit_reached.';

revoke all on function public.join_organization(text) from public;

grant execute on function public.join_organization(text) to authenticated, service_role;
