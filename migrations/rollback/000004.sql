-- Undoes 000004-tenancy: what is scheduled and queued, the functions, the tables with what hangs on them, the types,
-- and what it changed about users. pg_temp.set_aside drops a table that is empty, and moves one that holds rows to
-- schema rollback_000004.

select cron.unschedule('rowhouse-audit-partitions');
select pg_temp.set_aside_queue('notifications', 10);

drop trigger _500_audit_update on public.user_profiles;
drop trigger _500_audit_delete on public.user_profiles;

drop function public.check_request();
drop function public.invitation_to_send(text, uuid);
drop function public.accept_invitation(text);
drop function public.revoke_invitation(uuid);
drop function public.create_invitation(uuid, text, text, text[], uuid);
drop function public.revoke_plant_access(uuid, uuid);
drop function public.grant_plant_access(uuid, uuid, text);
drop function public.delete_role(text);
drop function public.update_role(text, text, text, text[]);
drop function public.create_role(text, text, text, text[]);
drop function public.revoke_role(uuid);
drop function public.grant_role(uuid, text, uuid, text, timestamptz);
drop function public.list_members(text, text, integer, integer);
drop function public.join_organization(text);
drop function public.reject_member(uuid);
drop function public.remove_member(uuid);
drop function public.reactivate_member(uuid);
drop function public.suspend_member(uuid);
drop function public.approve_member(uuid);
drop function public.update_platform_settings(boolean);
drop function public.switch_organization(text);
drop function public.list_organizations(text, text, integer, integer);
drop function public.organization_usage();
drop function public.purge_organization(text, text);
drop function public.cancel_organization(text, text);
drop function public.reactivate_organization(text);
drop function public.suspend_organization(text, text);
drop function public.update_organization(text, text, text, text, text, integer, integer, jsonb);
drop function public.create_organization(text, text, uuid, text, text, text, integer);
drop function public.my_organizations();
drop function public.my_permissions();
drop function public.check_permission(text, uuid);
drop function public.record_security_event(text, text, uuid, text, jsonb);
drop function public.is_organization_id(text);

drop function private.invitation_to_send(text, uuid);
drop function private.accept_invitation(text);
drop function private.is_inviter(text, uuid);
drop function private.revoke_invitation(uuid);
drop function private.create_invitation(uuid, text, text, text[], uuid);
drop function private.revoke_plant_access(uuid, uuid);
drop function private.grant_plant_access(uuid, uuid, text);
drop function private.delete_role(text);
drop function private.update_role(text, text, text, text[]);
drop function private.require_role_values(text, text, text);
drop function private.create_role(text, text, text, text[]);
drop function private.revoke_role(uuid);
drop function private.grant_role(uuid, text, uuid, text, timestamptz);
drop function private.require_plant_access(uuid, text);
drop function private.require_plant(uuid);
drop function private.require_role(text);
drop function private.list_members(text, text, integer, integer);
drop function private.join_organization(text);
drop function private.remove_member(uuid, boolean);
drop function private.change_member(uuid, text, text);
drop function private.members_of(text, text, text);
drop function private.delete_member(text, uuid, boolean);
drop function private.set_member_status(text, uuid, text, text);
drop function private.require_not_above(uuid);
drop function private.require_member(uuid);
drop function private.update_platform_settings(boolean);
drop function private.switch_organization(text);
drop function private.list_organizations(text, text, integer, integer);
drop function private.contains_pattern(text);
drop function private.require_page(integer, integer, text);
drop function private.organization_usage();
drop function private.usage_of(text);
drop function private.count_rows(text);
drop function private.purge_organization(text, text);
drop function private.set_organization_status(text, text, text);
drop function private.update_organization(text, text, text, text, text, integer, integer, jsonb);
drop function private.require_organization_values(text, text, text);
drop function private.create_organization(text, text, uuid, text, text, text, integer);
drop function private.require_signed_in();
drop function private.my_organizations();
drop function private.memberships(uuid, text);
drop function private.tenant_table_problem(regclass);
drop function private.column_list(text[]);
drop function private.secure_table(regclass, text, text, text[], text[], boolean, text[], text, text);
drop function private.undefine_permissions(text);
drop function private.define_permissions(jsonb, jsonb);
drop function private.require_known_permissions(text[]);
drop function private.expand_permissions(text[]);
drop function private.my_permissions();
drop function private.check_permission(text, uuid);
drop function private.current_plant_ids(text);
drop function private.require_grantable(text[], timestamptz);
drop function private.require_permission(text);
drop function private.current_grants(timestamptz);
drop function private.current_permissions();
drop function private.unassigned_permissions();
drop function private.require_owner(text[]);
drop function private.require_within_limit(bigint, integer, text);
drop function private.lock_organization(text);
drop function private.require_organization();
drop function private.drop_expired_audit_partitions(interval);
drop function private.create_audit_partitions();
drop function private.create_audit_partition(date);
drop function private.record_sign_in(jsonb, text);
drop function private.record_security_event(text, text, uuid, text, jsonb);
drop function private.record_denial(text, jsonb);
drop function private.record_event(text, text, text, text, text, jsonb, jsonb, uuid);
drop function private.audit_table(regclass);
drop function private.audit_arguments(regclass);
drop function private.audit_document(jsonb, text[], text[]);
drop function private.audit_key(jsonb, text[]);
drop function private.request_context();

select pg_temp.set_aside('public.user_roles');
select pg_temp.set_aside('public.user_plant_access');
select pg_temp.set_aside('private.role_permissions');
select pg_temp.set_aside('public.roles');
select pg_temp.set_aside('public.invitations');
select pg_temp.set_aside('public.plants');
select pg_temp.set_aside('public.members');
select pg_temp.set_aside('public.organizations');

-- Copies: a partitioned table cannot be moved as it is; and of the settings, whose row the migration makes again, only
-- what a superadmin has changed would be lost.
select pg_temp.copy_aside('public.audit_logs', 'audit_logs', 'true', null)
where current_setting('rowhouse.keep_rows')::boolean;
select pg_temp.copy_aside('private.platform_settings', 'platform_settings', 'allow_organization_sign_up', null)
where current_setting('rowhouse.keep_rows')::boolean;
drop table public.audit_logs;
drop table private.platform_settings;
-- Definitions, which the migration writes again.
drop table public.permissions;
drop table private.system_roles;

drop index if exists graphile_migrate.migrations_previous_hash_idx;
alter table public.user_profiles
  drop constraint user_profiles_user_id_is_active_key;

drop function private.tg_organizations__found();
drop function private.tg_roles__expand();
drop function private.has_permission(text);
drop function private.organization_with(text);
drop function private.tg_user_roles__mirror();
drop function private.tg_user_roles__keep_owner();
drop function private.tg_members__keep_owner();
drop function private.tg_members__limit();
drop function private.tg_members__mirror();
drop function private.tg__audit();
drop function private.tg_audit_logs__append_only();
drop function private.current_organization_id();
drop function private.generate_organization_id();
drop function private.is_email(text);
drop function private.are_features(jsonb);
drop function private.is_timezone(text);

drop type public.held_permission;
drop type public.invitation_mail;
drop type public.open_invitation;
drop type public.organization_use;
drop type public.member_page;
drop type public.member_summary;
drop type public.organization_page;
drop type public.organization_summary;
drop type public.organization_membership;

-- As 000003-identity left them.

comment on column public.user_profiles.preferences is 'What front ends remember for the user: an object of at most 20,000 characters.';
comment on column public.user_profiles.current_organization_id is 'The organization that the user works in at the moment.';
comment on column public.user_profiles.last_seen_at is 'When an access token was last issued.';

create or replace function private.token_claims (
  user_id uuid
)
  returns jsonb
  language sql
  volatile
  security definer
  set search_path = ''
  as $$
  update public.user_profiles as profile
  set last_seen_at = now()
  where profile.user_id = token_claims.user_id
  returning jsonb_build_object('platform_role', profile.platform_role);
$$;

comment on function private.token_claims(uuid) is
  'Returns what Rowhouse adds to the access token of a user, null without a profile, and notes that the user was seen. Takes the user id.';

create or replace function private.update_user (
  id uuid,
  display_name text,
  platform_role text,
  preferences jsonb
)
  returns public.user_account
  language plpgsql
  security definer
  set search_path = ''
  as $$
begin
  perform private.require_superadmin();
  perform private.require_user(update_user.id);
  if update_user.platform_role not in ('user', 'superadmin') then
    perform private.refuse(400, 'role_invalid', 'platform_role is user or superadmin.');
  elsif update_user.display_name is not null
    and private.clean_display_name(update_user.display_name) is distinct from update_user.display_name
  then
    perform private.refuse(
      400,
      'display_name_invalid',
      'A display name is one line of 1 to 200 characters, without control characters and without spaces around it.'
    );
  elsif jsonb_typeof(update_user.preferences) <> 'object' or length(update_user.preferences::text) > 20000 then
    perform private.refuse(400, 'preferences_invalid', 'preferences is an object of at most 20,000 characters.');
  elsif update_user.platform_role is not null then
    perform private.refuse_own_account(update_user.id, 'change the role of');
  end if;

  perform private.insert_profiles(array[update_user.id]);
  update public.user_profiles as profile
  set display_name = coalesce(update_user.display_name, profile.display_name),
    platform_role = coalesce(update_user.platform_role, profile.platform_role),
    preferences = coalesce(update_user.preferences, profile.preferences)
  where profile.user_id = update_user.id;
  return private.get_user(update_user.id);
end;
$$;

comment on function private.update_user(uuid, text, text, jsonb) is
  'Changes a profile: public.update_user with the rights that this takes.';

create or replace function public.custom_access_token_hook (
  event jsonb
)
  returns jsonb
  language plpgsql
  volatile
  set search_path = ''
  as $$
declare
  claims jsonb;
begin
  claims := private.token_claims((event ->> 'user_id')::uuid);
  return jsonb_set(event, '{claims}', (event -> 'claims') || coalesce(claims, '{"platform_role": "user"}'));
exception
  -- Whatever is wrong with a profile, its owner can sign in.
  when others then
    raise warning 'rowhouse: the access token of user % has no claims of ours: %', event ->> 'user_id', sqlerrm;
    return event;
end;
$$;

comment on function public.update_user(uuid, text, text, jsonb) is
  'Changes the profile of a user, creating it where it is missing (superadmins and the service role). Takes the display name, the role (user, superadmin; not of oneself) and the preferences; null leaves a value as it is. E-mail and phone belong to the auth server. Returns the user. Raises PT400 display_name_invalid, role_invalid, preferences_invalid; PT401 not_authenticated; PT403 superadmin_required; PT404 user_not_found; PT409 own_account.';

comment on function public.custom_access_token_hook(jsonb) is
  'The auth server''s hook before it signs an access token (supabase_auth_admin only). Takes its event, returns it with platform_role among the claims. Never raises: a sign-in must not fail because of it. The claims inform front ends; policies ask the tables.';
