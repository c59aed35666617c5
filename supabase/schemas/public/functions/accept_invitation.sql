create or replace function public.accept_invitation (
  token text
)
  returns public.organization_membership
  language sql
  set search_path to ''
  AS $function$
  select private.accept_invitation(token);
$function$;

comment on function public.accept_invitation(text) is 'Joins the organization that invited the signed-in user, with the roles of the invitation, and makes it the current one from the next access token on. Takes the token of the link in the mail; the verified e-mail address must be the invited one. Returns the organization as the user sees it. Raises PT401 not_authenticated; PT403 email_not_verified; PT404 invitation_not_found, the same for an unknown token and for somebody else''s; PT409 invitation_used, already_member, limit_reached; PT410 invitation_expired, also when it was revoked or who sent it is no longer a member.';

revoke all on function public.accept_invitation(text) from public;

grant execute on function public.accept_invitation(text) to authenticated, service_role;
