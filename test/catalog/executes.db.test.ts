import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

/** Who may call what, by name; a function that is added is listed here by whoever has thought about it. */
const callers: Record<string, { schema: 'public' | 'private'; to: string[]; functions: string[] }> = {
  'everybody, with a token or without': {
    schema: 'public',
    to: ['anon', 'authenticated', 'service_role'],
    functions: ['check_request'],
  },
  'who is signed in, and the service role': {
    schema: 'public',
    to: ['authenticated', 'service_role'],
    functions: `
      accept_invitation accept_quote admin_list_customers apply_template approve_member approve_refund
      attendance_sheet backfill_booking_customers booking_details booking_price cancel_booking cancel_organization
      cancel_session change_order_item_status change_order_status check_permission check_user_integrity clone_session
      complete_refund complete_session confirm_booking create_booking create_invitation create_order
      create_organization create_payment create_quote create_recurring_sessions create_role create_template
      customer_details deactivate_user delete_configuration delete_customer delete_role delete_user entry_preview
      entry_schema explain_customer_access export_bookings find_or_create_customer get_or_create_customer get_user
      grant_plant_access grant_role is_organization_id is_superadmin join_organization join_waitlist leave_waitlist
      list_bookings list_members list_organizations list_users merge_customers my_organizations my_permissions
      organization_usage publish_session purge_organization reactivate_member reactivate_organization reactivate_user
      recalculate_customer_statistics record_attendance record_payment reject_member reject_quote reject_refund
      remove_member reopen_configuration request_refund resend_confirmation revoke_invitation revoke_plant_access
      revoke_role save_configuration save_entry search_customers send_invoice send_quote session_calendar
      suspend_member suspend_organization switch_organization sync_user_profiles update_entry update_organization
      update_platform_settings update_quote update_role update_user void_invoice`
      .trim()
      .split(/\s+/),
  },
  'the service role': {
    schema: 'public',
    to: ['service_role'],
    functions: `
      attach_payment_intent booking_document claim_jobs complete_jobs dead_letters fail_job finish_refund
      invitation_to_send invoice_document jobs_overview payment_events record_payment_event record_security_event
      refund_to_process replay_dead_letters retry_payment_event run_user_sync_job waiting_queues
      waitlist_offer_to_send`
      .trim()
      .split(/\s+/),
  },
  'the auth server': {
    schema: 'public',
    to: ['supabase_auth_admin'],
    functions: ['custom_access_token_hook'],
  },
  'policies, defaults and checks, on behalf of who is signed in': {
    schema: 'private',
    to: ['authenticated', 'service_role'],
    functions: `
      are_features assigned_customer_ids caller_role clean_display_name condition_problem contact_email
      contact_problem contact_search contact_text current_customer_ids current_organization_id current_permissions
      current_plant_ids current_user_id has_permission is_email is_operator is_timezone organization_with
      own_customer_ids sales_customer_ids search_key search_words sold_customer_ids taught_session_ids uuid_v7
      validation_rules_problem`
      .trim()
      .split(/\s+/),
  },
  'functions of public that have the same name, or nearly': {
    schema: 'private',
    to: ['authenticated', 'service_role'],
    functions: `
      accept_invitation accept_quote admin_list_customers apply_template approve_refund attendance_sheet
      backfill_booking_customers booking_details booking_price cancel_booking cancel_session change_member
      change_order_item_status change_order_status check_permission check_user_integrity clone_session complete_refund
      complete_session confirm_booking create_booking create_invitation create_order create_organization
      create_payment create_quote create_recurring_sessions create_role create_template customer_details
      deactivate_user delete_configuration delete_customer delete_role delete_user entry_preview entry_schema
      explain_customer_access export_bookings find_or_create_customer get_or_create_customer get_user
      grant_plant_access grant_role is_superadmin join_organization join_waitlist leave_waitlist list_bookings
      list_members list_organizations list_users merge_customers my_organizations my_permissions organization_usage
      publish_session purge_organization reactivate_user recalculate_customer_statistics record_attendance
      record_payment reject_quote reject_refund remove_member reopen_configuration request_refund resend_confirmation
      revoke_invitation revoke_plant_access revoke_role save_configuration save_entry search_customers send_invoice
      send_quote session_calendar set_organization_status switch_organization sync_user_profiles_as_caller
      update_entry update_organization update_platform_settings update_quote update_role update_user void_invoice`
      .trim()
      .split(/\s+/),
  },
  'functions of public for the service role': {
    schema: 'private',
    to: ['service_role'],
    functions: `
      attach_payment_intent booking_document claim_jobs complete_jobs dead_letters fail_job finish_refund
      invitation_to_send invoice_document jobs_overview payment_events record_payment_event record_security_event
      refund_to_process replay_dead_letters retry_payment_event run_user_sync_job waiting_queues
      waitlist_offer_to_send`
      .trim()
      .split(/\s+/),
  },
  'the hook, as the auth server': {
    schema: 'private',
    to: ['supabase_auth_admin'],
    functions: ['record_sign_in', 'token_claims'],
  },
};

const roles = ['anon', 'authenticated', 'authenticator', 'service_role', 'supabase_auth_admin'];

describe('who may call a function', () => {
  test('is listed by name: each that may be called, and each that is listed', async () => {
    const { rows } = await db.query<{ call: string }>(
      `select distinct format('%s.%s by %s', nsp.nspname, fn.proname, role) as call
       from pg_proc as fn join pg_namespace as nsp on nsp.oid = fn.pronamespace, unnest($1::text[]) as role
       where nsp.nspname in ('public', 'private')
         and exists (select from aclexplode(fn.proacl) as acl
           where acl.grantee in (0, role::regrole) and acl.privilege_type = 'EXECUTE')`,
      [roles],
    );
    const listed = Object.values(callers).flatMap(({ schema, to, functions }) =>
      functions.flatMap((name) => to.map((role) => `${schema}.${name} by ${role}`)),
    );
    expect(rows.map(({ call }) => call).sort()).toEqual([...new Set(listed)].sort());
    expect(listed).toHaveLength(new Set(listed).size);
  });

  test('a role has no more by way of another', async () => {
    const { rows } = await db.query<{ call: string }>(
      `select format('%s by %s', fn.oid::regprocedure, role) as call
       from pg_proc as fn, unnest(array['anon', 'authenticated']) as role
       where fn.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
         and has_function_privilege(role, fn.oid, 'execute')
         and not exists (select from aclexplode(fn.proacl) as acl
           where acl.grantee = role::regrole and acl.privilege_type = 'EXECUTE')`,
    );
    expect(rows).toEqual([]);
  });

  test('what is private is used: by a policy, a default, a check, an index, a trigger or a function of public', async () => {
    const { rows } = await db.query<{ used: string }>(
      `select concat_ws(' ',
         (select string_agg(concat_ws(' ', qual, with_check), ' ') from pg_policies where schemaname = 'public'),
         (select string_agg(pg_get_expr(adbin, adrelid), ' ') from pg_attrdef),
         (select string_agg(pg_get_constraintdef(oid), ' ') from pg_constraint where contype = 'c'),
         (select string_agg(pg_get_indexdef(indexrelid), ' ') from pg_index where indexprs is not null),
         (select string_agg(prosrc, ' ') from pg_proc where pronamespace = 'public'::regnamespace),
         -- What triggers and checks call runs as whoever writes, unless it is a definer.
         (select string_agg(prosrc, ' ') from pg_proc where pronamespace = 'private'::regnamespace and not prosecdef
            and (prorettype = 'trigger'::regtype or has_function_privilege('authenticated', oid, 'execute')))) as used`,
    );
    const unused = Object.values(callers)
      .filter(({ schema }) => schema === 'private')
      .flatMap(({ functions }) => functions)
      .filter((name) => !rows[0]?.used.includes(`private.${name}(`));
    // Helpers for the policies and the invoker functions of modules to come.
    expect(unused.sort()).toEqual(['current_permissions', 'current_plant_ids', 'is_operator']);
  });
});
