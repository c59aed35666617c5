create or replace function private.explain_customer_access (
  user_id uuid,
  customer_id uuid
)
  returns SETOF public.customer_access_reason
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  current_id constant text := private.require_permission('customers.manage');
  member public.members;
  customer public.customers;
  is_superadmin boolean;
  readers constant text[] := private.roles_with(user_id, 'customers.read');
  assignees constant text[] := private.roles_with(user_id, 'customers.assigned');
  is_mapped boolean;
  is_mapped_elsewhere boolean;
  is_assigned boolean;
  verified constant text := private.verified_email(user_id);
begin
  select * into member
  from public.members as candidate
  where candidate.organization_id = current_id and candidate.user_id = explain_customer_access.user_id;
  if not found then
    perform private.refuse(404, 'member_not_found', 'The organization has no such member.');
  end if;
  select * into customer
  from public.customers as candidate
  where candidate.organization_id = current_id and candidate.id = explain_customer_access.customer_id;
  if not found then
    perform private.refuse(404, 'customer_not_found', 'The organization has no such customer.');
  end if;

  select
    coalesce(bool_or(mapping.customer_id = customer.id), false),
    coalesce(bool_or(mapping.customer_id <> customer.id), false)
  into is_mapped, is_mapped_elsewhere
  from public.customer_users as mapping
  where mapping.organization_id = current_id and mapping.user_id = member.user_id;
  is_assigned := exists (
    select
    from public.customer_assignments as assignment
    where assignment.organization_id = current_id
      and assignment.user_id = member.user_id
      and assignment.customer_id = customer.id
  );
  is_superadmin := exists (
    select
    from public.user_profiles as profile
    where profile.user_id = member.user_id and profile.is_active and profile.platform_role = 'superadmin'
  );

  return query
  values
    (
      'membership',
      member.is_open,
      case
        when member.is_open then 'The member is active. The ways below count.'
        when not member.user_is_active then 'The user is deactivated on the platform: none of the ways below counts.'
        when member.organization_status <> 'active' then
          format('The organization is %s: of the ways below, none but superadmin counts.', member.organization_status)
        else format('The member is %s: of the ways below, none but superadmin counts.', member.status)
      end
    ),
    (
      'superadmin',
      is_superadmin,
      case
        when is_superadmin then 'A superadmin of the platform reaches every customer.'
        else 'The user is no superadmin of the platform.'
      end
    ),
    (
      'permission',
      member.is_open and readers <> '{}',
      case
        when readers <> '{}' then format('The member holds customers.read, by %s.', array_to_string(readers, ', '))
        else 'No role of the member that counts in the whole organization holds customers.read.'
      end
    ),
    (
      'mapping',
      member.is_open and is_mapped,
      case
        when is_mapped then 'The user acts for the customer (customer_users).'
        when is_mapped_elsewhere then 'The user acts for another customer, and not for this one (customer_users).'
        else 'The user does not act for the customer (customer_users).'
      end
    ),
    (
      'assignment',
      member.is_open and is_assigned and assignees <> '{}',
      case
        when is_assigned and assignees <> '{}' then
          format(
            'The customer is assigned to the member, who holds customers.assigned, by %s.',
            array_to_string(assignees, ', ')
          )
        when is_assigned then 'The customer is assigned to the member, but none of their roles holds customers.assigned.'
        when assignees <> '{}' then 'The member holds customers.assigned, but the customer is not assigned to them.'
        else 'The customer is not assigned to the member.'
      end
    ),
    (
      'email',
      false,
      case
        when customer.email is null then 'The customer has no e-mail address that could be the user''s.'
        when verified is null then 'The user has no verified e-mail address.'
        when verified <> customer.email then 'The user''s verified e-mail address is not the customer''s.'
        when is_mapped then 'The user has the customer''s e-mail address, verified, and acts for it already.'
        when is_mapped_elsewhere then
          'The user has the customer''s e-mail address, verified, but acts for another one: get_or_create_customer stays with that.'
        else
          'The user has the customer''s e-mail address, verified: it would be adopted at the next get_or_create_customer.'
      end
    );
end;
$function$;

comment on function private.explain_customer_access(uuid, uuid) is 'Explains who reaches a customer: public.explain_customer_access with the rights that this takes.';

revoke all on function private.explain_customer_access(uuid, uuid) from public;

grant execute on function private.explain_customer_access(uuid, uuid) to authenticated, service_role;
